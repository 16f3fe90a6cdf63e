//! Pictures stored as PNG in the rows of a data set's parquet files.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ArrowReaderMetadata;

use super::kept::Kept;
use super::{Error, columns};

/// One camera's column of PNGs in one file.
#[derive(Debug)]
pub(super) struct Stills {
    path: PathBuf,
    metadata: ArrowReaderMetadata,
    leaf: usize,
    /// The first row of each row group, and the number of rows at the end.
    starts: Vec<usize>,
}

/// The PNGs of a few rows that follow each other.
#[derive(Debug, Default)]
pub(super) struct Block {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

/// What blocks are kept under: which file and camera, and which block of it.
pub(super) type BlockKey = (u64, usize, usize);

impl Stills {
    /// Opens the column of a camera.
    pub(super) fn open(path: &Path, camera: &str) -> Result<Self, Error> {
        let (_, metadata) = columns::open(path)?;
        let leaves = metadata.parquet_schema().columns();
        let leaf = leaves.iter().position(|column| {
            let parts: Vec<&str> = column.path().parts().iter().map(String::as_str).collect();
            parts == [camera, "bytes"] || parts == [camera]
        });
        let leaf = leaf.ok_or_else(|| {
            Error::malformed(path, format!("column `{camera}` holds no pictures"))
        })?;
        let groups = metadata.metadata().row_groups().iter();
        let mut starts = vec![0];
        let mut rows = 0;
        for group in groups {
            let own = usize::try_from(group.num_rows()).unwrap_or(0);
            rows = usize::saturating_add(rows, own);
            starts.push(rows);
        }
        Ok(Self {
            path: path.to_owned(),
            metadata,
            leaf,
            starts,
        })
    }

    /// Returns the file.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Gives the PNG of a row to `with`; blocks that were read are kept under `id` and their place.
    pub(super) fn with<T>(
        &self,
        row: usize,
        id: u64,
        kept: &Kept<BlockKey, Block>,
        with: impl FnOnce(&[u8]) -> T,
    ) -> Result<T, Error> {
        let beyond = || Error::malformed(&self.path, format!("no row {row}"));
        let group = self
            .starts
            .partition_point(|&start| start <= row)
            .wrapping_sub(1);
        let start = *self.starts.get(group).ok_or_else(beyond)?;
        let (number, inner) = ((row - start) / ROWS, (row - start) % ROWS);
        let key = (id, group, number);
        let block: Arc<Block> =
            kept.get(&key, |block| block.bytes.len(), || self.read(group, number))?;
        let end = *block.ends.get(inner).ok_or_else(beyond)?;
        let begin = inner.checked_sub(1).and_then(|i| block.ends.get(i));
        let bytes = block.bytes.get(begin.copied().unwrap_or(0)..end);
        Ok(with(bytes.unwrap_or_default()))
    }

    fn read(&self, group: usize, number: usize) -> Result<Block, Error> {
        let wrong = |fault: String| Error::malformed(&self.path, fault);
        let file = File::open(&self.path).map_err(Error::file(&self.path))?;
        let mask = ProjectionMask::leaves(self.metadata.parquet_schema(), [self.leaf]);
        let rows = columns::Rows::Some {
            group,
            first: number * ROWS,
            count: ROWS,
        };
        let batches = columns::read(file, &self.metadata, mask, rows).map_err(wrong)?;
        let mut block = Block::default();
        for batch in batches {
            let array = batch.columns().first();
            array
                .and_then(|array| block.add(array))
                .ok_or_else(|| wrong("its pictures are no bytes".to_owned()))?;
        }
        Ok(block)
    }
}

impl Block {
    /// Adds the values of an array of bytes, or of one that holds such an array as its only member.
    fn add(&mut self, array: &ArrayRef) -> Option<()> {
        if let Some(members) = array.as_struct_opt() {
            return self.add(members.columns().first()?);
        }
        if let Some(values) = array.as_binary_opt::<i32>() {
            (0..values.len()).for_each(|row| self.push(values.value(row)));
        } else {
            let values = array.as_binary_opt::<i64>()?;
            (0..values.len()).for_each(|row| self.push(values.value(row)));
        }
        Some(())
    }

    fn push(&mut self, png: &[u8]) {
        self.bytes.extend_from_slice(png);
        self.ends.push(self.bytes.len());
    }
}

/// How many rows are read at once: a page or so of small pictures.
const ROWS: usize = 128;
