//! Inline code of other languages: harmless, not worked out, or what it hands to a shell.

use std::sync::LazyLock;

use regex::{Regex, bytes};

use crate::bash::expand::Field;
use crate::bash::frame::Feed;
use crate::bash::program::Call;
use crate::bash::walk::Walker;
use crate::policy::Purpose;

/// Records inline code: harmless, or not worked out, or what it hands to a shell.
pub(super) fn code(walker: &mut Walker<'_>, call: &Call<'_>, field: &Field, language: &str) {
    let Some(text) = field.known() else {
        walker.unknown(
            &format!("{language} {}", field.text()),
            call.args,
            call.span.clone(),
        );
        return;
    };
    let text = text.to_owned();
    let mut lines = shell_lines(&text);
    if language == "tclsh" {
        let runs = text
            .lines()
            .filter_map(|line| line.trim().strip_prefix("exec "));
        lines.extend(runs.map(str::to_owned));
    }
    let argv = argument_lists(&text);
    let purpose = if may_destroy(&text) {
        Purpose::Unknown
    } else {
        Purpose::Plain
    };
    walker.exec(call.name, call.args, purpose, call.span.clone());
    let label = format!("{language} code");
    for line in lines {
        walker.follow(&line, &label, field.span.clone(), Feed::Unknown);
    }
    for words in argv {
        let fields: Vec<Field> = words
            .iter()
            .map(|word| Field::literal(word, field.span.clone()))
            .collect();
        let label = label.clone();
        walker.within(
            |frame| frame.via.push(label),
            |walker| walker.invoke(&fields, Feed::Unknown, field.span.clone()),
        );
    }
}

static LINES: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r#"(?x)
        (?:\b(?:os\.system|os\.popen|subprocess\.(?:run|call|check_call|check_output|Popen|getoutput|getstatusoutput)
          |Kernel\.system|execSync|popen|shell_exec|passthru|spawnSync|qx|os\.execute|io\.popen|commands\.getoutput|child_process"?'?\)\.exec)
          |\)\s*\.\s*(?:system|popen)|\b\w+\.(?:call|check_call|check_output|Popen|getoutput|run)|(?:^|[^.\w])(?:system|exec))
        \s*\(?\s*(?:[fbru]{0,2})(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)')"#,
    )
    .ok()
});
static LISTS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r#"(?x)
        \b(?:subprocess\.(?:run|call|check_call|check_output|Popen)|os\.(?:execv|execvp|spawnv|spawnvp|posix_spawn)\s*\([^\[\(]*|run|Popen|check_call|call)
        \s*\(?\s*[\[\(]((?:\s*(?:"[^"]*"|'[^']*')\s*,?)+)[\]\)]"#,
    )
    .ok()
});
static STRINGS: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#""([^"]*)"|'([^']*)'"#).ok());

/// Without any of these words nothing is started, and the patterns that take apart what is need not be compiled.
const STARTS: [&str; 10] = [
    "system", "exec", "open", "spawn", "qx", "call", "check_", "output", "run", "passthru",
];

fn starts_something(code: &str) -> bool {
    STARTS.iter().any(|word| code.contains(word))
}

/// Returns the literal lines that code hands to a shell.
fn shell_lines(code: &str) -> Vec<String> {
    let patterns = starts_something(code).then(|| LINES.as_ref()).flatten();
    let mut lines: Vec<String> = patterns
        .into_iter()
        .flat_map(|regex| regex.captures_iter(code))
        .filter_map(|found| found.get(1).or_else(|| found.get(2)))
        .map(|text| {
            text.as_str()
                .replace("\\\"", "\"")
                .replace("\\'", "'")
                .replace("\\n", "\n")
        })
        .collect();
    // Perl and Ruby: backquotes.
    let mut parts = code.split('`').skip(1);
    while let (Some(line), Some(_)) = (parts.next(), parts.next()) {
        lines.push(line.to_owned());
    }
    lines
}

/// Returns the quoted strings of a text.
pub(super) fn strings(text: &str) -> Vec<String> {
    STRINGS
        .iter()
        .flat_map(|regex| regex.captures_iter(text))
        .filter_map(|found| found.get(1).or_else(|| found.get(2)))
        .map(|text| text.as_str().to_owned())
        .collect()
}

/// Returns the literal argument lists that code starts.
fn argument_lists(code: &str) -> Vec<Vec<String>> {
    let patterns = starts_something(code).then(|| LISTS.as_ref()).flatten();
    patterns
        .into_iter()
        .flat_map(|regex| regex.captures_iter(code))
        .filter_map(|found| found.get(1))
        .map(|list| {
            STRINGS
                .iter()
                .flat_map(|regex| regex.captures_iter(list.as_str()))
                .filter_map(|found| found.get(1).or_else(|| found.get(2)))
                .map(|text| text.as_str().to_owned())
                .collect()
        })
        .collect()
}

/// Whether code names something that could destroy, write or run: then it is not provably harmless.
fn may_destroy(code: &str) -> bool {
    // Bytes: the same words, and a fifth of the time to compile.
    static CALLS: LazyLock<Option<bytes::Regex>> = LazyLock::new(|| {
        bytes::RegexBuilder::new(
            r#"(?x)
            \b(?:os|shutil|pathlib|subprocess|pty|sys|Path\([^)]*\)|[pf]|path|file)\s*\.\s*
              (?:remove|unlink|rmdir|removedirs|rename|renames|replace|truncate|system|popen|exec\w*|spawn\w*|kill|killpg|chmod|chown|link|symlink|open|write_text|write_bytes|rmtree|move|posix_spawn|run|call|check_\w+|Popen|getoutput|touch)\b
            | \b(?:rmtree|unlink|unlinkSync|rmSync|rmdirSync|writeFile\w*|renameSync|truncateSync|execSync|spawnSync|child_process|subprocess|shutil|ctypes|__import__|importlib|FileUtils|b64decode|urlopen|urlretrieve|popen|shell_exec|passthru|rename|syscall|getattr|globals|fork)\b
            | (?:^|[^.\w])(?:eval|exec|compile|qx)\b\s*[({/]
            | (?:^|[^.\w])(?:system|exec)\b
            | open\s*\([^)]*,\s*(?:mode\s*=\s*)?['"][wax+rbt]*[wax+][wax+rbt]*['"]
            | `|File\.(?:delete|write|rename|truncate|unlink)|\b(?:remove_tree|remove_dir\w*|remove_file|removeSync|rimraf|Remove-Item|delete_file|file\.remove|Deno\.(?:remove|truncate|rename|writeTextFile)|Bun\.write|delete-file|delete-directory|shell-command)\b|(?:^|[^.\w])(?:rm|rmdir|del|file\.copy|mv|cp)\s*\(|Dir\.rmdir|os\.execute|io\.popen|open\s*\(?\s*\w+\s*,\s*['"]\s*[>|+]"#,
        )
        .unicode(false)
        .build()
        .ok()
    });
    CALLS
        .as_ref()
        .is_none_or(|regex| regex.is_match(code.as_bytes()))
}
