//! Machines on the way to another one (`-J`). `ssh` would start itself for each without our
//! options; here it is started with them.
//!
//! INVARIANT: every `ssh` on the way has the options that come first in a session's own.

use std::path::Path;

use super::command::FIXED;
use crate::bash::whole;

/// Returns the `ProxyCommand` for `user@host:port,…`, the first of which is reached first. `%` would be ssh's: no
/// machine's name has one.
pub(super) fn through(ssh: &Path, control: &str, hops: &str) -> String {
    hops.split(',').fold(String::new(), |way, hop| {
        let mut words = vec![ssh.display().to_string()];
        for fixed in FIXED.iter().chain([&control]) {
            words.extend(["-o".to_owned(), fixed.replace('%', "%%")]);
        }
        if !way.is_empty() {
            // What the next but one fills in is not for the next.
            let inner = format!("ProxyCommand={way}").replace('%', "%%");
            words.extend(["-o".to_owned(), inner]);
        }
        words.extend(["-W", "[%h]:%p", "--"].map(str::to_owned));
        words.push(format!("ssh://{hop}"));
        let words: Vec<String> = words.iter().map(|word| whole(word)).collect();
        words.join(" ")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_hop_has_the_options_of_a_session() {
        let way = through(Path::new("/usr/bin/ssh"), "ControlPath=/x/%C", "a,me@b:22");
        assert_eq!(way.matches("StrictHostKeyChecking=yes").count(), 2, "{way}");
        assert!(way.ends_with("'--' 'ssh://me@b:22'"), "{way}");
        assert!(way.contains("ControlPath=/x/%%C"), "{way}");
        assert!(way.contains("ControlPath=/x/%%%%C"), "{way}");
        assert!(
            way.contains("[%%h]:%%p") && way.contains("[%h]:%p"),
            "{way}"
        );
    }
}
