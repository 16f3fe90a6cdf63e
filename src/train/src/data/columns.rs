//! Opens parquet files and reads columns of them.
//!
//! INVARIANT: whatever is in a file, what comes out is rows or an error. The library trusts some of what a file says and
//! panics where it is not so; that is caught here, where the file is known.

use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use arrow_array::RecordBatch;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder,
};

use super::Error;

/// Which rows of a file are read.
#[derive(Clone, Copy, Debug)]
pub(super) enum Rows {
    /// All of them, at most so many in a batch.
    All(usize),
    /// So many of a row group, from the first that is given on.
    Some {
        group: usize,
        first: usize,
        count: usize,
    },
}

/// Opens a file and reads what it says about itself.
pub(super) fn open(path: &Path) -> Result<(File, ArrowReaderMetadata), Error> {
    let file = File::open(path).map_err(Error::file(path))?;
    let load = || ArrowReaderMetadata::load(&file, ArrowReaderOptions::new());
    let metadata = caught(load).map_err(|what| Error::malformed(path, what))?;
    let length = file.metadata().map_err(Error::file(path))?.len();
    let groups = metadata.metadata().row_groups().iter();
    for column in groups.flat_map(|group| group.columns()) {
        let start = column.dictionary_page_offset();
        let start = u64::try_from(start.unwrap_or(column.data_page_offset()));
        let size = u64::try_from(column.compressed_size());
        let end = start.ok().zip(size.ok()).map(|(a, b)| a.saturating_add(b));
        if end.is_none_or(|end| end > length) {
            let what = format!("column `{}` lies beyond its end", column.column_path());
            return Err(Error::malformed(path, what));
        }
    }
    Ok((file, metadata))
}

/// Reads columns of an opened file.
///
/// # Errors
///
/// What is wrong with it.
pub(super) fn read(
    file: File,
    metadata: &ArrowReaderMetadata,
    columns: ProjectionMask,
    rows: Rows,
) -> Result<Vec<RecordBatch>, String> {
    caught(|| {
        let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(file, metadata.clone());
        let reader = reader.with_projection(columns);
        let reader = match rows {
            Rows::All(batch) => reader.with_batch_size(batch),
            Rows::Some {
                group,
                first,
                count,
            } => reader
                .with_row_groups(vec![group])
                .with_offset(first)
                .with_limit(count)
                .with_batch_size(count),
        };
        let batches: Result<Vec<_>, _> = reader.build()?.collect();
        Ok::<_, parquet::errors::ParquetError>(batches?)
    })
}

/// Does something with a file that may panic where the file is damaged.
fn caught<T, E: std::fmt::Display>(work: impl FnOnce() -> Result<T, E>) -> Result<T, String> {
    // What is left of a reader that panicked is dropped and never looked at.
    let done = catch_unwind(AssertUnwindSafe(work));
    done.map_err(|_| "it is damaged: its parts contradict each other".to_owned())?
        .map_err(|fault| fault.to_string())
}
