//! Does the guard hold? A program is started in it, and a removal is tried that it must refuse.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use super::Finding;
use super::root::Ground;
use crate::error::code;
use crate::policy::GuardLevel;
use crate::session::Session;
use crate::sys::process::is_guarded;

/// What became of a program that does nothing: the level it ran at, or why it did not.
pub type Started = Result<GuardLevel, String>;
/// Starts that program.
pub type Trial<'a> = dyn Fn() -> Started + 'a;

/// The program and the file come from the environment, so that no analysis of the line
/// can answer in place of the guard.
const LINE: &str = r#""$HLRP_DOCTOR_PROGRAM" -f -- "$HLRP_DOCTOR_FILE""#;

pub(super) fn run(session: &Session, start: &Trial<'_>) -> Vec<Finding> {
    if is_guarded() {
        let found = "not tried from inside a session";
        let then = "run `hlrp-sh doctor` outside it to have the guard tried";
        return vec![Finding::degraded("trial", found, then)];
    }
    let started = match start() {
        Ok(level @ GuardLevel::A) => Finding::ok("trial", ran(level)),
        Ok(level) => Finding::degraded(
            "trial",
            ran(level),
            "the same is refused as at level A, by slower means",
        ),
        Err(reason) => {
            let fix = "mend what `guard`, `notification` or `ptrace` say above";
            let found = format!("/bin/true does not start in the guard: {reason}");
            return vec![Finding::missing("trial", found, fix)];
        }
    };
    let refused = session
        .context
        .roots
        .first()
        .map(|root| refuses(root, session));
    [started].into_iter().chain(refused).collect()
}

fn ran(level: GuardLevel) -> String {
    format!("/bin/true ran in the guard at level {level:?}")
}

/// Tries to remove, from inside, a file that was there before.
fn refuses(root: &Path, session: &Session) -> Finding {
    const SUBJECT: &str = "refusal";
    let shown = root.display();
    let unable = |reason: String| {
        let fix = "`hlrp-sh run -- true` says more";
        Finding::missing(SUBJECT, format!("not tried in {shown}: {reason}"), fix)
    };
    let tried = (|| {
        let mut ground = Ground::new(root, &format!("{}-trial", session.id))?;
        let (path, _) = ground.file("kept")?;
        let program = std::env::current_exe()?;
        let output = Command::new(program)
            .args(["run", "--", "bash", "-c", LINE])
            .env("HLRP_DOCTOR_PROGRAM", "rm")
            .env("HLRP_DOCTOR_FILE", &path)
            .env_remove("BASH_ENV")
            .stdin(Stdio::null())
            .output()?;
        let is_there = fs::read(&path).is_ok_and(|text| text == b"kept");
        Ok::<_, std::io::Error>((output, is_there))
    })();
    let (output, is_there) = match tried {
        Ok(tried) => tried,
        Err(error) => return unable(error.to_string()),
    };
    match (output.status.code(), is_there) {
        (_, false) => Finding::missing(
            SUBJECT,
            format!("a file that was there before was removed from inside in {shown}"),
            "trust no session on this machine, and report this with the output of `hlrp-sh doctor --json`",
        ),
        (Some(1), true) => Finding::ok(
            SUBJECT,
            format!("removing a file that was there before is refused in {shown}"),
        ),
        (Some(status), true) if status == i32::from(code::DENIED) => Finding::degraded(
            SUBJECT,
            "the policy here refuses the trial itself, before it runs",
            "whether the kernel refuses a removal too was not tried",
        ),
        (_, true) => {
            let text = String::from_utf8_lossy(&output.stderr);
            unable(text.lines().next().unwrap_or("it did not run").to_owned())
        }
    }
}
