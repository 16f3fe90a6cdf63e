//! `hlrp-sh compose` on small trees made here.

mod faults;

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

struct Project(TempDir);

impl Project {
    fn new(files: &[(&str, &str)]) -> Self {
        let project = Self(TempDir::new().unwrap());
        fs::create_dir(project.0.path().join("config")).unwrap();
        for (name, text) in files {
            project.file(name, text.as_bytes());
        }
        project
    }

    fn file(&self, name: &str, bytes: &[u8]) {
        let file = self.config().join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, bytes).unwrap();
    }

    fn config(&self) -> std::path::PathBuf {
        self.0.path().join("config")
    }

    fn compose(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_hlrp-sh"))
            .arg("compose")
            .args(arguments)
            .current_dir(self.0.path())
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("HOME", self.0.path())
            .env("NO_COLOR", "1")
            .output()
            .unwrap()
    }

    fn yaml(&self, arguments: &[&str]) -> String {
        let output = self.compose(arguments);
        assert!(output.status.success(), "{}", err(&output));
        String::from_utf8(output.stdout).unwrap()
    }
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn small() -> Project {
    Project::new(&[
        (
            "config.yaml",
            "defaults:\n  - db: mysql\n  - _self_\n  - optional site: ${db}\n\nname: ${db.kind}-${seed}\nseed: 1\n",
        ),
        ("db/mysql.yaml", "kind: mysql\nport: 3306\n"),
        ("db/postgres.yaml", "kind: postgres\nport: 5432\n"),
        ("site/postgres.yaml", "# @package _global_\nseed: 9\n"),
    ])
}

#[test]
fn the_configuration_is_printed_as_yaml() {
    let project = small();
    let yaml = "db:\n  kind: mysql\n  port: 3306\nname: ${db.kind}-${seed}\nseed: 1\n";
    assert_eq!(project.yaml(&[]), yaml);
    let yaml = "db:\n  kind: postgres\n  port: 1\nname: postgres-9\nseed: 9\n";
    assert_eq!(
        project.yaml(&["db=postgres", "db.port=1", "--resolve"]),
        yaml
    );
}

#[test]
fn a_part_is_printed_with_its_package() {
    let project = small();
    let yaml = "# @package db\nkind: mysql\nport: 3306\n";
    assert_eq!(project.yaml(&["--package", "db"]), yaml);
    assert_eq!(project.yaml(&["--package", "db.port"]), "3306\n");
    let output = project.compose(&["--package", "dbs"]);
    assert_eq!(output.status.code(), Some(78));
}

#[test]
fn hydra_and_all_are_parts() {
    let project = small();
    let hydra = project.yaml(&["--cfg", "hydra", "seed=2"]);
    assert!(hydra.starts_with("hydra:\n  run:\n    dir: outputs/"));
    assert!(hydra.contains("    task:\n    - seed=2\n"));
    assert!(!hydra.contains("name: ${db.kind}"));
    let all = project.yaml(&["--cfg", "all"]);
    assert!(all.starts_with("hydra:\n") && all.contains("\nname: ${db.kind}-${seed}\n"));
}

#[test]
fn json_keeps_the_order_of_keys_and_has_a_schema() {
    let project = small();
    let json = project.yaml(&["--resolve", "--json", "+a={z:1,b:[null,1.5]}"]);
    let text = r#""config":{"db":{"kind":"mysql","port":3306},"name":"mysql-1","seed":1,"a":{"z":1,"b":[null,1.5]}}"#;
    assert!(json.contains(text), "{json}");
    assert!(json.starts_with(r#"{"schema":"hlrp.compose/1","#));
    let json = project.yaml(&["--info", "defaults", "--json"]);
    assert!(
        json.contains(r#"{"config":"db/mysql","package":"db","is_self":false,"parent":"config"}"#)
    );
}

#[test]
fn how_it_comes_about_is_shown() {
    let project = small();
    let defaults = project.yaml(&["--info", "defaults", "db=postgres"]);
    let at = |name: &str| defaults.find(name).unwrap_or_else(|| panic!("{defaults}"));
    assert!(at("db/postgres") < at("\nconfig (its own keys)"));
    assert!(at("\nconfig (its own keys)") < at("site/postgres"));
    assert!(project.yaml(&["--info", "config"]).contains("db"));
    let places = project.yaml(&["--info", "searchpath", "hydra.searchpath=[/nowhere]"]);
    assert!(places.contains("file:///nowhere") && places.contains("not there"));
}

#[test]
fn another_directory_and_another_name_can_be_given() {
    let project = small();
    project.file("other.yaml", b"x: 1\n");
    assert_eq!(project.yaml(&["--config-name", "other"]), "x: 1\n");
    let elsewhere = TempDir::new().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_hlrp-sh"))
        .args(["compose", "--config-name", "other", "--config-dir"])
        .arg(project.config())
        .current_dir(elsewhere.path())
        .env("HOME", elsewhere.path())
        .output()
        .unwrap();
    assert_eq!(output.stdout, b"x: 1\n");
    let output = Command::new(env!("CARGO_BIN_EXE_hlrp-sh"))
        .arg("compose")
        .current_dir(elsewhere.path())
        .env("HOME", elsewhere.path())
        .output()
        .unwrap();
    assert!(!output.status.success());
    assert!(err(&output).contains("--config-dir"));
}

#[test]
fn nothing_is_written() {
    let project = small();
    project.yaml(&["db=postgres"]);
    let left = |directory: &Path| fs::read_dir(directory).unwrap().count();
    assert_eq!(left(&project.config()), 3);
}
