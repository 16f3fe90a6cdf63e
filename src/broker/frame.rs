//! What shim and broker say to each other, byte by byte, with a limit on everything.
//!
//! A request is a header (`HLRP`, a version, the descriptors that come with it, the length),
//! then lists of byte strings, each with its length before it. Afterwards the shim sends one
//! byte a signal, and the broker messages: a tag, a length, that many bytes.
//!
//! INVARIANT: reading never takes more memory than the limits say, whatever the bytes are.

use std::ffi::{OsStr, OsString};
use std::io::{self, Read, Write};
use std::os::unix::ffi::{OsStrExt, OsStringExt};

use super::Called;

/// Bytes of a header.
pub const HEADER: usize = 12;
/// Bytes of a request after its header.
pub const MOST_BYTES: usize = 16 << 20;
/// Strings in one list.
pub const MOST_WORDS: usize = 100_000;
/// Bytes of one message to the shim.
const MOST_MESSAGE: usize = 4 << 20;

const MAGIC: [u8; 4] = *b"HLRP";
const VERSION: u8 = 1;

/// What the shim asks.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Asked {
    /// The program that was called.
    pub called: Called,
    /// Its arguments, without its name.
    pub args: Vec<OsString>,
    /// The caller's environment.
    pub environment: Vec<OsString>,
    /// The caller's file mode mask.
    pub umask: u32,
    /// Whether its standard input is a terminal.
    pub on_terminal: bool,
    /// The batch script, where there is one.
    pub script: Option<Vec<u8>>,
}

/// What the broker answers.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Answer {
    /// The client has ended: its wait status.
    Ended(i32),
    /// It was not carried out: the exit status, and what the caller is told.
    Refused(u8, String),
    /// An allocation is there: run the command with these variables, then hang up.
    Granted(Vec<OsString>),
}

/// Why bytes are no message.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Malformed {
    /// They are not of this protocol.
    #[error("not a request of this program")]
    Foreign,
    /// They are more than allowed.
    #[error("the request is too large: {what}")]
    TooLarge {
        /// Of what there is too much.
        what: &'static str,
    },
    /// They end too early, or say nothing that is known.
    #[error("the request makes no sense: {what}")]
    Garbled {
        /// What was being read.
        what: &'static str,
    },
}

/// Returns the header of a request with this many bytes after it.
///
/// # Errors
/// Where it would be too large.
pub fn header(length: usize) -> Result<[u8; HEADER], Malformed> {
    let length = u32::try_from(length)
        .ok()
        .filter(|_| length <= MOST_BYTES)
        .ok_or(Malformed::TooLarge { what: "its bytes" })?;
    let [m0, m1, m2, m3] = MAGIC;
    let [l0, l1, l2, l3] = length.to_be_bytes();
    Ok([m0, m1, m2, m3, VERSION, 0, 0, 0, l0, l1, l2, l3])
}

/// Returns how many bytes come after a header.
///
/// # Errors
/// Where it is none, or announces too much.
pub fn length_after(header: [u8; HEADER]) -> Result<usize, Malformed> {
    let [m0, m1, m2, m3, version, z0, z1, z2, l0, l1, l2, l3] = header;
    if [m0, m1, m2, m3] != MAGIC || version != VERSION || [z0, z1, z2] != [0; 3] {
        return Err(Malformed::Foreign);
    }
    let length = u32::from_be_bytes([l0, l1, l2, l3]);
    usize::try_from(length)
        .ok()
        .filter(|length| *length <= MOST_BYTES)
        .ok_or(Malformed::TooLarge { what: "its bytes" })
}

impl Asked {
    /// Returns the bytes after the header.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        put(&mut bytes, self.called.name().as_bytes());
        bytes.extend(self.umask.to_be_bytes());
        bytes.push(u8::from(self.on_terminal));
        put_list(&mut bytes, &self.args);
        put_list(&mut bytes, &self.environment);
        match &self.script {
            Some(script) => {
                bytes.push(1);
                put(&mut bytes, script);
            }
            None => bytes.push(0),
        }
        bytes
    }

    /// Reads the bytes after the header.
    ///
    /// # Errors
    /// Where they are not exactly one request.
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut rest = Rest(bytes);
        let called = rest.string("the program")?;
        let called = Called::named(OsStr::from_bytes(called)).ok_or(Malformed::Garbled {
            what: "no such program",
        })?;
        let umask = rest.number("the mask")? & 0o777;
        let on_terminal = match rest.bytes(1, "its input")? {
            [0] => false,
            [1] => true,
            _ => return Err(Malformed::Garbled { what: "its input" }),
        };
        let args = rest.list("the arguments")?;
        let environment = rest.list("the environment")?;
        let script = match rest.bytes(1, "the script")? {
            [0] => None,
            [1] => Some(rest.string("the script")?.to_vec()),
            _ => return Err(Malformed::Garbled { what: "the script" }),
        };
        if !rest.0.is_empty() {
            return Err(Malformed::Garbled { what: "its end" });
        }
        Ok(Self {
            called,
            args,
            environment,
            umask,
            on_terminal,
            script,
        })
    }
}

impl Answer {
    /// Writes it.
    ///
    /// # Errors
    /// What the socket says.
    pub fn write(&self, to: &mut impl Write) -> io::Result<()> {
        let (tag, body) = match self {
            Self::Ended(status) => (b'e', status.to_be_bytes().to_vec()),
            Self::Refused(status, text) => {
                let mut body = vec![*status];
                body.extend(text.bytes().take(MOST_MESSAGE - 1));
                (b'r', body)
            }
            Self::Granted(variables) => {
                let mut body = Vec::new();
                put_list(&mut body, variables);
                (b'g', body)
            }
        };
        let mut message = vec![tag];
        message.extend(u32::try_from(body.len()).unwrap_or(u32::MAX).to_be_bytes());
        message.extend(body);
        to.write_all(&message)
    }

    /// Reads one; `None` where the broker has hung up.
    ///
    /// # Errors
    /// What the socket says; `InvalidData` where it is none.
    pub fn read(from: &mut impl Read) -> io::Result<Option<Self>> {
        let garbled = || io::Error::from(io::ErrorKind::InvalidData);
        let mut tag = [0];
        if from.read(&mut tag)? == 0 {
            return Ok(None);
        }
        let mut length = [0; 4];
        from.read_exact(&mut length)?;
        let length = usize::try_from(u32::from_be_bytes(length)).map_err(|_| garbled())?;
        if length > MOST_MESSAGE {
            return Err(garbled());
        }
        let mut body = vec![0; length];
        from.read_exact(&mut body)?;
        let mut rest = Rest(&body);
        let answer = match tag {
            [b'e'] => {
                let status = rest.number("the status").map_err(|_| garbled())?;
                Self::Ended(status.cast_signed())
            }
            [b'r'] => {
                let (status, text) = body.split_first().ok_or_else(garbled)?;
                Self::Refused(*status, String::from_utf8_lossy(text).into_owned())
            }
            [b'g'] => Self::Granted(rest.list("the variables").map_err(|_| garbled())?),
            _ => return Err(garbled()),
        };
        Ok(Some(answer))
    }
}

fn put(bytes: &mut Vec<u8>, string: &[u8]) {
    // What is too long for its length is too long for the request, and is refused by its header.
    let length = u32::try_from(string.len()).unwrap_or(u32::MAX);
    bytes.extend(length.to_be_bytes());
    bytes.extend(string);
}

fn put_list(bytes: &mut Vec<u8>, words: &[OsString]) {
    let count = u32::try_from(words.len()).unwrap_or(u32::MAX);
    bytes.extend(count.to_be_bytes());
    for word in words {
        put(bytes, word.as_bytes());
    }
}

/// What is not read yet.
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn bytes(&mut self, count: usize, what: &'static str) -> Result<&'a [u8], Malformed> {
        let (taken, rest) = self
            .0
            .split_at_checked(count)
            .ok_or(Malformed::Garbled { what })?;
        self.0 = rest;
        Ok(taken)
    }

    fn number(&mut self, what: &'static str) -> Result<u32, Malformed> {
        let bytes = self.bytes(4, what)?;
        let bytes = <[u8; 4]>::try_from(bytes).map_err(|_| Malformed::Garbled { what })?;
        Ok(u32::from_be_bytes(bytes))
    }

    fn string(&mut self, what: &'static str) -> Result<&'a [u8], Malformed> {
        let length = self.number(what)?;
        let length = usize::try_from(length).map_err(|_| Malformed::TooLarge { what })?;
        self.bytes(length, what)
    }

    fn list(&mut self, what: &'static str) -> Result<Vec<OsString>, Malformed> {
        let count = self.number(what)?;
        let count = usize::try_from(count)
            .ok()
            .filter(|count| *count <= MOST_WORDS)
            .ok_or(Malformed::TooLarge { what })?;
        // Each word takes four bytes at least, so nothing is made room for that is not there.
        let mut words = Vec::with_capacity(count.min(self.0.len() / 4));
        for _ in 0..count {
            let word = self.string(what)?;
            if word.contains(&0) {
                return Err(Malformed::Garbled { what });
            }
            words.push(OsString::from_vec(word.to_vec()));
        }
        Ok(words)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::slurm::client::Client;

    fn asked() -> Asked {
        Asked {
            called: Called::Slurm(Client::Sbatch),
            args: vec!["--wrap".into(), OsString::from_vec(vec![0xFF, b'x'])],
            environment: vec!["A=1".into(), "B=".into()],
            umask: 0o027,
            on_terminal: true,
            script: Some(b"#!/bin/sh\n\0".to_vec()),
        }
    }

    #[test]
    fn a_request_comes_as_it_was_sent() {
        assert_eq!(Asked::decode(&asked().encode()).unwrap(), asked());
        let bare = Asked {
            script: None,
            args: Vec::new(),
            ..asked()
        };
        assert_eq!(Asked::decode(&bare.encode()).unwrap(), bare);
        assert_eq!(length_after(header(77).unwrap()).unwrap(), 77);
    }

    #[test]
    fn answers_come_as_they_were_sent() {
        for answer in [
            Answer::Ended(-1),
            Answer::Ended(0x0700),
            Answer::Refused(77, "no\nand why".to_owned()),
            Answer::Granted(vec!["SLURM_JOB_ID=7".into()]),
        ] {
            let mut bytes = Vec::new();
            answer.write(&mut bytes).unwrap();
            assert_eq!(Answer::read(&mut &bytes[..]).unwrap(), Some(answer));
        }
        assert_eq!(Answer::read(&mut &b""[..]).unwrap(), None);
    }

    #[test]
    fn what_is_cut_or_has_more_behind_it_is_no_request() {
        let whole = asked().encode();
        for length in 0..whole.len() {
            assert!(Asked::decode(&whole[..length]).is_err());
        }
        let mut more = whole;
        more.push(0);
        assert!(Asked::decode(&more).is_err());
    }

    #[test]
    fn what_announces_too_much_is_refused_before_room_is_made() {
        assert!(header(MOST_BYTES + 1).is_err());
        let mut large = header(1).unwrap();
        large[8] = 0xFF;
        assert!(matches!(
            length_after(large),
            Err(Malformed::TooLarge { .. })
        ));
        let mut foreign = header(1).unwrap();
        foreign[0] = b'X';
        assert!(matches!(length_after(foreign), Err(Malformed::Foreign)));
        let mut bytes = Vec::new();
        put(&mut bytes, b"squeue");
        bytes.extend(0_u32.to_be_bytes());
        bytes.push(0);
        bytes.extend(u32::MAX.to_be_bytes());
        assert!(matches!(
            Asked::decode(&bytes),
            Err(Malformed::TooLarge { .. })
        ));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = Asked::decode(&bytes);
            let _ = Answer::read(&mut &bytes[..]);
        }
    }
}
