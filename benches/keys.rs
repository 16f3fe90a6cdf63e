//! How long a key takes from the keyboard to the screen, on a real pty, with a history of
//! a megabyte: `cargo bench --bench keys`.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::string_slice,
    clippy::unwrap_used,
    missing_docs,
    unreachable_pub,
    reason = "a measurement stops where something is not as it should be"
)]

#[path = "../tests/shell_editor/shell.rs"]
mod shell;
#[allow(dead_code, reason = "the tests need more of it")]
#[path = "../tests/shell_editor/terminal.rs"]
mod terminal;

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use reedline::{History, HistoryItem, SqliteBackedHistory};
use terminal::Terminal;

const CHILD: &str = "HLRP_BENCH_EDITOR";
/// Forty bytes each: a megabyte.
const LINES: usize = 26_000;

fn main() {
    if let Some(root) = std::env::var_os(CHILD) {
        return shell::read_lines(Path::new(&root));
    }
    let root = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(root.path().join("home/hlrp/runs")).unwrap();
    std::fs::create_dir_all(root.path().join("state")).unwrap();
    let file = root.path().join("state/history.sqlite3");
    let mut history = SqliteBackedHistory::with_file(file, None, None).unwrap();
    for number in 0..LINES {
        let line = format!("python train.py --seed {number:06} --lr 0.0001");
        history.save(HistoryItem::from_command_line(line)).unwrap();
    }
    drop(history);
    let begin = Instant::now();
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("TERM", "xterm-256color")
        .env("LANG", "C.UTF-8")
        .env(CHILD, root.path());
    let mut terminal = Terminal::start(command, 120, 30);
    while !terminal.screen.screen().contents().contains("guard") {
        terminal.take(Duration::from_millis(5));
    }
    println!("first prompt            {:6.1} ms", milliseconds(begin));
    terminal.until("guard");
    std::thread::sleep(Duration::from_secs(1));
    measure(
        &mut terminal,
        "a short line",
        "ls -l runs | grep laq > found.txt",
    );
    measure(
        &mut terminal,
        "a line that is denied",
        "rm -rf runs/laq_0312 && echo done",
    );
    measure(
        &mut terminal,
        "a beginning in history",
        "python train.py --seed 000007 --lr",
    );
    measure(
        &mut terminal,
        "one that is not there",
        "pythoz train.py --seed 000007 --lr",
    );
    let long = format!("echo {}", "'a b' \"$x\" $(ls -l) ".repeat(100));
    terminal.keys(&format!("\x1b[200~{long}\x1b[201~"));
    measure(&mut terminal, "behind 2 kB", "and three more words");
    terminal.keys("\x12");
    std::thread::sleep(Duration::from_millis(200));
    measure(&mut terminal, "Ctrl-R, found late", "000001");
    terminal.keys("\x12");
    std::thread::sleep(Duration::from_millis(200));
    measure(&mut terminal, "Ctrl-R, not there", "zzyzx");
}

/// Types a line key by key, and says how long the screen took to follow.
fn measure(terminal: &mut Terminal, what: &str, line: &str) {
    while terminal.take(Duration::from_millis(150)) {}
    let mut times = Vec::new();
    for key in line.chars() {
        let begin = Instant::now();
        terminal.keys(&key.to_string());
        assert!(
            terminal.take(Duration::from_secs(5)),
            "no answer to `{key}`"
        );
        times.push(milliseconds(begin));
        while terminal.take(Duration::from_millis(60)) {}
    }
    times.sort_by(f64::total_cmp);
    let at = |share: usize| times[(times.len() - 1) * share / 100];
    println!(
        "{what:24}{:6.1} ms median, {:6.1} ms at 95 %, {:6.1} ms at most",
        at(50),
        at(95),
        at(100)
    );
    terminal.keys("\x03");
}

fn milliseconds(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1e3
}
