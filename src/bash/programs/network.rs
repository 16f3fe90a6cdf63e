//! Programs that reach other machines: ssh and its kin, downloads, rsync.

use crate::bash::expand::Field;
use crate::bash::flags::Cut;
use crate::bash::frame::Feed;
use crate::bash::program::{Call, Effect::*, Program, is, plain, special};
use crate::bash::walk::Walker;
use crate::policy::Deletable::{Path, Service};
use crate::policy::WriteHow::{Edit, Overwrite, Replace};
use crate::policy::{Presence, Purpose, RemoteEffect, Target, Word};

#[rustfmt::skip]
pub(crate) const TABLE: &[Program] = &[
    special(&["ssh", "slogin", "autossh", "mosh", "et", "gsissh", "sshpass"], ssh).values("-B -b -c -D -E -e -F -I -i -J -L -l -m -O -o -P -p -Q -R -S -W -w --ssh --port").leading().harmless("-V -Q --version --help -G"),
    special(&["scp", "sftp", "gsiscp", "pscp", "bbcp", "mscp"], secure_copy).values("-B -b -c -D -F -i -J -l -o -P -R -S -s -X"),
    special(&["rsync"], rsync).values("-e -f -B -M -T --rsh --rsync-path --exclude --include --exclude-from --include-from --files-from --filter --backup-dir --suffix --compare-dest --copy-dest --link-dest --log-file --bwlimit --timeout --port --temp-dir --partial-dir --chmod --chown --max-size --min-size --max-delete --block-size --password-file --out-format --info --debug").harmless("-n --dry-run --help --version -V --list-only"),
    special(&["pdsh", "clush", "dsh", "pssh", "parallel-ssh", "ansible", "cssh", "mussh"], many_hosts).values("-w -x -f -l -t -u -R -g -h -H -a -m -i -e --user").leading().harmless("--help --version -V -q -L"),
    plain(&["ssh-keygen"]).values("-t -b -f -C -N -P -m -q -r -R -F -H").flags(&[("-f", Write(Overwrite)), ("-R", Nothing)]),
    plain(&["ssh-add", "ssh-keyscan", "ssh-copy-id", "ssh-agent"]),
    special(&["curl"], curl).values("-A -b -c -d -D -e -E -F -H -K -m -o -Q -r -T -u -U -w -x -X -y -Y -z --output --data --data-binary --data-raw --data-urlencode --header --user --url --request --form --cookie --cookie-jar --max-time --connect-timeout --retry --proxy --user-agent --referer --cacert --cert --key --output-dir --dump-header --upload-file --config --write-out --range --limit-rate --resolve --json --interface --quote --trace --trace-ascii --stderr --etag-save").harmless("--help --version -V -h"),
    special(&["wget", "wget2"], wget).values("-O -o -a -P -i -B -t -T -w -Q -l -A -R -D -U -e --output-document --output-file --append-output --directory-prefix --input-file --tries --timeout --header --user-agent --user --password --post-data --level --accept --reject --limit-rate --method --body-data --load-cookies --save-cookies").harmless("--help --version -V --spider"),
    plain(&["aria2c", "axel", "http", "https", "xh", "lynx", "w3m", "links", "elinks", "yt-dlp", "youtube-dl", "gallery-dl", "lftp", "ftp", "ncftp", "tftp", "globus", "gridftp", "globus-url-copy"]).values("-o -d -O --out --dir --output").flags(&[("-o --out --output", Write(Overwrite)), ("--mirror --delete", Delete(Path))]).verbs(&[("delete", Delete(Service)), ("rm", Delete(Service))]),
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
    walker.plain(call);
    let mut bypass = cut.has("-I -F");
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
        Feed::Inherited => Feed::Inherited,
        other => other.clone(),
    };
    walker.remote(&host, &line.join(" "), feed, call.span.clone());
    Feed::Unknown
}

/// `[user@]host:path`, as opposed to a local name.
fn remote_part(text: &str) -> Option<(&str, &str)> {
    if let Some(rest) = text
        .strip_prefix("rsync://")
        .or_else(|| text.strip_prefix("scp://"))
        .or_else(|| text.strip_prefix("sftp://"))
    {
        return Some(rest.split_once('/').unwrap_or((rest, "")));
    }
    let (host, path) = text.split_once(':')?;
    (!host.contains('/') && !host.is_empty()).then_some((host, path.trim_start_matches(':')))
}

fn secure_copy(walker: &mut Walker<'_>, call: &Call<'_>, cut: &Cut<'_>) -> Feed {
    walker.plain(call);
    if let Some(program) = cut.value("-S").map(str::to_owned) {
        walker.follow(&program, "scp -S", call.span.clone(), Feed::Unknown);
        walker.record_remote("-S", None, RemoteEffect::Bypass, call.span.clone());
    }
    if call.name == "sftp" {
        let host = cut
            .operand(0)
            .unwrap_or("…")
            .split(':')
            .next()
            .unwrap_or_default()
            .to_owned();
        let batch = cut.find("-b").and_then(|flag| flag.value.clone());
        let text = match &batch {
            Some(file) if file.text() != "-" => walker.file_feed(file).text().map(str::to_owned),
            _ => call.feed.text().map(str::to_owned),
        };
        match text {
            Some(text) => {
                let changes = text.lines().any(|line| {
                    [
                        "rm", "rmdir", "put", "mput", "rename", "mkdir", "chmod", "chown", "ln",
                        "symlink", "-rm", "-rmdir", "-put", "reput",
                    ]
                    .contains(&line.split_whitespace().next().unwrap_or_default())
                });
                let effect = if changes {
                    RemoteEffect::Changes
                } else {
                    RemoteEffect::ReadOnly
                };
                for line in text
                    .lines()
                    .filter(|line| line.trim_start_matches('-').starts_with("rm"))
                {
                    walker.remote(
                        &host,
                        line.trim_start_matches('-'),
                        Feed::Inherited,
                        call.span.clone(),
                    );
                }
                walker.record_remote(&host, Some(text), effect, call.span.clone());
            }
            None => walker.record_remote(&host, None, RemoteEffect::Login, call.span.clone()),
        }
        return Feed::Unknown;
    }
    let Some((place, sources)) = cut.operands.split_last() else {
        return Feed::Unknown;
    };
    transfer(walker, call, sources, place, Replace);
    Feed::Unknown
}

fn transfer(
    walker: &mut Walker<'_>,
    call: &Call<'_>,
    sources: &[&Field],
    place: &Field,
    how: crate::policy::WriteHow,
) {
    for source in sources {
        if let Some((host, path)) = remote_part(source.text()) {
            let command = Some(format!("cat {path}"));
            walker.record_remote(host, command, RemoteEffect::ReadOnly, source.span.clone());
        }
    }
    if let Some((host, path)) = remote_part(place.text()) {
        let command = Some(format!("cat > {path}"));
        walker.record_remote(host, command, RemoteEffect::Changes, place.span.clone());
        return;
    }
    let is_directory = place
        .known()
        .is_some_and(|name| walker.presence(name) == Presence::Directory || name.ends_with('/'));
    if how == Replace && is_directory {
        for source in sources {
            let base = source
                .text()
                .trim_end_matches('/')
                .rsplit(['/', ':'])
                .next()
                .unwrap_or_default();
            let name = format!("{}/{base}", place.text().trim_end_matches('/'));
            let target = if matches!(source.word, Word::Literal(_)) {
                walker.target_of(&name)
            } else {
                Target::Dynamic { text: name }
            };
            walker.emit(
                crate::policy::Action::Write { target, how },
                call.span.clone(),
            );
        }
    } else {
        walker.write(place, how);
    }
}

fn rsync(walker: &mut Walker<'_>, call: &Call<'_>, cut: &Cut<'_>) -> Feed {
    walker.plain(call);
    for shell in cut.values("-e --rsh") {
        let plain = shell.text().starts_with("ssh")
            && !shell.text().to_ascii_lowercase().contains("command");
        if !plain {
            walker.line_of(&shell, call);
        }
    }
    let Some((place, sources)) = cut.operands.split_last() else {
        return Feed::Unknown;
    };
    if sources.is_empty() {
        return Feed::Unknown;
    }
    let deletes = cut.flags.iter().any(|flag| flag.name.starts_with("--del"));
    if deletes {
        let target = walker.target(place, false);
        walker.emit(
            crate::policy::Action::Delete { target, what: Path },
            place.span.clone(),
        );
    }
    if cut.has("--remove-source-files --remove-sent-files") {
        for source in sources {
            walker.delete(source, Path);
        }
    }
    for path in cut.values("--rsync-path") {
        if path.text().contains(' ') {
            let line = path.text().to_owned();
            let host = sources
                .iter()
                .chain([place])
                .find_map(|field| remote_part(field.text()))
                .map_or("", |(host, _)| host)
                .to_owned();
            walker.remote(&host, &line, Feed::Unknown, path.span.clone());
        }
    }
    transfer(walker, call, sources, place, Edit);
    Feed::Unknown
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
                walker.write(&Field::literal(name, url.span.clone()), Overwrite);
            }
        }
    }
    let deletes = cut
        .value("-X --request")
        .is_some_and(|method| method.eq_ignore_ascii_case("delete"));
    if deletes {
        walker.effect(Delete(Service), &cut.operands, "curl -X DELETE", &call.span);
    }
    if cut.has("--unix-socket")
        || call
            .args
            .iter()
            .any(|field| field.text().contains("docker.sock"))
    {
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
    }
    Feed::Unknown
}

/// `nc -e sh`, `socat … EXEC:sh`: a shell for somebody else.
fn sockets(walker: &mut Walker<'_>, call: &Call<'_>, cut: &Cut<'_>) -> Feed {
    let runs = cut.has("-e -c --exec --sh-exec")
        || call.args.iter().any(|field| {
            let text = field.text().to_ascii_lowercase();
            text.starts_with("exec:") || text.starts_with("system:")
        });
    let purpose = if runs {
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
