//! Containers, clouds, data bases: what services keep.

use std::sync::LazyLock;

use regex::Regex;

use crate::bash::flags::Cut;
use crate::bash::frame::Feed;
use crate::bash::program::{Call, Effect, Effect::*, Program, each, plain, special};
use crate::bash::walk::Walker;
use crate::policy::Deletable::{Path, Service};
use crate::policy::Purpose::{self, Container, Delegate, ImageImport, ReadOnly};
use crate::policy::WriteHow::Overwrite;

const DOCKER: &[(&str, Effect)] = &[
    ("rm", Delete(Service)),
    ("rmi", Delete(Service)),
    ("prune", Delete(Service)),
    ("system prune", Delete(Service)),
    ("image prune", Delete(Service)),
    ("image rm", Delete(Service)),
    ("image remove", Delete(Service)),
    ("container prune", Delete(Service)),
    ("container rm", Delete(Service)),
    ("volume rm", Delete(Service)),
    ("volume remove", Delete(Service)),
    ("volume prune", Delete(Service)),
    ("network rm", Delete(Service)),
    ("network prune", Delete(Service)),
    ("builder prune", Delete(Service)),
    ("buildx prune", Delete(Service)),
    ("buildx rm", Delete(Service)),
    ("compose down", Delete(Service)),
    ("compose rm", Delete(Service)),
    ("context rm", Delete(Service)),
    ("secret rm", Delete(Service)),
    ("stack rm", Delete(Service)),
    ("service rm", Delete(Service)),
    ("plugin rm", Delete(Service)),
    ("swarm leave", Delete(Service)),
    ("machine rm", Delete(Service)),
    ("system reset", Delete(Service)),
    ("pod rm", Delete(Service)),
    ("manifest rm", Delete(Service)),
    ("down", Delete(Service)),
    ("destroy", Delete(Service)),
    ("delete", Delete(Service)),
    ("purge", Delete(Service)),
    ("ps", Is(ReadOnly)),
    ("images", Is(ReadOnly)),
    ("logs", Is(ReadOnly)),
    ("inspect", Is(ReadOnly)),
    ("info", Is(ReadOnly)),
    ("version", Is(ReadOnly)),
    ("stats", Is(ReadOnly)),
    ("top", Is(ReadOnly)),
    ("port", Is(ReadOnly)),
    ("history", Is(ReadOnly)),
    ("image ls", Is(ReadOnly)),
    ("image list", Is(ReadOnly)),
    ("container ls", Is(ReadOnly)),
    ("volume ls", Is(ReadOnly)),
    ("network ls", Is(ReadOnly)),
    ("system df", Is(ReadOnly)),
    ("system info", Is(ReadOnly)),
    ("compose ps", Is(ReadOnly)),
    ("compose logs", Is(ReadOnly)),
    ("compose config", Is(ReadOnly)),
    ("search", Is(ReadOnly)),
    ("diff", Is(ReadOnly)),
    ("context ls", Is(ReadOnly)),
    ("buildx ls", Is(ReadOnly)),
    ("run", Is(Delegate)),
    ("enter", Is(Delegate)),
    ("exec", Is(Delegate)),
    ("start", Is(Delegate)),
    ("create", Is(Delegate)),
    ("build", Is(Delegate)),
    ("buildx build", Is(Delegate)),
    ("compose up", Is(Delegate)),
    ("compose run", Is(Delegate)),
    ("compose exec", Is(Delegate)),
    ("cp", Is(Delegate)),
    ("load", Is(Delegate)),
    ("import", Is(Delegate)),
    ("restart", Is(Delegate)),
    ("up", Is(Delegate)),
    ("pull", Is(Delegate)),
    ("push", Is(Delegate)),
    ("stop", Is(Delegate)),
    ("kill", Is(Delegate)),
    ("container run", Is(Delegate)),
    ("container exec", Is(Delegate)),
    ("commit", Is(Delegate)),
    ("tag", Is(Delegate)),
];

#[rustfmt::skip]
pub(crate) const TABLE: &[Program] = &[
    plain(&["docker", "podman", "nerdctl", "docker-compose", "podman-compose", "buildah", "crictl", "ctr", "lxc", "incus", "vagrant", "multipass", "limactl", "distrobox", "toolbox"]).values("-H -c -l -f -p --host --context --log-level --config --file --project-name").harmless("--help --version -v").leading().verbs(DOCKER),
    special(&["enroot"], enroot).leading(),
    special(&["apptainer", "singularity", "charliecloud", "ch-run", "shifter", "sarus"], apptainer).values("-c --config").leading().harmless("--help --version -h"),
    plain(&["kubectl", "oc", "k9s", "helm", "minikube", "kind", "k3s", "k3d", "kustomize", "argocd", "flux", "nomad", "terraform", "tofu", "pulumi", "vault", "eksctl"]).values("-n -f -l -o --namespace --context --kubeconfig --filename --selector --output").harmless("--help --version --dry-run --dry-run=client --dry-run=server").verbs(&[("delete", Delete(Service)), ("uninstall", Delete(Service)), ("destroy", Delete(Service)), ("drain", Delete(Service)), ("prune", Delete(Service)), ("remove", Delete(Service)), ("rollback", Nothing), ("state rm", Delete(Service)), ("app delete", Delete(Service)), ("cluster delete", Delete(Service)), ("kv delete", Delete(Service)), ("job stop", Delete(Service)), ("delete cluster", Delete(Service)), ("get", Is(ReadOnly)), ("describe", Is(ReadOnly)), ("logs", Is(ReadOnly)), ("top", Is(ReadOnly)), ("list", Is(ReadOnly)), ("plan", Is(ReadOnly)), ("show", Is(ReadOnly)), ("explain", Is(ReadOnly)), ("exec", Is(Delegate)), ("run", Is(Delegate)), ("apply", Is(Delegate)), ("create", Is(Delegate)), ("cp", Is(Delegate))]),
    special(&["aws"], aws).values("--profile --region --endpoint-url --output --query").harmless("help --version --dryrun --dry-run"),
    plain(&["gsutil", "gcloud", "az", "azcopy", "s5cmd", "s3cmd", "mc", "b2", "ossutil", "oci", "doctl", "hcloud", "linode-cli", "openstack", "ibmcloud", "heroku", "fly", "flyctl", "vercel", "netlify", "wrangler", "firebase", "supabase", "modal", "runpodctl", "vastai", "lambda"]).values("-n -p --project --profile").harmless("--help help --version --dry-run -h").verbs(&[("rm", Delete(Service)), ("rb", Delete(Service)), ("del", Delete(Service)), ("delete", Delete(Service)), ("remove", Delete(Service)), ("destroy", Delete(Service)), ("mv", Delete(Service)), ("storage rm", Delete(Service)), ("storage mv", Delete(Service)), ("storage blob delete", Delete(Service)), ("storage blob delete-batch", Delete(Service)), ("storage container delete", Delete(Service)), ("compute instances delete", Delete(Service)), ("group delete", Delete(Service)), ("vm delete", Delete(Service)), ("server delete", Delete(Service)), ("volume delete", Delete(Service)), ("mirror --remove", Delete(Service)), ("expunge", Delete(Service)), ("delete-bucket", Delete(Service)), ("delete-file-version", Delete(Service)), ("apps:destroy", Delete(Service)), ("pg:reset", Delete(Service)), ("addons:destroy", Delete(Service)), ("db reset", Delete(Service)), ("apps destroy", Delete(Service)), ("cp", Into), ("get", Into), ("rsync", Into), ("mirror", Into), ("copy", Into), ("storage cp", Into), ("storage rsync", Into), ("volume rm", Delete(Service)), ("app stop", Delete(Service)), ("projects delete", Delete(Service)), ("ls", Is(ReadOnly)), ("list", Is(ReadOnly)), ("du", Is(ReadOnly)), ("stat", Is(ReadOnly)), ("info", Is(ReadOnly)), ("cat", Is(ReadOnly)), ("storage ls", Is(ReadOnly)), ("storage du", Is(ReadOnly))]).flags(&[("-d --delete-destination --delete-removed --delete --delete-unmatched-destination-objects --delete-after", Delete(Service))]),
    plain(&["rclone"]).values("--config --include --exclude --filter --transfers --checkers --bwlimit --filter-from --log-file --max-age --min-age").harmless("-n --dry-run --help --version help version").verbs(&[("delete", Delete(Service)), ("deletefile", Delete(Service)), ("purge", Delete(Service)), ("rmdir", Delete(Service)), ("rmdirs", Delete(Service)), ("cleanup", Delete(Service)), ("dedupe", Delete(Service)), ("sync", Delete(Path)), ("move", Delete(Path)), ("moveto", Delete(Path)), ("bisync", Delete(Path)), ("copy", Into), ("copyto", Into), ("copyurl", Into), ("backend cleanup", Delete(Service)), ("ls", Is(ReadOnly)), ("lsd", Is(ReadOnly)), ("lsf", Is(ReadOnly)), ("lsl", Is(ReadOnly)), ("lsjson", Is(ReadOnly)), ("size", Is(ReadOnly)), ("check", Is(ReadOnly)), ("cat", Is(ReadOnly)), ("tree", Is(ReadOnly)), ("about", Is(ReadOnly)), ("listremotes", Is(ReadOnly)), ("mount", Create(crate::policy::Node::Mount)), ("rcd", Is(Purpose::Serve)), ("serve", Is(Purpose::Serve))]),
    plain(&["restic", "borg", "duplicity", "kopia", "bup", "rdiff-backup", "tarsnap", "duplicacy"]).values("-r --repo --archive -p --password-file").harmless("--help --version -h -n --dry-run").verbs(&[("forget", Delete(Service)), ("prune", Delete(Service)), ("delete", Delete(Service)), ("remove-older-than", Delete(Service)), ("remove-all-but-n-full", Delete(Service)), ("compact", Delete(Service)), ("snapshot delete", Delete(Service)), ("recreate", Delete(Service)), ("list", Is(ReadOnly)), ("snapshots", Is(ReadOnly)), ("check", Is(ReadOnly)), ("diff", Is(ReadOnly)), ("info", Is(ReadOnly))]).flags(&[("-d --prune", Delete(Service))]),
    plain(&["gh", "glab", "hub", "tea", "bb"]).values("-R --repo -b -t -m --body --title -F --body-file -X --method -f --field -H --header -q --jq").harmless("--help --version").verbs(&[("repo delete", Delete(Service)), ("project delete", Delete(Service)), ("release delete", Delete(Service)), ("release delete-asset", Delete(Service)), ("issue delete", Delete(Service)), ("gist delete", Delete(Service)), ("secret delete", Delete(Service)), ("variable delete", Delete(Service)), ("variable remove", Delete(Service)), ("secret remove", Delete(Service)), ("cache delete", Delete(Service)), ("run delete", Delete(Service)), ("label delete", Delete(Service)), ("ssh-key delete", Delete(Service)), ("gpg-key delete", Delete(Service)), ("codespace delete", Delete(Service)), ("extension remove", Delete(Service)), ("ci delete", Delete(Service)), ("alias delete", Nothing), ("pr view", Is(ReadOnly)), ("pr list", Is(ReadOnly)), ("pr diff", Is(ReadOnly)), ("pr checks", Is(ReadOnly)), ("issue view", Is(ReadOnly)), ("issue list", Is(ReadOnly)), ("run view", Is(ReadOnly)), ("run list", Is(ReadOnly)), ("repo view", Is(ReadOnly)), ("repo list", Is(ReadOnly)), ("release list", Is(ReadOnly)), ("search", Is(ReadOnly)), ("status", Is(ReadOnly)), ("api", Nothing)]),
    special(&["psql", "mysql", "mariadb", "sqlite3", "sqlite", "duckdb", "clickhouse", "clickhouse-client", "cqlsh", "sqlplus", "usql", "mycli", "pgcli", "litecli", "trino", "presto", "hive", "beeline", "spark-sql", "bq", "influx", "mongosh", "mongo"], sql).values("-c -e -f -d -U -h -p -P -u -D -o --command --execute --file --dbname --username --host --port --user --eval -cmd -separator -q --query"),
    special(&["redis-cli", "valkey-cli", "keydb-cli"], redis).values("-h -p -a -n -u --user --pass"),
    each(&["dropdb", "dropuser", "pg_dropcluster"], Delete(Service)).values("-h -p -U").harmless("--help --version -V"),
    plain(&["createdb", "pg_dump", "pg_dumpall", "mysqldump", "mongodump"]).values("-f -h -p -U -d -o -r --file --result-file --out").flags(&[("-f --file --result-file -r", Write(Overwrite))]),
    plain(&["pg_restore", "mongorestore"]).flags(&[("-c --clean --drop", Delete(Service))]).values("-d -h -p -U -f --dbname"),
    plain(&["mysqladmin", "rabbitmqctl", "kafka-topics", "kafka-topics.sh", "etcdctl", "zkCli.sh", "elasticdump", "hdfs", "hadoop"]).verbs(&[("drop", Delete(Service)), ("flush-hosts", Nothing), ("delete_queue", Delete(Service)), ("purge_queue", Delete(Service)), ("delete_vhost", Delete(Service)), ("reset", Delete(Service)), ("del", Delete(Service)), ("deleteall", Delete(Service)), ("dfs", Nothing)]).flags(&[("--delete -rm -rmr -expunge", Delete(Service))]).words(),
];

fn enroot(walker: &mut Walker<'_>, call: &Call<'_>, cut: &Cut<'_>) -> Feed {
    let looks = call
        .args
        .iter()
        .any(|field| matches!(field.text(), "--help" | "-h"));
    let purpose = match cut.operand(0) {
        _ if looks => ReadOnly,
        None | Some("list" | "version" | "help") => ReadOnly,
        Some("import" | "load" | "create" | "bundle") => ImageImport,
        Some("start" | "exec") => Container,
        _ => Purpose::Plain,
    };
    walker.exec(call.name, call.args, purpose, call.span.clone());
    if !looks {
        let all = crate::bash::flags::cut(
            call.args,
            "-o -n -a -c -e -m --output --name --arch",
            crate::bash::flags::Style::Clusters,
        );
        for file in all.values("-o --output") {
            walker.write(&file, Overwrite);
        }
    }
    match cut.operand(0) {
        _ if looks => {}
        Some("remove") => {
            let rest: Vec<_> = cut
                .operands
                .iter()
                .skip(1)
                .copied()
                .filter(|field| !field.text().starts_with('-'))
                .collect();
            walker.effect(Delete(Service), &rest, "enroot remove", &call.span);
        }
        Some("start" | "exec") => {
            inside_container(walker, call, cut, "-c -e -m --conf --env --mount --rc")
        }
        _ => {}
    }
    Feed::Unknown
}

/// Walks what runs in a container: its mounts are the machine's own directories.
fn inside_container(walker: &mut Walker<'_>, call: &Call<'_>, cut: &Cut<'_>, values: &str) {
    let rest: Vec<_> = cut
        .operands
        .iter()
        .skip(1)
        .map(|field| (*field).clone())
        .collect();
    let inner = crate::bash::flags::cut(&rest, values, crate::bash::flags::Style::Leading);
    let fields: Vec<_> = inner
        .operands
        .iter()
        .skip(1)
        .map(|field| (*field).clone())
        .collect();
    if !fields.is_empty() {
        crate::bash::wrapper::inside(walker, call, |walker| {
            walker.invoke(&fields, Feed::Inherited, call.span.clone())
        });
    }
}

fn apptainer(walker: &mut Walker<'_>, call: &Call<'_>, cut: &Cut<'_>) -> Feed {
    const VALUES: &str = "-B -H -W -S --bind --home --workdir --pwd --env --env-file --overlay --mount --scratch --app --net --network --cwd";
    let (purpose, runs) = match cut.operand(0) {
        Some("exec" | "run" | "shell" | "test" | "instance") => (Container, true),
        Some("pull" | "build") => (ImageImport, false),
        Some("version" | "inspect" | "help" | "search" | "verify") | None => (ReadOnly, false),
        Some("cache") if cut.operand(1) == Some("list") => (ReadOnly, false),
        _ if matches!(call.name, "ch-run" | "shifter" | "sarus") => (Container, false),
        _ => (Purpose::Plain, false),
    };
    walker.exec(call.name, call.args, purpose, call.span.clone());
    if cut.operand(0) == Some("cache") && cut.operand(1) == Some("clean") {
        walker.effect(Delete(Service), &[], "apptainer cache clean", &call.span);
    }
    if cut.operand(0) == Some("delete") {
        walker.effect(Delete(Service), &[], "apptainer delete", &call.span);
    }
    if runs && cut.operand(0) == Some("exec") {
        inside_container(walker, call, cut, VALUES);
    }
    Feed::Unknown
}

fn aws(walker: &mut Walker<'_>, call: &Call<'_>, cut: &Cut<'_>) -> Feed {
    let verb = cut.operand(1).unwrap_or_default().to_owned();
    let deletes = match verb.as_str() {
        "rm" | "rb" | "mv" => cut.operand(0) == Some("s3"),
        "sync" => call.args.iter().any(|field| field.text() == "--delete"),
        other => ["delete-", "terminate-", "remove-", "purge-", "deregister-"]
            .iter()
            .any(|start| other.starts_with(start)),
    };
    let looks = ["ls", "presign"].contains(&verb.as_str())
        || ["describe-", "list-", "get-"]
            .iter()
            .any(|start| verb.starts_with(start));
    if looks && !deletes {
        walker.looks(call);
        return Feed::Unknown;
    }
    walker.plain(call);
    if deletes {
        let rest: Vec<_> = cut.operands.iter().skip(2).copied().collect();
        walker.effect(Delete(Service), &rest, &format!("aws {verb}"), &call.span);
    } else if matches!(verb.as_str(), "cp" | "sync")
        && let Some(target) = cut
            .operands
            .get(3)
            .filter(|field| !field.text().starts_with("s3://"))
    {
        walker.write(target, Overwrite);
    }
    Feed::Unknown
}

/// SQL that drops, deletes or empties, on the command line or on standard input.
fn sql(walker: &mut Walker<'_>, call: &Call<'_>, cut: &Cut<'_>) -> Feed {
    static DROPS: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r"(?is)(^|;|\bbegin\b|\{|\n)\s*(drop\s+(table|database|schema|index|view|collection|column|keyspace|materialized|type|function|role|user)|delete\s+from|truncate(\s+table)?\s+\w|alter\s+table\s+\S+\s+drop)|\.(drop|dropDatabase|deleteMany|deleteOne|remove|drop_collection)\s*\(|^\s*\.(restore)\b").ok()
    });
    static SHELLS: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"(?m)^\s*(?:\\!|\.shell|\.system|system|!)\s+(.+)$").ok());
    static WRITES: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r"(?m)^\s*(?:\\o|\.output|\.once|\.backup|\.save|\\g)\s+(\S+)").ok()
    });
    walker.plain(call);
    let mut texts: Vec<String> = cut
        .values("-c -e --command --execute --eval -cmd -q --query")
        .iter()
        .map(|field| field.text().to_owned())
        .collect();
    for file in cut.values("-f --file") {
        texts.extend(walker.file_feed(&file).text().map(str::to_owned));
    }
    let words = cut
        .operands
        .iter()
        .filter(|field| field.text().contains(' ') || field.text().starts_with('.'));
    texts.extend(words.map(|field| field.text().to_owned()));
    texts.extend(call.feed.text().map(str::to_owned));
    for text in texts {
        if DROPS.as_ref().is_some_and(|regex| regex.is_match(&text)) {
            let name: String = text.trim().chars().take(80).collect();
            walker.delete_named(&name, Service, call.span.clone());
        }
        for found in SHELLS.iter().flat_map(|regex| regex.captures_iter(&text)) {
            if let Some(line) = found.get(1) {
                let line = line.as_str().to_owned();
                walker.follow(&line, call.name, call.span.clone(), Feed::Unknown);
            }
        }
        for found in WRITES.iter().flat_map(|regex| regex.captures_iter(&text)) {
            if let Some(file) = found.get(1) {
                let field = crate::bash::expand::Field::literal(file.as_str(), call.span.clone());
                walker.write(&field, Overwrite);
            }
        }
    }
    for file in cut.values("-o") {
        if matches!(call.name, "psql" | "pgcli") {
            walker.write(&file, Overwrite);
        }
    }
    if matches!(call.name, "sqlite3" | "sqlite" | "duckdb" | "litecli")
        && let Some(database) = cut
            .operands
            .first()
            .filter(|field| !field.text().contains(' ') && field.text() != ":memory:")
    {
        let looks =
            cut.has("-readonly") || call.args.iter().any(|field| field.text() == "-readonly");
        if !looks {
            walker.write(database, crate::policy::WriteHow::Edit);
        }
    }
    Feed::Unknown
}

fn redis(walker: &mut Walker<'_>, call: &Call<'_>, cut: &Cut<'_>) -> Feed {
    walker.plain(call);
    let mut lines: Vec<String> = call
        .feed
        .text()
        .into_iter()
        .flat_map(str::lines)
        .map(str::to_owned)
        .collect();
    let words: Vec<&str> = cut.operands.iter().map(|field| field.text()).collect();
    lines.push(words.join(" "));
    for line in lines {
        let verb = line
            .split_whitespace()
            .next()
            .unwrap_or_default()
            .to_ascii_uppercase();
        if [
            "FLUSHALL", "FLUSHDB", "DEL", "UNLINK", "HDEL", "SREM", "XTRIM", "LTRIM", "SHUTDOWN",
            "ZREM", "JSON.DEL", "GETDEL",
        ]
        .contains(&verb.as_str())
        {
            walker.delete_named(&line, Service, call.span.clone());
        }
    }
    Feed::Unknown
}
