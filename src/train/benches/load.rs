//! Loads batches of a data set in one thread and says how long that took; `benches/data.py` compares.
//!
//!     load DATASET BATCHES BATCH_SIZE [IMAGE_SIZE]

use std::fs;
use std::process::ExitCode;
use std::time::Instant;

use hlrp_train::data::{
    Caches, CameraRequest, Error, Feature, Loader, Meta, Order, Request, Set, SourceConfig, Spec,
};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|word| word != "--bench")
        .collect();
    let numbers: Vec<usize> = arguments
        .iter()
        .filter_map(|word| word.parse().ok())
        .collect();
    let (Some(path), &[batches, batch_size, ref size @ ..]) =
        (arguments.first(), numbers.as_slice())
    else {
        // `cargo bench` runs every benchmark without arguments.
        return ExitCode::SUCCESS;
    };
    match load(path, batches, batch_size, size.first().copied()) {
        Ok(line) => {
            use std::io::Write as _;
            let _ = writeln!(std::io::stdout(), "{line}");
            ExitCode::SUCCESS
        }
        Err(fault) => {
            hlrp_sh::ui::error(&fault);
            ExitCode::from(fault.code())
        }
    }
}

fn load(
    path: &str,
    batches: usize,
    batch_size: usize,
    size: Option<usize>,
) -> Result<String, Error> {
    let caches = Caches::from_environment();
    let meta = Meta::read(&caches.find(path, "main")?)?;
    let cameras = meta
        .info
        .features
        .iter()
        .filter(|(_, feature)| Feature::is_camera(feature));
    let cameras: Vec<String> = cameras.map(|(key, _)| key.clone()).collect();
    let mut config = SourceConfig::of(path, cameras.clone());
    config.state_key = Some("observation.state".into());
    config.action_key = Some("action".into());
    let request = Request {
        cameras: cameras
            .into_iter()
            .map(|name| CameraRequest {
                name,
                frames: vec![0, 5],
            })
            .collect(),
        image_size: size.map(|side| [side, side]),
        state: vec![0],
        action: vec![0],
        flow: false,
        pad: true,
    };
    let spec = Spec {
        batch_size,
        workers: 0,
        ..Spec::default()
    };
    let order = Order::Shuffled {
        seed: 0,
        epoch: None,
    };
    let start = Instant::now();
    let set = Set::open_in(&[config], &caches)?;
    let mut loader = Loader::new(&set.all(), &request, &spec, order, None)?;
    loader.next().transpose()?;
    let first = start.elapsed().as_secs_f64();
    let (clock, cpu) = (Instant::now(), on_core());
    let mut samples = 0;
    for batch in loader.take(batches) {
        samples += batch?.size;
    }
    Ok(format!(
        r#"{{"samples": {samples}, "wall_s": {:.4}, "cpu_s": {:.4}, "first_s": {first:.4}}}"#,
        clock.elapsed().as_secs_f64(),
        on_core() - cpu
    ))
}

/// Returns the seconds that this thread has been on a core.
fn on_core() -> f64 {
    let line = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanoseconds = line
        .split(' ')
        .next()
        .and_then(|word| word.parse::<f64>().ok());
    nanoseconds.unwrap_or(f64::NAN) * 1e-9
}
