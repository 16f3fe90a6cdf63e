//! One configuration file: its package header, its defaults list, its content.

use std::path::{Path, PathBuf};

use crate::compose::composition::Error;
use crate::compose::defaults::{Entry, Malformed, read_list};
use crate::compose::node::Value;
use crate::compose::yaml;

/// How many characters of a file may be its header.
const HEADER: usize = 512;

/// A configuration as it was read.
#[derive(Debug)]
pub(crate) struct Config {
    /// Where it was read; nothing for what Hydra brings.
    pub(crate) file: Option<PathBuf>,
    /// What `# @package` says.
    pub(crate) package: Option<String>,
    pub(crate) defaults: Vec<Entry>,
    /// Everything but the defaults list.
    pub(crate) content: Value,
}

impl Config {
    /// Reads a file.
    pub(super) fn read(file: &Path, path: &str, is_old: bool) -> Result<Self, Error> {
        let bytes = std::fs::read(file).map_err(|source| Error::unreadable(file, &source))?;
        let text = String::from_utf8_lossy(&bytes);
        let package = header(&text).map_err(|fault| Error::malformed(path, Some(file), fault))?;
        let content = yaml::load(&bytes).map_err(|source| Error::yaml(file, &source))?;
        Self::new(package, content, is_old)
            .map(|config| Self {
                file: Some(file.to_owned()),
                ..config
            })
            .map_err(|fault| Error::malformed(path, Some(file), fault))
    }

    /// Takes the defaults list out of a content.
    pub(crate) fn new(
        package: Option<String>,
        mut content: Value,
        is_old: bool,
    ) -> Result<Self, Malformed> {
        let list = content
            .as_dict_mut()
            .and_then(|dict| dict.remove("defaults"));
        let defaults = match list {
            Some(list) => read_list(&list, is_old)?,
            None => Vec::new(),
        };
        Ok(Self {
            file: None,
            package,
            defaults,
            content,
        })
    }
}

/// Reads the `# @key value` lines at the top; the package of them.
fn header(text: &str) -> Result<Option<String>, Malformed> {
    let mut package = None;
    let head: String = text.chars().take(HEADER).collect();
    for (index, line) in head.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() {
            continue;
        }
        let Some(comment) = line.strip_prefix('#').map(str::trim_start) else {
            break;
        };
        if !comment.starts_with('@') {
            break;
        }
        let words: Vec<&str> = comment.split(' ').filter(|word| !word.is_empty()).collect();
        let [key, value] = words.as_slice() else {
            return Err(Malformed {
                class: "ValueError",
                message: format!(
                    "line {}: a header is `# @package NAME`, and this is `{line}`",
                    index + 1
                ),
                index: None,
            });
        };
        if *key == "@package" {
            package = Some((*value).trim().to_owned());
        }
    }
    Ok(package)
}
