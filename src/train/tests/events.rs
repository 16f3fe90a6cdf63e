//! Event files: what we read back, and what `TensorBoard` itself reads.

use std::path::Path;
use std::process::Command;

use hlrp_train::data::Picture;
use hlrp_train::events::Events;

use crate::skip::skip;

#[test]
fn records_come_back_with_their_checksums() {
    let place = tempfile::tempdir().unwrap();
    let path = write(place.path());
    let records = records(&std::fs::read(path).unwrap());
    assert_eq!(records.len(), 4);
    let has =
        |record: &[u8], text: &str| record.windows(text.len()).any(|of| of == text.as_bytes());
    assert!(has(&records[0], "brain.Event:2"));
    assert!(has(&records[1], "train/loss") && has(&records[1], "train/lr"));
    assert!(has(&records[3], "IHDR"));
}

#[test]
fn every_start_makes_a_file_of_its_own() {
    let place = tempfile::tempdir().unwrap();
    let paths = [0, 5].map(|after| {
        Events::create(place.path(), after)
            .unwrap()
            .path()
            .to_owned()
    });
    assert_ne!(paths[0], paths[1]);
    // The second says that what comes after step 5 in the first is void.
    assert_eq!(records(&std::fs::read(&paths[1]).unwrap()).len(), 2);
}

#[test]
fn tensorboard_reads_what_was_written() {
    let python = std::env::var("HLRP_TENSORBOARD_PYTHON").unwrap_or_default();
    if python.is_empty() {
        let reason = "HLRP_TENSORBOARD_PYTHON names no Python that has tensorboard";
        return skip("train::events::tensorboard", reason);
    }
    let place = tempfile::tempdir().unwrap();
    write(place.path());
    let mut resumed = Events::create(place.path(), 1).unwrap();
    resumed.scalars(2, &[("train/loss", 0.125)]).unwrap();
    resumed.flush().unwrap();
    let script = "
import sys
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
events = EventAccumulator(sys.argv[1])
events.Reload()
print([(e.step, e.value) for e in events.Scalars('train/loss')])
print([(e.step, e.width, e.height) for e in events.Images('val/sheet')])
";
    let said = Command::new(python)
        .args(["-c", script])
        .arg(place.path())
        .output()
        .unwrap();
    let said = format!(
        "{}{}",
        String::from_utf8_lossy(&said.stdout),
        String::from_utf8_lossy(&said.stderr)
    );
    assert!(said.contains("[(1, 0.5), (2, 0.125)]"), "{said}");
    assert!(said.contains("[(1, 3, 2)]"), "{said}");
}

/// A run of two steps.
fn write(place: &Path) -> std::path::PathBuf {
    let mut events = Events::create(place, 0).unwrap();
    events
        .scalars(1, &[("train/loss", 0.5), ("train/lr", 1e-4)])
        .unwrap();
    events.scalars(2, &[("train/loss", 0.25)]).unwrap();
    let picture = Picture::filled(2, 3, [1, 2, 3]);
    events.picture(1, "val/sheet", &picture).unwrap();
    events.flush().unwrap();
    events.path().to_owned()
}

/// The records of a file, every checksum looked at.
fn records(mut file: &[u8]) -> Vec<Vec<u8>> {
    let masked = |bytes: &[u8]| {
        crc32c::crc32c(bytes)
            .rotate_right(15)
            .wrapping_add(0xa282_ead8)
    };
    let mut found = Vec::new();
    while !file.is_empty() {
        let length = u64::from_le_bytes(file[..8].try_into().unwrap()) as usize;
        assert_eq!(file[8..12], masked(&file[..8]).to_le_bytes());
        let bytes = &file[12..12 + length];
        assert_eq!(file[12 + length..16 + length], masked(bytes).to_le_bytes());
        found.push(bytes.to_vec());
        file = &file[16 + length..];
    }
    found
}
