//! A whole terminal that is written over again and again, and given back as it was.

use std::io::{self, IsTerminal, Read, Write};

use nix::sys::termios::{
    LocalFlags, SetArg, SpecialCharacterIndices, Termios, tcgetattr, tcsetattr,
};

use crate::sys::terminal;

/// The terminal, taken over until this is dropped.
pub struct Screen {
    before: Termios,
}

/// Alternate screen, no cursor, long lines cut.
const ENTER: &[u8] = b"\x1b[?1049h\x1b[?25l\x1b[?7l";
const LEAVE: &[u8] = b"\x1b[?7h\x1b[?25h\x1b[?1049l";

impl Screen {
    /// Returns whether there is a terminal to take: keys come from it, and it shows data.
    pub fn is_there() -> bool {
        io::stdin().is_terminal() && io::stdout().is_terminal()
    }

    /// Takes the terminal. Keys come at once and are not shown; Ctrl-C is a key.
    ///
    /// # Errors
    /// What `tcsetattr(3)` says.
    pub fn take() -> io::Result<Self> {
        let stdin = io::stdin();
        let before = tcgetattr(&stdin)?;
        let mut raw = before.clone();
        let off = LocalFlags::ICANON | LocalFlags::ECHO | LocalFlags::ISIG;
        raw.local_flags.remove(off);
        for (index, value) in [
            (SpecialCharacterIndices::VMIN, 0),
            (SpecialCharacterIndices::VTIME, 0),
        ] {
            if let Some(place) = raw.control_chars.get_mut(index as usize) {
                *place = value;
            }
        }
        tcsetattr(&stdin, SetArg::TCSAFLUSH, &raw)?;
        let screen = Self { before };
        write(ENTER)?;
        Ok(screen)
    }

    /// Returns columns and rows as they are now.
    pub fn size(&self) -> (usize, usize) {
        use std::os::fd::AsFd;
        terminal::size(io::stdout().as_fd()).unwrap_or((80, 24))
    }

    /// Shows these lines, from the top; those that there are no rows for are left out.
    ///
    /// # Errors
    /// Where the terminal has gone.
    pub fn draw(&mut self, lines: &[String]) -> io::Result<()> {
        let (_, rows) = self.size();
        let choice = anstream::AutoStream::choice(&io::stdout());
        let is_plain = choice == anstream::ColorChoice::Never;
        let mut text = String::from("\x1b[H");
        let shown = lines.iter().take(rows.max(1));
        for (row, line) in shown.enumerate() {
            if row > 0 {
                text.push_str("\r\n");
            }
            if is_plain {
                text.push_str(&anstream::adapter::strip_str(line).to_string());
            } else {
                text.push_str(line);
            }
            text.push_str("\x1b[K");
        }
        text.push_str("\x1b[J");
        write(text.as_bytes())
    }

    /// Returns the keys that were pressed.
    pub fn keys(&mut self) -> Vec<u8> {
        let mut keys = [0; 64];
        let read = io::stdin().lock().read(&mut keys).unwrap_or(0);
        keys.get(..read).unwrap_or_default().to_vec()
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        // What cannot be given back is gone.
        let _ = write(LEAVE);
        let _ = tcsetattr(io::stdin(), SetArg::TCSAFLUSH, &self.before);
    }
}

fn write(bytes: &[u8]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(bytes)?;
    out.flush()
}
