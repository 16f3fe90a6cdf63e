//! What is said to the guarded bash: its start-up, and each line.
//!
//! Lines come through standard input, one `eval` each, with the terminal as their own standard
//! input. `PROMPT_COMMAND` reports status and directory; a line that takes it away (`source
//! ~/.bashrc`) is answered with [`hook`].

use std::path::Path;

/// Where bash finds what lines are to read: the terminal, or nothing.
pub(super) const INPUT: i32 = 20;
/// Where bash reports.
pub(super) const REPORT: i32 = 21;
/// Where bash finds its start-up file.
pub(super) const STARTUP: i32 = 22;

/// Makes bash report before each prompt, after what else it does then, and show no prompt of its own.
const HOOK: &str = r#"__hlrp_prompt() { builtin printf 'P%s\0%s\0%s\0' "$1" "$PWD" "$-" >&21; PS1= PS2=; __hlrp_path; }
__hlrp_keep() { __hlrp_status=$?; return "$__hlrp_status"; }
__hlrp_as() { return "$1"; }
__hlrp_size() { builtin local was=$?; builtin shopt -q checkwinsize && COLUMNS=$1 LINES=$2; builtin return "$was"; }
case "${PROMPT_COMMAND[*]-}" in
*__hlrp_prompt*) ;;
*) if ((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] >= 501)); then
    PROMPT_COMMAND+=('{ __hlrp_prompt "$?"; } 2>/dev/null')
  else
    PROMPT_COMMAND="{ __hlrp_keep; } 2>/dev/null"$'\n'"${PROMPT_COMMAND-}"$'\n{ __hlrp_prompt "$__hlrp_status"; } 2>/dev/null'
  fi ;;
esac
"#;

/// Puts the broker's clients back in front, where a start-up file or a line has set `PATH` as a whole.
fn path(shims: Option<&Path>) -> String {
    let Some(shims) = shims.and_then(Path::to_str).map(quoted) else {
        return "__hlrp_path() { :; }\n".to_owned();
    };
    format!(
        "__hlrp_path() {{ case \"$PATH\" in {shims}:*) ;; *) PATH={shims}\"${{PATH:+:$PATH}}\" ;; esac; }}\n"
    )
}

/// What an interactive bash reads besides the system's own file, which it has read by then.
const INTERACTIVE: &str = "[ -r ~/.bashrc ] && builtin . ~/.bashrc <&20 20<&- 21>&-\n";

/// What a login shell reads.
const LOGIN: &str = "\
[ -r /etc/profile ] && builtin . /etc/profile <&20 20<&- 21>&-
if [ -r ~/.bash_profile ]; then builtin . ~/.bash_profile <&20 20<&- 21>&-
elif [ -r ~/.bash_login ]; then builtin . ~/.bash_login <&20 20<&- 21>&-
elif [ -r ~/.profile ]; then builtin . ~/.profile <&20 20<&- 21>&-
fi
";

/// Returns the start-up file: what the person's own says, between what reports and what reports again.
///
/// `shims`: where the broker's clients are.
pub(super) fn startup(reads: bool, login: bool, shims: Option<&Path>) -> String {
    let theirs = match (reads, login) {
        (false, _) => "",
        (true, false) => INTERACTIVE,
        (true, true) => LOGIN,
    };
    // History and its expansion are the editor's: what bash sees has been judged as it stands.
    let path = path(shims);
    format!(
        "exec 22<&-\n{path}{HOOK}\n{theirs}\nset +o history +o histexpand\n{path}{HOOK}\n__hlrp_path\nunset __hlrp_none\n"
    )
}

/// Returns what gives bash its report back.
pub(super) fn hook(shims: Option<&Path>) -> String {
    let text = path(shims) + HOOK;
    format!("builtin eval -- {}\n", quoted(&text))
}

/// Returns what has bash do a line.
pub(super) fn line(text: &str, streams: Option<(&str, &str)>) -> String {
    let into = match streams {
        Some((out, err)) => format!(" >{} 2>{}", quoted(out), quoted(err)),
        None => String::new(),
    };
    format!(
        "builtin eval -- {} <&{INPUT} {INPUT}<&- {REPORT}>&-{into}\n",
        quoted(text)
    )
}

/// Returns what sets `$?`.
pub(super) fn status(status: u8) -> String {
    format!("__hlrp_as {status}\n")
}

/// Returns what tells bash how big the terminal has become, and leaves `$?` as it is: it was not in the foreground to see it.
pub(super) fn size((columns, rows): (usize, usize)) -> String {
    format!("__hlrp_size {columns} {rows} 2>/dev/null; ")
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_cannot_leave_its_quotes() {
        let sent = line("echo 'a'; b", None);
        assert_eq!(
            sent,
            "builtin eval -- 'echo '\\''a'\\''; b' <&20 20<&- 21>&-\n"
        );
    }
}
