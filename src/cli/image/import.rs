//! Imports an image as a job.

use std::path::PathBuf;

use super::Settings;
use crate::cli::submit::{ask, judge, send, show};
use crate::error::{Error, code};
use crate::launch::room;
use crate::policy::{Action, Stage};
use crate::slurm::client::Clients;
use crate::slurm::submit::image::{Import, name};
use crate::slurm::submit::manifest::{self, Entry, Manifest, Point, Progress};
use crate::slurm::submit::{Problem, folder, minutes};
use crate::ui;

/// Import an image from a registry, as a job on a compute node
///
/// The file gets a dated name, so no image is ever replaced. `image use` chooses it when
/// the job has ended. Logins of private registries are enroot's own
/// (~/.config/enroot/.credentials).
///
///   hlrp-sh image import docker://nvcr.io#nvidia/pytorch:24.04-py3 --mem 64G
#[derive(clap::Args, Debug)]
#[command(verbatim_doc_comment)]
pub(super) struct Args {
    /// docker://NAME:TAG or docker://REGISTRY#NAME:TAG
    #[arg(value_name = "IMAGE")]
    source: String,
    /// Memory of the job
    #[arg(long, value_name = "SIZE")]
    mem: Option<String>,
    /// Partition of the job
    #[arg(long, value_name = "NAME")]
    partition: Option<String>,
    /// Time limit of the job
    #[arg(long, value_name = "TIME")]
    time: Option<String>,
    /// Name of the file, before the date
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Print the script and stop
    #[arg(long)]
    dry_run: bool,
}

pub(super) fn run(args: &Args, json: bool) -> Result<u8, Error> {
    send::prepare()?;
    let settings = Settings::read()?;
    let timestamp = settings.composing.timestamp();
    let import = match import(args, &settings, &timestamp)? {
        Ok(import) => import,
        Err(problem) => return show::problems(&[problem], json),
    };
    let script = match import.script() {
        Ok(script) => script,
        Err(problem) => return show::problems(&[problem], json),
    };
    if args.dry_run {
        ui::text(&script)?;
        return Ok(code::DONE);
    }
    let session = &settings.session;
    let judged = judge::places(session, &[&import.directory, &import.target]);
    if judged.is_denied() {
        judged.show(session);
        return Ok(code::DENIED);
    }
    let roots: Vec<&std::path::Path> = session.context.roots.iter().map(PathBuf::as_path).collect();
    let clients = match Clients::find(&roots) {
        Ok(clients) => clients,
        Err(fault) => return show::problems(&[ask::unreachable(&fault)], json),
    };
    let Some(mut permits) = judged.pass(session) else {
        return Ok(code::DENIED);
    };
    let tool = "sbatch".to_owned();
    let gate = room::gate(session);
    let submit = gate.judge_action(
        "sbatch hlrp_image_import",
        Action::Submit { tool },
        Stage::Line,
    );
    let Some(more) = judge::Judged::of(submit).pass(session) else {
        return Ok(code::DENIED);
    };
    permits.extend(more);
    let (mut manifest, path) = make(&import, &script, &settings, &timestamp)?;
    let slurm = send::Slurm::new(clients, session, judge::approved(&permits));
    judge::record(session, permits);
    let ended = send::queue(None, &mut manifest, &path, &[0], &slurm)?;
    show::queued(&manifest, &path, &ended, json)?;
    ui::say(&format!(
        "when it has ended: hlrp-sh image use {}",
        ui::quoted(&import.target.to_string_lossy())
    ));
    Ok(send::status(&ended))
}

fn import(
    args: &Args,
    settings: &Settings,
    timestamp: &str,
) -> Result<Result<Import, Problem>, Error> {
    let short: String = timestamp.chars().take(16).filter(|c| *c != ':').collect();
    let source = match &args.name {
        Some(name) => format!("docker://{name}"),
        None => args.source.clone(),
    };
    let named = name(&args.source, &short).and_then(|_| name(&source, &short));
    let named = match named {
        Ok(named) => named,
        Err(problem) => return Ok(Err(problem)),
    };
    let time = match &args.time {
        Some(time) if minutes(time).is_none() => {
            return Err(Error::Usage(format!(
                "`{time}` is no time limit: `--time 04:00:00`"
            )));
        }
        Some(time) => Some(time.clone()),
        None => settings.text("image.time_limit")?,
    };
    let directory = settings.directory()?;
    let root = settings
        .text("logging.root_dir")?
        .unwrap_or_else(|| ".".to_owned());
    let runs = settings.project.root.join(root).join("runs");
    let said = |given: &Option<String>, key: &str| match given {
        Some(given) => Ok(Some(given.clone())),
        None => settings.text(key),
    };
    Ok(Ok(Import {
        source: args.source.clone(),
        target: directory.join(format!("{named}.sqsh")),
        directory: runs.join(format!("{timestamp}_image_import")),
        partition: said(&args.partition, "image.partition")?,
        qos: match args.partition {
            Some(_) => None,
            None => settings.text("image.qos")?,
        },
        account: settings.text("image.account")?,
        memory: said(&args.mem, "image.mem")?,
        cpus: settings.text("image.cpus_per_task")?,
        time,
    }))
}

fn make(
    import: &Import,
    script: &str,
    settings: &Settings,
    timestamp: &str,
) -> Result<(Manifest, PathBuf), Error> {
    let fault = |path: &PathBuf| {
        let path = path.clone();
        move |source| Error::File { path, source }
    };
    // The job's guard writes there, and makes no directory on the way.
    if let Some(images) = import.target.parent() {
        let images = images.to_owned();
        std::fs::create_dir_all(&images).map_err(fault(&images))?;
    }
    let directory = folder::claim(&import.directory).map_err(fault(&import.directory))?;
    let moved = Import {
        directory: directory.clone(),
        ..import.clone()
    };
    let script = match directory == import.directory {
        true => script.to_owned(),
        false => moved.script().map_err(|problem| Error::No(problem.what))?,
    };
    let file = directory.join("script.sbatch");
    let file = folder::put(&file, &script, 0o755).map_err(fault(&file))?;
    let id = &settings.session.id;
    let manifest = Manifest {
        commit: None,
        points: vec![Point {
            directory: directory.clone(),
            name: "hlrp_image_import".into(),
            overrides: vec![import.source.clone()],
        }],
        jobs: vec![Entry {
            points: vec![0],
            script: file,
            options: Vec::new(),
            name: "hlrp_image_import".into(),
            comment: format!("hlrp:{id}:0"),
            tasks: None,
            state: Progress::Intended,
            earlier: Vec::new(),
        }],
        ..Manifest::of(id, &settings.project.root, "image_import", timestamp)
    };
    let path = directory.join(manifest::NAME);
    manifest.create(&path).map_err(fault(&path))?;
    Ok((manifest, path))
}
