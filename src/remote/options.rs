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
const PLAIN: [&str; 32] = [
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
    "hostkeyalias",
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
    ("stricthostkeychecking", &["yes", "ask", "accept-new"]),
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
        return value.eq_ignore_ascii_case("none") || value.split(',').all(is_destination);
    }
    if matches!(keyword.as_str(), "hostname" | "user" | "hostkeyalias") {
        return is_destination(value);
    }
    let value = value.to_ascii_lowercase();
    PLAIN.contains(&keyword.as_str())
        || ONLY
            .iter()
            .any(|(name, values)| *name == keyword && values.contains(&value.as_str()))
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
    let is_port = |port: &str| port.parse::<u16>().is_ok_and(|port| port > 0);
    let (bind, listens, host, port) = match parts.as_slice() {
        [listens, host, port] => ("localhost", *listens, *host, *port),
        [bind, listens, host, port] => (*bind, *listens, *host, *port),
        _ => return false,
    };
    matches!(bind, "localhost" | "127.0.0.1")
        && is_port(listens)
        && is_port(port)
        && is_destination(host)
        && ssh_ports.iter().all(|ssh| ssh != port)
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
            "StrictHostKeyChecking=accept-new",
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
    fn forwardings_listen_on_loopback_and_reach_no_ssh() {
        let ports = ["22".to_owned()];
        for good in ["6006:localhost:6006", "127.0.0.1:8888:gpu-001:8888"] {
            assert!(is_forwarding(good, &ports), "{good}");
        }
        for bad in [
            "2222:localhost:22",
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
