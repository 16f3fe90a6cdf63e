//! Assembles the seccomp filter from the table: a balanced tree over call numbers,
//! each leaf a test of register arguments. Classic BPF, seccomp(2).
//!
//! INVARIANT: for every architecture, number and argument the program answers what
//! [`Filter::answer`] says; the interpreter in the tests proves it.

use libc::sock_filter as Instruction;

use super::filter::{ARCHITECTURE, Filter, NETLINK, TMPFILE_BIT};
use super::table::{
    Answer, FCNTL_OWNER, IOCTL_FAMILIES, IOCTL_HARMLESS, IOCTL_OWNER, IOCTL_TERMINAL, LAST_KNOWN,
    NOTABLE_MODES, Row, Test,
};

const LOAD: u16 = 0x20; // BPF_LD | BPF_W | BPF_ABS
const AND: u16 = 0x54; // BPF_ALU | BPF_AND | BPF_K
const RIGHT: u16 = 0x74; // BPF_ALU | BPF_RSH | BPF_K
const JUMP: u16 = 0x05; // BPF_JMP | BPF_JA
const EQUAL: u16 = 0x15; // BPF_JMP | BPF_JEQ | BPF_K
const ABOVE: u16 = 0x25; // BPF_JMP | BPF_JGT | BPF_K
const AT_LEAST: u16 = 0x35; // BPF_JMP | BPF_JGE | BPF_K
const ANY_SET: u16 = 0x45; // BPF_JMP | BPF_JSET | BPF_K
const RETURN: u16 = 0x06; // BPF_RET | BPF_K

impl Filter {
    /// Returns the program for the kernel.
    pub fn assemble(&self) -> Vec<Instruction> {
        let mut program = vec![
            load(4),
            jump_if(EQUAL, ARCHITECTURE, 1, 0),
            answer(Answer::Errno(libc::ENOSYS)),
            load(0),
            // Also everything of x32, whose numbers have bit 30 set.
            jump_if(ABOVE, LAST_KNOWN, 0, 1),
            answer(Answer::Errno(libc::ENOSYS)),
        ];
        program.extend(self.tree(&self.rows()));
        program
    }

    fn tree(&self, rows: &[&Row]) -> Vec<Instruction> {
        let middle = rows.len() / 2;
        match rows {
            [] => vec![answer(Answer::Allow)],
            [row] => {
                let body = self.body(row.test);
                let mut code = unless(EQUAL, number(row), &body);
                code.extend(body);
                code.push(answer(Answer::Allow));
                code
            }
            _ => {
                let (left, right) = rows.split_at(middle);
                let pivot = right.first().map_or(0, |row| number(row));
                let (left, right) = (self.tree(left), self.tree(right));
                let mut code = match u8::try_from(left.len()) {
                    Ok(length) => vec![jump_if(AT_LEAST, pivot, length, 0)],
                    Err(_) => vec![jump_if(AT_LEAST, pivot, 0, 1), jump(left.len())],
                };
                code.extend(left);
                code.extend(right);
                code
            }
        }
    }

    /// Returns the code of one test; every path through it returns.
    fn body(&self, test: Test) -> Vec<Instruction> {
        let allow = answer(Answer::Allow);
        match test {
            Test::Always(then) => vec![answer(then)],
            Test::AnyBit {
                argument,
                bits,
                then,
            } => {
                vec![
                    load(low(argument)),
                    jump_if(ANY_SET, bits, 0, 1),
                    answer(then),
                    allow,
                ]
            }
            Test::OneOf {
                argument,
                values,
                then,
            } => choose(argument, values, answer(then), allow),
            Test::NoneOf {
                argument,
                values,
                otherwise,
            } => choose(argument, values, allow, answer(otherwise)),
            Test::BothSet {
                first,
                second,
                then,
            } => {
                let mut code = Vec::new();
                for argument in [first, second] {
                    code.extend([
                        load(low(argument)),
                        jump_if(EQUAL, 0, 0, 3),
                        load(high(argument)),
                        jump_if(EQUAL, 0, 0, 1),
                        allow,
                    ]);
                }
                code.push(answer(then));
                code
            }
            Test::Fcntl => self.fcntl(),
            Test::ValueAndZero {
                argument,
                value,
                other,
                then,
            } => vec![
                load(low(argument)),
                jump_if(EQUAL, value, 0, 5),
                load(low(other)),
                jump_if(EQUAL, 0, 0, 3),
                load(high(other)),
                jump_if(EQUAL, 0, 0, 1),
                answer(then),
                allow,
            ],
            Test::Open { flags, mode } => self.open(flags, mode),
            Test::Ioctl => ioctl(),
            Test::Socket => socket(),
        }
    }

    fn fcntl(&self) -> Vec<Instruction> {
        let mut code = vec![load(low(1))];
        if self.notify_signals {
            for command in FCNTL_OWNER {
                code.extend([
                    jump_if(EQUAL, command, 0, 1),
                    answer(Answer::Errno(libc::EPERM)),
                ]);
            }
        }
        code.extend([
            jump_if(EQUAL, libc::F_SETFL as u32, 0, 3),
            load(low(2)),
            jump_if(ANY_SET, libc::O_APPEND as u32, 1, 0),
            answer(Answer::Notify),
            answer(Answer::Allow),
        ]);
        code
    }

    fn open(&self, flags: u8, mode: u8) -> Vec<Instruction> {
        let (allow, notify) = (answer(Answer::Allow), answer(Answer::Notify));
        let mut code = vec![load(low(flags))];
        // O_PATH opens nothing.
        code.extend([jump_if(ANY_SET, libc::O_PATH as u32, 0, 1), allow]);
        // Nothing that writes, creates or truncates: reading.
        let writing = (libc::O_ACCMODE | libc::O_CREAT | libc::O_TRUNC | TMPFILE_BIT) as u32;
        code.extend([jump_if(ANY_SET, writing, 1, 0), allow]);
        if !self.notify_creation {
            let exclusive = (libc::O_CREAT | libc::O_EXCL) as u32;
            code.extend([
                jump_if(ANY_SET, TMPFILE_BIT as u32, 4, 0),
                Instruction {
                    code: AND,
                    jt: 0,
                    jf: 0,
                    k: exclusive,
                },
                jump_if(EQUAL, exclusive, 0, 2),
                load(low(mode)),
                jump_if(ANY_SET, NOTABLE_MODES, 0, 1),
                notify,
            ]);
            // The accumulator is the mode here only on the exclusive path; the others went to `notify`.
            code.push(allow);
        } else {
            code.push(notify);
        }
        code
    }
}

fn ioctl() -> Vec<Instruction> {
    let refuse = answer(Answer::Errno(libc::EPERM));
    let allow = answer(Answer::Allow);
    let mut code = vec![load(low(1))];
    for request in IOCTL_TERMINAL.into_iter().chain(IOCTL_OWNER) {
        code.extend([jump_if(EQUAL, request, 0, 1), refuse]);
    }
    for request in IOCTL_HARMLESS {
        code.extend([jump_if(EQUAL, request, 0, 1), allow]);
    }
    code.push(Instruction {
        code: RIGHT,
        jt: 0,
        jf: 0,
        k: 8,
    });
    code.push(Instruction {
        code: AND,
        jt: 0,
        jf: 0,
        k: 0xFF,
    });
    for family in IOCTL_FAMILIES {
        code.extend([jump_if(EQUAL, family, 0, 1), refuse]);
    }
    code.push(allow);
    code
}

fn socket() -> Vec<Instruction> {
    let allow = answer(Answer::Allow);
    let refuse = answer(Answer::Errno(libc::EAFNOSUPPORT));
    let mut code = vec![load(low(0))];
    for domain in [libc::AF_UNIX, libc::AF_INET, libc::AF_INET6] {
        code.extend([jump_if(EQUAL, domain as u32, 0, 1), allow]);
    }
    code.extend([
        jump_if(EQUAL, libc::AF_NETLINK as u32, 1, 0),
        refuse,
        load(low(2)),
    ]);
    for protocol in NETLINK {
        code.extend([jump_if(EQUAL, protocol as u32, 0, 1), allow]);
    }
    code.push(refuse);
    code
}

/// Returns `hit` where the low word of the argument is one of the values, else `miss`.
fn choose(argument: u8, values: &[u32], hit: Instruction, miss: Instruction) -> Vec<Instruction> {
    let mut code = vec![load(low(argument))];
    for value in values {
        code.extend([jump_if(EQUAL, *value, 0, 1), hit]);
    }
    code.push(miss);
    code
}

/// Returns a jump over `body` where the accumulator is not the value.
fn unless(operation: u16, value: u32, body: &[Instruction]) -> Vec<Instruction> {
    match u8::try_from(body.len()) {
        Ok(length) => vec![jump_if(operation, value, 0, length)],
        Err(_) => vec![jump_if(operation, value, 1, 0), jump(body.len())],
    }
}

fn number(row: &Row) -> u32 {
    u32::try_from(row.number).unwrap_or(u32::MAX)
}

/// Offset of the low word of an argument in `struct seccomp_data` (little endian).
fn low(argument: u8) -> u32 {
    16 + 8 * u32::from(argument)
}

fn high(argument: u8) -> u32 {
    low(argument) + 4
}

fn load(offset: u32) -> Instruction {
    Instruction {
        code: LOAD,
        jt: 0,
        jf: 0,
        k: offset,
    }
}

fn jump_if(operation: u16, value: u32, then: u8, otherwise: u8) -> Instruction {
    Instruction {
        code: operation,
        jt: then,
        jf: otherwise,
        k: value,
    }
}

fn jump(length: usize) -> Instruction {
    Instruction {
        code: JUMP,
        jt: 0,
        jf: 0,
        k: u32::try_from(length).unwrap_or(u32::MAX),
    }
}

fn answer(answer: Answer) -> Instruction {
    let value = match answer {
        Answer::Allow => libc::SECCOMP_RET_ALLOW,
        Answer::Errno(errno) => libc::SECCOMP_RET_ERRNO | (errno as u32 & libc::SECCOMP_RET_DATA),
        Answer::Notify => libc::SECCOMP_RET_USER_NOTIF,
    };
    Instruction {
        code: RETURN,
        jt: 0,
        jf: 0,
        k: value,
    }
}
