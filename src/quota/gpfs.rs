//! GPFS (Spectrum Scale), by `mmlsquota -Y`: fields between colons, named by a header
//! line, in KiB.

use std::collections::BTreeMap;
use std::path::Path;

use super::{Report, Source, Tools, Usage, mounts, tool};

/// Asks for the quotas that a user has on the file system of a root.
pub(super) fn ask(tools: &Tools, root: &Path, there: &Path, report: &mut Report) {
    let Some(program) = tools.find("mmlsquota") else {
        report.fail(root, "mmlsquota", "it is not installed here");
        return;
    };
    let device = mounts::device(there).unwrap_or_default();
    let system = device.rsplit('/').next().unwrap_or_default().to_owned();
    match tool::run(&program, &["-Y"]) {
        Err(complaint) => report.fail(root, "mmlsquota", complaint),
        Ok(said) => {
            let rows = parse(&said.output);
            let rows: Vec<Row> = rows
                .into_iter()
                .filter(|row| row.is_about(&system, there))
                .collect();
            if rows.is_empty() {
                let nothing = said.succeeded && !said.output.trim().is_empty();
                let complaint = if nothing && said.complaint.trim().is_empty() {
                    "it names no quota here".to_owned()
                } else {
                    said.why()
                };
                report.fail(root, "mmlsquota", complaint);
            }
            for row in rows {
                report.add(root, Source::Gpfs, row.of, row.space, row.inodes);
            }
        }
    }
}

#[derive(Clone, Debug, Eq, PartialEq)]
struct Row {
    system: String,
    fileset: String,
    of: String,
    space: Usage,
    inodes: Usage,
}

impl Row {
    /// Whether it holds for a directory: of its file system, and of no fileset, the root one, or one in its path.
    fn is_about(&self, system: &str, there: &Path) -> bool {
        let is_in_path = there
            .components()
            .any(|part| part.as_os_str() == self.fileset.as_str());
        self.system == system && (self.fileset.is_empty() || self.fileset == "root" || is_in_path)
    }
}

/// Reads all rows: the place of a field is what the last header says.
fn parse(output: &str) -> Vec<Row> {
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    let mut rows = Vec::new();
    for line in output.lines() {
        let fields: Vec<&str> = line.split(':').collect();
        if fields.first() != Some(&"mmlsquota") {
            continue;
        }
        if fields.get(2) == Some(&"HEADER") {
            places.clear();
            for (place, name) in fields.iter().enumerate().skip(3) {
                places.entry(name).or_insert(place);
            }
        } else {
            rows.extend(row(&places, &fields));
        }
    }
    rows
}

fn row(places: &BTreeMap<&str, usize>, fields: &[&str]) -> Option<Row> {
    let field = |name: &str| {
        places
            .get(name)
            .and_then(|place| fields.get(*place))
            .copied()
    };
    let text = |name: &str| decoded(field(name).unwrap_or_default());
    let number = |name: &str| field(name)?.parse::<i64>().ok();
    // What is in doubt may be used by tomorrow; where it is negative it is not there.
    let used = |usage: &str, doubt: &str| {
        let doubt = number(doubt).unwrap_or(0).max(0);
        u64::try_from(number(usage)?.saturating_add(doubt)).ok()
    };
    let limit = |name: &str| u64::try_from(number(name).unwrap_or(0)).unwrap_or(0);
    let kib = |value: u64| value.saturating_mul(1024);
    let sort = match field("quotaType")? {
        "USR" => "user",
        "GRP" => "group",
        "FILESET" => "fileset",
        _ => return None,
    };
    let fileset = match field("filesetname") {
        Some(_) => text("filesetname"),
        None => text("filesetName"),
    };
    let name = text("name");
    Some(Row {
        system: text("filesystemName"),
        // A fileset's own row names it as its owner.
        fileset: if sort == "fileset" {
            name.clone()
        } else {
            fileset
        },
        of: format!("{sort} {name}"),
        space: Usage::within(
            kib(used("blockUsage", "blockInDoubt")?),
            kib(limit("blockQuota")),
            kib(limit("blockLimit")),
        ),
        inodes: Usage::within(
            used("filesUsage", "filesInDoubt")?,
            limit("filesQuota"),
            limit("filesLimit"),
        ),
    })
}

/// Undoes the percent signs that stand for colons and the like.
fn decoded(text: &str) -> String {
    let escapes = [("%3A", ":"), ("%2F", "/"), ("%20", " "), ("%25", "%")];
    escapes
        .iter()
        .fold(text.to_owned(), |text, (escape, plain)| {
            text.replace(escape, plain)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    // The header's names as others have recorded them of Spectrum Scale 5; the rows written by hand.
    const HEADER: &str = "mmlsquota::HEADER:version:reserved:reserved:filesystemName:quotaType:id:name:blockUsage:blockQuota:blockLimit:blockInDoubt:blockGrace:filesUsage:filesQuota:filesLimit:filesInDoubt:filesGrace:remarks:quota:defQuota:fid:filesetname:";

    fn rows(lines: &[&str]) -> Vec<Row> {
        parse(&[&[HEADER], lines].concat().join("\n"))
    }

    #[test]
    fn fields_are_found_by_the_header() {
        let found = rows(&[
            "mmlsquota::0:1:::gpfs01:USR:1234:me:2097152:10485760:12582912:1024:none:4000:0:500000:-7:none:e:on:off:::",
            "mmlsquota::0:1:::gpfs01:GRP:500:lab:9999999:0:0:0:none:1:0:0:0:none:e:on:off:::",
            "mmlsquota::0:1:::gpfs01:FILESET:3:proj%3Aone:10:20:30:0:none:1:0:0:0:none:e:on:off:::",
            "mmlsquota::0:1:::gpfs01:ODD:3:x:10:20:30:0:none:1:0:0:0:none:e:on:off:::",
        ]);
        let [user, group, fileset] = &found[..] else {
            panic!("{found:?}");
        };
        assert_eq!(user.of, "user me");
        assert_eq!(
            user.space,
            Usage::of((2_097_152 + 1024) * 1024, 10_485_760 * 1024)
        );
        assert_eq!(user.inodes, Usage::of(4000, 500_000));
        assert_eq!(group.space.limit, None);
        assert_eq!(fileset.of, "fileset proj:one");
        assert!(user.is_about("gpfs01", Path::new("/gpfs/me")));
        assert!(!user.is_about("gpfs02", Path::new("/gpfs/me")));
        assert!(fileset.is_about("gpfs01", Path::new("/gpfs/proj:one/me")));
        assert!(!fileset.is_about("gpfs01", Path::new("/gpfs/other/me")));
    }

    #[test]
    fn another_order_and_another_subcommand_are_read_too() {
        let text = "mmlsquota:user:HEADER:version:reserved:reserved:name:quotaType:filesystemName:filesLimit:filesUsage:blockLimit:blockUsage:\nmmlsquota:user:0:1:::me:USR:fs:9:3:8:4:\n";
        let found = parse(text);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].space, Usage::of(4096, 8192));
        assert_eq!(found[0].inodes, Usage::of(3, 9));
    }

    #[test]
    fn a_header_alone_is_no_reading() {
        assert!(rows(&[]).is_empty());
        assert!(parse("mmlsquota: GPFS is down on this node.").is_empty());
        assert!(rows(&["mmlsquota::0:1:::gpfs01:USR"]).is_empty());
    }
}
