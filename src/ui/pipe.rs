//! Bytes of another program, passed on as they are.

use std::io::{self, Write};

/// Where they go.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Pipe {
    /// To standard output.
    Out,
    /// To standard error.
    Err,
}

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Out => {
                let mut out = io::stdout().lock();
                out.write_all(bytes)?;
                out.flush()?;
            }
            Self::Err => io::stderr().lock().write_all(bytes)?,
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
