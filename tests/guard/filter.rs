//! The filter, interpreted in user space: for every call number, ABI and argument that matters, under every set of
//! options, the program answers what the table says. What the table should say is in `table.rs`.

use hlrp_sh::guard::filter::{ARCHITECTURE, Filter, TMPFILE_BIT};
use hlrp_sh::guard::sealed::SEALED;
use hlrp_sh::guard::table::{
    Answer, IOCTL_FAMILIES, IOCTL_HARMLESS, IOCTL_OWNER, IOCTL_TERMINAL, LAST_KNOWN, TABLE, Test,
};
use libc::sock_filter as Instruction;
use proptest::prelude::{ProptestConfig, Strategy, any, prop_assert_eq, proptest};

/// `AUDIT_ARCH_I386`.
pub(super) const I386: u32 = 0x4000_0003;
/// The bit that tells x32's numbers.
pub(super) const X32: u32 = 0x4000_0000;
/// What garbage in an argument's upper half looks like.
const GARBAGE: u64 = 0xDEAD_BEEF_0000_0000;
/// The instructions of classic BPF that the program may use.
const LOAD: u16 = 0x20;
const AND: u16 = 0x54;
const RIGHT: u16 = 0x74;
const JUMP: u16 = 0x05;
const EQUAL: u16 = 0x15;
const ABOVE: u16 = 0x25;
const AT_LEAST: u16 = 0x35;
const ANY_SET: u16 = 0x45;
const RETURN: u16 = 0x06;

pub(super) fn every_filter() -> impl Iterator<Item = Filter> {
    (0..16_u8).map(|bits| Filter {
        notify_creation: bits & 1 != 0,
        notify_signals: bits & 2 != 0,
        refuse_tracing: bits & 4 != 0,
        root: bits & 8 != 0,
        sealed: false,
    })
}

/// The filters of a program that makes namespaces of its own.
pub(super) fn sealed_filters() -> impl Iterator<Item = Filter> {
    [false, true].into_iter().map(|notify_signals| Filter {
        notify_signals,
        refuse_tracing: true,
        sealed: true,
        ..Filter::default()
    })
}

/// A filter's program beside what it must answer.
pub(super) struct Proof {
    pub(super) filter: Filter,
    program: Vec<Instruction>,
}

impl Proof {
    pub(super) fn of(filter: Filter) -> Self {
        let program = filter.assemble();
        Self { filter, program }
    }

    fn holds(&self, architecture: u32, number: u32, arguments: [u64; 6]) {
        let answered = interpret(&self.program, architecture, number, &arguments);
        let expected = encode(self.filter.answer(architecture, number, &arguments));
        assert_eq!(
            answered, expected,
            "{:?}: {architecture:#x}, call {number}, {arguments:x?}",
            self.filter
        );
    }

    pub(super) fn answer(&self, number: libc::c_long, arguments: [u64; 6]) -> u32 {
        self.answer_of(ARCHITECTURE, u32::try_from(number).unwrap(), arguments)
    }

    pub(super) fn answer_of(&self, architecture: u32, number: u32, arguments: [u64; 6]) -> u32 {
        interpret(&self.program, architecture, number, &arguments)
    }
}

pub(super) fn encode(answer: Answer) -> u32 {
    match answer {
        Answer::Allow => libc::SECCOMP_RET_ALLOW,
        Answer::Errno(errno) => libc::SECCOMP_RET_ERRNO | u32::try_from(errno).unwrap(),
        Answer::Notify => libc::SECCOMP_RET_USER_NOTIF,
    }
}

/// Runs a program as the kernel would, over `struct seccomp_data`; a program the kernel would refuse panics.
fn interpret(program: &[Instruction], architecture: u32, number: u32, arguments: &[u64; 6]) -> u32 {
    let word = |offset: u32| {
        assert!(offset.is_multiple_of(4), "{offset} is not aligned");
        match offset {
            0 => number,
            4 => architecture,
            8 | 12 => 0,
            16..64 => {
                let argument = arguments[(offset as usize - 16) / 8];
                (argument >> (8 * (offset % 8))) as u32
            }
            _ => panic!("offset {offset} is outside of the data"),
        }
    };
    let (mut at, mut accumulator) = (0, 0_u32);
    loop {
        let Instruction { code, jt, jf, k } = program[at];
        let branch = |condition: bool| usize::from(if condition { jt } else { jf });
        at += 1;
        match code {
            LOAD => accumulator = word(k),
            AND => accumulator &= k,
            RIGHT => accumulator >>= k,
            JUMP => at += k as usize,
            EQUAL => at += branch(accumulator == k),
            ABOVE => at += branch(accumulator > k),
            AT_LEAST => at += branch(accumulator >= k),
            ANY_SET => at += branch(accumulator & k != 0),
            RETURN => return k,
            _ => panic!("instruction {code:#x} is not of the subset"),
        }
    }
}

/// Words that matter to a test: at its edges, between them, and with garbage where it must not look.
fn words(test: Test, argument: u8) -> Vec<u64> {
    let mut words = vec![0, 1, 2, 3, 0x20, 0xFFFF_FFFF, u64::MAX, 1 << 32, GARBAGE];
    let mut add = |value: u32| {
        for word in [value, value.wrapping_sub(1), value.wrapping_add(1)] {
            words.extend([u64::from(word), u64::from(word) | GARBAGE]);
        }
    };
    match test {
        Test::AnyBit { bits, .. } => (0..32).map(|bit| 1 << bit).chain([bits]).for_each(add),
        Test::OneOf { values, .. } | Test::NoneOf { values, .. } => {
            (0..32).chain(values.iter().copied()).for_each(add);
            (0x100..0x110).for_each(|value| words.push(value));
        }
        Test::Fcntl => (0..48).chain((0..32).map(|bit| 1 << bit)).for_each(add),
        Test::ValueAndZero { value, .. } => (0..80).chain([value]).for_each(add),
        Test::Ioctl if argument == 1 => {
            for known in IOCTL_HARMLESS
                .iter()
                .chain(&IOCTL_TERMINAL)
                .chain(&IOCTL_OWNER)
            {
                (0..32).for_each(|bit| add(known ^ 1 << bit));
                add(*known);
            }
            for kind in (0..256).filter(|kind| kind % 7 == 0).chain(IOCTL_FAMILIES) {
                (0..256).step_by(5).for_each(|one| add(kind << 8 | one));
            }
        }
        Test::Socket if argument == 0 || argument == 2 => (0..48).for_each(add),
        Test::Always(_) | Test::BothSet { .. } | Test::Ioctl | Test::Socket | Test::Open { .. } => {
        }
    }
    words
}

/// The arguments a test looks at.
fn looked_at(test: Test) -> Vec<u8> {
    match test {
        Test::Always(_) => Vec::new(),
        Test::Open { flags, mode } => vec![flags, mode],
        Test::AnyBit { argument, .. }
        | Test::OneOf { argument, .. }
        | Test::NoneOf { argument, .. } => vec![argument],
        Test::BothSet { first, second, .. } => vec![first, second],
        Test::Fcntl => vec![1, 2],
        Test::ValueAndZero {
            argument, other, ..
        } => vec![argument, other],
        Test::Ioctl => vec![1],
        Test::Socket => vec![0, 2],
    }
}

#[test]
fn every_number_of_every_abi_is_answered_as_the_table_says() {
    for proof in every_filter().chain(sealed_filters()).map(Proof::of) {
        for number in (0..=1023).chain([0x4000, 0x3FFF_FFFF, u32::MAX]) {
            let far = u64::from(number);
            for arguments in [[0; 6], [u64::MAX; 6], [GARBAGE; 6], [1; 6], [far; 6]] {
                proof.holds(ARCHITECTURE, number, arguments);
                proof.holds(ARCHITECTURE, number | X32, arguments);
                for architecture in [I386, 0, !ARCHITECTURE, ARCHITECTURE ^ 1, 0xC000_00B7] {
                    proof.holds(architecture, number, arguments);
                }
            }
        }
    }
}

#[test]
fn every_test_of_arguments_is_answered_as_the_table_says() {
    for proof in every_filter().chain(sealed_filters()).map(Proof::of) {
        for row in TABLE.iter().chain(SEALED) {
            let number = u32::try_from(row.number).unwrap();
            let arguments = looked_at(row.test);
            let [first, rest @ ..] = arguments.as_slice() else {
                proof.holds(ARCHITECTURE, number, [0; 6]);
                continue;
            };
            let second = rest.first().copied();
            for one in words(row.test, *first) {
                let others = second.map_or_else(|| vec![0], |second| words(row.test, second));
                for other in others {
                    for around in [0, u64::MAX] {
                        let mut call = [around; 6];
                        if let Some(second) = second {
                            call[usize::from(second)] = other;
                        }
                        call[usize::from(*first)] = one;
                        proof.holds(ARCHITECTURE, number, call);
                    }
                }
            }
        }
    }
}

/// Every combination of the flags of open(2) that can matter, `O_ACCMODE` 3 among them.
fn every_open() -> impl Iterator<Item = (u64, u64)> {
    let bits = [
        libc::O_CREAT,
        libc::O_EXCL,
        libc::O_TRUNC,
        libc::O_APPEND,
        libc::O_DIRECTORY,
        libc::O_PATH,
        libc::O_CLOEXEC,
        TMPFILE_BIT,
    ];
    let modes = [0, 0o644, 0o7666, 0o100, 0o010, 0o001, 0o755, 0o7777];
    (0..4_u64 << bits.len()).flat_map(move |chosen| {
        let set = bits.iter().enumerate();
        let set = set.filter(|(index, _)| chosen >> (index + 2) & 1 != 0);
        let flags = set.fold(chosen & 3, |flags, (_, bit)| {
            flags | u64::from(bit.cast_unsigned())
        });
        modes.into_iter().map(move |mode| (flags, mode))
    })
}

#[test]
fn every_way_to_open_is_answered_as_the_table_says() {
    for proof in every_filter().map(Proof::of) {
        for (flags, mode) in every_open() {
            proof.holds(ARCHITECTURE, 2, [0, flags, mode, 7, 7, 7]);
            let above = [0, 7, flags | GARBAGE, mode | GARBAGE, 7, 7];
            proof.holds(ARCHITECTURE, 257, above);
        }
    }
}

/// Said without the table's help: what an open may do unseen.
#[test]
fn only_reading_and_plain_exclusive_creation_go_unseen() {
    let has = |flags: u64, bit: i32| flags & u64::from(bit.cast_unsigned()) != 0;
    for proof in every_filter().map(Proof::of) {
        for (flags, mode) in every_open() {
            let writes = flags & 3 != 0
                || has(flags, libc::O_CREAT)
                || has(flags, libc::O_TRUNC)
                || has(flags, TMPFILE_BIT);
            let is_new = has(flags, libc::O_CREAT) && has(flags, libc::O_EXCL);
            let plain = mode & 0o6111 == 0 && !has(flags, TMPFILE_BIT);
            let unseen = has(flags, libc::O_PATH)
                || !writes
                || (is_new && plain && !proof.filter.notify_creation);
            let expected = if unseen {
                Answer::Allow
            } else {
                Answer::Notify
            };
            let answered = proof.answer(libc::SYS_open, [0, flags, mode, 0, 0, 0]);
            assert_eq!(answered, encode(expected), "{flags:#o} {mode:#o}");
        }
    }
}

#[test]
fn rows_are_sorted_and_stand_once_and_programs_are_short() {
    for pair in TABLE.windows(2).chain(SEALED.windows(2)) {
        assert!(pair[0].number < pair[1].number, "{pair:?}");
    }
    let last = TABLE.last().unwrap().number;
    assert!(last <= i64::from(LAST_KNOWN));
    for filter in every_filter().chain(sealed_filters()) {
        let length = filter.assemble().len();
        assert!(length < 4096, "{filter:?}: {length}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 4000, ..ProptestConfig::default() })]

    #[test]
    fn any_call_is_answered_as_the_table_says(
        option in 0..18_usize,
        architecture in proptest::sample::select(vec![ARCHITECTURE, ARCHITECTURE, ARCHITECTURE, I386, 0]),
        number in proptest::prop_oneof![0..520_u32, any::<u32>(), X32..X32 + 520],
        arguments in proptest::array::uniform6(proptest::prop_oneof![any::<u64>(), 0..1024_u64, any::<u32>().prop_map(u64::from)]),
    ) {
        let filter = every_filter().chain(sealed_filters()).nth(option).unwrap();
        let answered = interpret(&filter.assemble(), architecture, number, &arguments);
        prop_assert_eq!(answered, encode(filter.answer(architecture, number, &arguments)));
    }
}
