//! What the filter of a session answers, straight from the table: the specification
//! that the assembled program is proved against.

use super::sealed::SEALED;
use super::table::{
    Answer, FCNTL_OWNER, IOCTL_FAMILIES, IOCTL_HARMLESS, IOCTL_OWNER, IOCTL_TERMINAL, LAST_KNOWN,
    NOTABLE_MODES, Row, TABLE, Test, When,
};

/// `AUDIT_ARCH_X86_64`: the only ABI that exists for the guarded.
pub const ARCHITECTURE: u32 = 0xC000_003E;

/// What this session's filter must see.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Filter {
    /// Creation of files is notified too.
    pub notify_creation: bool,
    /// Signals are notified, because the kernel cannot keep them inside.
    pub notify_signals: bool,
    /// Tracing is refused, because the kernel cannot keep it inside.
    pub refuse_tracing: bool,
    /// Changing the user is refused: the session is root's.
    pub root: bool,
    /// The program makes namespaces of its own, and mounts keep it from the files of others.
    pub sealed: bool,
}

impl Filter {
    /// Returns the rows of the table that hold for this session.
    pub fn rows(&self) -> Vec<&'static Row> {
        self.table()
            .iter()
            .filter(|row| self.holds(row.when))
            .collect()
    }

    fn table(&self) -> &'static [Row] {
        if self.sealed { SEALED } else { TABLE }
    }

    fn holds(&self, when: When) -> bool {
        match when {
            When::Always => true,
            When::CreationNotified => self.notify_creation,
            When::SignalsNotified => self.notify_signals,
            When::NoTracing => self.refuse_tracing,
            When::Root => self.root,
        }
    }

    /// Returns what the table says to a call, without any BPF: the specification the program is proved against.
    pub fn answer(&self, architecture: u32, number: u32, arguments: &[u64; 6]) -> Answer {
        if architecture != ARCHITECTURE || number > LAST_KNOWN {
            return Answer::Errno(libc::ENOSYS);
        }
        let row = self
            .table()
            .iter()
            .find(|row| self.holds(row.when) && u32::try_from(row.number) == Ok(number));
        let Some(row) = row else { return Answer::Allow };
        let word = |index: u8| arguments.get(usize::from(index)).copied().unwrap_or(0);
        #[expect(
            clippy::cast_possible_truncation,
            reason = "the low word is what is meant"
        )]
        let low = |index: u8| word(index) as u32;
        let if_so = |condition: bool, then: Answer| if condition { then } else { Answer::Allow };
        match row.test {
            Test::Always(then) => then,
            Test::AnyBit {
                argument,
                bits,
                then,
            } => if_so(low(argument) & bits != 0, then),
            Test::OneOf {
                argument,
                values,
                then,
            } => if_so(values.contains(&low(argument)), then),
            Test::NoneOf {
                argument,
                values,
                otherwise,
            } => if_so(!values.contains(&low(argument)), otherwise),
            Test::BothSet {
                first,
                second,
                then,
            } => if_so(word(first) != 0 && word(second) != 0, then),
            Test::Fcntl => {
                let aims = self.notify_signals && FCNTL_OWNER.contains(&low(1));
                let leaves = low(1) == libc::F_SETFL as u32 && low(2) & libc::O_APPEND as u32 == 0;
                match (aims, leaves) {
                    (true, _) => Answer::Errno(libc::EPERM),
                    (false, true) => Answer::Notify,
                    (false, false) => Answer::Allow,
                }
            }
            Test::ValueAndZero {
                argument,
                value,
                other,
                then,
            } => if_so(low(argument) == value && word(other) == 0, then),
            Test::Open { flags, mode } => {
                let (flags, mode) = (low(flags) as i32, low(mode));
                let reads =
                    flags & (libc::O_ACCMODE | libc::O_CREAT | libc::O_TRUNC | TMPFILE_BIT) == 0;
                let exclusive = flags & (libc::O_CREAT | libc::O_EXCL)
                    == libc::O_CREAT | libc::O_EXCL
                    && flags & TMPFILE_BIT == 0
                    && mode & NOTABLE_MODES == 0;
                let free =
                    flags & libc::O_PATH != 0 || reads || (exclusive && !self.notify_creation);
                if_so(!free, Answer::Notify)
            }
            Test::Ioctl => {
                let request = low(1);
                let family = IOCTL_FAMILIES.contains(&(request >> 8 & 0xFF))
                    && !IOCTL_HARMLESS.contains(&request);
                if_so(
                    family || IOCTL_TERMINAL.contains(&request) || IOCTL_OWNER.contains(&request),
                    Answer::Errno(libc::EPERM),
                )
            }
            Test::Socket => {
                let (domain, protocol) = (low(0) as i32, low(2) as i32);
                let known = matches!(domain, libc::AF_UNIX | libc::AF_INET | libc::AF_INET6)
                    || (domain == libc::AF_NETLINK && NETLINK.contains(&protocol));
                if_so(!known, Answer::Errno(libc::EAFNOSUPPORT))
            }
        }
    }
}

/// The bit that tells `O_TMPFILE` from `O_DIRECTORY`.
pub const TMPFILE_BIT: i32 = libc::O_TMPFILE & !libc::O_DIRECTORY;

/// Netlink protocols that only look: routes, socket diagnosis.
pub(super) const NETLINK: [i32; 2] = [libc::NETLINK_ROUTE, 4];
