//! Columns of text.

use super::style::{Paint, clean};

/// A table: a row of headings and rows of cells.
#[derive(Clone, Debug, Default)]
pub struct Table {
    headings: Vec<String>,
    rows: Vec<Vec<Cell>>,
}

/// One cell.
#[derive(Clone, Debug)]
pub struct Cell {
    text: String,
    paint: Option<Paint>,
}

impl Cell {
    /// Returns a cell in a colour.
    pub fn painted(text: &str, paint: Paint) -> Self {
        Self {
            text: clean(text),
            paint: Some(paint),
        }
    }
}

impl<T: AsRef<str>> From<T> for Cell {
    fn from(text: T) -> Self {
        Self {
            text: clean(text.as_ref()),
            paint: None,
        }
    }
}

impl Table {
    /// Returns a table without rows.
    pub fn new<'t>(headings: impl IntoIterator<Item = &'t str>) -> Self {
        Self {
            headings: headings.into_iter().map(str::to_owned).collect(),
            rows: Vec::new(),
        }
    }

    /// Adds a row.
    pub fn row(&mut self, cells: impl IntoIterator<Item = Cell>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// Returns the table as lines, columns as wide as they need.
    pub fn render(&self) -> String {
        let widths: Vec<usize> = self
            .headings
            .iter()
            .enumerate()
            .map(|(column, heading)| {
                let cells = self.rows.iter().filter_map(|row| row.get(column));
                cells
                    .map(|cell| cell.text.chars().count())
                    .chain([heading.chars().count()])
                    .max()
                    .unwrap_or(0)
            })
            .collect();
        let headings = self.headings.iter().map(|heading| Cell {
            text: heading.clone(),
            paint: Some(Paint::Dim),
        });
        let headings: Vec<Cell> = headings.collect();
        let mut text = String::new();
        for row in [&headings].into_iter().chain(&self.rows) {
            text.push_str(&line(row, &widths));
            text.push('\n');
        }
        text
    }
}

fn line(row: &[Cell], widths: &[usize]) -> String {
    let last = row.len().saturating_sub(1);
    let mut text = String::new();
    for (column, (cell, width)) in row.iter().zip(widths).enumerate() {
        match cell.paint {
            Some(paint) if !cell.text.is_empty() => text.push_str(&paint.on(&cell.text)),
            _ => text.push_str(&cell.text),
        }
        if column < last {
            let padding = width.saturating_sub(cell.text.chars().count()) + 2;
            text.push_str(&" ".repeat(padding));
        }
    }
    text
}
