//! Imports of container images: unpacked and packed again on a compute node, to a dated name.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::problem::{Problem, Subject};
use super::word::{directive, printable, shell};

/// What the line begins with that says what a script imports.
const FACTS: &str = "# hlrp-sh image import ";
/// Where the guard of the job has the image written, before it gets its name.
pub const PLACE: &str = "HLRP_IMPORT";
/// What the image is called there.
pub const UNNAMED: &str = "image.sqsh";

/// An image to be imported.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Import {
    /// Where it comes from: `docker://REGISTRY#NAME:TAG`.
    pub source: String,
    /// The file it becomes.
    pub target: PathBuf,
    /// Where script and log are kept.
    pub directory: PathBuf,
    /// What the job asks for.
    pub partition: Option<String>,
    /// The QOS.
    pub qos: Option<String>,
    /// The account.
    pub account: Option<String>,
    /// Memory.
    pub memory: Option<String>,
    /// CPUs.
    pub cpus: Option<String>,
    /// The time limit.
    pub time: Option<String>,
}

/// Returns a name for an image: what it is called where it comes from, and the date.
pub fn name(source: &str, timestamp: &str) -> Result<String, Problem> {
    let refused = |what: String| {
        Problem::config(
            Subject::Override(source.to_owned()),
            what,
            "write it as docker://NAME:TAG, or docker://REGISTRY#NAME:TAG",
        )
    };
    printable("image", source)?;
    let rest = source
        .strip_prefix("docker://")
        .ok_or_else(|| refused(format!("`{source}` is no image of a registry")))?;
    let login = rest.split_once('@').map(|(login, _)| login);
    if login.is_some_and(|login| login.contains(':') && !login.contains(['/', '#'])) {
        return Err(Problem::config(
            Subject::Submission,
            "the image's name holds a password, which would stand in the script",
            "put the login into ~/.config/enroot/.credentials, and write docker://USER@REGISTRY#NAME:TAG",
        ));
    }
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "._-/:#@+".contains(c);
    if rest.is_empty() || !rest.chars().all(is_plain) || rest.starts_with('-') {
        return Err(refused(format!("`{source}` is no name of an image")));
    }
    let last = rest.rsplit(['/', '#']).next().unwrap_or(rest);
    let last: String = last
        .chars()
        .map(|c| if "@:+".contains(c) { '-' } else { c })
        .collect();
    Ok(format!("{last}_imported_{timestamp}"))
}

impl Import {
    /// Writes the script of the job.
    pub fn script(&self) -> Result<String, Problem> {
        let logs = self.directory.to_string_lossy().replace('%', "%%");
        let directives = [
            ("job-name", Some("hlrp_image_import".to_owned())),
            ("partition", self.partition.clone()),
            ("qos", self.qos.clone()),
            ("account", self.account.clone()),
            ("mem", self.memory.clone()),
            ("cpus-per-task", self.cpus.clone()),
            ("time", self.time.clone()),
            ("output", Some(format!("{logs}/%j.out"))),
            ("error", Some(format!("{logs}/%j.err"))),
        ];
        let mut text = String::from("#!/bin/bash\n");
        for (option, value) in directives {
            if let Some(value) = value {
                text.push_str(&format!(
                    "#SBATCH --{option}={}\n",
                    directive(option, &value)?
                ));
            }
        }
        for path in [&self.target, &self.directory] {
            printable("image", &path.to_string_lossy())?;
        }
        name(&self.source, "")?;
        let facts = serde_json::to_string(self).map_err(|fault| {
            Problem::config(
                Subject::Submission,
                fault.to_string(),
                "name places in UTF-8",
            )
        })?;
        text.push_str(&format!(
            "{FACTS}{facts}\n\n\
             set -euo pipefail\n\n\
             # The guard of this job, and of no other, lets it make namespaces. All that importing makes on the way\n\
             # stays in the job's own directories, and the image gets its name when it is whole:\n\
             # {}\n\
             : \"${{{PLACE}:?an image is imported only by the job that hlrp-sh image import queues}}\"\n\
             if ! command -v enroot > /dev/null; then\n    \
                 echo \"hlrp-sh: there is no enroot on $(hostname): give a partition that has it with --partition\" >&2\n    \
                 exit 127\n\
             fi\n\
             export ENROOT_TEMP_PATH=\"$TMPDIR\" ENROOT_CACHE_PATH=\"$TMPDIR/cache\"\n\
             export ENROOT_DATA_PATH=\"$TMPDIR/data\" ENROOT_RUNTIME_PATH=\"$TMPDIR/run\"\n\n\
             enroot import --output \"${PLACE}/{UNNAMED}\" {}\n",
            shell(&self.target.to_string_lossy()),
            shell(&self.source),
        ));
        Ok(text)
    }

    /// Reads what a script imports, where it is to the byte the script that is written for that.
    pub fn of_script(script: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(script).ok()?;
        let facts = text.lines().find_map(|line| line.strip_prefix(FACTS))?;
        let import: Self = serde_json::from_str(facts).ok()?;
        let is_dated = import.target.extension()? == "sqsh" && import.target.is_absolute();
        (is_dated && import.script().ok()?.as_bytes() == script).then_some(import)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_that_differs_in_a_byte_imports_nothing() {
        let import = Import {
            source: "docker://ubuntu".into(),
            target: "/dss/me/enroot/ubuntu.sqsh".into(),
            directory: "/dss/me/runs/import".into(),
            ..Import::default()
        };
        let script = import.script().unwrap().into_bytes();
        for at in 0..script.len() {
            let mut other = script.clone();
            other[at] ^= 1;
            let read = Import::of_script(&other);
            assert_eq!(read, None, "byte {at}");
        }
        for more in ["\n", "id\n"] {
            assert_eq!(
                Import::of_script(&[&script, more.as_bytes()].concat()),
                None
            );
        }
        let evil = Import {
            source: "docker://ubuntu$(id)".into(),
            ..import
        };
        assert!(evil.script().is_err());
    }

    #[test]
    fn an_image_gets_a_dated_name() {
        let name = |source| name(source, "2026-01-31_1200");
        let expected = "pytorch-24.04-py3_imported_2026-01-31_1200";
        assert_eq!(
            name("docker://nvcr.io#nvidia/pytorch:24.04-py3").unwrap(),
            expected
        );
        assert_eq!(
            name("docker://ubuntu").unwrap(),
            "ubuntu_imported_2026-01-31_1200"
        );
        for wrong in [
            "ubuntu",
            "docker://oauth:secret@example.invalid#a/b:c",
            "docker://",
            "docker://a b",
            "docker://$(id)",
            "dockerd://x",
            "docker://a\nb",
        ] {
            assert!(name(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_import_is_one_command_on_a_compute_node() {
        let import = Import {
            source: "docker://ubuntu".into(),
            target: "/dss/me/enroot/ubuntu.sqsh".into(),
            directory: "/dss/me/runs/import".into(),
            memory: Some("64G".into()),
            ..Import::default()
        };
        let script = import.script().unwrap();
        assert!(script.contains("#SBATCH --mem=64G\n"), "{script}");
        assert!(
            script.contains("enroot import --output \"$HLRP_IMPORT/image.sqsh\" docker://ubuntu\n"),
            "{script}"
        );
        assert_eq!(Import::of_script(script.as_bytes()), Some(import));
    }
}
