//! Our program put onto another machine: a static binary, in a directory named after
//! its version and content, where it is never overwritten; `~/.local/bin` leads to it.
//!
//! INVARIANT: nothing that was over there is deleted or overwritten; what is called is
//! what was sent, by its hash, or nothing.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sha2::{Digest, Sha256};

use super::{Connection, Error, Hello, PROTOCOL};
use crate::bash::whole;

/// How long the other machine may take to answer, and to take the program.
const PATIENCE: Duration = Duration::from_secs(30);
const LONG: Duration = Duration::from_secs(900);
/// Digits of the hash in a directory's name.
const DIGITS: usize = 16;
/// Bytes of a file that say what kind of program it is.
const HEAD: u64 = 64 << 10;

/// A program that can be sent.
#[derive(Clone, Debug)]
pub struct Binary {
    /// Where it is here.
    pub path: PathBuf,
    /// The hash of its content.
    pub hash: String,
    /// Its length.
    pub size: u64,
    /// The machine that it is for, as `uname -m` has it.
    pub machine: &'static str,
}

impl Binary {
    /// Examines a program: static, for Linux, whole.
    ///
    /// # Errors
    /// Where it cannot be read or is none of that.
    pub fn examine(path: &Path) -> Result<Self, Error> {
        let here = |source| Error::Here {
            what: format!("`{}`", path.display()),
            source,
        };
        let mut file = File::open(path).map_err(here)?;
        let found = file.metadata().map_err(here)?;
        let no = |why: &str| Error::Binary(format!("`{}` {why}", path.display()));
        if !found.is_file() {
            return Err(no("is no file"));
        }
        let mut head = Vec::new();
        file.by_ref()
            .take(HEAD)
            .read_to_end(&mut head)
            .map_err(here)?;
        let machine = machine(&head).map_err(no)?;
        let mut hash = Sha256::new();
        hash.update(&head);
        let mut piece = vec![0; 1 << 16];
        let mut size = head.len() as u64;
        loop {
            let count = file.read(&mut piece).map_err(here)?;
            let Some(read) = piece.get(..count).filter(|read| !read.is_empty()) else {
                break;
            };
            hash.update(read);
            size += count as u64;
        }
        let hash = hash.finalize();
        let hash = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Self {
            path: path.to_owned(),
            hash,
            size,
            machine,
        })
    }

    /// Returns the directory that it gets, below the home directory over there.
    pub fn place(&self) -> String {
        let digits: String = self.hash.chars().take(DIGITS).collect();
        format!(
            ".local/share/hlrp-sh/versions/{}-{digits}",
            env!("CARGO_PKG_VERSION")
        )
    }
}

/// Asks the program over there who it is. Nothing where there is none.
///
/// # Errors
/// Where the connection has gone.
pub fn greet(connection: &Connection) -> Result<Option<Greeting>, Error> {
    let answer = connection.capture(&super::hello(), None, PATIENCE)?;
    Ok(match answer.status {
        ABSENT => None,
        _ => Some(Greeting::read(&answer.stdout)),
    })
}

/// What there is over there.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Greeting {
    /// It speaks as we do.
    Fits(Hello),
    /// It speaks otherwise.
    Other(Hello),
    /// It does not know the question: older than any protocol, or no program of ours.
    Mute,
}

impl Greeting {
    fn read(said: &[u8]) -> Self {
        // Start-up files of a login shell may have said something before.
        let text = String::from_utf8_lossy(said);
        let last = text.lines().rev().find(|line| line.starts_with('{'));
        match last.and_then(|line| serde_json::from_str::<Hello>(line).ok()) {
            Some(hello) if hello.protocol == PROTOCOL => Self::Fits(hello),
            Some(hello) => Self::Other(hello),
            None => Self::Mute,
        }
    }
}

/// Puts a program there, and has `~/.local/bin/hlrp-sh` lead to it.
///
/// # Errors
/// Where it does not arrive whole, does not run there, or something else lies at its place.
pub fn install(connection: &Connection, binary: &Binary) -> Result<String, Error> {
    let odd = |said: String| Error::Odd {
        host: connection.host().clone(),
        said,
    };
    let answer = connection.capture("uname -s; uname -m", None, PATIENCE)?;
    let text = String::from_utf8_lossy(&answer.stdout).into_owned();
    let mut last = text.lines().rev();
    let (machine, system) = (last.next(), last.next());
    if (system, machine) != (Some("Linux"), Some(binary.machine)) {
        return Err(Error::Binary(format!(
            "`{}` is for Linux on {}, and {} is {}",
            binary.path.display(),
            binary.machine,
            connection.host(),
            text.split_whitespace().collect::<Vec<_>>().join(" ")
        )));
    }
    let names = format!(
        "place={}; hash={}",
        whole(&binary.place()),
        whole(&binary.hash)
    );
    let sum = format!("{names}; {SUM}");
    let there = connection.capture(&format!("{sum}{LOOK}"), None, PATIENCE)?;
    if there.status == ABSENT {
        let file = File::open(&binary.path).map_err(|source| Error::Here {
            what: format!("`{}`", binary.path.display()),
            source,
        })?;
        let sent = connection.capture(&format!("{sum}{TAKE}"), Some(file), LONG)?;
        if sent.status != 0 {
            return Err(odd(said(&sent.stderr)));
        }
    } else if there.status != 0 {
        return Err(odd(said(&there.stderr)));
    }
    // Before anything leads to it.
    let hello = connection.capture(&format!("{names}; {TRY}"), None, PATIENCE)?;
    match Greeting::read(&hello.stdout) {
        Greeting::Fits(_) => {}
        Greeting::Other(_) | Greeting::Mute => {
            return Err(odd(format!(
                "the program that was sent does not run there as it does here: {}",
                said(&hello.stderr)
            )));
        }
    }
    let linked = connection.capture(&format!("{names}; {LINK}"), None, PATIENCE)?;
    if linked.status != 0 {
        return Err(odd(said(&linked.stderr)));
    }
    Ok(format!("~/{}/hlrp-sh", binary.place()))
}

/// Status of a look that found nothing there. Not 127: that is an error of the connection to `openssh`.
const ABSENT: i32 = 3;

/// Says the hash of a file by whatever the machine has.
const SUM: &str = r#"sum() {
  if command -v sha256sum >/dev/null 2>&1; then sha256sum <"$1"
  elif command -v shasum >/dev/null 2>&1; then shasum -a 256 <"$1"
  elif command -v openssl >/dev/null 2>&1; then openssl dgst -sha256 -r <"$1"
  else echo 'there is no sha256sum, so nothing can be compared' >&2; fi | cut -d' ' -f1
}
umask 077
cd "$HOME" || exit 1
"#;

/// Is it there, and is it whole?
const LOOK: &str = r#"
[ -e "$place/hlrp-sh" ] || [ -L "$place/hlrp-sh" ] || exit 3
[ -f "$place/hlrp-sh" ] && [ "$(sum "$place/hlrp-sh")" = "$hash" ] && exit 0
echo "~/$place/hlrp-sh is not what it is named after, and is left as it is" >&2
exit 1
"#;

/// Takes it from standard input, under a name that nobody calls until it is whole.
const TAKE: &str = r#"
base=${place%/*}
mkdir -p -- "$base" || exit 1
new=$(mktemp -d "$base/new-XXXXXXXXXX") || exit 1
cat >"$new/hlrp-sh" || { echo "it could not be written" >&2; exit 1; }
[ "$(sum "$new/hlrp-sh")" = "$hash" ] || { echo "what arrived in ~/$new is not what was sent" >&2; exit 1; }
chmod 555 "$new/hlrp-sh" && chmod 755 "$new" || exit 1
# Never into a directory that has come to be meanwhile.
mv -T -n -- "$new" "$place" 2>/dev/null
[ "$(sum "$place/hlrp-sh")" = "$hash" ] || { echo "~/$place is not what was sent" >&2; exit 1; }
"#;

const TRY: &str = r#"exec "$HOME/$place/hlrp-sh" far hello"#;

/// Has the name lead to it in one rename. What had the name before and is not ours is kept beside the versions.
const LINK: &str = r#"umask 022
cd "$HOME" && mkdir -p .local/bin || exit 1
name=.local/bin/hlrp-sh
[ "$(readlink "$name")" = "../../$place/hlrp-sh" ] && exit 0
case $(readlink "$name") in
  ../../.local/share/hlrp-sh/versions/*) ;;
  *) if [ -e "$name" ] || [ -L "$name" ]; then
    kept=$(mktemp -d ".local/share/hlrp-sh/versions/found-XXXXXXXXXX") && ln -P -- "$name" "$kept/hlrp-sh" || exit 1
  fi ;;
esac
new=.local/bin/.hlrp-sh-$$-new
ln -s "../../$place/hlrp-sh" "$new" && mv -T -- "$new" "$name"
"#;

fn said(text: &str) -> String {
    let text: Vec<&str> = text.lines().map(str::trim).collect();
    text.join("; ")
}

/// Returns the machine that an ELF program is for, where it needs nothing that the other machine would have to have.
fn machine(head: &[u8]) -> Result<&'static str, &'static str> {
    const NO: &str = "is no program for Linux of 64 bits";
    let bytes = |at: usize, count: usize| head.get(at..at.checked_add(count)?);
    let number = |at: usize, count: usize| {
        let read = bytes(at, count)?.iter().rev();
        Some(read.fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte)))
    };
    if bytes(0, 6) != Some(b"\x7fELF\x02\x01") {
        return Err(NO);
    }
    let kind = number(16, 2).ok_or(NO)?;
    let machine = match number(18, 2) {
        Some(62) => "x86_64",
        Some(183) => "aarch64",
        _ => return Err("is for a machine that we do not know"),
    };
    if kind != 2 && kind != 3 {
        return Err("is no program that can be run");
    }
    let (Some(table), Some(size), Some(count)) = (number(32, 8), number(54, 2), number(56, 2))
    else {
        return Err(NO);
    };
    const LOADS: u64 = 1;
    const INTERPRETER: u64 = 3;
    let mut loads = false;
    for at in 0..count {
        let place = at
            .checked_mul(size)
            .and_then(|skip| table.checked_add(skip))
            .and_then(|place| usize::try_from(place).ok());
        let entry = place.filter(|place| {
            usize::try_from(size).is_ok_and(|size| size >= 56 && bytes(*place, size).is_some())
        });
        match entry.and_then(|place| number(place, 4)) {
            Some(INTERPRETER) => {
                return Err("is not static: it needs the libraries of the machine it runs on");
            }
            Some(LOADS) => loads = true,
            Some(_) => {}
            None => return Err(NO),
        }
    }
    if loads { Ok(machine) } else { Err(NO) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An ELF head with program headers of these types.
    fn elf(machine: u8, kind: u8, types: &[u8]) -> Vec<u8> {
        let mut head = vec![0; 64];
        head[..6].copy_from_slice(b"\x7fELF\x02\x01");
        head[16] = kind;
        head[18] = machine;
        head[32] = 64;
        head[54] = 56;
        head[56] = types.len() as u8;
        for one in types {
            let mut entry = vec![0; 56];
            entry[0] = *one;
            head.extend(entry);
        }
        head
    }

    #[test]
    fn only_a_static_program_of_a_machine_that_is_known_can_be_sent() {
        assert_eq!(machine(&elf(62, 3, &[1, 2])), Ok("x86_64"));
        assert_eq!(machine(&elf(183, 2, &[1])), Ok("aarch64"));
        for bad in [
            elf(62, 3, &[1, 3]),
            elf(62, 1, &[1]),
            elf(3, 2, &[1]),
            elf(62, 2, &[]),
            elf(62, 2, &[1])[..70].to_vec(),
            b"#!/bin/sh\n".to_vec(),
            Vec::new(),
        ] {
            assert!(machine(&bad).is_err());
        }
        let mut endless = elf(62, 2, &[1]);
        endless[32..40].fill(0xff);
        assert!(machine(&endless).is_err());
        assert!(Binary::examine(Path::new("/bin/sh")).is_err());
        assert!(Binary::examine(Path::new("/nowhere")).is_err());
    }

    #[test]
    fn versions_are_told_apart() {
        let own = serde_json::to_string(&Hello::own()).unwrap();
        let noise = format!("welcome\n{own}\n");
        assert!(matches!(
            Greeting::read(noise.as_bytes()),
            Greeting::Fits(_)
        ));
        let other = own.replace(&format!(":{PROTOCOL},"), ":77,");
        assert!(matches!(
            Greeting::read(other.as_bytes()),
            Greeting::Other(hello) if hello.protocol == 77
        ));
        assert_eq!(Greeting::read(b"usage\n"), Greeting::Mute);
    }
}
