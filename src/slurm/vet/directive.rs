//! The directives of a batch script, read as sbatch reads them: only before the first
//! command, with its own quoting.
//!
//! INVARIANT: what is found here goes to sbatch as arguments, and the script that sbatch
//! sees shows it none, so that a difference in reading changes nothing but a message.

use super::getopt::Word;

/// A directive line, taken apart.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Directive {
    /// Its number in the script, from 1.
    pub(crate) line: usize,
    pub(crate) words: Vec<String>,
}

/// What stands before the first command of a script.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Head {
    pub(crate) directives: Vec<Directive>,
    /// Lines for PBS or LSF, which sbatch reads too unless told not to.
    pub(crate) foreign: Option<String>,
    /// A line for a burst buffer, wherever it stands: files move by it outside the job.
    pub(crate) staging: Option<String>,
}

/// Reads a script's directives. `name` is the script, for messages.
///
/// # Errors
/// What sbatch says where it cannot read them.
pub(crate) fn read(name: &str, script: &str) -> Result<Head, String> {
    let mut head = Head::default();
    let is_staging = |line: &&str| line.starts_with("#BB ") || line.starts_with("#DW ");
    head.staging = script.lines().find(is_staging).map(str::to_owned);
    for (index, line) in script.split('\n').enumerate() {
        let number = index + 1;
        if let Some(rest) = line.strip_prefix("#SBATCH") {
            let words = words(rest).map_err(|fault| {
                format!("sbatch: fatal: {name}: line {number}: {fault} in [{rest}]")
            })?;
            head.directives.push(Directive {
                line: number,
                words,
            });
        } else if line.starts_with("#PBS") || line.starts_with("#BSUB") {
            head.foreign.get_or_insert_with(|| line.to_owned());
        } else if line
            .trim_start_matches(is_space)
            .chars()
            .next()
            .is_some_and(|first| first != '#')
        {
            break;
        }
    }
    Ok(head)
}

/// Takes a directive line apart.
fn words(text: &str) -> Result<Vec<String>, String> {
    let mut words = Vec::new();
    let mut rest = text.chars().peekable();
    loop {
        while rest.next_if(|c| is_space(*c)).is_some() {}
        match rest.peek() {
            None | Some('#') => return Ok(words),
            Some(':') => return Err("Unexpected `:`".to_owned()),
            Some(_) => {}
        }
        let mut word = String::new();
        let mut quote: Option<char> = None;
        let mut escaped = false;
        while let Some(&c) = rest.peek() {
            if quote.is_none() && is_space(c) || c == '\0' {
                break;
            }
            if !escaped && quote.is_none() && c == '#' {
                break;
            }
            rest.next();
            match (escaped, quote) {
                (true, _) => {
                    word.push(c);
                    escaped = false;
                }
                (false, _) if c == '\\' => escaped = true,
                (false, Some(open)) if c == open => quote = None,
                (false, None) if c == '"' || c == '\'' => quote = Some(c),
                (false, _) => word.push(c),
            }
        }
        if let Some(open) = quote {
            return Err(format!("Unmatched `{open}`"));
        }
        words.push(word);
        if rest.peek() == Some(&'\0') {
            return Ok(words);
        }
    }
}

/// What C's isspace says.
fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r' | '\u{b}' | '\u{c}')
}

/// Returns the words of a directive as words at one place.
pub(crate) fn placed(directive: &Directive, span: &std::ops::Range<usize>) -> Vec<Word> {
    let words = directive.words.iter();
    words
        .map(|text| Word {
            text: text.clone(),
            span: span.clone(),
        })
        .collect()
}

/// Why sbatch takes a text for no batch script, in its own words.
pub(crate) fn unfit(script: &[u8]) -> Option<String> {
    let said = |lines: &[&str]| {
        let lines: Vec<String> = lines
            .iter()
            .map(|line| format!("sbatch: error: {line}"))
            .collect();
        Some(lines.join("\n"))
    };
    if script.is_empty() {
        return said(&["Batch script is empty!"]);
    }
    if script.iter().all(u8::is_ascii_whitespace) {
        return said(&["Batch script contains only whitespace!"]);
    }
    if !script.starts_with(b"#!") {
        return said(&[
            "This does not look like a batch script.  The first",
            "line must start with #! followed by the path to an interpreter.",
            "For instance: #!/bin/sh",
        ]);
    }
    if script.contains(&0) {
        return said(&[
            "The Slurm controller does not allow scripts that",
            "contain a NULL character '\\0'.",
        ]);
    }
    if script.windows(2).any(|pair| pair == b"\r\n") {
        return said(&[
            "Batch script contains DOS line breaks (\\r\\n)",
            "instead of expected UNIX line breaks (\\n).",
        ]);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_those_that_sbatch_finds() {
        let cases: [(&str, &[&str]); 12] = [
            (
                r#" -J "a b" --comment=x # -Q"#,
                &["-J", "a b", "--comment=x"],
            ),
            (r#"--comment="z\"w"u"#, &["--comment=z\"wu"]),
            (r"--comment=x\ y", &["--comment=x", "y"]),
            (r"--comment=x\\y", &[r"--comment=x\y"]),
            ("--comment=a#b -Q", &["--comment=a"]),
            (r"--comment='it\'s'", &["--comment=it's"]),
            (r#"--comment='a b'c\"d"#, &["--comment=a bc\"d"]),
            ("--comment=a\tb", &["--comment=a", "b"]),
            (r#"--comment="""#, &["--comment="]),
            (r#"--comment="a#b""#, &["--comment=a#b"]),
            (r#"--comment="a\\b\n""#, &[r"--comment=a\bn"]),
            ("-H # x", &["-H"]),
        ];
        for (text, expected) in cases {
            assert_eq!(words(text).unwrap(), expected, "{text}");
        }
        assert_eq!(words(" \"abc").unwrap_err(), "Unmatched `\"`");
        assert_eq!(words(": -n1").unwrap_err(), "Unexpected `:`");
    }

    #[test]
    fn directives_end_at_the_first_command() {
        let script = "#!/bin/bash\n#SBATCH -J a\n##SBATCH -J b\n  #SBATCH -J c\n\n# x\n#SBATCH -n1\necho\n#SBATCH -J d\n";
        let head = read("x", script).unwrap();
        let lines: Vec<usize> = head.directives.iter().map(|one| one.line).collect();
        assert_eq!(lines, [2, 7]);
        assert_eq!(head.foreign, None);
    }
}
