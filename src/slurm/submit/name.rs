//! Names of sweep points: readable, free of anything a path or a job name cannot hold.
//!
//! INVARIANT: no two points of a sweep have the same name.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest, Sha256};

use super::typed::key_of;

/// Characters of one value that a name shows at most.
const VALUE: usize = 24;
/// Characters of a whole suffix at most.
const SUFFIX: usize = 96;

/// Returns a suffix for every point, from its own overrides.
pub fn suffixes(points: &[Vec<String>]) -> Vec<String> {
    let plain: Vec<(String, bool)> = points.iter().map(|point| readable(point)).collect();
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for (name, _) in &plain {
        *seen.entry(name.to_lowercase()).or_default() += 1;
    }
    let mut taken = BTreeSet::new();
    plain
        .into_iter()
        .zip(points)
        .map(|((name, is_whole), point)| {
            let is_alone = seen
                .get(&name.to_lowercase())
                .is_some_and(|count| *count == 1);
            let name = if is_whole && is_alone {
                name
            } else {
                format!("{name}_{}", hash(point))
            };
            free(&name, &mut taken)
        })
        .collect()
}

/// Returns the name, with a number where it is taken: the same overrides twice, each in its
/// own place.
fn free(name: &str, taken: &mut BTreeSet<String>) -> String {
    let numbered = (2_u64..).map(|number| format!("{name}_{number}"));
    let mut candidates = std::iter::once(name.to_owned()).chain(numbered);
    candidates
        .find(|candidate| taken.insert(candidate.to_lowercase()))
        .unwrap_or_else(|| name.to_owned())
}

/// Returns the suffixes that the reference's program makes: without `-` and `.`, each
/// value cut to eight characters. They collide.
pub fn suffixes_as_ever(points: &[Vec<String>]) -> Vec<String> {
    let one = |text: &String| {
        let (key, value) = text.split_once('=').unwrap_or((text, ""));
        let value: String = value.replace(['-', '.'], "").chars().take(8).collect();
        format!("{}{value}", key.rsplit('.').next().unwrap_or(key))
    };
    let points = points.iter();
    points
        .map(|point| point.iter().map(one).collect::<Vec<_>>().join("_"))
        .collect()
}

/// Returns a name, and whether it says everything.
fn readable(point: &[String]) -> (String, bool) {
    let mut is_whole = true;
    let parts: Vec<String> = point
        .iter()
        .map(|text| {
            let value = text.split_once('=').map_or("", |(_, value)| value);
            let value = value.trim_matches(['"', '\'']);
            let key = key_of(text);
            let key = key.rsplit(['.', '/', '@']).next().unwrap_or(key);
            let (key, key_is_whole) = clean(key);
            let (value, value_is_whole) = clean(value);
            is_whole &= key_is_whole && value_is_whole;
            format!("{key}{value}")
        })
        .collect();
    let name = parts.join("_");
    let short: String = name.chars().take(SUFFIX).collect();
    is_whole &= short.len() == name.len();
    (short, is_whole)
}

fn clean(text: &str) -> (String, bool) {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "_.+-".contains(c);
    let cleaned = text.chars().map(|c| if allowed(c) { c } else { '-' });
    let cleaned: String = cleaned.take(VALUE).collect();
    let is_whole = cleaned == text;
    (cleaned, is_whole)
}

fn hash(point: &[String]) -> String {
    let digest = Sha256::digest(point.join("\0").as_bytes());
    digest
        .iter()
        .take(4)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points(rows: &[&[&str]]) -> Vec<Vec<String>> {
        let rows = rows.iter();
        rows.map(|row| row.iter().map(|text| (*text).to_owned()).collect())
            .collect()
    }

    #[test]
    fn names_keep_what_the_reference_strips() {
        let found = suffixes(&points(&[
            &["training.optimizer.lr=1e-4", "seed=42"],
            &["training.optimizer.lr=1e4", "seed=42"],
        ]));
        assert_eq!(found, ["lr1e-4_seed42", "lr1e4_seed42"]);
        assert_eq!(
            suffixes_as_ever(&points(&[&["lr=1e-4"], &["lr=longprefixA"]])),
            ["lr1e4", "lrlongpref"]
        );
    }

    #[test]
    fn what_a_path_cannot_hold_is_replaced_and_told_apart() {
        let found = suffixes(&points(&[&["data=a/b"], &["data=a-b"], &["data=a b"]]));
        assert!(
            found.iter().all(|name| !name.contains(['/', ' '])),
            "{found:?}"
        );
        let mut unique = found.clone();
        unique.sort();
        unique.dedup();
        assert_eq!(unique.len(), 3);
    }
}
