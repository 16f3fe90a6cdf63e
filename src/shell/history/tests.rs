//! What is kept, and what never is.

use super::*;

fn save(history: &mut Kept, line: &str) -> bool {
    history.save(HistoryItem::from_command_line(line)).is_ok()
}

fn all(history: &Kept) -> Vec<String> {
    let query = SearchQuery::everything(SearchDirection::Forward, None);
    let items = history.search(query).unwrap();
    items.into_iter().map(|item| item.command_line).collect()
}

#[test]
fn secrets_and_lines_behind_a_space_are_not_kept() {
    let state = tempfile::tempdir().unwrap();
    let (mut history, notice) = Kept::open(state.path(), "h", 1);
    assert_eq!(notice, None);
    assert!(save(&mut history, "ls -l"));
    for line in [
        " ls",
        "\tls",
        "",
        "   ",
        "export HF_TOKEN=abc",
        "curl -H 'Authorization: Bearer S3CRET' https://x",
        "WANDB_API_KEY=x python train.py",
        "git clone https://me:pw@host/x",
        "echo hf_abcdefghijklmnopqrstuvwxyz",
    ] {
        assert!(!save(&mut history, line), "{line}");
        assert!(!is_fit(line), "{line}");
    }
    assert_eq!(all(&history), ["ls -l"]);
    let mut bytes = Vec::new();
    for entry in fs::read_dir(state.path()).unwrap() {
        bytes.extend(fs::read(entry.unwrap().path()).unwrap());
    }
    let text = String::from_utf8_lossy(&bytes);
    assert!(text.contains("ls -l") && !text.contains("HF_TOKEN") && !text.contains("S3CRET"));
}

#[test]
fn only_the_owner_may_read_it() {
    let state = tempfile::tempdir().unwrap();
    let open = || Kept::open(state.path(), "h", 1);
    let (mut history, _) = open();
    save(&mut history, "ls");
    let modes = || -> Vec<u32> {
        let entries = fs::read_dir(state.path()).unwrap();
        let mode = |entry: io::Result<fs::DirEntry>| {
            entry.unwrap().metadata().unwrap().permissions().mode() & 0o777
        };
        entries.map(mode).collect()
    };
    assert!(modes().iter().all(|mode| *mode == 0o600), "{:?}", modes());
    let file = path(state.path(), "h");
    fs::set_permissions(&file, Permissions::from_mode(0o644)).unwrap();
    let _ = open();
    assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn the_first_session_and_the_second_have_the_same_file() {
    let state = tempfile::tempdir().unwrap();
    let directory = state.path().join("not/yet");
    let (mut history, notice) = Kept::open(&directory, "h", 1);
    assert_eq!(notice, None);
    save(&mut history, "ls");
    drop(history);
    let (history, _) = Kept::open(&directory, "h", 2);
    assert_eq!(all(&history), ["ls"]);
    assert_eq!(
        directory.metadata().unwrap().permissions().mode() & 0o777,
        0o700
    );
}

#[test]
fn two_shells_write_at_once() {
    let state = tempfile::tempdir().unwrap();
    let (mut one, _) = Kept::open(state.path(), "h", 1);
    let (mut other, _) = Kept::open(state.path(), "h", 2);
    for round in 0..20 {
        assert!(save(&mut one, &format!("one {round}")));
        assert!(save(&mut other, &format!("other {round}")));
    }
    assert_eq!(all(&one).len(), 40);
}

#[test]
fn what_cannot_be_kept_stops_nothing() {
    let state = tempfile::tempdir().unwrap();
    fs::write(path(state.path(), "h"), "this is no data base ".repeat(500)).unwrap();
    let (mut history, notice) = Kept::open(state.path(), "h", 1);
    assert!(
        notice
            .unwrap()
            .starts_with("history is not kept in this session")
    );
    assert!(save(&mut history, "ls"));
    assert_eq!(all(&history), ["ls"]);
    let file = state.path().join("file");
    fs::write(&file, "").unwrap();
    let (mut history, notice) = Kept::open(&file.join("below"), "h", 1);
    assert!(notice.is_some());
    assert!(save(&mut history, "ls"));
}

#[test]
fn a_data_base_that_breaks_later_stops_nothing() {
    let state = tempfile::tempdir().unwrap();
    let (mut history, _) = Kept::open(state.path(), "h", 1);
    save(&mut history, "ls");
    drop(history);
    let file = path(state.path(), "h");
    let mut bytes = fs::read(&file).unwrap();
    let middle = bytes.len() / 3;
    bytes[middle..].fill(0xff);
    fs::write(&file, bytes).unwrap();
    let (mut history, _) = Kept::open(state.path(), "h", 1);
    // Kept or not, nothing is thrown at whoever types.
    let _ = save(&mut history, "pwd");
    let _ = all(&history);
}

#[test]
fn the_hint_prefers_this_directory() {
    let hints = Hints::default();
    for (line, cwd) in [("make test", "/a"), ("make docs", "/b"), ("ls", "/a")] {
        hints.add(line, None);
        hints.place(line, Path::new(cwd));
    }
    assert_eq!(hints.rest("make ", "/a").as_deref(), Some("test"));
    assert_eq!(hints.rest("make ", "/c").as_deref(), Some("docs"));
    assert_eq!(hints.rest("make docs", "/c"), None);
}

#[test]
fn hints_are_there_in_the_next_session() {
    let state = tempfile::tempdir().unwrap();
    let (mut history, _) = Kept::open(state.path(), "h", 1);
    save(&mut history, "python train.py --seed 3");
    drop(history);
    let (history, _) = Kept::open(state.path(), "h", 2);
    let hints = history.hints();
    for _ in 0..200 {
        if hints.rest("python ", "/").is_some() {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    assert_eq!(
        hints.rest("python ", "/").as_deref(),
        Some("train.py --seed 3")
    );
}
