//! Imports of container images: unpacked and packed again on a compute node, to a dated name.

use std::path::{Path, PathBuf};

use super::problem::{Problem, Subject};
use super::word::{directive, double_quoted, printable, shell};

/// An image to be imported.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Import {
    /// Where it comes from: `docker://REGISTRY#NAME:TAG`.
    pub source: String,
    /// The file it becomes.
    pub target: PathBuf,
    /// Where script and log are kept.
    pub directory: PathBuf,
    /// What the job asks for.
    pub partition: Option<String>,
    /// The QOS.
    pub qos: Option<String>,
    /// The account.
    pub account: Option<String>,
    /// Memory.
    pub memory: Option<String>,
    /// CPUs.
    pub cpus: Option<String>,
    /// The time limit.
    pub time: Option<String>,
}

/// Returns a name for an image: what it is called where it comes from, and the date.
pub fn name(source: &str, timestamp: &str) -> Result<String, Problem> {
    let refused = |what: String| {
        Problem::config(
            Subject::Override(source.to_owned()),
            what,
            "write it as docker://NAME:TAG, or docker://REGISTRY#NAME:TAG",
        )
    };
    printable("image", source)?;
    let rest = source
        .strip_prefix("docker://")
        .ok_or_else(|| refused(format!("`{source}` is no image of a registry")))?;
    let login = rest.split_once('@').map(|(login, _)| login);
    if login.is_some_and(|login| login.contains(':') && !login.contains(['/', '#'])) {
        return Err(Problem::config(
            Subject::Submission,
            "the image's name holds a password, which would stand in the script",
            "put the login into ~/.config/enroot/.credentials, and write docker://USER@REGISTRY#NAME:TAG",
        ));
    }
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "._-/:#@+".contains(c);
    if rest.is_empty() || !rest.chars().all(is_plain) || rest.starts_with('-') {
        return Err(refused(format!("`{source}` is no name of an image")));
    }
    let last = rest.rsplit(['/', '#']).next().unwrap_or(rest);
    let last: String = last
        .chars()
        .map(|c| if "@:+".contains(c) { '-' } else { c })
        .collect();
    Ok(format!("{last}_imported_{timestamp}"))
}

impl Import {
    /// Writes the script of the job.
    pub fn script(&self) -> Result<String, Problem> {
        let logs = self.directory.to_string_lossy().replace('%', "%%");
        let directives = [
            ("job-name", Some("hlrp_image_import".to_owned())),
            ("partition", self.partition.clone()),
            ("qos", self.qos.clone()),
            ("account", self.account.clone()),
            ("mem", self.memory.clone()),
            ("cpus-per-task", self.cpus.clone()),
            ("time", self.time.clone()),
            ("output", Some(format!("{logs}/%j.out"))),
            ("error", Some(format!("{logs}/%j.err"))),
        ];
        let mut text = String::from("#!/bin/bash\n");
        for (option, value) in directives {
            if let Some(value) = value {
                text.push_str(&format!(
                    "#SBATCH --{option}={}\n",
                    directive(option, &value)?
                ));
            }
        }
        for path in [&self.target, &self.directory] {
            printable("image", &path.to_string_lossy())?;
        }
        let parent = self.target.parent().unwrap_or(Path::new("."));
        text.push_str(&format!(
            "\nset -euo pipefail\n\n\
             # Everything that importing makes on the way stays on the node.\n\
             scratch=\"${{SLURM_TMPDIR:-/tmp}}\"\n\
             if [ -n \"${{HLRP_SESSION:-}}\" ]; then scratch=\"${{TMPDIR:-$scratch}}\"; fi\n\
             export TMPDIR=\"$scratch/hlrp-${{SLURM_JOB_ID}}\"\n\
             mkdir -p \"$TMPDIR\" {}\n\
             export ENROOT_TEMP_PATH=\"$TMPDIR\" ENROOT_CACHE_PATH=\"$TMPDIR/cache\" ENROOT_DATA_PATH=\"$TMPDIR/data\"\n\n\
             enroot import --output {} {}\n\
             ls -l {}\n",
            double_quoted(&parent.to_string_lossy()),
            shell(&self.target.to_string_lossy()),
            shell(&self.source),
            shell(&self.target.to_string_lossy()),
        ));
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_gets_a_dated_name() {
        let name = |source| name(source, "2026-01-31_1200");
        let expected = "pytorch-24.04-py3_imported_2026-01-31_1200";
        assert_eq!(
            name("docker://nvcr.io#nvidia/pytorch:24.04-py3").unwrap(),
            expected
        );
        assert_eq!(
            name("docker://ubuntu").unwrap(),
            "ubuntu_imported_2026-01-31_1200"
        );
        for wrong in [
            "ubuntu",
            "docker://oauth:secret@example.invalid#a/b:c",
            "docker://",
            "docker://a b",
            "docker://$(id)",
            "dockerd://x",
            "docker://a\nb",
        ] {
            assert!(name(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_import_is_one_command_on_a_compute_node() {
        let import = Import {
            source: "docker://ubuntu".into(),
            target: "/dss/me/enroot/ubuntu.sqsh".into(),
            directory: "/dss/me/runs/import".into(),
            memory: Some("64G".into()),
            ..Import::default()
        };
        let script = import.script().unwrap();
        assert!(script.contains("#SBATCH --mem=64G\n"), "{script}");
        assert!(
            script.contains("enroot import --output /dss/me/enroot/ubuntu.sqsh docker://ubuntu\n")
        );
    }
}
