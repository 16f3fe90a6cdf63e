//! Options: of our own commands as clap knows them, of Slurm's clients as the broker does,
//! and of a few programs that everybody has.

use clap::Command;

use super::Candidate;
use crate::slurm::client::Client;
use crate::slurm::vet::{Options, Takes};

/// Long options that have been the same for decades.
const COMMON: [(&str, &str); 16] = [
    ("cat", "--number --show-all --squeeze-blank"),
    ("chmod", "--changes --recursive --reference= --verbose"),
    (
        "cp",
        "--archive --backup --no-clobber --recursive --reflink --update --verbose",
    ),
    (
        "df",
        "--human-readable --inodes --local --output= --print-type",
    ),
    (
        "diff",
        "--brief --recursive --side-by-side --unified --ignore-all-space",
    ),
    (
        "du",
        "--all --apparent-size --human-readable --max-depth= --one-file-system --summarize",
    ),
    (
        "grep",
        "--color= --count --exclude= --extended-regexp --files-with-matches --fixed-strings --ignore-case --include= --invert-match --line-number --only-matching --recursive --word-regexp",
    ),
    ("head", "--bytes= --lines="),
    (
        "ls",
        "--all --almost-all --classify --directory --human-readable --inode --recursive --reverse --size --sort= --time=",
    ),
    ("mkdir", "--mode= --parents --verbose"),
    ("mv", "--backup --no-clobber --update --verbose"),
    (
        "rsync",
        "--archive --dry-run --exclude= --include= --info= --partial --progress --verbose",
    ),
    (
        "sort",
        "--field-separator= --human-numeric-sort --key= --numeric-sort --reverse --unique",
    ),
    ("tail", "--bytes= --follow --lines="),
    (
        "tar",
        "--create --extract --file= --gzip --list --verbose --zstd",
    ),
    ("wc", "--bytes --chars --lines --words"),
];

/// Returns the options of a program that begin so.
pub(crate) fn of_program(program: &str, beginning: &str) -> Vec<Candidate> {
    if let Some(client) = Client::named(program.as_ref()) {
        let all = Options::of(client).all();
        let found = all.map(|(name, takes)| match takes {
            Takes::Value => format!("--{name}="),
            Takes::Nothing | Takes::Maybe => format!("--{name}"),
        });
        return fitting(found.map(|word| (word, None)), beginning);
    }
    let known = COMMON.iter().find(|(name, _)| *name == program);
    let words = known.into_iter().flat_map(|(_, words)| words.split(' '));
    fitting(words.map(|word| (word.to_owned(), None)), beginning)
}

/// Where the words of a line lead among our own commands.
pub(crate) struct Ours<'c> {
    pub(crate) command: &'c Command,
    /// The names that led there.
    pub(crate) path: Vec<String>,
    /// The option that takes the next word, where one does.
    pub(crate) option: Option<&'c clap::Arg>,
}

/// Follows words from our program to one of its commands.
pub(crate) fn follow<'c>(program: &'c Command, words: &[String]) -> Ours<'c> {
    let mut ours = Ours {
        command: program,
        path: Vec::new(),
        option: None,
    };
    for word in words {
        if ours.option.take().is_some() {
            continue;
        }
        if word.starts_with('-') {
            let takes = |arg: &&clap::Arg| arg.get_action().takes_values();
            ours.option = named(ours.command, word).filter(takes);
        } else if let Some(inner) = ours.command.find_subcommand(word) {
            ours.command = inner;
            ours.path.push(word.clone());
        }
    }
    ours
}

fn named<'c>(command: &'c Command, word: &str) -> Option<&'c clap::Arg> {
    command
        .get_arguments()
        .find(|arg| match word.strip_prefix("--") {
            Some(long) => arg.get_long() == Some(long),
            None => arg.get_short().is_some_and(|short| word.ends_with(short)),
        })
}

impl Ours<'_> {
    /// Returns the commands below that begin so.
    pub(crate) fn commands(&self, beginning: &str) -> Vec<Candidate> {
        let shown = self
            .command
            .get_subcommands()
            .filter(|one| !one.is_hide_set());
        let named = shown.map(|one| {
            let about = one.get_about().map(|about| about.to_string());
            (one.get_name().to_owned(), about)
        });
        fitting(named, beginning)
    }

    /// Returns its options that begin so.
    pub(crate) fn options(&self, beginning: &str) -> Vec<Candidate> {
        let shown = self
            .command
            .get_arguments()
            .filter(|one| !one.is_hide_set());
        let named = shown.filter_map(|one| {
            let equals = if one.get_action().takes_values() {
                "="
            } else {
                ""
            };
            let about = one.get_help().map(|help| help.to_string());
            Some((format!("--{}{equals}", one.get_long()?), about))
        });
        let standard = [
            ("--help".to_owned(), Some("Print help".to_owned())),
            (
                "--json".to_owned(),
                Some("Print JSON in place of text".to_owned()),
            ),
        ];
        let mut all = fitting(named.chain(standard), beginning);
        all.dedup_by(|one, other| one.word == other.word);
        all
    }

    /// Returns the values of an option that has a list of them.
    pub(crate) fn values(&self, option: &str, head: &str, beginning: &str) -> Vec<Candidate> {
        let arg = match self.option {
            Some(arg) => Some(arg),
            None => named(self.command, option),
        };
        let values = arg.map(clap::Arg::get_possible_values).unwrap_or_default();
        let named = values.iter().map(|value| {
            let about = value.get_help().map(|help| help.to_string());
            (value.get_name().to_owned(), about)
        });
        let mut found = fitting(named, beginning);
        for one in &mut found {
            one.word.insert_str(0, head);
        }
        found
    }
}

fn fitting(all: impl Iterator<Item = (String, Option<String>)>, beginning: &str) -> Vec<Candidate> {
    let mut found: Vec<Candidate> = all
        .filter(|(word, _)| word.starts_with(beginning))
        .map(|(word, about)| Candidate {
            shown: word.clone(),
            is_whole: !word.ends_with('='),
            word,
            about,
        })
        .collect();
    found.sort_by(|one, other| one.word.cmp(&other.word));
    found
}
