//! A number for every pixel, several times: the flow of a frame, as the rows of a data set's parquet files have it, in lists
//! of lists of lists. They are large, and read when they are asked for.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use arrow_array::cast::AsArray;
use arrow_array::types::{Float32Type, Float64Type};
use arrow_array::{Array, ArrayRef, GenericListArray, OffsetSizeTrait};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ArrowReaderMetadata;

use super::config::FieldConfig;
use super::kept::Kept;
use super::meta::{Feature, Meta};
use super::rows::Rows;
use super::{Error, Source, columns};

/// Across and down.
const PARTS: usize = 2;
/// How many rows are read at once.
const ROWS: usize = 16;

/// A data set's flow.
#[derive(Debug)]
pub struct Field {
    /// The feature's key.
    pub key: String,
    /// Height and width.
    pub size: [usize; 2],
    /// The files of rows, in their order.
    files: Vec<Lazy>,
}

/// A file, opened when it is first needed.
#[derive(Debug)]
struct Lazy {
    path: PathBuf,
    column: OnceLock<Arc<Column>>,
}

/// The column in a file.
#[derive(Debug)]
struct Column {
    metadata: ArrowReaderMetadata,
    root: usize,
    /// The first row of each row group.
    starts: Vec<usize>,
}

/// What was read together is kept under: the data set, the file, the row group, the rows within it.
pub(super) type BlockKey = (usize, usize, usize, usize);

/// The numbers of a few rows that follow each other.
#[derive(Debug)]
pub(super) struct Block(Vec<f32>);

impl Block {
    /// How much memory it takes.
    pub(super) fn bytes(&self) -> usize {
        self.0.len() * size_of::<f32>()
    }
}

impl Field {
    /// Finds a data set's flow, of this size.
    ///
    /// # Errors
    ///
    /// Where it has none, or one of another size.
    pub(super) fn open(config: &FieldConfig, meta: &Meta, rows: &Rows) -> Result<Self, Error> {
        let feature = meta.feature("flow (`float32`, [2, height, width])", &config.key, is_flow)?;
        let [height, width] = config.size;
        if feature.shape != [PARTS, height, width] {
            let what = format!(
                "`{}` is {:?}; the model takes flow of [2, {height}, {width}], as large as its frames",
                config.key, feature.shape
            );
            return Err(Error::malformed(meta.info_path(), what));
        }
        let files = rows.files.iter().map(|(file, _)| Lazy {
            path: meta.data_path(*file),
            column: OnceLock::new(),
        });
        Ok(Self {
            key: config.key.clone(),
            size: config.size,
            files: files.collect(),
        })
    }

    /// Opens every file.
    pub(super) fn check(&self) -> Result<(), Error> {
        let mut files = self.files.iter();
        files.try_for_each(|file| file.open(&self.key).map(drop))
    }

    /// Gives the flow of a frame, `[2, height, width]`, to `with`; `number` is the data set's in its mix.
    pub(super) fn with(
        &self,
        (number, source): (usize, &Source),
        frame: usize,
        kept: &Kept<BlockKey, Block>,
        with: impl FnOnce(&[f32]),
    ) -> Result<(), Error> {
        let beyond = || Error::Config(format!("no frame {frame}"));
        let (place, row) = source.rows.find(frame).ok_or_else(beyond)?;
        let file = self.files.get(place).ok_or_else(beyond)?;
        let column = file.open(&self.key)?;
        let after = column.starts.partition_point(|&start| start <= row);
        let group = after.checked_sub(1).ok_or_else(beyond)?;
        let start = column.starts.get(group).copied().unwrap_or(0);
        let (part, inner) = ((row - start) / ROWS, (row - start) % ROWS);
        let read = || {
            let first = frame - inner;
            let block = column.read(&file.path, group, part, self.shape());
            let wrong = |fault| match fault {
                Fault::File(fault) => fault,
                Fault::Row(at, what) => {
                    source.wrong(&file.path, first + at, format!("`{}` {what}", self.key))
                }
            };
            block.map_err(wrong)
        };
        let block = kept.get(&(number, place, group, part), Block::bytes, read)?;
        let count: usize = self.shape().iter().product();
        let numbers = block.0.get(inner * count..(inner + 1) * count);
        let numbers = numbers.ok_or_else(beyond)?;
        if let Some(value) = numbers.iter().find(|value| !value.is_finite()) {
            let what = format!("`{}` has a {value}", self.key);
            return Err(source.wrong(&file.path, frame, what));
        }
        with(numbers);
        Ok(())
    }

    fn shape(&self) -> [usize; 3] {
        let [height, width] = self.size;
        [PARTS, height, width]
    }
}

fn is_flow(feature: &Feature) -> bool {
    feature.dtype == "float32" && feature.shape.len() == 3 && feature.shape.first() == Some(&PARTS)
}

impl Lazy {
    fn open(&self, key: &str) -> Result<Arc<Column>, Error> {
        if let Some(column) = self.column.get() {
            return Ok(Arc::clone(column));
        }
        let column = Arc::new(Column::open(&self.path, key)?);
        Ok(Arc::clone(self.column.get_or_init(|| column)))
    }
}

/// Why rows cannot be read.
enum Fault {
    File(Error),
    /// One of those that were asked for.
    Row(usize, String),
}

impl Column {
    fn open(path: &Path, key: &str) -> Result<Self, Error> {
        let (_, metadata) = columns::open(path)?;
        let mut fields = metadata.schema().fields().iter();
        let root = fields.position(|field| field.name() == key);
        let root = root.ok_or_else(|| Error::malformed(path, format!("no column `{key}`")))?;
        let mut end = 0;
        let groups = metadata.metadata().row_groups().iter();
        let starts = groups.map(|group| {
            let start = end;
            let own = usize::try_from(group.num_rows()).unwrap_or(0);
            end = usize::saturating_add(end, own);
            start
        });
        Ok(Self {
            starts: starts.collect(),
            root,
            metadata,
        })
    }

    fn read(
        &self,
        path: &Path,
        group: usize,
        part: usize,
        shape: [usize; 3],
    ) -> Result<Block, Fault> {
        let wrong = |what: String| Fault::File(Error::malformed(path, what));
        let file = File::open(path).map_err(|fault| Fault::File(Error::file(path)(fault)))?;
        let mask = ProjectionMask::roots(self.metadata.parquet_schema(), [self.root]);
        let rows = columns::Rows::Some {
            group,
            first: part * ROWS,
            count: ROWS,
        };
        let batches = columns::read(file, &self.metadata, mask, rows).map_err(wrong)?;
        let mut numbers = Vec::new();
        let count: usize = shape.iter().product();
        for batch in batches {
            let array = batch.columns().first();
            let array = array.ok_or_else(|| wrong("its column is not there".to_owned()))?;
            for row in 0..array.len() {
                let at = numbers.len() / count.max(1);
                let own = flat(&array.slice(row, 1), &shape);
                // Whether a number is none is asked of those rows alone that somebody wants.
                numbers.extend(own.map_err(|what| Fault::Row(at, what))?);
            }
        }
        Ok(Block(numbers))
    }
}

/// The numbers of lists in one another, each as long as `shape` says.
fn flat(array: &ArrayRef, shape: &[usize]) -> Result<Vec<f32>, String> {
    if array.null_count() > 0 {
        return Err("has gaps".to_owned());
    }
    let Some((&length, inner)) = shape.split_first() else {
        return leaves(array).ok_or_else(|| format!("holds {}", array.data_type()));
    };
    let (values, ends) = parts(array).ok_or_else(|| format!("holds {}", array.data_type()))?;
    if let Some(found) = ends.into_iter().find(|&found| found != length) {
        return Err(format!("has lists of {found}, not of {length}"));
    }
    flat(&values, inner)
}

/// What lists hold, one after the other, and how much each.
fn parts(array: &ArrayRef) -> Option<(ArrayRef, Vec<usize>)> {
    if let Some(list) = array.as_fixed_size_list_opt() {
        let length = usize::try_from(list.value_length()).ok()?;
        let values = list
            .values()
            .slice(list.value_offset_at(0), length * list.len());
        return Some((values, vec![length; list.len()]));
    }
    match array.as_list_opt::<i32>() {
        Some(list) => parts_of(list),
        None => parts_of(array.as_list_opt::<i64>()?),
    }
}

fn parts_of<O: OffsetSizeTrait>(list: &GenericListArray<O>) -> Option<(ArrayRef, Vec<usize>)> {
    let bounds = list.value_offsets().iter();
    let bounds: Vec<usize> = bounds.map(|bound| bound.as_usize()).collect();
    let (first, last) = (*bounds.first()?, *bounds.last()?);
    let lengths = bounds.iter().zip(bounds.iter().skip(1));
    let lengths = lengths.map(|(from, to)| to - from).collect();
    Some((list.values().slice(first, last - first), lengths))
}

fn leaves(array: &ArrayRef) -> Option<Vec<f32>> {
    if let Some(array) = array.as_primitive_opt::<Float32Type>() {
        return Some(array.values().to_vec());
    }
    let array = array.as_primitive_opt::<Float64Type>()?;
    Some(array.values().iter().map(|&value| value as f32).collect())
}
