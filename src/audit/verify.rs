//! Finds every edit, removal, gap and reordering that was not recomputed onwards.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::chain::{self, Line};
use super::{GENESIS, HEADS, Head, HeadEvent, Record, session_files};

/// What the record is worth.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The format.
    pub schema: &'static str,
    /// How many sessions were looked at.
    pub sessions: usize,
    /// How many records.
    pub records: usize,
    /// What is wrong.
    pub findings: Vec<Finding>,
}

impl Report {
    /// Returns whether somebody changed the record; a crash is nobody's doing.
    pub fn is_tampered(&self) -> bool {
        self.findings.iter().any(|finding| match finding.trouble {
            Trouble::Torn | Trouble::Open => false,
            Trouble::Edited
            | Trouble::Removed
            | Trouble::Reordered
            | Trouble::Cut
            | Trouble::Missing
            | Trouble::Unlisted => true,
        })
    }
}

/// One thing that is wrong.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Finding {
    /// In which file.
    pub file: PathBuf,
    /// In which line, 0 for the whole file.
    pub line: usize,
    /// What.
    pub trouble: Trouble,
}

/// What can be wrong with a record.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trouble {
    /// A line is not as it was written.
    Edited,
    /// Lines are gone before this one.
    Removed,
    /// This line stood elsewhere.
    Reordered,
    /// Lines are gone at the end.
    Cut,
    /// A session's file is gone.
    Missing,
    /// A session's file is not in the list of sessions.
    Unlisted,
    /// A crash cut this line short; at most this one record is lost.
    Torn,
    /// The session runs, or ended in a crash; lines after the last are not vouched for.
    Open,
}

impl Trouble {
    /// Returns what a person is told.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Edited => "the line is not as it was written",
            Self::Removed => "lines before this one are gone",
            Self::Reordered => "the line stood elsewhere",
            Self::Cut => "lines are gone at the end",
            Self::Missing => "the session's file is gone",
            Self::Unlisted => "the session is not in the list of sessions",
            Self::Torn => "a crash cut the line short; at most this record is lost",
            Self::Open => "the session still runs, or crashed; its end is not vouched for",
        }
    }
}

/// Looks at every record below a directory.
///
/// # Errors
///
/// Where a file cannot be read.
pub fn verify(directory: &Path) -> io::Result<Report> {
    let mut report = Report {
        schema: "hlrp.audit.verify/1",
        sessions: 0,
        records: 0,
        findings: Vec::new(),
    };
    let sessions = sessions(directory, &mut report.findings)?;
    for path in session_files(directory)? {
        report.sessions += 1;
        let lines = chain::read::<Record>(&path)?;
        report.records += lines.iter().filter(|line| line.link.is_some()).count();
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        let Some(session) = sessions.get(&*name) else {
            report.findings.push(finding(&path, 0, Trouble::Unlisted));
            continue;
        };
        let genesis = session.genesis(&lines);
        let (records, head) = follow(&path, &lines, genesis, &mut report.findings);
        match &session.ended {
            None => report.findings.push(finding(&path, 0, Trouble::Open)),
            Some(end) if records < end.0 => {
                report.findings.push(finding(&path, 0, Trouble::Cut));
            }
            Some(end) if records == end.0 && head != end.1 => {
                report.findings.push(finding(&path, 0, Trouble::Edited));
            }
            Some(_) => {}
        }
    }
    for name in sessions.keys() {
        let path = directory.join(format!("{name}.jsonl"));
        let is_written = sessions
            .get(name)
            .and_then(|session| session.ended.as_ref())
            .is_none_or(|end| end.0 > 0);
        if is_written && !path.exists() {
            report.findings.push(finding(&path, 0, Trouble::Missing));
        }
    }
    Ok(report)
}

/// What the list says of a session.
#[derive(Default)]
struct Listed {
    /// The hashes of its entries, to one of which its first line is bound; there are
    /// several where several processes began the session at once.
    began: Vec<String>,
    /// Its number of lines and the hash of the last, once it has ended.
    ended: Option<(u64, String)>,
}

impl Listed {
    fn genesis(&self, lines: &[Line<Record>]) -> &str {
        let first = lines.iter().find_map(|line| line.link.as_ref());
        self.began
            .iter()
            .find(|hash| first.is_some_and(|link| link.prev == **hash))
            .or(self.began.first())
            .map_or("", String::as_str)
    }
}

fn sessions(directory: &Path, findings: &mut Vec<Finding>) -> io::Result<BTreeMap<String, Listed>> {
    let path = directory.join(HEADS);
    let mut sessions = BTreeMap::new();
    if !path.exists() {
        return Ok(sessions);
    }
    let lines = chain::read::<Head>(&path)?;
    follow(&path, &lines, GENESIS, findings);
    for link in lines.into_iter().filter_map(|line| line.link) {
        let head = link.body;
        match head.event {
            HeadEvent::Began => {
                let session: &mut Listed = sessions.entry(head.session).or_default();
                session.began.push(link.hash);
            }
            HeadEvent::Ended => {
                if let Some(session) = sessions.get_mut(&head.session) {
                    session.ended = Some((head.records, head.head));
                }
            }
        }
    }
    Ok(sessions)
}

/// Follows a chain from what its first line is bound to; returns where it ends.
fn follow<T: Clone + DeserializeOwned + Serialize>(
    path: &Path,
    lines: &[Line<T>],
    genesis: &str,
    findings: &mut Vec<Finding>,
) -> (u64, String) {
    let (mut seq, mut head) = (0, genesis.to_owned());
    for line in lines {
        let Some(link) = &line.link else {
            let is_torn = !line.is_whole || line.text.starts_with("{\"schema\"");
            let trouble = if is_torn {
                Trouble::Torn
            } else {
                Trouble::Edited
            };
            findings.push(finding(path, line.number, trouble));
            continue;
        };
        let is_intact = link.expected_hash().is_ok_and(|hash| hash == link.hash)
            && serde_json::to_string(link).is_ok_and(|text| text == line.text);
        let trouble = if !is_intact {
            Some(Trouble::Edited)
        } else if link.seq <= seq {
            Some(Trouble::Reordered)
        } else if link.seq > seq + 1 {
            Some(Trouble::Removed)
        } else if link.prev != head {
            Some(Trouble::Edited)
        } else {
            None
        };
        findings.extend(trouble.map(|trouble| finding(path, line.number, trouble)));
        seq = link.seq;
        head.clone_from(&link.hash);
    }
    (seq, head)
}

fn finding(path: &Path, line: usize, trouble: Trouble) -> Finding {
    Finding {
        file: path.to_owned(),
        line,
        trouble,
    }
}
