//! Hosts that serve git and nothing else: the one place where a command goes to another
//! machine as it is.
//!
//! INVARIANT: it goes so only where the real `ssh`, asked with the very options that it
//! will be run with, says that it connects to a host of the policy's list, and that host
//! is not this machine.

use std::ffi::OsString;
use std::net::{IpAddr, ToSocketAddrs, UdpSocket};
use std::process::Stdio;

use super::command::Program;

/// What `ssh` says of a connection before it is made.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
struct Way {
    /// The host that it connects to.
    host: String,
    /// Whether the user's own configuration leads there through something else.
    is_proxied: bool,
}

/// Whether a host is on the list, by its exact name.
pub fn is_host(git_hosts: &[String], name: &str) -> bool {
    let is_same = |known: &String| known.eq_ignore_ascii_case(name);
    git_hosts.iter().any(is_same)
}

/// Whether a connection made with these words leads to a host of the list, and not back to this machine.
pub(super) fn leads_there(
    program: &Program,
    words: &[OsString],
    carried: &[(OsString, OsString)],
    git_hosts: &[String],
) -> bool {
    let Some(way) = ask(program, words, carried) else {
        return false;
    };
    is_host(git_hosts, &way.host) && (way.is_proxied || is_elsewhere(&addresses(&way.host)))
}

/// Whether a command is one of git's own, for one repository (git-shell(1), `git-lfs`).
pub(super) fn is_pack(command: &str) -> bool {
    let Some((program, rest)) = command.split_once(' ') else {
        return false;
    };
    let is_plain = |c: char| c.is_alphanumeric() || "-_=+./:,@%~' ".contains(c);
    matches!(
        program,
        "git-upload-pack"
            | "git-receive-pack"
            | "git-upload-archive"
            | "git-lfs-authenticate"
            | "git-lfs-transfer"
    ) && rest.chars().all(is_plain)
}

/// Asks the real `ssh` where it would go.
fn ask(program: &Program, words: &[OsString], carried: &[(OsString, OsString)]) -> Option<Way> {
    let mut command = program.command(carried);
    command.arg("-G").args(words);
    command.stdin(Stdio::null()).stderr(Stdio::null());
    let said = command.output().ok()?;
    let text = String::from_utf8(said.stdout).ok()?;
    said.status.success().then(|| read(&text))?
}

fn read(text: &str) -> Option<Way> {
    let value = |keyword: &str| {
        let lines = text.lines().filter_map(|line| line.split_once(' '));
        let mut found = lines.filter(|(key, _)| *key == keyword);
        found.next().map(|(_, value)| value.trim())
    };
    let is_set = |keyword: &str| value(keyword).is_some_and(|value| value != "none");
    Some(Way {
        host: value("hostname")?.to_owned(),
        is_proxied: is_set("proxycommand") || is_set("proxyjump"),
    })
}

/// Returns what a name resolves to on this machine; the port stands for any.
fn addresses(host: &str) -> Vec<IpAddr> {
    let found = (host, 22).to_socket_addrs();
    let found = found.into_iter().flatten();
    found.map(|address| address.ip()).collect()
}

/// Whether there are addresses, and none of them is this machine's.
fn is_elsewhere(addresses: &[IpAddr]) -> bool {
    // An address that a socket can be bound to is one's own.
    let is_own = |address: &IpAddr| {
        let bare = address.to_canonical();
        bare.is_loopback()
            || bare.is_unspecified()
            || bare.is_multicast()
            || UdpSocket::bind((bare, 0)).is_ok()
            || UdpSocket::bind((*address, 0)).is_ok()
    };
    !addresses.is_empty() && !addresses.iter().any(is_own)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_git_host_is_known_by_its_whole_name() {
        let hosts = ["github.com".to_owned(), "gitlab.*".to_owned()];
        assert!(is_host(&hosts, "github.com"));
        assert!(is_host(&hosts, "GitHub.com"));
        for other in [
            "",
            "github.com.",
            "xgithub.com",
            "github.com.evil.org",
            "gitlab.127.0.0.1.nip.io",
            "gitlab.com",
        ] {
            assert!(!is_host(&hosts, other), "{other}");
        }
    }

    #[test]
    fn where_ssh_goes_is_read_from_what_it_says() {
        let said = "user git\nhostname ssh.github.com\nport 443\nidentityfile ~/.ssh/a b\n";
        let direct = Way {
            host: "ssh.github.com".to_owned(),
            is_proxied: false,
        };
        assert_eq!(read(said), Some(direct.clone()));
        let proxied = |line: &str| read(&format!("{said}{line}\n")).unwrap().is_proxied;
        assert!(proxied("proxyjump gate"));
        assert!(proxied("proxycommand nc %h %p"));
        assert!(!proxied("proxycommand none"));
        assert_eq!(read("user git\n"), None);
    }

    #[test]
    fn this_machine_is_not_elsewhere() {
        let of = |texts: &[&str]| -> Vec<IpAddr> {
            texts.iter().map(|text| text.parse().unwrap()).collect()
        };
        assert!(is_elsewhere(&of(&["192.0.2.1"])));
        assert!(is_elsewhere(&of(&["192.0.2.1", "2001:db8::1"])));
        for own in [
            &[][..],
            &["127.0.0.1"],
            &["127.8.9.1"],
            &["0.0.0.0"],
            &["::1"],
            &["::"],
            &["::ffff:127.0.0.1"],
            &["192.0.2.1", "127.0.0.1"],
        ] {
            assert!(!is_elsewhere(&of(own)), "{own:?}");
        }
        assert!(addresses("localhost").iter().all(IpAddr::is_loopback));
    }

    #[test]
    fn git_alone_is_a_pack_command() {
        for good in [
            "git-upload-pack 'me/x.git'",
            "git-receive-pack '~/x'",
            "git-lfs-authenticate me/x download",
        ] {
            assert!(is_pack(good), "{good}");
        }
        for bad in [
            "git-upload-pack",
            "git upload-pack x",
            "git-upload-pack 'x'; rm y",
            "git-upload-pack $(rm y)",
            "git-upload-pack x\nrm y",
            "git-shell x",
            "bash x",
        ] {
            assert!(!is_pack(bad), "{bad}");
        }
    }
}
