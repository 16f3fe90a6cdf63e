//! Imports go downwards only: 7 cli · 6 shell agent · 5 ui doctor launch · 4 gate · 3 bash guard
//! broker slurm remote compose quota record · 2 session audit retain · 1 policy · 0 sys error.

use std::fs;
use std::path::{Path, PathBuf};

const LAYERS: [(&str, u8); 21] = [
    ("cli", 7),
    ("shell", 6),
    ("agent", 6),
    ("ui", 5),
    ("doctor", 5),
    ("launch", 5),
    ("gate", 4),
    ("bash", 3),
    ("guard", 3),
    ("broker", 3),
    ("slurm", 3),
    ("remote", 3),
    ("compose", 3),
    ("quota", 3),
    ("record", 3),
    ("session", 2),
    ("audit", 2),
    ("retain", 2),
    ("policy", 1),
    ("sys", 0),
    ("error", 0),
];

#[test]
fn imports_go_downwards_only() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut upward = Vec::new();
    for file in rust_files(&source) {
        let module = module_of(&source, &file);
        let Some(own) = layer(&module) else {
            continue;
        };
        let text = fs::read_to_string(&file).unwrap();
        for name in imports(&text) {
            let theirs = layer(&name).unwrap_or_else(|| panic!("{name} has no layer: {file:?}"));
            let is_own = name == module;
            if !is_own && (theirs > own || (theirs == own && own >= 6)) {
                upward.push(format!("{}: {module} imports {name}", file.display()));
            }
        }
    }
    assert!(upward.is_empty(), "{}", upward.join("\n"));
}

#[test]
fn files_stay_short_and_say_what_they_are() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for file in rust_files(&source) {
        let text = fs::read_to_string(&file).unwrap();
        let lines = text.lines().count();
        assert!(lines < 400, "{} has {lines} lines", file.display());
    }
}

fn layer(module: &str) -> Option<u8> {
    LAYERS
        .iter()
        .find(|(name, _)| *name == module)
        .map(|(_, layer)| *layer)
}

fn module_of(source: &Path, file: &Path) -> String {
    let inner = file.strip_prefix(source).unwrap();
    let first = inner.components().next().unwrap().as_os_str();
    first.to_str().unwrap().trim_end_matches(".rs").to_owned()
}

/// Finds the names after `crate::`, also in `use crate::{a, b::c}`.
fn imports(text: &str) -> Vec<String> {
    let code = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    let code = code.collect::<Vec<_>>().join("\n");
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    let mut names = Vec::new();
    for after in code.split("crate::").skip(1) {
        if let Some(group) = after.strip_prefix('{') {
            let mut depth = 0;
            let mut name = String::new();
            for c in group.chars() {
                match c {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => names.push(std::mem::take(&mut name)),
                    _ if depth == 0 => name.push(c),
                    _ => {}
                }
            }
            names.push(name);
        } else {
            names.push(after.to_owned());
        }
    }
    names
        .iter()
        .map(|name| name.trim().chars().take_while(|c| is_name(*c)).collect())
        .filter(|name: &String| name.chars().next().is_some_and(char::is_lowercase))
        .collect()
}

fn rust_files(directory: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.ends_with("src/train") {
            continue;
        }
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}
