//! Patches as `apply_patch` reads them: which files they add, change, move and delete.

use super::{Fault, Intent, input};

/// How a patch begins.
pub(super) const BEGIN: &str = "*** Begin Patch";
const END: &str = "*** End Patch";

/// Returns what a patch does. A patch that lacks its frame, or has a header that nobody here knows, is a fault.
pub(super) fn intents(text: &str) -> Result<Vec<Intent>, Fault> {
    let text = inner(text)?;
    let mut found: Vec<Intent> = Vec::new();
    for line in text.lines() {
        // In an update a line that begins with a blank is content; elsewhere a header may be indented.
        let line = match found.last() {
            Some(Intent::Edit(_) | Intent::Move { .. }) => line,
            _ => line.trim_start(),
        };
        let Some(header) = line.trim_end().strip_prefix("*** ") else {
            continue;
        };
        if header == "End of File" {
            continue;
        }
        let (kind, path) = header
            .split_once(": ")
            .ok_or_else(|| Fault::Patch(format!("`{header}`")))?;
        if !input::is_plain(path) {
            return Err(Fault::Patch(format!("`{header}`")));
        }
        let path = path.to_owned();
        match kind {
            "Add File" => found.push(Intent::Write { path, empty: false }),
            "Update File" => found.push(Intent::Edit(path)),
            "Delete File" => found.push(Intent::Delete(path)),
            "Move to" => match found.pop() {
                Some(Intent::Edit(from)) => {
                    found.push(Intent::Edit(from.clone()));
                    found.push(Intent::Move { from, to: path });
                }
                _ => return Err(Fault::Patch("`Move to` without a file".to_owned())),
            },
            "Environment ID" => {}
            _ => return Err(Fault::Patch(format!("`{header}`"))),
        }
    }
    if found.is_empty() {
        return Err(Fault::Patch("it names no file".to_owned()));
    }
    Ok(found)
}

/// Cuts the patch out of what may stand around it: nothing, or a here-document's marks.
fn inner(text: &str) -> Result<&str, Fault> {
    let missing = |mark: &str| Fault::Patch(format!("it has no `{mark}`"));
    let (_, rest) = text.split_once(BEGIN).ok_or_else(|| missing(BEGIN))?;
    let (inside, after) = rest.rsplit_once(END).ok_or_else(|| missing(END))?;
    if after.contains("*** ") {
        return Err(Fault::Patch(format!("something follows `{END}`")));
    }
    Ok(inside)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(path: &str) -> Intent {
        Intent::Write {
            path: path.to_owned(),
            empty: false,
        }
    }

    #[test]
    fn every_header_is_an_intent() {
        let text = "*** Begin Patch\n*** Add File: a b.txt\n+*** Delete File: x\n*** Update File: old.rs\n\
                    *** Move to: new.rs\n@@ fn main\n-a\n+b\n*** End of File\n*** Delete File: gone\n*** End Patch\n";
        let expected = [
            write("a b.txt"),
            Intent::Edit("old.rs".to_owned()),
            Intent::Move {
                from: "old.rs".to_owned(),
                to: "new.rs".to_owned(),
            },
            Intent::Delete("gone".to_owned()),
        ];
        assert_eq!(intents(text).unwrap(), expected);
    }

    #[test]
    fn an_indented_header_is_one_where_it_can_be_no_content() {
        let added = "*** Begin Patch\n*** Add File: a\n+x\n  *** Delete File: b\n*** End Patch";
        assert!(
            intents(added)
                .unwrap()
                .contains(&Intent::Delete("b".to_owned()))
        );
        let context = "*** Begin Patch\n*** Update File: a\n *** Delete File: b\n-c\n*** End Patch";
        assert_eq!(intents(context).unwrap(), [Intent::Edit("a".to_owned())]);
    }

    #[test]
    fn what_is_not_understood_is_a_fault() {
        for text in [
            "",
            "*** Begin Patch\n*** End Patch",
            "*** Begin Patch\n*** Add File: a\n+x\n",
            "*** Begin Patch\n*** Chmod File: a\n*** End Patch",
            "*** Begin Patch\n*** Add File: a\n*** Move to: b\n*** End Patch",
            "*** Begin Patch\n*** Add File\n*** End Patch",
            "*** Begin Patch\n*** Add File:  /a\n+x\n*** End Patch",
            "*** Begin Patch\n*** Delete File: file:///a\n*** End Patch",
            "*** Begin Patch\n*** Add File: a\n+x\n*** End Patch\n*** Delete File: b",
        ] {
            assert!(intents(text).is_err(), "{text}");
        }
    }
}
