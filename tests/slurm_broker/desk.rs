//! A broker with fake clients, and a caller that speaks its language.

use std::collections::BTreeMap;
use std::fs::{self, File, Permissions};
use std::io::{PipeReader, Read, Write};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hlrp_sh::broker::frame::{Answer, Asked, header};
use hlrp_sh::broker::{Broker, Called, Carry, Door, Kind, Refusal, SOCKET};
use hlrp_sh::slurm::client::{Client, Clients, Environment};
use hlrp_sh::sys::socket;
use tempfile::TempDir;

/// What the tests' vetter makes of a request.
pub type Verdict = Result<Carry, Refusal>;

/// A broker that runs, in this process: so what this process dials is let in.
pub struct Desk {
    pub directory: TempDir,
    door: PathBuf,
    /// The requests that were recorded.
    pub recorded: Arc<Mutex<Vec<hlrp_sh::broker::Call>>>,
    /// While this is open the broker runs.
    _life: OwnedFd,
}

/// Carries a request out as it is.
pub fn as_it_is(request: &hlrp_sh::broker::Call, kind: Kind) -> Carry {
    Carry {
        args: request.args.clone(),
        environment: Vec::new(),
        files: Vec::new(),
        opened: Vec::new(),
        reads_input: true,
        kind,
    }
}

impl Desk {
    /// Starts a broker whose clients are these scripts, and whose vetter is this function.
    pub fn new(
        fakes: &[(Client, &str)],
        vetter: impl Fn(&hlrp_sh::broker::Call) -> Verdict + Send + Sync + 'static,
    ) -> Self {
        Self::with_record(fakes, vetter, true)
    }

    /// The same, where recording works or not.
    pub fn with_record(
        fakes: &[(Client, &str)],
        vetter: impl Fn(&hlrp_sh::broker::Call) -> Verdict + Send + Sync + 'static,
        records: bool,
    ) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let mut found = BTreeMap::new();
        for (client, script) in fakes {
            let path = directory.path().join(format!("fake-{}", client.name()));
            fs::write(&path, format!("#!/bin/bash\n{script}\n")).unwrap();
            fs::set_permissions(&path, Permissions::from_mode(0o755)).unwrap();
            found.insert(*client, path);
        }
        let scratch = directory.path().join("scratch");
        fs::create_dir(&scratch).unwrap();
        let program = Path::new(env!("CARGO_BIN_EXE_hlrp-sh"));
        let door = Door::make(&scratch, program, Client::ALL.map(Client::name)).unwrap();
        let place = door.directory().to_owned();
        let recorded = Arc::new(Mutex::new(Vec::new()));
        let record = Arc::clone(&recorded);
        let broker = Broker {
            door,
            clients: Clients::at(found, Environment::of_caller()),
            ssh: None,
            vetter: Box::new(vetter),
            witness: Box::new(move |request, _| {
                record.lock().unwrap().push(request.clone());
                if records {
                    Ok(())
                } else {
                    Err(std::io::Error::other("no room"))
                }
            }),
        };
        let (life, held) = std::io::pipe().unwrap();
        let supervisor = i32::try_from(std::process::id()).unwrap();
        std::thread::spawn(move || broker.serve(supervisor, &life.into()));
        Self {
            directory,
            door: place,
            recorded,
            _life: held.into(),
        }
    }

    /// Starts a broker that carries everything out as it is.
    pub fn open(fakes: &[(Client, &str)], kind: Kind) -> Self {
        Self::new(fakes, move |request| Ok(as_it_is(request, kind.clone())))
    }

    /// Returns the directory with the clients' names.
    pub fn door(&self) -> &Path {
        &self.door
    }

    /// Dials.
    pub fn dial(&self) -> UnixStream {
        let connection = UnixStream::connect(self.door.join(SOCKET)).unwrap();
        let patience = Some(Duration::from_secs(20));
        connection.set_read_timeout(patience).unwrap();
        connection
    }

    /// Asks, with this standard input.
    pub fn ask(&self, client: Client, args: &[&str], input: &[u8]) -> Call {
        let mut asked = asked(client, args);
        asked.umask = 0o027;
        self.ask_as(&asked, input)
    }

    /// Asks all of this, with this standard input.
    pub fn ask_as(&self, asked: &Asked, input: &[u8]) -> Call {
        let (stdin, mut feed) = std::io::pipe().unwrap();
        feed.write_all(input).unwrap();
        drop(feed);
        let (out, stdout) = std::io::pipe().unwrap();
        let (err, stderr) = std::io::pipe().unwrap();
        let cwd = File::open(self.directory.path()).unwrap();
        let mut connection = self.dial();
        let body = asked.encode();
        let handed = [cwd.as_fd(), stdin.as_fd(), stdout.as_fd(), stderr.as_fd()];
        send(&mut connection, &body, &handed);
        Call {
            connection,
            out,
            err,
        }
    }
}

/// Returns a request without environment or script.
pub fn asked(client: Client, args: &[&str]) -> Asked {
    Asked {
        called: Called::Slurm(client),
        args: args.iter().map(Into::into).collect(),
        environment: vec!["CALLER=yes".into()],
        umask: 0o022,
        on_terminal: false,
        script: None,
    }
}

/// Sends a request with these descriptors.
pub fn send(connection: &mut UnixStream, body: &[u8], handed: &[BorrowedFd<'_>]) {
    let header = header(body.len()).unwrap();
    socket::send_with(connection.as_fd(), &header, handed).unwrap();
    match connection.write_all(body) {
        // Turned away already; that is what some tests ask for.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => {}
        written => written.unwrap(),
    }
}

/// A request that is being carried out.
pub struct Call {
    pub connection: UnixStream,
    out: PipeReader,
    err: PipeReader,
}

impl Call {
    /// Waits for the answer.
    pub fn answer(&mut self) -> Answer {
        Answer::read(&mut self.connection).unwrap().unwrap()
    }

    /// Waits for the answer, and returns it with what was said on output and error.
    pub fn end(mut self) -> (Answer, String, String) {
        let (mut out, mut err) = (String::new(), String::new());
        self.out.read_to_string(&mut out).unwrap();
        self.err.read_to_string(&mut err).unwrap();
        (self.answer(), out, err)
    }

    /// Returns the next line of output.
    pub fn line(&mut self) -> String {
        let mut line = Vec::new();
        let mut byte = [0];
        while self.out.read(&mut byte).unwrap() == 1 && byte != *b"\n" {
            line.push(byte[0]);
        }
        String::from_utf8(line).unwrap()
    }

    /// Passes a signal on.
    pub fn signal(&mut self, number: i32) {
        let byte = u8::try_from(number).unwrap();
        self.connection.write_all(&[byte]).unwrap();
    }
}
