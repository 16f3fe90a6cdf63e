//! The options of `ssh` that may pass: what says how to connect, and nothing that runs,
//! writes, listens or trusts anything on this side. After ssh(1) and ssh_config(5) of
//! OpenSSH 9.2.

/// What a letter takes, and whether it may pass.
pub(super) enum Letter {
    /// Stands alone, and passes.
    Alone,
    /// Takes a value, and passes with any sound one.
    Value,
    /// Takes a value that is looked at by itself: `-o`, `-L`, `-J`.
    Read,
    /// Stands alone, and may not be: why, and what instead.
    NotAlone(&'static str, &'static str),
    /// Takes a value, and may not be: why, and what instead.
    NotValue(&'static str, &'static str),
}

const OUTSIDE: &str =
    "the connection is held outside the guard, where this would run or write something of its own";
const LEAVE: &str = "leave it out";
const AGENT: &str = "over there somebody could use the keys of this machine";
const TUNNEL: &str =
    "through it a program of this session would reach other machines past the guard";

/// Returns what a letter is; `None` for one that `ssh` does not have.
pub(super) fn letter(letter: char) -> Option<Letter> {
    use Letter::*;
    Some(match letter {
        '1' | '2' | '4' | '6' | 'C' | 'k' | 'n' | 'N' | 'q' | 's' | 't' | 'T' | 'v' | 'V' | 'x'
        | 'a' | 'y' | 'G' => Alone,
        'b' | 'B' | 'c' | 'e' | 'i' | 'l' | 'm' | 'p' | 'P' | 'Q' => Value,
        'o' | 'L' | 'J' => Read,
        'A' => NotAlone(
            AGENT,
            "ssh {host} without it, or ProxyJump (-J) to go further",
        ),
        'X' | 'Y' => NotAlone("programs over there could read this display", LEAVE),
        'f' => NotAlone(
            "it would go on when the line has ended",
            "ssh … &, which stays in the session",
        ),
        'g' => NotAlone(TUNNEL, LEAVE),
        'K' => NotAlone(AGENT, LEAVE),
        'M' => NotAlone(OUTSIDE, "`hlrp-sh remote {host}` keeps the connection open"),
        'D' | 'R' | 'w' | 'W' => NotValue(TUNNEL, "-L PORT:localhost:PORT for one service"),
        'E' | 'F' | 'I' | 'S' | 'O' => NotValue(
            OUTSIDE,
            "put what this host needs into ~/.ssh/config yourself",
        ),
        _ => return None,
    })
}

/// Keywords of `-o` that say how to connect, and pass with any value.
const PLAIN: [&str; 31] = [
    "addressfamily",
    "batchmode",
    "bindaddress",
    "canonicalizehostname",
    "ciphers",
    "compression",
    "connectionattempts",
    "connecttimeout",
    "escapechar",
    "hostkeyalgorithms",
    "hostname",
    "identitiesonly",
    "identityfile",
    "ipqos",
    "kbdinteractiveauthentication",
    "kexalgorithms",
    "loglevel",
    "macs",
    "numberofpasswordprompts",
    "passwordauthentication",
    "port",
    "preferredauthentications",
    "pubkeyauthentication",
    "pubkeyacceptedalgorithms",
    "rekeylimit",
    "requesttty",
    "serveralivecountmax",
    "serveraliveinterval",
    "tcpkeepalive",
    "user",
    "visualhostkey",
];

/// Keywords that pass with these values alone: what ssh has anyway, said again (as `scp` does), or less.
const ONLY: [(&str, &[&str]); 20] = [
    ("stricthostkeychecking", &["yes", "ask"]),
    ("sendenv", &["git_protocol"]),
    ("permitlocalcommand", &["no"]),
    ("localcommand", &["none"]),
    ("proxycommand", &["none"]),
    ("remotecommand", &["none"]),
    ("knownhostscommand", &["none"]),
    ("clearallforwardings", &["yes"]),
    ("forwardagent", &["no"]),
    ("forwardx11", &["no"]),
    ("forwardx11trusted", &["no"]),
    ("gatewayports", &["no"]),
    ("tunnel", &["no"]),
    ("controlmaster", &["no"]),
    ("controlpath", &["none"]),
    ("controlpersist", &["no"]),
    ("enableescapecommandline", &["no"]),
    ("updatehostkeys", &["no"]),
    ("exitonforwardfailure", &["yes", "no"]),
    ("forkafterauthentication", &["no"]),
];

/// Returns whether a keyword of `-o` may pass with this value.
pub(super) fn may_pass(keyword: &str, value: &str) -> bool {
    let keyword = keyword.to_ascii_lowercase();
    if keyword == "proxyjump" {
        let is_hop = |hop: &str| is_destination(hop) && !hop.contains('%');
        return value.eq_ignore_ascii_case("none") || value.split(',').all(is_hop);
    }
    if matches!(keyword.as_str(), "hostname" | "user") {
        return is_destination(value);
    }
    let value = value.to_ascii_lowercase();
    PLAIN.contains(&keyword.as_str())
        || ONLY
            .iter()
            .any(|(name, values)| *name == keyword && values.contains(&value.as_str()))
}

/// Returns the machines on the way that an option names.
pub(super) fn hops(letter: char, value: &str) -> Option<&str> {
    let hops = match letter {
        'J' => value,
        'o' => match keyword(value) {
            (keyword, hops) if keyword.eq_ignore_ascii_case("proxyjump") => hops,
            _ => return None,
        },
        _ => return None,
    };
    (!hops.eq_ignore_ascii_case("none")).then_some(hops)
}

/// Keywords of `-o` with which git's own commands may go as they are: none that says where to.
const OF_GIT: [&str; 16] = [
    "addressfamily",
    "batchmode",
    "compression",
    "connectionattempts",
    "connecttimeout",
    "identitiesonly",
    "identityfile",
    "loglevel",
    "preferredauthentications",
    "pubkeyauthentication",
    "requesttty",
    "sendenv",
    "serveralivecountmax",
    "serveraliveinterval",
    "stricthostkeychecking",
    "tcpkeepalive",
];

/// Whether git's own commands may go as they are with this option.
pub(super) fn is_of_git(letter: char, value: &str) -> bool {
    match letter {
        'o' => {
            let (keyword, _) = keyword(value);
            OF_GIT.contains(&keyword.to_ascii_lowercase().as_str())
        }
        _ => "46CTaiklnqtvx".contains(letter),
    }
}

/// Splits the value of `-o` as ssh does: at the first blank or `=`.
pub(super) fn keyword(text: &str) -> (&str, &str) {
    let text = text.trim_start();
    let end = text.find(|c: char| c == '=' || c.is_ascii_whitespace());
    let (keyword, rest) = text.split_at(end.unwrap_or(text.len()));
    let rest = rest.trim_start();
    let rest = rest.strip_prefix('=').unwrap_or(rest).trim();
    let bare = rest
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    (keyword, bare.unwrap_or(rest))
}

/// Whether a destination (`user@host`, `host:port`, `[::1]:22`) is only that. A `%r` or `%h` of a
/// ProxyCommand in somebody's ssh_config is put into a shell's line (CVE-2023-51385).
pub(super) fn is_destination(text: &str) -> bool {
    let is_fit = |c: char| c.is_alphanumeric() || "._-:@%+[]".contains(c);
    !text.is_empty() && !text.starts_with('-') && text.chars().all(is_fit)
}

/// Whether a forwarding (`[bind:]port:host:hostport`) listens on loopback alone, and leads to no SSH port.
pub(super) fn is_forwarding(text: &str, ssh_ports: &[String]) -> bool {
    let parts: Vec<&str> = text.split(':').collect();
    let (bind, listens, host, port) = match parts.as_slice() {
        [listens, host, port] => ("localhost", *listens, *host, *port),
        [bind, listens, host, port] => (*bind, *listens, *host, *port),
        _ => return false,
    };
    let is_ssh = |port: u16| ssh_ports.iter().any(|ssh| ssh.parse() == Ok(port));
    matches!(bind, "localhost" | "127.0.0.1")
        && self::port(listens).is_some()
        && self::port(port).is_some_and(|port| !is_ssh(port))
        && is_destination(host)
}

/// Returns a port that is written as a number and in no other way: no `+22`, no `022`, no name of a service.
fn port(text: &str) -> Option<u16> {
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0');
    text.parse().ok().filter(|_| is_number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_runs_or_trusts_something_here_does_not_pass() {
        for option in [
            "ProxyCommand=sh -c x",
            "proxycommand sh",
            "LocalCommand=x",
            "PermitLocalCommand=yes",
            "PKCS11Provider=/tmp/x.so",
            "SecurityKeyProvider=/tmp/x.so",
            "KnownHostsCommand=x",
            "Include=/tmp/x",
            "Match exec x",
            "ForwardAgent=yes",
            "ControlPath=/tmp/x",
            "ControlMaster=auto",
            "UserKnownHostsFile=/tmp/x",
            "StrictHostKeyChecking=no",
            "StrictHostKeyChecking=accept-new",
            "HostKeyAlias=x",
            "UpdateHostKeys=yes",
            "CheckHostIP=yes",
            "AddKeysToAgent=yes",
            "StrictHostKeyChecking=off",
            "DynamicForward=1",
            "RemoteForward=1 x:2",
            "LocalForward=1 x:2",
            "Tunnel=yes",
            "XAuthLocation=/tmp/x",
            "SendEnv=*",
            "SetEnv=LD_PRELOAD=x",
            "IdentityAgent=/tmp/x",
            "HostName=$(x)",
            "User=x;y",
            "ProxyJump=-oProxyCommand=x",
            "ProxyJump=a,%h",
            "ProxyJump=a,",
            "LogVerbose=x",
            "StdinNull=maybe",
            "",
        ] {
            let (key, value) = keyword(option);
            assert!(!may_pass(key, value), "{option}");
        }
        for option in [
            "Port=2222",
            "BatchMode yes",
            "ProxyJump=me@gate:22",
            "ServerAliveInterval = 5",
            "SendEnv=GIT_PROTOCOL",
            "RequestTTY=no",
            "ClearAllForwardings=yes",
            "HostName=10.0.0.1",
            "StrictHostKeyChecking=ask",
            "ProxyCommand=none",
            "LogLevel=ERROR",
        ] {
            let (key, value) = keyword(option);
            assert!(may_pass(key, value), "{option}");
        }
    }

    #[test]
    fn destinations_hold_nothing_that_a_shell_would_run() {
        for good in [
            "ai",
            "me@ai",
            "me@login.ai.lrz.de",
            "[::1]:22",
            "fe80::1%eth0",
            "10.0.0.1",
        ] {
            assert!(is_destination(good), "{good}");
        }
        for bad in [
            "",
            "-oProxyCommand=x",
            "a b",
            "$(x)@h",
            "x;y",
            "h`x`",
            "h\n",
            "a/b",
            "x'y",
        ] {
            assert!(!is_destination(bad), "{bad}");
        }
    }

    #[test]
    fn git_goes_as_it_is_only_where_no_option_says_where_to() {
        for (letter, value) in [
            ('o', "SendEnv=GIT_PROTOCOL"),
            ('o', "connecttimeout 5"),
            ('i', "key"),
            ('T', ""),
            ('4', ""),
        ] {
            assert!(is_of_git(letter, value), "{letter} {value}");
        }
        for (letter, value) in [
            ('p', "2222"),
            ('J', "gate"),
            ('L', "1:h:2"),
            ('P', "tag"),
            ('b', "h"),
            ('N', ""),
            ('s', ""),
            ('o', "Port=2222"),
            ('o', "ProxyJump=gate"),
            ('o', "proxycommand=none"),
            ('o', "HostName=localhost"),
            ('o', "HostKeyAlias=x"),
            ('o', "CanonicalizeHostname=yes"),
            ('o', ""),
        ] {
            assert!(!is_of_git(letter, value), "{letter} {value}");
        }
    }

    #[test]
    fn forwardings_listen_on_loopback_and_reach_no_ssh() {
        let ports = ["22".to_owned()];
        for good in ["6006:localhost:6006", "127.0.0.1:8888:gpu-001:8888"] {
            assert!(is_forwarding(good, &ports), "{good}");
        }
        for bad in [
            "2222:localhost:22",
            "2222:localhost:022",
            "2222:localhost:+22",
            "2222:localhost:0x16",
            "2222:localhost: 22",
            "2222:localhost:ssh",
            "+1:localhost:80",
            "1:localhost:65536",
            "0.0.0.0:1:h:80",
            "*:1:h:80",
            "/tmp/s:h:80",
            "1",
            "80:h:0",
            "x:h:1",
        ] {
            assert!(!is_forwarding(bad, &ports), "{bad}");
        }
    }
}
