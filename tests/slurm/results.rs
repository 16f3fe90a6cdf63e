//! The record of a sweep on the real Slurm: what the table says is what the jobs wrote.

use std::fs;

use super::desk::Desk;
use super::submission::project;

#[test]
fn the_table_of_a_sweep_says_what_its_jobs_measured() {
    let Some(desk) = Desk::new("results") else {
        return;
    };
    project(&desk);
    desk.file("project/docs/plan.md", "What measures says of the loss.\n");
    let sweep = ["submit", "experiment=measures", "point=1,2,3"];
    let said = desk.hlrp_in("project", &sweep).ended(0);
    assert!(said.err.contains("docs/plan.md"), "{}", said.err);
    for line in desk.queued() {
        let job = line.split('|').next().unwrap();
        assert_eq!(desk.ended(job), ["COMPLETED 0:0"]);
    }
    let words = ["results", "measures", "--by", "loss", "--json"];
    let said = desk.hlrp_in("project", &words).ended(0);
    let rows: Vec<serde_json::Value> = said
        .out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(rows.len(), 3, "{}\n{}", said.out, said.err);
    for (row, point) in rows.iter().zip(["1", "2", "3"]) {
        assert_eq!(row["state"], "done", "{row}");
        assert_eq!(row["kind"], "point");
        assert_eq!(row["overrides"][1], format!("point={point}"), "{row}");
        let name = row["name"].as_str().unwrap();
        let written = desk.path("store/runs").join(name).join("metrics.jsonl");
        let written = fs::read_to_string(written).unwrap();
        let last: serde_json::Value =
            serde_json::from_str(written.lines().next_back().unwrap()).unwrap();
        assert_eq!(row["metrics"]["loss"], last["loss"], "{row}");
    }
    let again = ["submit", "experiment=measures", "point=2", "--dry-run"];
    let said = desk.hlrp_in("project", &again).ended(0);
    assert!(
        said.err.contains("very configuration before"),
        "{}",
        said.err
    );
    pages(&desk, rows[1]["name"].as_str().unwrap());
}

/// The page of a run, and a page with the sweep's table in it.
fn pages(desk: &Desk, name: &str) {
    let undocumented = ["results", "--undocumented", "--csv"];
    let said = desk.hlrp_in("project", &undocumented).ended(0);
    assert_eq!(said.out.lines().count(), 4, "{}", said.out);
    desk.hlrp_in("project", &["note", name]).ended(0);
    let page = desk.read(&format!("project/docs/runs/{name}.md"));
    assert!(page.contains("| state | done |"), "{page}");
    let said = desk.hlrp_in("project", &undocumented).ended(0);
    assert_eq!(said.out.lines().count(), 3, "{}", said.out);
    desk.file("project/docs/results/x.md", "# Mine\n\nBefore.\n");
    let update = ["results", "measures", "--update", "docs/results/x.md"];
    desk.hlrp_in("project", &update).ended(0);
    let page = desk.read("project/docs/results/x.md");
    assert!(page.starts_with("# Mine\n\nBefore.\n\n<!-- hlrp-sh results measures -->\n"));
    assert!(page.contains("| 207.5 |"), "{page}");
    desk.file("project/docs/results/x.md", &format!("{page}\nAfter.\n"));
    let mut sorted = update.to_vec();
    sorted.extend(["--by", "loss", "--descending"]);
    desk.hlrp_in("project", &sorted).ended(0);
    let second = desk.read("project/docs/results/x.md");
    assert!(second.starts_with("# Mine\n\nBefore.\n") && second.ends_with("\nAfter.\n"));
    assert!(second.find("307.5") < second.find("107.5"), "{second}");
    let kept = desk.hlrp_in("project", &["retained", "--json"]).ended(0);
    assert!(kept.out.contains("x.md"), "{}", kept.out);
}
