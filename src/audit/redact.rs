//! Takes secrets out of what is written down.

use std::sync::LazyLock;

use regex::Regex;

const MASK: &str = "[redacted]";

/// Returns a text without the secrets in it: tokens by their shape, and whatever
/// follows a word such as `password` or `token`.
pub fn redact(text: &str) -> String {
    // Most texts hold nothing of the kind, and expressions are slow to compile.
    let lower = text.to_lowercase();
    if !HINTS.iter().any(|hint| lower.contains(hint)) {
        return text.to_owned();
    }
    SECRETS.iter().fold(text.to_owned(), |text, (regex, mask)| {
        regex.replace_all(&text, *mask).into_owned()
    })
}

const HINTS: [&str; 24] = [
    "token",
    "secret",
    "passw",
    "pwd",
    "passphrase",
    "key",
    "auth",
    "credential",
    "bearer",
    "cookie",
    "hf_",
    "ghp_",
    "gho_",
    "ghs_",
    "ghu_",
    "github_pat",
    "glpat-",
    "sk-",
    "xox",
    "akia",
    "aiza",
    "eyj",
    "://",
    " -u",
];

static SECRETS: LazyLock<Vec<(Regex, &'static str)>> = LazyLock::new(|| {
    PATTERNS
        .iter()
        .filter_map(|(pattern, mask)| Some((Regex::new(pattern).ok()?, *mask)))
        .collect()
});

const PATTERNS: [(&str, &str); 8] = [
    (
        r"(?s)-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(-----END [A-Z ]*PRIVATE KEY-----|$)",
        MASK,
    ),
    (
        r"(?i)\b((?:proxy-)?authorization|cookie|x-api-key)(\s*[:=]\s*)(?:(bearer|basic|token)\s+)?[^\s'\x22]+",
        "${1}${2}[redacted]",
    ),
    (r"(?i)\b(bearer\s+)[^\s'\x22]+", "${1}[redacted]"),
    (
        r#"(?i)(--?[a-z0-9-]*(?:token|secret|password|passwd|passphrase|api-?key|access-?key|credentials?)[= ]\s*)("[^"]*"|'[^']*'|[^\s;|&]+)"#,
        "${1}[redacted]",
    ),
    (
        r#"(?i)\b([a-z0-9_.]*(?:token|secret|password|passwd|passphrase|pwd|api_?key|access_?key|private_?key|credential)s?[0-9]*["']?\s*[=:]\s*)("[^"]*"|'[^']*'|[^\s;|&,}]+)"#,
        "${1}[redacted]",
    ),
    (
        r"\b(hf_[A-Za-z0-9]{16,}|gh[pousr]_[A-Za-z0-9]{16,}|github_pat_[A-Za-z0-9_]{16,}|glpat-[A-Za-z0-9_-]{16,}|sk-[A-Za-z0-9_-]{16,}|xox[abprs]-[A-Za-z0-9-]{10,}|AKIA[0-9A-Z]{16}|AIza[A-Za-z0-9_-]{30,}|nvapi-[A-Za-z0-9_-]{16,}|eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*)",
        MASK,
    ),
    (r"(://[^\s/:@]*:)[^\s/@]+@", "${1}[redacted]@"),
    (r"(\s(?:-u|--user)[ =]?[^\s:]+:)[^\s]+", "${1}[redacted]"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_do_not_stand_in_the_record() {
        for line in [
            "curl -H 'Authorization: Bearer S3CRET' https://x",
            "curl -u me:S3CRET https://x",
            "git clone https://me:S3CRET@host/x",
            "WANDB_API_KEY=S3CRET python train.py",
            "export HF_TOKEN='S3CRET x'",
            "mysql --password=S3CRET",
            "wandb login --api-key S3CRET",
            "echo '{\"password\": \"S3CRET\"}'",
            "huggingface-cli login --token hf_S3CRETS3CRETS3CRETS3CRET",
            "echo ghp_S3CRETS3CRETS3CRETS3CRET",
            "echo sk-S3CRETS3CRETS3CRETS3CRET",
            "echo eyJhbGciOiJIUzI1NiJ9.eyJzdWIiS3CRET.S3CRET",
            "echo '-----BEGIN OPENSSH PRIVATE KEY-----\nS3CRET'",
        ] {
            let shown = redact(line);
            assert!(!shown.contains("S3CRET"), "{line} -> {shown}");
            assert!(shown.contains(MASK), "{line} -> {shown}");
        }
    }

    #[test]
    fn every_expression_compiles() {
        assert_eq!(SECRETS.len(), PATTERNS.len());
    }

    #[test]
    fn ordinary_lines_stay_as_they_are() {
        for line in [
            "ls -l runs/laq_0312",
            "git commit -m 'tokenizer: keep the key order'",
            "python tokenize.py --keys a,b",
            "tail -u keyboard.log",
        ] {
            assert_eq!(redact(line), line);
        }
    }
}
