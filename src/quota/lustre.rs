//! Lustre, by `lfs quota -q`: one line for the whole file system, in KiB.

use std::path::Path;

use super::{Report, Source, Tools, Usage, tool};

/// Asks for the quotas of the user, the groups and the directory's project.
pub(super) fn ask(tools: &Tools, root: &Path, there: &Path, report: &mut Report) {
    let Some(program) = tools.find("lfs") else {
        report.fail(root, "lfs", "it is not installed here");
        return;
    };
    let Some(place) = there.to_str() else {
        report.fail(root, "lfs", "the root's name is not UTF-8");
        return;
    };
    let user = nix::unistd::Uid::effective().to_string();
    let group = nix::unistd::Gid::effective().to_string();
    let mut whose = vec![("-u", user, "user"), ("-g", group, "group")];
    if let Ok(said) = tool::run(&program, &["project", "-d", place])
        && let Some(id) = project(&said.output)
    {
        whose.push(("-p", id.to_string(), "project"));
    }
    for (flag, id, word) in whose {
        match tool::run(&program, &["quota", "-q", flag, &id, place]) {
            Err(complaint) => return report.fail(root, "lfs", complaint),
            Ok(said) => match parse(&said.output) {
                Some((space, inodes)) => {
                    if space.limit.is_some() || inodes.limit.is_some() || word == "user" {
                        report.add(root, Source::Lustre, format!("{word} {id}"), space, inodes);
                    }
                }
                None => return report.fail(root, "lfs", said.why()),
            },
        }
    }
}

/// Reads `lfs project -d`: the id, a letter, the path. Project 0 is none.
fn project(output: &str) -> Option<u32> {
    let id = output.split_whitespace().next()?.parse().ok()?;
    (id > 0).then_some(id)
}

/// Reads one answer. A long name stands on a line of its own; what is over its quota has a `*`, what could not be
/// asked of every server is in brackets.
fn parse(output: &str) -> Option<(Usage, Usage)> {
    let words: Vec<&str> = output.split_whitespace().collect();
    let is_number = |word: &&str| number(word).is_some();
    // The path may hold blanks and digits: the row is the first that has numbers where they belong.
    let row = words.windows(8).find(|row| {
        let is_grace = |n: usize| row.get(n).is_some_and(|word| !word.starts_with('/'));
        [0, 1, 2, 4, 5, 6]
            .iter()
            .all(|n| row.get(*n).is_some_and(is_number))
            && is_grace(3)
            && is_grace(7)
    })?;
    let at = |n: usize| row.get(n).and_then(|word| number(word));
    let kib = |n: usize| Some(at(n)?.saturating_mul(1024));
    Some((
        Usage::within(kib(0)?, kib(1)?, kib(2)?),
        Usage::within(at(4)?, at(5)?, at(6)?),
    ))
}

fn number(word: &str) -> Option<u64> {
    let word = word.trim_end_matches('*');
    let word = word
        .strip_prefix('[')
        .and_then(|word| word.strip_suffix(']'))
        .unwrap_or(word);
    word.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    // Written by hand, in the layout of Lustre 2.12 to 2.15.
    const SHORT: &str = "      /home 100 0 0       -       5       0       0       -\n";
    const WRAPPED: &str = "  /lustre/scratch/a/long/name\n                 5242880*  4194304 6291456  6d23h   120000  0  1000000       -\n";

    #[test]
    fn a_row_is_read_also_where_it_is_wrapped() {
        let (space, inodes) = parse(SHORT).unwrap();
        assert_eq!((space.used, space.limit), (102_400, None));
        assert_eq!((inodes.used, inodes.limit), (5, None));
        let (space, inodes) = parse(WRAPPED).unwrap();
        assert_eq!(space.used, 5_242_880 * 1024);
        assert_eq!(space.limit, Some(4_194_304 * 1024));
        assert_eq!(inodes.limit, Some(1_000_000));
        let (space, _) = parse("/x [10] 20 30 - [1] 2 3 -").unwrap();
        assert_eq!((space.used, space.limit), (10_240, Some(20_480)));
    }

    #[test]
    fn complaints_are_no_readings() {
        for text in [
            "",
            "lfs: error",
            "quotactl failed: Operation not permitted",
            "/x a b c - d e f -",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
        assert_eq!(project("    0 P /lustre/x\n"), None);
        assert_eq!(project(" 1204 P /lustre/x\n"), Some(1204));
    }
}
