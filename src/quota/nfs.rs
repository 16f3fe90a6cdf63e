//! An NFS server's quotas, by `quota -w -p`: KiB, one line a file system.

use std::path::Path;

use super::{Report, Source, Usage, mounts, tool};

/// Asks for the quotas of the user and the groups.
pub(super) fn ask(program: &Path, root: &Path, there: &Path, report: &mut Report) {
    let Some(device) = mounts::device(there) else {
        return;
    };
    match tool::run(program, &["-w", "-p", "-u", "-g"]) {
        Err(complaint) => report.fail(root, "quota", complaint),
        // Its exit status tells whether something is over its limit. A server without quotas leaves it silent.
        Ok(said) => {
            let rows = parse(&said.output, &device);
            let has_failed = said
                .complaint
                .lines()
                .any(|line| line.contains(&device) || line.contains("error"));
            if rows.is_empty() && has_failed {
                report.fail(root, "quota", said.why());
            }
            for (of, space, inodes) in rows {
                report.add(root, Source::Nfs, of, space, inodes);
            }
        }
    }
}

/// Reads the rows of one file system, each with whose it is.
fn parse(output: &str, device: &str) -> Vec<(String, Usage, Usage)> {
    let mut of = String::new();
    let mut rows = Vec::new();
    for line in output.lines() {
        if let Some(rest) = line.trim_start().strip_prefix("Disk quotas for ") {
            of = rest.split(" (").next().unwrap_or(rest).to_owned();
            continue;
        }
        let Some(rest) = line.trim_start().strip_prefix(device) else {
            continue;
        };
        if !rest.starts_with(char::is_whitespace) {
            continue;
        }
        rows.extend(row(rest).map(|(space, inodes)| (of.clone(), space, inodes)));
    }
    rows
}

fn row(rest: &str) -> Option<(Usage, Usage)> {
    let numbers: Option<Vec<u64>> = rest
        .split_whitespace()
        .map(|word| word.trim_end_matches('*').parse().ok())
        .collect();
    match numbers?.as_slice() {
        [blocks, soft, hard, _, files, soft_files, hard_files, ..] => {
            let kib = |value: &u64| value.saturating_mul(1024);
            Some((
                Usage::within(kib(blocks), kib(soft), kib(hard)),
                Usage::within(*files, *soft_files, *hard_files),
            ))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Written by hand, in the layout of quota-tools 4.06 with -w -p.
    const ANSWER: &str = "\
Disk quotas for user me (uid 1000):
     Filesystem  blocks   quota   limit   grace   files   quota   limit   grace
server:/home/me  972* 900 1000 1795000000 42 0 500 0
server:/home/mean 1 2 3 0 4 5 6 0
Disk quotas for group lab (gid 100): none
";

    #[test]
    fn the_row_of_the_mount_is_read() {
        let rows = parse(ANSWER, "server:/home/me");
        let expected = (
            "user me".to_owned(),
            Usage::of(972 * 1024, 900 * 1024),
            Usage::of(42, 500),
        );
        assert_eq!(rows, [expected]);
        assert!(parse(ANSWER, "server:/other").is_empty());
        assert!(parse("server:/x 1 2 three", "server:/x").is_empty());
    }
}
