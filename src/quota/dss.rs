//! LRZ's data science storage, by `dssusrinfo all`: boxes of stars, one a subject. Its
//! layout is written down nowhere, so what is not known is passed over.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::{Report, Source, Usage, tool};

/// What `dssusrinfo` calls GB.
const GB: u64 = 1 << 30;

/// Asks for the quotas of the home directory or the container that a root lies in.
pub(super) fn ask(program: &Path, root: &Path, report: &mut Report) {
    match tool::run(program, &["all"]) {
        Err(complaint) => report.fail(root, "dssusrinfo", complaint),
        Ok(said) => {
            let places = parse(&said.output);
            if places.is_empty() {
                return report.fail(root, "dssusrinfo", said.why());
            }
            let about = places
                .into_iter()
                .filter(|place| root.starts_with(&place.path));
            for place in about {
                report.add(root, Source::Dss, place.of, place.space, place.inodes);
            }
        }
    }
}

/// A place with its limits.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
struct Place {
    path: PathBuf,
    of: String,
    space: Usage,
    inodes: Usage,
}

/// Which box a line stands in.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Subject {
    Home,
    Containers,
    OfContainers,
    OfUser,
    Other,
}

impl Subject {
    fn of(title: &str) -> Option<Self> {
        let title = title.to_lowercase();
        let is = |words: &str| title.contains(words);
        match () {
            () if is("homedir info") => Some(Self::Home),
            () if is("access to the following dss containers") => Some(Self::Containers),
            () if is("dss container usage and limits") => Some(Self::OfContainers),
            () if is("dss usage and limits") => Some(Self::OfUser),
            () => None,
        }
    }
}

/// Reads the whole answer.
fn parse(output: &str) -> Vec<Place> {
    let mut subject = Subject::Other;
    let mut paths: BTreeMap<String, PathBuf> = BTreeMap::new();
    let mut usages: Vec<(Subject, String, bool, Usage)> = Vec::new();
    let mut home: Option<PathBuf> = None;
    for line in output.lines() {
        let Some(text) = line.trim().strip_prefix('*') else {
            continue;
        };
        let text = text.trim_end_matches('*').trim();
        if text.is_empty() {
            continue;
        }
        let words: Vec<&str> = text.split_whitespace().collect();
        if let Some(found) = Subject::of(text) {
            subject = found;
        } else if let Some((_, path)) = text.split_once("home directory is at ") {
            home = path.split_whitespace().next().map(PathBuf::from);
        } else if let [name, "at", path] = words.as_slice()
            && subject == Subject::Containers
        {
            paths.insert((*name).to_owned(), PathBuf::from(path));
        } else if let Some((name, is_space, usage)) = row(&words) {
            usages.push((subject, name, is_space, usage));
        }
    }
    let mut places: Vec<Place> = Vec::new();
    for (subject, name, is_space, usage) in usages {
        let (path, of) = match subject {
            Subject::Home => (home.clone(), "home directory".to_owned()),
            Subject::OfContainers => (paths.get(&name).cloned(), format!("container {name}")),
            Subject::OfUser => (
                paths.get(&name).cloned(),
                format!("user in container {name}"),
            ),
            Subject::Containers | Subject::Other => (None, String::new()),
        };
        let Some(path) = path else {
            continue;
        };
        let known = places.iter().position(|place| place.of == of);
        let at = known.unwrap_or_else(|| {
            places.push(Place {
                path,
                of,
                ..Place::default()
            });
            places.len() - 1
        });
        if let Some(place) = places.get_mut(at) {
            if is_space {
                place.space = usage;
            } else {
                place.inodes = usage;
            }
        }
    }
    places
}

/// Reads `[NAME] USED of LIMIT GB|Files used`; returns name, whether it is space, and the use.
fn row(words: &[&str]) -> Option<(String, bool, Usage)> {
    let of = words.iter().position(|word| *word == "of")?;
    let used: u64 = words.get(of.checked_sub(1)?)?.parse().ok()?;
    let name = match of {
        1 => "",
        2 => words.first()?,
        _ => return None,
    };
    let [limit @ .., unit, "used"] = words.get(of + 1..)? else {
        return None;
    };
    // `Unlimited` and `Container MAX` are no limits of one's own.
    let limit = match limit {
        [one] => one.parse().unwrap_or(0),
        [_, ..] => 0,
        [] => return None,
    };
    match *unit {
        "GB" => Some((
            name.to_owned(),
            true,
            Usage::of(used.saturating_mul(GB), u64::saturating_mul(limit, GB)),
        )),
        "Files" => Some((name.to_owned(), false, Usage::of(used, limit))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The layout as others have recorded it; names and numbers made up.
    const ALL: &str = "\
****************************************************************
*                                                              *
*                   LRZ DSS User Info Script                   *
*                                                              *
*   ATTENTION: This script may block if node is not healthy.   *
*                                                              *
****************************************************************

****************************************************************
*                                                              *
*                DSS Homedir info for ab12cde:                 *
*                                                              *
* Your DSS based home directory is at /dss/dsshome1/03/ab12cde *
*                                                              *
*               89 of 100              GB    used              *
*           242415 of Unlimited        Files used              *
*                                                              *
****************************************************************
****************************************************************
*      You have access to the following DSS Containers         *
*                                                              *
* pn00aa-dss-0000 at /dss/dssmcmlfs01/pn00aa/pn00aa-dss-0000   *
****************************************************************
****************************************************************
*               DSS Container usage and limits                 *
*                                                              *
* pn00aa-dss-0000          9733 of 10000       GB    used      *
* pn00aa-dss-0000      14838667 of 20000000    Files used      *
****************************************************************
****************************************************************
*             DSS usage and limits for ab12cde                 *
*                                                              *
* pn00aa-dss-0000           220 of Container MAX GB   used     *
* pn00aa-dss-0000        480000 of Container MAX Files used    *
****************************************************************
";

    #[test]
    fn home_and_containers_are_read() {
        let places = parse(ALL);
        let [home, container, user] = &places[..] else {
            panic!("{places:#?}");
        };
        assert_eq!(home.path, Path::new("/dss/dsshome1/03/ab12cde"));
        assert_eq!(home.space, Usage::of(89 * GB, 100 * GB));
        assert_eq!(home.inodes, Usage::of(242_415, 0));
        assert_eq!(container.of, "container pn00aa-dss-0000");
        assert_eq!(
            container.path,
            Path::new("/dss/dssmcmlfs01/pn00aa/pn00aa-dss-0000")
        );
        assert_eq!(container.space.percent(), Some(97));
        assert_eq!(container.inodes, Usage::of(14_838_667, 20_000_000));
        assert_eq!(user.space, Usage::of(220 * GB, 0));
    }

    #[test]
    fn what_is_no_answer_has_no_places() {
        for text in [
            "",
            "dssusrinfo: command failed",
            "****\n* 1 of *\n****",
            "* of of of GB used *",
        ] {
            assert!(parse(text).is_empty(), "{text}");
        }
    }
}
