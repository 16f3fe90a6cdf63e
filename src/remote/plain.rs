//! Lines that look at another machine even where nothing guards them: a fixed list of
//! programs that can do nothing else, with words that stand there as they are.
//!
//! INVARIANT: no program on the list writes, runs another one, or is told by a file or a
//! variable to; what is not a plain word of a plain pipe is no such line.

/// Programs that read and print, whatever their options are. `sort` and `uniq` write, `find`, `awk` and `sed` run,
/// `git` and `less` run what they are configured to: they are not here.
const PROGRAMS: [&str; 44] = [
    "arch",
    "basename",
    "cat",
    "cmp",
    "comm",
    "cut",
    "df",
    "dirname",
    "du",
    "echo",
    "false",
    "fold",
    "free",
    "grep",
    "groups",
    "head",
    "id",
    "join",
    "logname",
    "ls",
    "md5sum",
    "nl",
    "nproc",
    "od",
    "paste",
    "printf",
    "ps",
    "pwd",
    "readlink",
    "realpath",
    "sacct",
    "sha256sum",
    "sinfo",
    "squeue",
    "stat",
    "tail",
    "test",
    "tr",
    "true",
    "uname",
    "uptime",
    "wc",
    "who",
    "whoami",
];

/// The words of each program of a pipe.
pub(super) type Stages = Vec<Vec<String>>;

/// Whether a text is nothing but such programs in pipes, one after the other, and an end. A semicolon in quotes makes it
/// none.
pub fn is_plain(text: &str) -> bool {
    text.split([';', '\n']).all(|part| {
        let mut words = part.split_whitespace();
        match words.next() {
            None => true,
            Some("exit") => words.all(|word| word.bytes().all(|byte| byte.is_ascii_digit())),
            Some(_) => {
                stages(part).is_some_and(|stages| !stages.iter().any(|stage| assigns(stage)))
            }
        }
    })
}

/// Whether bash's own `printf` sets a variable.
fn assigns(stage: &[String]) -> bool {
    let is_name = |word: &String| word.starts_with("-v");
    stage.first().is_some_and(|name| name == "printf") && stage.iter().any(is_name)
}

/// Takes a line apart that is nothing but such programs in a pipe; nothing for any other.
pub(super) fn stages(line: &str) -> Option<Stages> {
    let mut stages = vec![Vec::new()];
    let mut word: Option<String> = None;
    let mut letters = line.chars();
    while let Some(letter) = letters.next() {
        match letter {
            ' ' | '\t' => stages.last_mut()?.extend(word.take()),
            '|' => {
                stages.last_mut()?.extend(word.take());
                stages.push(Vec::new());
            }
            '\'' | '"' => {
                let word = word.get_or_insert_default();
                loop {
                    let inner = letters.next()?;
                    if inner == letter {
                        break;
                    }
                    let is_expanded = letter == '"' && "$`\\!".contains(inner);
                    if inner.is_control() || is_expanded {
                        return None;
                    }
                    word.push(inner);
                }
            }
            _ if letter.is_alphanumeric() || "_-./:,@%+=".contains(letter) => {
                word.get_or_insert_default().push(letter);
            }
            _ => return None,
        }
    }
    stages.last_mut()?.extend(word.take());
    let is_plain = |stage: &Vec<String>| {
        let name = stage.first();
        name.is_some_and(|name| PROGRAMS.contains(&name.as_str()))
    };
    stages.iter().all(is_plain).then_some(stages)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_run_unguarded_says_all_there_is() {
        for line in [
            "cat notes.txt",
            "ls | wc -l; grep before notes.txt",
            "cat a\nexit 3\n",
            "echo lr=0.1",
            "pwd;",
        ] {
            assert!(is_plain(line), "{line}");
        }
        for line in [
            "for PATH in /x; do ls; done",
            "PATH\\\n=/x ls",
            "PATH=/x ls",
            "ls | PATH=/x ls",
            "read PATH <<< /x; ls",
            "printf -v PATH /x; ls",
            "printf '-v' PATH /x; ls",
            "printf -vPATH /x",
            "ls; exit $(touch x)",
            "exit 3 || touch x",
            "echo 'a; touch x'",
            "ls > x",
            "ls & touch x",
        ] {
            assert!(!is_plain(line), "{line}");
        }
    }

    #[test]
    fn plain_words_come_apart_as_a_shell_takes_them() {
        let words = |line: &str| {
            let stages = stages(line)?;
            let joined = stages.iter().map(|stage| stage.join("·"));
            Some(joined.collect::<Vec<_>>().join("|"))
        };
        for (line, expected) in [
            ("cat notes.txt", "cat·notes.txt"),
            (
                "  ls -la --color=never runs/x ",
                "ls·-la·--color=never·runs/x",
            ),
            (
                "grep -n 'a  b$' \"it's\"|head -n3",
                "grep·-n·a  b$·it's|head·-n3",
            ),
            ("echo ''", "echo·"),
            ("squeue --me -o '%i %T'", "squeue·--me·-o·%i %T"),
        ] {
            assert_eq!(words(line).as_deref(), Some(expected), "{line}");
        }
    }

    #[test]
    fn what_could_run_or_write_is_not_plain() {
        for line in [
            "",
            " ",
            "bash",
            "sh -c ls",
            "python3",
            "PATH=/x ls",
            "ls | PATH=/x ls",
            "LD_PRELOAD=/x.so ls",
            "BASH_ENV=x true",
            "env ls",
            "xargs cat",
            "find . -exec rm x",
            "awk 1 x",
            "sed -n p x",
            "sort -o x y",
            "uniq x y",
            "date -s x",
            "git log",
            "git grep -Ox y",
            "git diff --ext-diff",
            "less x",
            "man ls",
            "tee x",
            "./ls",
            "/tmp/ls",
            "ls; rm x",
            "ls && rm x",
            "ls & rm x",
            "ls\nrm x",
            "ls || rm x",
            "ls | bash",
            "ls |",
            "| ls",
            "ls |& cat",
            "ls > x",
            "cat < x",
            "ls $(rm x)",
            "ls `rm x`",
            "ls <(rm x)",
            "ls \"$(rm x)\"",
            "ls \"`rm x`\"",
            "ls $HOME",
            "ls *",
            "ls x?",
            "ls [a]",
            "ls {a,b}",
            "ls ~",
            "ls \\x",
            "ls 'x",
            "ls 'a\nb'",
            "ls # x",
            "ls !x",
            "\"l\\s\"",
            "(ls)",
            "{ ls; }",
        ] {
            assert_eq!(stages(line), None, "{line}");
        }
    }
}
