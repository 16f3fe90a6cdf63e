//! Recipe lines of Makefiles and justfiles, for the targets that would be made.

use std::collections::{BTreeMap, BTreeSet};

/// Returns the recipe lines of these targets and of what they depend on; the first
/// target where none is named.
pub(crate) fn make(text: &str, targets: &[String]) -> Vec<String> {
    let joined = text.replace("\\\n", " ");
    let mut rules: BTreeMap<String, (Vec<String>, Vec<String>)> = BTreeMap::new();
    let mut variables: BTreeMap<String, String> = BTreeMap::new();
    let mut first = None;
    let mut current: Vec<String> = Vec::new();
    let mut in_define = false;
    for line in joined.lines() {
        if let Some(recipe) = line.strip_prefix('\t') {
            for name in &current {
                if let Some((_, lines)) = rules.get_mut(name) {
                    lines.push(recipe.to_owned());
                }
            }
            continue;
        }
        let trimmed = line.trim();
        in_define = (in_define || trimmed.starts_with("define ")) && trimmed != "endef";
        if in_define || trimmed.is_empty() || trimmed.starts_with('#') {
            continue;
        }
        if let Some((name, value)) = assignment(trimmed) {
            variables.insert(name, value);
            continue;
        }
        let Some((names, rest)) = trimmed.split_once(':') else {
            continue;
        };
        let (needs, recipe) = match rest.split_once(';') {
            Some((needs, recipe)) => (needs, Some(recipe.trim().to_owned())),
            None => (rest, None),
        };
        current = names.split_whitespace().map(str::to_owned).collect();
        for name in &current {
            if first.is_none() && !name.starts_with('.') {
                first = Some(name.clone());
            }
            let rule = rules.entry(name.clone()).or_default();
            rule.0.extend(
                needs
                    .trim_start_matches(':')
                    .split_whitespace()
                    .map(str::to_owned),
            );
            rule.1.extend(recipe.clone());
        }
    }
    let wanted: Vec<String> = if targets.is_empty() {
        first.into_iter().collect()
    } else {
        targets.to_vec()
    };
    let mut lines = Vec::new();
    let mut seen = BTreeSet::new();
    for target in wanted {
        collect(&rules, &target, &mut seen, &mut lines);
    }
    lines
        .iter()
        .map(|line| to_shell(line, &variables))
        .collect()
}

fn collect(
    rules: &BTreeMap<String, (Vec<String>, Vec<String>)>,
    target: &str,
    seen: &mut BTreeSet<String>,
    lines: &mut Vec<String>,
) {
    if seen.len() > 256 || !seen.insert(target.to_owned()) {
        return;
    }
    if let Some((needs, recipe)) = rules.get(target) {
        for need in needs {
            collect(rules, need, seen, lines);
        }
        lines.extend(recipe.iter().cloned());
    }
}

fn assignment(line: &str) -> Option<(String, String)> {
    let (name, value) = line.split_once('=')?;
    let name = name.trim_end_matches([':', '?', '+', '!']).trim();
    let name = name.strip_prefix("export ").unwrap_or(name);
    let is_name = !name.is_empty()
        && name
            .chars()
            .all(|c| c == '_' || c == '.' || c == '-' || c.is_ascii_alphanumeric());
    is_name.then(|| (name.to_owned(), value.trim().to_owned()))
}

/// Turns a recipe line into shell: prefixes go, `$$` is `$`, known variables are put in,
/// what make would expand otherwise stays dynamic.
fn to_shell(line: &str, variables: &BTreeMap<String, String>) -> String {
    let mut text = line.trim_start_matches(['@', '-', '+', ' ']).to_owned();
    for _ in 0..4 {
        let before = text.clone();
        for (name, value) in variables {
            for form in [format!("$({name})"), format!("${{{name}}}")] {
                if text.contains(&form) && text.len() < 8192 {
                    text = text.replace(&form, value);
                }
            }
        }
        if before == text {
            break;
        }
    }
    let mut shell = String::new();
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        if letter != '$' {
            shell.push(letter);
            continue;
        }
        match letters.peek() {
            Some('$') => {
                letters.next();
                shell.push('$');
            }
            Some('(' | '{') => {
                let mut depth = 0_usize;
                let mut name = String::new();
                for inside in letters.by_ref() {
                    match inside {
                        '(' | '{' => depth += 1,
                        ')' | '}' => depth -= 1,
                        _ => {}
                    }
                    if depth == 0 {
                        break;
                    }
                    name.push(inside);
                }
                shell.push_str(builtin(name.trim_start_matches(['(', '{'])));
            }
            _ => {
                letters.next();
                shell.push_str("${_make}");
            }
        }
    }
    shell
}

/// The variables make itself sets to programs.
fn builtin(name: &str) -> &str {
    match name {
        "RM" => "rm -f",
        "MAKE" => "make",
        "CC" => "cc",
        "CXX" => "c++",
        "AR" => "ar",
        "PYTHON" => "python",
        "SHELL" => "/bin/sh",
        _ => "${_make}",
    }
}

/// Returns the lines of just recipes and of what they depend on.
pub(crate) fn just(text: &str, targets: &[String]) -> Vec<String> {
    let mut rules: BTreeMap<String, (Vec<String>, Vec<String>)> = BTreeMap::new();
    let mut first = None;
    let mut current: Option<String> = None;
    for line in text.lines() {
        if line.starts_with([' ', '\t']) {
            if let Some(rule) = current.as_ref().and_then(|name| rules.get_mut(name)) {
                rule.1.push(line.trim().to_owned());
            }
            continue;
        }
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with(['#', '[']) || trimmed.contains(":=") {
            continue;
        }
        if let Some((head, needs)) = trimmed.split_once(':') {
            let name = head
                .trim_start_matches('@')
                .split_whitespace()
                .next()
                .unwrap_or_default();
            first.get_or_insert_with(|| name.to_owned());
            let needs = needs
                .split_whitespace()
                .map(|need| need.trim_matches(['(', ')']).to_owned());
            rules.insert(name.to_owned(), (needs.collect(), Vec::new()));
            current = Some(name.to_owned());
        }
    }
    let wanted: Vec<String> = match targets.first() {
        Some(_) => targets.to_vec(),
        None => first.into_iter().collect(),
    };
    let mut lines = Vec::new();
    let mut seen = BTreeSet::new();
    for target in wanted {
        collect(&rules, &target, &mut seen, &mut lines);
    }
    let mut out: Vec<String> = Vec::new();
    let mut is_script = false;
    for line in lines {
        let line = line.replace("{{", "${_just:-").replace("}}", "}");
        if line.starts_with("#!") {
            is_script = true;
        }
        out.push(if is_script {
            line
        } else {
            line.trim_start_matches(['@', '-']).to_owned()
        });
    }
    if is_script { vec![out.join("\n")] } else { out }
}
