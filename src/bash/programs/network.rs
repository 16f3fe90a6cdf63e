//! Programs that reach other machines: ssh and its kin, downloads, rsync.

use super::transfer;
use crate::bash::expand::Field;
use crate::bash::flags::Cut;
use crate::bash::frame::Feed;
use crate::bash::program::{Call, Effect::*, Program, is, plain, special};
use crate::bash::walk::Walker;
use crate::policy::Deletable::{Path, Service};
use crate::policy::WriteHow::{Edit, Overwrite};
use crate::policy::{Purpose, RemoteEffect, Word};

#[rustfmt::skip]
pub(crate) const TABLE: &[Program] = &[
    special(&["ssh", "slogin", "autossh", "mosh", "et", "gsissh", "sshpass"], ssh).values("-B -b -c -D -E -e -F -I -i -J -L -l -m -O -o -P -p -Q -R -S -W -w --ssh --port").leading().harmless("-V -Q --version --help -G"),
    special(&["scp", "sftp", "gsiscp", "pscp", "bbcp", "mscp"], transfer::secure_copy).values("-B -b -c -D -F -i -J -l -o -P -R -S -s -X"),
    special(&["rsync"], transfer::rsync).values("-e -f -B -M -T --rsh --rsync-path --exclude --include --exclude-from --include-from --files-from --filter --backup-dir --suffix --compare-dest --copy-dest --link-dest --log-file --bwlimit --timeout --port --temp-dir --partial-dir --chmod --chown --max-size --min-size --max-delete --block-size --password-file --out-format --info --debug").harmless("-n --dry-run --help --version -V --list-only"),
    special(&["pdsh", "clush", "dsh", "pssh", "parallel-ssh", "ansible", "cssh", "mussh"], many_hosts).values("-w -x -f -l -t -u -R -g -h -H -a -m -i -e --user").leading().harmless("--help --version -V -q -L"),
    plain(&["ssh-keygen"]).values("-t -b -f -C -N -P -m -r -R -F -a -D -I -n -O -s -V -Y -z").harmless("-l -F -y -e -i -B -L -Q").flags(&[("-f", Write(Overwrite)), ("-R", Nothing)]),
    special(&["ssh-agent"], crate::bash::wrapper::runs).values("-a -E -P -t -O").leading().harmless("-k -h --help"),
    plain(&["ssh-add", "ssh-keyscan", "ssh-copy-id"]),
    special(&["curl"], curl).values("-A -b -c -d -D -e -E -F -H -K -m -o -Q -r -T -u -U -w -x -X -y -Y -z --output --data --data-binary --data-raw --data-urlencode --header --user --url --request --form --cookie --cookie-jar --max-time --connect-timeout --retry --proxy --user-agent --referer --cacert --cert --key --output-dir --dump-header --upload-file --config --write-out --range --limit-rate --resolve --json --interface --quote --trace --trace-ascii --stderr --etag-save").harmless("--help --version -V -h"),
    special(&["wget", "wget2"], wget).values("-O -o -a -P -i -B -t -T -w -Q -l -A -R -D -U -e --output-document --output-file --append-output --directory-prefix --input-file --tries --timeout --header --user-agent --user --password --post-data --level --accept --reject --limit-rate --method --body-data --load-cookies --save-cookies").harmless("--help --version -V --spider"),
    plain(&["aria2c", "axel", "http", "https", "xh", "lynx", "w3m", "links", "elinks", "yt-dlp", "youtube-dl", "gallery-dl", "lftp", "ftp", "ncftp", "tftp", "globus", "gridftp", "globus-url-copy"]).values("-o -d -O --out --dir --output").flags(&[("-o --out --output -O", Write(Overwrite)), ("-d --dir", Create(crate::policy::Node::Directory)), ("--mirror --delete", Delete(Path))]).verbs(&[("delete", Delete(Service)), ("rm", Delete(Service))]),
    special(&["nc", "ncat", "netcat", "socat", "telnet"], sockets).values("-p -s -w -i -q -e -c -x -X --exec --sh-exec"),
    is(&["croc", "ngrok", "cloudflared", "tailscale", "frpc", "chisel", "bore", "tmate"], Purpose::Delegate),
];

/// Options through which something runs outside the broker.
const BYPASS: &[&str] = &[
    "proxycommand",
    "localcommand",
    "permitlocalcommand",
    "pkcs11provider",
    "knownhostscommand",
    "securitykeyprovider",
    "include",
    "match",
];

fn ssh(walker: &mut Walker<'_>, call: &Call<'_>, cut: &Cut<'_>) -> Feed {
    if call.name == "sshpass" {
        let at = call
            .args
            .iter()
            .position(|field| matches!(field.text(), "ssh" | "scp" | "sftp" | "rsync"));
        walker.looks(call);
        let rest = at
            .and_then(|at| call.args.get(at..))
            .unwrap_or_default()
            .to_vec();
        return walker.invoke(&rest, call.feed.clone(), call.span.clone());
    }
    // What it does is the `Remote` action.
    walker.looks(call);
    let bypass = bypasses(walker, cut, "-I -F");
    let Some((host, words)) = cut.operands.split_first() else {
        return Feed::Unknown;
    };
    let host = host.text().to_owned();
    let words: Vec<&Field> = words
        .iter()
        .copied()
        .skip_while(|field| field.text() == "--")
        .collect();
    if bypass {
        walker.record_remote(&host, None, RemoteEffect::Bypass, call.span.clone());
    }
    if words.is_empty() {
        // A script on standard input runs there: `ssh ai < x.sh`, `echo 'rm x' | ssh ai`.
        match call.feed.text().map(str::to_owned) {
            Some(text) if !cut.has("-N -O -W") => {
                walker.remote(&host, &text, Feed::Unknown, call.span.clone())
            }
            _ if call.feed == Feed::Unknown && !cut.has("-N -O -W") => {
                walker.record_remote(
                    &host,
                    Some("…".into()),
                    RemoteEffect::Changes,
                    call.span.clone(),
                );
            }
            _ => walker.record_remote(&host, None, RemoteEffect::Login, call.span.clone()),
        }
        return Feed::Unknown;
    }
    let line: Vec<String> = words
        .iter()
        .map(|field| match &field.word {
            Word::Literal(text) | Word::Glob(text) => text.clone(),
            Word::Dynamic(text) => text.trim_matches('"').to_owned(),
        })
        .collect();
    let feed = match &call.feed {
        // What is sent is run there as it stands.
        Feed::File(_, text) => Feed::Text(text.clone()),
        other => other.clone(),
    };
    walker.remote(&host, &line.join(" "), feed, call.span.clone());
    Feed::Unknown
}

/// Whether an option would run something beside the connection; such lines are followed.
pub(super) fn bypasses(walker: &mut Walker<'_>, cut: &Cut<'_>, flags: &str) -> bool {
    let mut bypass = cut.has(flags);
    for option in cut.values("-o") {
        let text = option.text().to_ascii_lowercase();
        let key = text.split(['=', ' ']).next().unwrap_or_default();
        let value = text
            .split_once(['=', ' '])
            .map_or("", |(_, value)| value.trim());
        if BYPASS.contains(&key) && value != "none" && value != "no" {
            bypass = true;
            if let Some((_, line)) = option.text().split_once(['=', ' ']) {
                let line = line.to_owned();
                walker.follow(&line, "ssh -o", option.span.clone(), Feed::Unknown);
            }
        }
    }
    bypass
}

fn many_hosts(walker: &mut Walker<'_>, call: &Call<'_>, cut: &Cut<'_>) -> Feed {
    walker.plain(call);
    let hosts = cut.value("-w -g -H -h").unwrap_or("…").to_owned();
    let words: Vec<&str> = if call.name == "ansible" {
        cut.values("-a")
            .first()
            .map(|_| Vec::new())
            .unwrap_or_default()
    } else {
        cut.operands.iter().map(|field| field.text()).collect()
    };
    let line = if call.name == "ansible" {
        cut.value("-a").unwrap_or_default().to_owned()
    } else {
        words.join(" ")
    };
    if line.is_empty() {
        walker.record_remote(&hosts, None, RemoteEffect::Login, call.span.clone());
    } else {
        walker.remote(&hosts, &line, Feed::Unknown, call.span.clone());
    }
    Feed::Unknown
}

fn curl(walker: &mut Walker<'_>, call: &Call<'_>, cut: &Cut<'_>) -> Feed {
    walker.plain(call);
    let base = cut.find("--output-dir").and_then(|flag| flag.value.clone());
    for file in cut.values(
        "-o --output -D --dump-header -c --cookie-jar --trace --trace-ascii --stderr --etag-save",
    ) {
        match (&base, file.known()) {
            (Some(directory), Some(name)) if !name.starts_with('/') => {
                let joined = format!("{}/{name}", directory.text());
                walker.write(&Field::literal(&joined, file.span.clone()), Overwrite);
            }
            _ if file.text() == "-" => {}
            _ => walker.write(&file, Overwrite),
        }
    }
    if cut.has("-O --remote-name --remote-name-all") {
        for url in &cut.operands {
            if let Some(name) = url.known().and_then(url_name) {
                let name = match &base {
                    Some(directory) => format!("{}/{name}", directory.text()),
                    None => name.to_owned(),
                };
                walker.write(&Field::literal(&name, url.span.clone()), Overwrite);
            }
        }
    }
    let deletes = cut
        .value("-X --request")
        .is_some_and(|method| method.eq_ignore_ascii_case("delete"));
    if deletes {
        walker.effect(Delete(Service), &cut.operands, "curl -X DELETE", &call.span);
    }
    if cut.has("--unix-socket") || names_a_service(call) {
        walker.exec(call.name, &[], Purpose::Delegate, call.span.clone());
    }
    Feed::Unknown
}

fn url_name(url: &str) -> Option<&str> {
    let path = url.split(['?', '#']).next()?;
    let name = path
        .split("://")
        .nth(1)
        .unwrap_or(path)
        .rsplit('/')
        .next()?;
    (!name.is_empty() && path.contains('/')).then_some(name)
}

fn wget(walker: &mut Walker<'_>, call: &Call<'_>, cut: &Cut<'_>) -> Feed {
    walker.plain(call);
    for file in cut.values("-O --output-document -o --output-file --save-cookies") {
        if file.text() != "-" {
            walker.write(&file, Overwrite);
        }
    }
    if let Some(directory) = cut
        .find("-P --directory-prefix")
        .and_then(|flag| flag.value.clone())
    {
        walker.write(&directory, Edit);
    } else if !cut.has("-O --output-document -i --input-file") {
        // It takes a free name next to what is there.
        for url in &cut.operands {
            let name = url.known().and_then(url_name).unwrap_or("index.html");
            let file = Field::literal(name, url.span.clone());
            walker.effect(
                Create(crate::policy::Node::File),
                &[&file],
                call.name,
                &url.span,
            );
        }
    }
    Feed::Unknown
}

/// Whether a word names the socket of a service that acts for its callers.
fn names_a_service(call: &Call<'_>) -> bool {
    const SOCKETS: &[&str] = &[
        "docker.sock",
        "podman.sock",
        "containerd.sock",
        "/run/dbus",
        "system_bus_socket",
        "/run/systemd/",
        "/munge/",
        "sack.socket",
    ];
    call.args
        .iter()
        .any(|field| SOCKETS.iter().any(|socket| field.text().contains(socket)))
}

/// `nc -e sh`, `socat … EXEC:sh`: a shell for somebody else.
fn sockets(walker: &mut Walker<'_>, call: &Call<'_>, cut: &Cut<'_>) -> Feed {
    let runs = cut.has("-e -c --exec --sh-exec")
        || call.args.iter().any(|field| {
            let text = field.text().to_ascii_lowercase();
            text.starts_with("exec:") || text.starts_with("system:")
        });
    let purpose = if names_a_service(call) {
        Purpose::Delegate
    } else if runs {
        Purpose::Unknown
    } else {
        Purpose::Plain
    };
    walker.exec(call.name, call.args, purpose, call.span.clone());
    for operand in call.args {
        if let Some(line) = operand
            .text()
            .split_once(':')
            .filter(|(kind, _)| {
                kind.eq_ignore_ascii_case("system") || kind.eq_ignore_ascii_case("exec")
            })
            .map(|(_, line)| line.to_owned())
        {
            walker.follow(
                line.trim_matches(['"', '\'']),
                call.name,
                operand.span.clone(),
                Feed::Unknown,
            );
        }
    }
    Feed::Unknown
}
