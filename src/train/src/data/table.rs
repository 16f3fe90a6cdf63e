//! Columns of a parquet file as plain vectors. What a column holds is checked here, row by row, once.

use std::fs::File;
use std::path::{Path, PathBuf};

use arrow_array::cast::AsArray;
use arrow_array::types::{Float32Type, Float64Type, Int32Type, Int64Type, UInt8Type};
use arrow_array::{Array, ArrayRef, RecordBatch};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ArrowReaderMetadata;

use super::{Error, columns};

/// A parquet file, opened.
pub(super) struct Table {
    path: PathBuf,
    file: File,
    metadata: ArrowReaderMetadata,
}

impl Table {
    /// Opens a file and reads its footer.
    pub(super) fn open(path: &Path) -> Result<Self, Error> {
        let (file, metadata) = columns::open(path)?;
        Ok(Self {
            path: path.to_owned(),
            file,
            metadata,
        })
    }

    /// Returns whether there is a column of that name.
    pub(super) fn has(&self, name: &str) -> bool {
        let fields = self.metadata.schema().fields();
        fields.iter().any(|field| field.name() == name)
    }

    /// Reads the columns of these names; nothing else is read from the disk.
    pub(super) fn read(&self, names: &[&str]) -> Result<Rows, Error> {
        let fields = self.metadata.schema().fields();
        let mut roots = Vec::new();
        for name in names {
            let root = fields.iter().position(|field| field.name() == name);
            let lacking = || Error::malformed(&self.path, format!("no column `{name}`"));
            roots.push(root.ok_or_else(lacking)?);
        }
        let file = self.file.try_clone().map_err(Error::file(&self.path))?;
        let mask = ProjectionMask::roots(self.metadata.parquet_schema(), roots);
        let batches = columns::read(file, &self.metadata, mask, columns::Rows::All(BATCH));
        Ok(Rows {
            path: self.path.clone(),
            batches: batches.map_err(|what| Error::malformed(&self.path, what))?,
        })
    }
}

/// The columns that were read.
pub(super) struct Rows {
    path: PathBuf,
    batches: Vec<RecordBatch>,
}

impl Rows {
    /// Returns how many rows there are.
    pub(super) fn len(&self) -> usize {
        self.batches.iter().map(RecordBatch::num_rows).sum()
    }

    /// Returns a column of integers.
    pub(super) fn integers(&mut self, name: &str) -> Result<Vec<i64>, Error> {
        self.column(name, |array| match array.as_primitive_opt::<Int64Type>() {
            Some(array) => Some(array.values().to_vec()),
            None => {
                let array = array.as_primitive_opt::<Int32Type>()?;
                Some(array.values().iter().map(|&value| value.into()).collect())
            }
        })
    }

    /// Returns a column of numbers.
    pub(super) fn numbers(&mut self, name: &str) -> Result<Vec<f64>, Error> {
        self.column(name, numbers)
    }

    /// Returns a column of texts.
    pub(super) fn texts(&mut self, name: &str) -> Result<Vec<String>, Error> {
        self.column(name, texts)
    }

    /// Returns a column of lists of texts.
    pub(super) fn lists_of_texts(&mut self, name: &str) -> Result<Vec<Vec<String>>, Error> {
        self.column(name, |array| {
            (0..array.len())
                .map(|row| texts(&element(array, row)?))
                .collect()
        })
    }

    /// Returns a column of vectors, one after the other: `[rows, width]`, as `f32`.
    ///
    /// # Errors
    ///
    /// Where a vector has another width, or a number of it is not finite: with its row.
    pub(super) fn vectors(&mut self, name: &str, width: usize) -> Result<Vec<f32>, Error> {
        let mut all = Vec::new();
        let mut before = 0;
        for batch in &self.batches {
            let array = self.array(batch, name)?;
            let (values, widths) = nested(array).ok_or_else(|| self.kind(name, array))?;
            let wrong = |row: usize, what: String| Error::Row {
                path: self.path.clone(),
                row: before + row,
                what: format!("`{name}` {what}"),
            };
            if let Some(row) = widths.iter().position(|&found| found != width) {
                let found = widths.get(row).copied().unwrap_or_default();
                return Err(wrong(row, format!("has {found} numbers, not {width}")));
            }
            // As it will be: a number too large for an `f32` is none either.
            if let Some(place) = values.iter().position(|&value| !(value as f32).is_finite()) {
                let value = values.get(place).copied().unwrap_or(f64::NAN);
                let (row, dimension) = (place / width.max(1), place % width.max(1));
                return Err(wrong(row, format!("is {value} in dimension {dimension}")));
            }
            all.extend(values.into_iter().map(|value| value as f32));
            before += batch.num_rows();
        }
        Ok(all)
    }

    fn column<T>(
        &self,
        name: &str,
        read: impl Fn(&ArrayRef) -> Option<Vec<T>>,
    ) -> Result<Vec<T>, Error> {
        let mut all = Vec::with_capacity(self.len());
        for batch in &self.batches {
            let array = self.array(batch, name)?;
            if let Some(row) = (0..array.len()).find(|&row| array.is_null(row)) {
                return Err(Error::Row {
                    path: self.path.clone(),
                    row: all.len() + row,
                    what: format!("`{name}` is missing"),
                });
            }
            all.extend(read(array).ok_or_else(|| self.kind(name, array))?);
        }
        Ok(all)
    }

    fn array<'a>(&self, batch: &'a RecordBatch, name: &str) -> Result<&'a ArrayRef, Error> {
        let lacking = || Error::malformed(&self.path, format!("no column `{name}`"));
        batch.column_by_name(name).ok_or_else(lacking)
    }

    fn kind(&self, name: &str, array: &ArrayRef) -> Error {
        Error::malformed(
            &self.path,
            format!("column `{name}` holds {}", array.data_type()),
        )
    }
}

/// How many rows are read at once.
const BATCH: usize = 8192;

/// Returns one element of an array of lists.
fn element(array: &ArrayRef, row: usize) -> Option<ArrayRef> {
    if let Some(list) = array.as_list_opt::<i32>() {
        return Some(list.value(row));
    }
    if let Some(list) = array.as_list_opt::<i64>() {
        return Some(list.value(row));
    }
    Some(array.as_fixed_size_list_opt()?.value(row))
}

/// Returns the numbers of an array of vectors, and how many each row has. Missing numbers are NaN.
fn nested(array: &ArrayRef) -> Option<(Vec<f64>, Vec<usize>)> {
    if let Some(flat) = numbers(array) {
        let widths = vec![1; flat.len()];
        return Some((flat, widths));
    }
    let whole = array.as_fixed_size_list_opt();
    if let Some(list) = whole.filter(|list| list.null_count() == 0) {
        let width = usize::try_from(list.value_length()).ok()?;
        let values = list
            .values()
            .slice(list.value_offset_at(0), width * list.len());
        return Some((numbers(&values)?, vec![width; list.len()]));
    }
    let (mut values, mut widths) = (Vec::new(), Vec::new());
    for row in 0..array.len() {
        let own = match array.is_null(row) {
            true => Vec::new(),
            false => numbers(&element(array, row)?)?,
        };
        widths.push(own.len());
        values.extend(own);
    }
    Some((values, widths))
}

fn numbers(array: &ArrayRef) -> Option<Vec<f64>> {
    let holes = |values: Vec<f64>| match array.null_count() {
        0 => values,
        _ => {
            let hole = |(row, value)| if array.is_null(row) { f64::NAN } else { value };
            values.into_iter().enumerate().map(hole).collect()
        }
    };
    if let Some(array) = array.as_primitive_opt::<Float32Type>() {
        let values = array.values().iter();
        return Some(holes(values.map(|&value| value.into()).collect()));
    }
    if let Some(array) = array.as_primitive_opt::<Float64Type>() {
        return Some(holes(array.values().to_vec()));
    }
    if let Some(array) = array.as_primitive_opt::<Int64Type>() {
        let values = array.values().iter();
        return Some(holes(values.map(|&value| value as f64).collect()));
    }
    let array = array.as_primitive_opt::<UInt8Type>()?;
    let values = array.values().iter();
    Some(holes(values.map(|&value| value.into()).collect()))
}

fn texts(array: &ArrayRef) -> Option<Vec<String>> {
    if let Some(array) = array.as_string_opt::<i32>() {
        return Some(array.iter().flatten().map(str::to_owned).collect());
    }
    let array = array.as_string_opt::<i64>()?;
    Some(array.iter().flatten().map(str::to_owned).collect())
}
