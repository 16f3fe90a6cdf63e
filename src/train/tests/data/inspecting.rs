//! `hlrp-train data inspect`.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use hlrp_train::data::Picture;

use super::world::{Recipe, World};

#[test]
fn a_report_says_what_is_there() {
    let world = World::new(&Recipe::default());
    let root = world.root();
    let text = stdout(&inspect(&[root.to_str().unwrap()]));
    for line in [
        "version   v3.0",
        "episodes  3 of 4 to 9 frames (median 7)",
        "frames    20, 2 s at 10 a second",
        "       2 episodes       16 frames  push it",
        "  observation.images.front  32 × 48  png  1 files",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    let json = stdout(&inspect(&[
        root.to_str().unwrap(),
        "--json",
        "--episode",
        "1",
    ]));
    let report: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(report["schema"], "hlrp-train.data.inspect.v1");
    assert_eq!(report["vectors"]["observation.state"]["max"][0], 19.0);
    assert_eq!(report["vectors"]["observation.state"]["mean"][0], 9.5);
    assert_eq!(report["episode"]["frames"], 4);
    assert_eq!(report["episode"]["tasks"][0], "lift it");
}

#[test]
fn a_sheet_shows_episodes_and_is_never_written_over() {
    let world = World::new(&Recipe {
        is_video: true,
        ..Recipe::default()
    });
    let (root, sheet) = (world.root(), world.path("sheet.png"));
    let arguments = [root.to_str().unwrap(), "--sheet", sheet.to_str().unwrap()];
    let ran = inspect(&arguments);
    assert!(ran.status.success(), "{ran:?}");
    assert!(stdout(&ran).contains("  h264  1 files"));
    let written = fs::read(&sheet).unwrap();
    let picture = Picture::from_png(&written, [3 * 34 + 2, 8 * 50 + 2]).unwrap();
    assert_eq!(
        (picture.height(), picture.width()),
        (3 * 34 + 2, 8 * 50 + 2)
    );
    assert_eq!(beside(&sheet), ["set", "sheet.png"]);

    let again = inspect(&arguments);
    assert_eq!(again.status.code(), Some(2));
    assert!(again.stdout.is_empty());
    assert_eq!(fs::read(&sheet).unwrap(), written);
}

#[test]
fn nothing_is_written_about_a_data_set_that_is_wrong() {
    let world = World::new(&Recipe {
        state: |frame| if frame == 9 { f32::NAN } else { 0.0 },
        ..Recipe::default()
    });
    let (root, sheet) = (world.root(), world.path("sheet.png"));
    let ran = inspect(&[root.to_str().unwrap(), "--sheet", sheet.to_str().unwrap()]);
    let said = String::from_utf8(ran.stderr).unwrap();
    assert_eq!(ran.status.code(), Some(78), "{said}");
    assert!(
        said.contains("file-000.parquet`, episode 1, frame 2: `observation.state` is NaN"),
        "{said}"
    );
    assert!(ran.stdout.is_empty() && beside(&sheet) == ["set"]);
    let ran = inspect(&[world.path("none").to_str().unwrap()]);
    assert_eq!(ran.status.code(), Some(78));
    let ran = inspect(&[root.to_str().unwrap(), "--sheets"]);
    assert_eq!(ran.status.code(), Some(2));
}

fn inspect(arguments: &[&str]) -> Output {
    let program = env!("CARGO_BIN_EXE_hlrp-train");
    let mut command = Command::new(program);
    command
        .args(["data", "inspect"])
        .args(arguments)
        .output()
        .unwrap()
}

fn stdout(ran: &Output) -> String {
    assert!(ran.status.success(), "{ran:?}");
    String::from_utf8(ran.stdout.clone()).unwrap()
}

fn beside(path: &Path) -> Vec<String> {
    let entries = fs::read_dir(path.parent().unwrap()).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.collect();
    names.sort();
    names
}
