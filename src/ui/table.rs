//! Columns of text.

use std::borrow::Cow;

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
        self.lines(&self.widths())
    }

    /// Returns the table as lines of so many columns at most. Where there is not enough room
    /// the columns of `give` are cut in turn, each to the width beside it.
    pub fn render_within(&self, room: usize, give: &[(usize, usize)]) -> String {
        let mut widths = self.widths();
        let gaps = 2 * widths.len().saturating_sub(1);
        for &(column, least) in give {
            let excess = (widths.iter().sum::<usize>() + gaps).saturating_sub(room);
            if let Some(width) = widths.get_mut(column) {
                *width -= excess.min(width.saturating_sub(least));
            }
        }
        self.lines(&widths)
    }

    fn widths(&self) -> Vec<usize> {
        self.headings
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
            .collect()
    }

    fn lines(&self, widths: &[usize]) -> String {
        let headings = self.headings.iter().map(|heading| Cell {
            text: heading.clone(),
            paint: Some(Paint::Dim),
        });
        let headings: Vec<Cell> = headings.collect();
        let mut text = String::new();
        for row in [&headings].into_iter().chain(&self.rows) {
            text.push_str(&line(row, widths));
            text.push('\n');
        }
        text
    }
}

fn line(row: &[Cell], widths: &[usize]) -> String {
    let last = row.len().saturating_sub(1);
    let mut text = String::new();
    for (column, (cell, width)) in row.iter().zip(widths).enumerate() {
        let shown = cut(&cell.text, *width);
        match cell.paint {
            Some(paint) if !shown.is_empty() => text.push_str(&paint.on(&shown)),
            _ => text.push_str(&shown),
        }
        if column < last {
            let padding = width.saturating_sub(shown.chars().count()) + 2;
            text.push_str(&" ".repeat(padding));
        }
    }
    text
}

/// Cuts a text to so many characters, and says so.
fn cut(text: &str, width: usize) -> Cow<'_, str> {
    if text.chars().count() <= width {
        return Cow::Borrowed(text);
    }
    let kept = text.chars().take(width.saturating_sub(1));
    Cow::Owned(kept.chain(['…']).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_gives_way_where_it_may() {
        let mut table = Table::new(["id", "name", "why"]);
        table.row(["17", "a-very-long-name", "Resources"].map(Cell::from));
        let plain = |text: &str| anstream::adapter::strip_str(text).to_string();
        let lines = |room| plain(&table.render_within(room, &[(1, 6), (2, 6)]));
        assert_eq!(lines(80), plain(&table.render()));
        assert!(
            lines(25)
                .lines()
                .all(|line| line.trim_end().chars().count() <= 25)
        );
        assert!(lines(25).contains("a-very-lo…"), "{}", lines(25));
        assert!(lines(10).contains("a-ver…"), "{}", lines(10));
    }
}
