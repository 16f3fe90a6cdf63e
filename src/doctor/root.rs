//! What may be written, and what the file system of each root can do.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::os::fd::AsFd;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use nix::fcntl::RenameFlags;

use super::Finding;
use crate::guard::Births;
use crate::policy::{HostClass, Limit};
use crate::session::Session;
use crate::sys::{file, names};

pub(super) fn look(session: &Session) -> Vec<Finding> {
    let mut findings = vec![roots(session), dss(session)];
    let limit = session.policy.limit(Limit::RetainCopyLimit);
    let limit = Limit::RetainCopyLimit.display(limit);
    for root in &session.context.roots {
        findings.push(births(root));
        findings.extend(tried(root, &session.id, &limit));
    }
    findings
}

fn roots(session: &Session) -> Finding {
    let roots: Vec<String> = session
        .context
        .roots
        .iter()
        .map(|root| root.display().to_string())
        .collect();
    match &session.advice {
        _ if !roots.is_empty() => Finding::ok("roots", roots.join(", ")),
        Some(advice) => Finding::missing("roots", "nothing may be written", advice.clone()),
        None => Finding::missing(
            "roots",
            "nothing may be written",
            "export HLRP_DSS=DIRECTORY",
        ),
    }
}

fn dss(session: &Session) -> Finding {
    let context = &session.context;
    let line = format!("export HLRP_DSS=/dss/GROUP/{}", context.user);
    let fix = format!(
        "{line}, or in your policy: [roots] dss = \"/dss/GROUP/{}\"",
        context.user
    );
    let named = context
        .evidence
        .iter()
        .find(|fact| fact.contains("names the DSS directory"));
    let refused = context
        .evidence
        .iter()
        .find(|fact| fact.starts_with("HLRP_DSS names ") || fact.starts_with("the policy names "));
    match (named, refused, context.class) {
        (Some(fact), _, _) => Finding::ok("dss", fact.clone()),
        (None, Some(fact), _) => Finding::missing("dss", fact.clone(), fix),
        (None, None, HostClass::Workstation) => Finding::ok(
            "dss",
            format!("none is named, and none is needed here; {line} adds one"),
        ),
        (None, None, HostClass::Login | HostClass::Compute) => {
            Finding::missing("dss", "none is named", fix)
        }
    }
}

fn births(root: &Path) -> Finding {
    if Births::begin(&[root.to_owned()]).are_kept() {
        Finding::ok(
            "births",
            format!("birth times can be trusted in {}", root.display()),
        )
    } else {
        Finding::degraded(
            "births",
            format!("no birth times to trust in {}", root.display()),
            "the supervisor watches every creation there, which is slower",
        )
    }
}

fn tried(root: &Path, id: &str, limit: &str) -> Vec<Finding> {
    let shown = root.display();
    let mut ground = match Ground::new(root, id) {
        Ok(ground) => ground,
        Err(error) => {
            let fix = "make it writable for you, or see `hlrp-sh context` for why it is a root";
            let found = format!("nothing can be made in {shown}: {error}");
            return vec![Finding::missing("writing", found, fix)];
        }
    };
    let reflinks = match ground.reflink() {
        Ok(()) => Finding::ok(
            "reflinks",
            format!("what is edited in {shown} is kept at no cost"),
        ),
        Err(_) => Finding::degraded(
            "reflinks",
            format!("none in {shown}"),
            format!(
                "a file that is edited is copied first, up to {limit}; above it an edit is refused"
            ),
        ),
    };
    let exchange = match ground.exchange() {
        Ok(()) => Finding::ok("exchange", format!("names can be exchanged in {shown}")),
        Err(error) => Finding::degraded(
            "exchange",
            format!("no RENAME_EXCHANGE in {shown}: {error}"),
            format!("a file that is emptied is copied first, up to {limit}"),
        ),
    };
    vec![reflinks, exchange]
}

/// A fresh directory below a root. INVARIANT: what it removes is what it made.
pub(super) struct Ground {
    directory: PathBuf,
    made: Vec<PathBuf>,
}

impl Ground {
    pub(super) fn new(root: &Path, id: &str) -> io::Result<Self> {
        let directory = root.join(format!(".hlrp-doctor-{id}"));
        DirBuilder::new().mode(0o700).create(&directory)?;
        let made = Vec::new();
        Ok(Self { directory, made })
    }

    /// Makes a file with its own name as content.
    pub(super) fn file(&mut self, name: &str) -> io::Result<(PathBuf, File)> {
        use std::io::Write;
        let path = self.directory.join(name);
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create_new(true)
            .open(&path)?;
        self.made.push(path.clone());
        file.write_all(name.as_bytes())?;
        Ok((path, file))
    }

    fn reflink(&mut self) -> io::Result<()> {
        let (_, from) = self.file("from")?;
        let (_, to) = self.file("to")?;
        file::reflink(from.as_fd(), to.as_fd())
    }

    fn exchange(&mut self) -> io::Result<()> {
        self.file("one")?;
        self.file("other")?;
        let directory = file::open_path(&self.directory, nix::fcntl::OFlag::O_PATH)?;
        let at = directory.as_fd();
        names::rename(at, c"one", at, c"other", RenameFlags::RENAME_EXCHANGE)
    }
}

impl Drop for Ground {
    fn drop(&mut self) {
        for path in &self.made {
            let _ = fs::remove_file(path);
        }
        let _ = fs::remove_dir(&self.directory);
    }
}
