//! The name of another machine, as `ssh` takes it.

use std::fmt;
use std::str::FromStr;

use super::options::is_destination;

/// A host that `ssh` can be told of: `ai`, `me@login.example`. Never an option, never more than one word.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Host(String);

impl Host {
    /// Returns it as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Host {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let is_odd = |part: &str| part.is_empty() || part.starts_with('-');
        // What stands behind `@` is looked at by itself: it becomes %h of somebody's ProxyCommand.
        if text.len() > 255 || !is_destination(text) || text.split('@').any(is_odd) {
            return Err(
                "a host is letters, digits and `.-_:@`, and does not begin with `-`; name it as ~/.ssh/config does"
                    .to_owned(),
            );
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for Host {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_never_an_option_nor_more_than_a_word() {
        for good in ["ai", "me@ai", "login.ai.lrz.de", "10.0.0.1", "me@[::1]"] {
            assert_eq!(good.parse::<Host>().unwrap().as_str(), good);
        }
        for bad in [
            "",
            "-oProxyCommand=touch x",
            "me@-oProxyCommand=x",
            "-",
            "--",
            "a b",
            "a\tb",
            "a\nb",
            "a\u{7}b",
            "a\u{1b}[31mb",
            "$(x)",
            "`x`",
            "a;b",
            "a|b",
            "a&b",
            "a'b",
            "a\"b",
            "a/b",
            "a\\b",
            "*",
            "@",
            "@ai",
            "me@",
            "a\u{0}b",
            "a\u{202e}b",
        ] {
            assert!(bad.parse::<Host>().is_err(), "{bad:?}");
        }
        assert!("a".repeat(256).parse::<Host>().is_err());
    }
}
