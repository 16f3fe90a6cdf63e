//! Texts that `OmegaConf` takes for well-formed without parsing them: an expression of theirs that
//! lets a few more through than the grammar does. Those fail only when they are resolved.

use std::sync::LazyLock;

use regex::Regex;

/// Whether every `${` of `text` begins an interpolation that the shortcut knows.
pub(super) fn is_simple(text: &str) -> bool {
    let mut rest = text;
    let mut any = false;
    while let Some((_, after)) = rest.split_once("${") {
        let Some(found) = INSIDE.as_ref().and_then(|inside| inside.find(after)) else {
            return false;
        };
        any = true;
        rest = after.get(found.end()..).unwrap_or("");
    }
    any
}

/// What stands between `${` and its `}`, the `}` included.
static INSIDE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let key = r"[$0-9A-Za-z_]+";
    let key = format!(r"(?:{key}|\[{key}\])");
    let id = r"[a-zA-Z_][0-9A-Za-z_\-]*";
    let argument = r"[a-zA-Z_0-9/\-\+.$%*@?|]+";
    let node = format!(r"\.*{key}(?:\.{key})*");
    let arguments = format!(r"{argument}(?:\s*,\s*{argument})*");
    let resolver = format!(r"(?:{id}(?:\.{id})*)?\s*:\s*{arguments}");
    Regex::new(&format!(r"^\s*(?:{node}|{resolver})\s*\}}")).ok()
});
