//! The fuzz targets as property tests: a second each, or `HLRP_FUZZ_SECONDS`; from
//! `HLRP_FUZZ_SEED`, or a seed that is printed.

mod targets;

use std::cell::Cell;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde::Deserialize;

#[derive(Deserialize)]
struct Table {
    line: Vec<Line>,
}

#[derive(Deserialize)]
struct Line {
    line: String,
}

#[test]
fn the_analyser_survives_any_text() {
    fuzz("analyser", line(), |text| targets::analyser(&text));
}

#[test]
fn the_policy_loader_survives_any_text() {
    fuzz("policy_loader", policy_text(), |text| {
        targets::policy(&text)
    });
}

#[test]
fn the_guard_survives_any_bytes() {
    fuzz("notification", bytes(), |bytes| {
        targets::notification(&bytes)
    });
}

/// Runs a target until its time is over.
fn fuzz<S: Strategy>(name: &str, strategy: S, target: impl Fn(S::Value)) {
    let seconds = number("HLRP_FUZZ_SECONDS").unwrap_or(1);
    let seed = number("HLRP_FUZZ_SEED").unwrap_or_else(|| {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        now.map_or(1, |since| since.as_nanos() as u64)
    });
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let config = Config {
        cases: 64,
        failure_persistence: None,
        max_shrink_iters: 2_000,
        ..Config::default()
    };
    let random = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut first = TestRunner::new_with_rng(config.clone(), random);
    let end = Instant::now() + Duration::from_secs(seconds);
    let executions = Cell::new(0_u64);
    while Instant::now() < end {
        // A runner counts its cases once and for all: each batch has its own.
        let mut runner = TestRunner::new_with_rng(config.clone(), first.new_rng());
        let outcome = runner.run(&strategy, |value| {
            executions.set(executions.get() + 1);
            target(value);
            Ok(())
        });
        if let Err(failure) = outcome {
            panic!(
                "{name}, seed {seed}, after {} executions: {failure}",
                executions.get()
            );
        }
    }
    println!(
        "{name}: seed {seed}, {} executions in {seconds} s",
        executions.get()
    );
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// Every line of the tables.
fn corpus() -> Vec<String> {
    super::lines::TABLES
        .iter()
        .flat_map(|(_, text)| toml::from_str::<Table>(text).unwrap().line)
        .map(|line| line.line)
        .collect()
}

/// Known lines, cut, joined, wrapped and spoiled; and plain noise.
fn line() -> impl Strategy<Value = String> {
    let known = || prop::sample::select(corpus());
    let glue = prop::sample::select(vec![
        "; ",
        " && ",
        " | ",
        "\n",
        " $(",
        "`",
        "\"",
        "'",
        " <<E\n",
        "${",
        "$((",
        " ",
        ")",
        "}",
        "[",
        "\\",
        "*",
        "{a,b}",
        "#",
        "&",
        "!",
        "$'\\x",
        "@(",
        "ü",
        "\u{0}",
        "=",
        "<(",
        "|&",
        ";;",
        "done",
        "case x in",
    ]);
    prop_oneof![
        1 => any::<String>(),
        2 => known(),
        4 => (known(), any::<prop::sample::Index>(), known(), any::<prop::sample::Index>(), glue.clone()).prop_map(
            |(one, at, two, from, glue)| {
                let head = prefix(&one, at.index(one.len() + 1));
                let tail = &two[prefix(&two, from.index(two.len() + 1)).len()..];
                format!("{head}{glue}{tail}")
            }
        ),
        2 => (known(), prop::sample::select(vec!["bash -c ", "eval ", "timeout 5 ", "echo ", "ssh h "])).prop_map(
            |(line, wrapper)| format!("{wrapper}'{}'", line.replace('\'', "'\\''"))
        ),
        2 => (known(), prop::collection::vec((any::<prop::sample::Index>(), glue), 1..5)).prop_map(
            |(mut line, inserted)| {
                for (at, glue) in inserted {
                    let at = prefix(&line, at.index(line.len() + 1)).len();
                    line.insert_str(at, glue);
                }
                line
            }
        ),
    ]
}

/// The longest whole prefix of at most so many bytes.
fn prefix(text: &str, most: usize) -> &str {
    let mut end = most.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

const LAW: &str = include_str!("../../policies/hlrp.toml");

/// Pieces of the built-in law, cut and put together anew; and plain noise.
fn policy_text() -> impl Strategy<Value = String> {
    let blocks: Vec<String> = LAW.split("\n\n").map(str::to_owned).collect();
    let lines: Vec<String> = LAW.lines().map(str::to_owned).collect();
    let spoiled = prop::sample::select(vec![
        "\"",
        "[",
        "]",
        "{",
        "}",
        "=",
        "true",
        "-1",
        "999999999999",
        "deny",
        "allow",
        "@nothing",
        "*[",
        "\u{0}",
        "ü",
        "locked = false",
        "1e400",
        "'''",
    ]);
    let head = "schema = 1\n";
    prop_oneof![
        1 => any::<String>(),
        3 => prop::collection::vec(prop::sample::select(blocks.clone()), 1..4)
            .prop_map(move |blocks| format!("{head}{}", blocks.join("\n\n"))),
        3 => prop::collection::vec(prop::sample::select(lines), 1..8)
            .prop_map(move |lines| format!("{head}{}", lines.join("\n"))),
        3 => (prop::sample::select(blocks), any::<prop::sample::Index>(), any::<prop::sample::Index>(), spoiled)
            .prop_map(move |(block, from, to, spoiled)| {
                let one = prefix(&block, from.index(block.len() + 1)).len();
                let two = prefix(&block, to.index(block.len() + 1)).len();
                format!("{head}{}{spoiled}{}", &block[..one.min(two)], &block[one.max(two)..])
            }),
    ]
}

/// Socket addresses, lines of the kernel's tables, paths; whole, cut and spoiled.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    const TCP: &str = "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 31337 1 0000000000000000 100 0 0 10 0";
    const UNIX: &str =
        "0000000000000000: 00000002 00000000 00010000 0001 01 21424 @/tmp/.X11-unix/X0";
    let address =
        (0_u16..12, prop::collection::vec(any::<u8>(), 0..130)).prop_map(|(family, rest)| {
            let mut whole = family.to_ne_bytes().to_vec();
            whole.extend(rest);
            whole
        });
    let path = prop::collection::vec(prop::sample::select(b"/./a\0~ \xff\n".to_vec()), 0..64);
    let table = (
        prop::sample::select(vec![TCP, UNIX]),
        prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        any::<prop::sample::Index>(),
    )
        .prop_map(|(line, spoiled, end)| {
            let mut line = line.as_bytes().to_vec();
            for (at, byte) in spoiled {
                let at = at.index(line.len());
                line[at] = byte;
            }
            line.truncate(end.index(line.len() + 1));
            line
        });
    prop_oneof![
        address,
        path,
        table,
        prop::collection::vec(any::<u8>(), 0..256)
    ]
}
