//! A terminal of our own: a pty, and the screen that it shows.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::pty::{Winsize, openpty};

/// A program on a terminal.
pub struct Terminal {
    master: File,
    child: Child,
    name: PathBuf,
    pub screen: vt100::Parser,
    /// Everything that the program has written.
    pub written: Vec<u8>,
}

impl Terminal {
    /// Starts a program on a terminal of this size.
    pub fn start(mut command: Command, columns: u16, rows: u16) -> Self {
        let size = Winsize {
            ws_row: rows,
            ws_col: columns,
            ws_xpixel: 0,
            ws_ypixel: 0,
        };
        let pty = openpty(Some(&size), None).unwrap();
        let name = format!("/proc/self/fd/{}", pty.slave.as_raw_fd());
        let name = std::fs::read_link(name).unwrap();
        let slave = |pty: &OwnedFd| pty.try_clone().unwrap();
        command
            .stdin(slave(&pty.slave))
            .stdout(slave(&pty.slave))
            .stderr(slave(&pty.slave))
            .process_group(0);
        // The copy closes on exec: whoever lives on the terminal must not hold its other end.
        let master = File::from(pty.master.try_clone().unwrap());
        drop(pty.master);
        let child = command.spawn().unwrap();
        drop(command);
        drop(pty.slave);
        Self {
            master,
            child,
            name,
            screen: vt100::Parser::new(rows.try_into().unwrap(), columns.try_into().unwrap(), 0),
            written: Vec::new(),
        }
    }

    /// Types.
    pub fn keys(&mut self, keys: &str) {
        self.master.write_all(keys.as_bytes()).unwrap();
    }

    /// Gives it another size.
    pub fn resize(&mut self, columns: u16, rows: u16) {
        let mut stty = Command::new("stty");
        stty.arg("-F").arg(&self.name);
        stty.args(["cols", &columns.to_string(), "rows", &rows.to_string()]);
        assert!(stty.status().unwrap().success());
        let (rows, columns) = (rows.try_into().unwrap(), columns.try_into().unwrap());
        self.screen.screen_mut().set_size(rows, columns);
    }

    /// Takes what is written within a time; claims that there was something.
    pub fn take(&mut self, patience: Duration) -> bool {
        let wait = PollTimeout::try_from(patience).unwrap();
        let mut fds = [PollFd::new(self.master.as_fd(), PollFlags::POLLIN)];
        if poll(&mut fds, wait).unwrap_or(0) == 0 {
            return false;
        }
        let mut bytes = [0; 65536];
        let Ok(count) = self.master.read(&mut bytes) else {
            return false;
        };
        let bytes = &bytes[..count];
        self.written.extend(bytes);
        self.screen.process(bytes);
        // The line editor asks where the cursor is, and waits for the answer.
        for _ in 0..bytes.windows(4).filter(|four| four == b"\x1b[6n").count() {
            let (row, column) = self.screen.screen().cursor_position();
            self.keys(&format!("\x1b[{};{}R", row + 1, column + 1));
        }
        count > 0
    }

    /// Waits until the screen shows something, or stops the test.
    pub fn until(&mut self, what: &str) -> String {
        let deadline = Instant::now() + Duration::from_secs(10);
        while Instant::now() < deadline {
            self.take(Duration::from_millis(20));
            let shown = self.screen.screen().contents();
            if shown.contains(what) {
                // What belongs to it may still come.
                while self.take(Duration::from_millis(60)) {}
                return self.screen.screen().contents();
            }
        }
        panic!(
            "no `{what}` on the screen:\n{}",
            self.screen.screen().contents()
        );
    }

    /// Waits for the end of the program, and returns its status.
    pub fn end(mut self) -> Option<i32> {
        let deadline = Instant::now() + Duration::from_secs(10);
        while Instant::now() < deadline {
            self.take(Duration::from_millis(20));
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
        }
        panic!("it does not end:\n{}", self.screen.screen().contents());
    }

    /// Returns the rows of the screen with a mark under what is underlined.
    pub fn underlined(&self) -> String {
        let screen = self.screen.screen();
        let (rows, columns) = screen.size();
        let mut found = String::new();
        for row in 0..rows.get() {
            for column in 0..columns.get() {
                if let Some(cell) = screen.cell(row, column).filter(|cell| cell.underline()) {
                    found.push_str(cell.contents());
                }
            }
        }
        found
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
