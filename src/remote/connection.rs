//! A connection that stays open: the system's `ssh` opens it, so that whatever a host
//! asks reaches the person's terminal; afterwards it is spoken over through its socket.
//!
//! INVARIANT: nothing of this machine is lent to the other: no agent, no display, no
//! forwarded port, no command of ours beside the connection.

use std::ffi::OsString;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use super::command::Program;
use super::{Error, Host, sockets};
use crate::bash::whole;

/// Who can be asked for a password.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Asked {
    /// The person at the terminal.
    Person,
    /// Nobody: where a password is needed, there is no connection.
    Nobody,
}

/// What a command over there said.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Its standard output.
    pub stdout: Vec<u8>,
    /// Its standard error.
    pub stderr: String,
    /// Its exit status.
    pub status: i32,
}

/// An open connection.
#[derive(Clone, Debug)]
pub struct Connection {
    program: Program,
    host: Host,
    pattern: PathBuf,
    socket: PathBuf,
}

/// How the connection is made. What comes first counts, and these come first.
const FIXED: [&str; 10] = [
    "ForwardAgent=no",
    "ForwardX11=no",
    "ClearAllForwardings=yes",
    "PermitLocalCommand=no",
    "Tunnel=no",
    "UpdateHostKeys=no",
    "ServerAliveInterval=15",
    "ServerAliveCountMax=3",
    "RemoteCommand=none",
    "EscapeChar=none",
];
/// An unused connection is kept for so long.
const PERSIST: &str = "ControlPersist=15m";

impl Connection {
    /// Opens a connection, or takes the one that is open.
    ///
    /// # Errors
    /// Where the host is not reached; `ssh` has said why.
    pub fn open(program: &Program, host: &Host, asked: Asked) -> Result<Self, Error> {
        let directory = sockets::directory(&program.writable)?;
        let pattern = sockets::pattern(&directory);
        let mut connection = Self {
            program: program.clone(),
            host: host.clone(),
            socket: PathBuf::new(),
            pattern,
        };
        connection.socket = connection.find()?;
        connection.reopen(asked)?;
        Ok(connection)
    }

    /// Takes a connection that is open; asks nobody and opens none.
    pub fn resume(program: &Program, host: &Host) -> Option<Self> {
        let mut connection = Self {
            program: program.clone(),
            host: host.clone(),
            socket: PathBuf::new(),
            pattern: sockets::known(&program.writable)?,
        };
        connection.socket = connection.find().ok()?;
        connection.is_alive().then_some(connection)
    }

    /// Opens it again where it has dropped.
    ///
    /// # Errors
    /// Where the host is not reached.
    pub fn reopen(&self, asked: Asked) -> Result<(), Error> {
        // Two at once would each ask for the password.
        let lock = self.pattern.with_file_name("lock");
        let here = |source| Error::Here {
            what: format!("`{}`", lock.display()),
            source,
        };
        let lock = File::create(&lock).map_err(here)?;
        lock.lock().map_err(here)?;
        if self.is_alive() {
            return Ok(());
        }
        let mut command = self.ssh("auto", &self.pattern);
        command.args(["-f", "-N", "-T", "-o", PERSIST]);
        if asked == Asked::Nobody {
            command.args(["-o", "BatchMode=yes"]);
        }
        command.args(["-o", "ConnectTimeout=30", "--", self.host.as_str()]);
        command.stdin(Stdio::null()).stdout(Stdio::null());
        let done = command.status().map_err(here)?;
        if done.success() && self.is_alive() {
            Ok(())
        } else {
            Err(Error::Unreached(self.host.clone()))
        }
    }

    /// Returns whether the connection is there.
    pub fn is_alive(&self) -> bool {
        let mut check = self.ssh("no", &self.pattern);
        check.args(["-q", "-O", "check", "--", self.host.as_str()]);
        check
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        self.socket.exists() && check.status().is_ok_and(|status| status.success())
    }

    /// Returns the host.
    pub fn host(&self) -> &Host {
        &self.host
    }

    /// Returns the connection's socket.
    pub fn socket(&self) -> &Path {
        &self.socket
    }

    /// Returns a command that runs a line in the other machine's login shell, over this connection alone.
    pub fn command(&self, line: &str, on_terminal: bool) -> Command {
        let mut command = self.ssh("no", &self.socket);
        // Whatever `ssh` itself would say stands between the bytes of the other side.
        command.args(["-q", "-o", "BatchMode=yes"]);
        // Where the connection has gone meanwhile, another must not be made by the way.
        command.args(["-o", "ProxyCommand=false"]);
        command.arg(if on_terminal { "-t" } else { "-T" });
        command.args(["--", self.host.as_str(), line]);
        command
    }

    /// Runs a script of `sh` over there to its end; `input` is its standard input.
    ///
    /// # Errors
    /// Where the connection has gone, or it takes too long.
    pub fn capture(
        &self,
        script: &str,
        input: Option<File>,
        patience: Duration,
    ) -> Result<Answer, Error> {
        let here = |source| Error::Here {
            what: "a connection's thread".to_owned(),
            source,
        };
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(here)?;
        let session = openssh::Session::resume_mux(self.socket.clone().into(), None);
        let line = format!("exec /bin/sh -c {}", whole(script));
        runtime.block_on(async {
            let mut command = session.raw_command(line);
            match input {
                Some(file) => command.stdin(file),
                None => command.stdin(openssh::Stdio::null()),
            };
            let answer = tokio::time::timeout(patience, command.output()).await;
            let lost = || Error::Lost(self.host.clone());
            let answer = answer.map_err(|_| lost())?.map_err(|_| lost())?;
            let Some(status) = answer.status.code() else {
                return Err(lost());
            };
            Ok(Answer {
                stdout: answer.stdout,
                stderr: String::from_utf8_lossy(&answer.stderr).into_owned(),
                status,
            })
        })
    }

    /// Asks `ssh` where this connection's socket is: it alone knows what `%C` becomes.
    fn find(&self) -> Result<PathBuf, Error> {
        let mut command = self.ssh("no", &self.pattern);
        command.args(["-G", "--", self.host.as_str()]);
        command.stdin(Stdio::null());
        let said = command.output().map_err(|source| Error::Here {
            what: "`ssh`".to_owned(),
            source,
        })?;
        let text = String::from_utf8_lossy(&said.stdout);
        let path = text
            .lines()
            .find_map(|line| line.strip_prefix("controlpath "))
            .map(PathBuf::from);
        let is_ours = |path: &PathBuf| {
            path.parent() == self.pattern.parent()
                && !path.ends_with("%C")
                && !path.ends_with("none")
        };
        path.filter(is_ours).ok_or_else(|| Error::Odd {
            host: self.host.clone(),
            said: String::from_utf8_lossy(&said.stderr).trim().to_owned(),
        })
    }

    /// Begins a command of the system's `ssh`.
    fn ssh(&self, master: &str, path: &Path) -> Command {
        let mut command = Command::new(&self.program.path);
        let variables: Vec<(OsString, OsString)> = self.program.environment.pairs().collect();
        command.env_clear().envs(variables);
        for fixed in FIXED {
            command.args(["-o", fixed]);
        }
        command.args(["-o", &format!("ControlMaster={master}")]);
        command.args(["-o", &format!("ControlPath={}", path.display())]);
        command
    }
}
