//! Charts of codes: how often entries and sequences are chosen, and where the state moves to under them.

use std::collections::BTreeMap;

use ndarray::{ArrayView2, Axis};

use crate::canvas::{Area, BLUE, Canvas, INK, LETTER, PALE, SERIES};
use crate::data::Picture;

const MARGIN: usize = 12;
/// Left of an axis, for its numbers.
const NUMBERS: usize = 72;
const PLOT: (usize, usize) = (240, 768);
const PANEL: usize = 360;
const LINE: usize = LETTER + 4;

/// Draws a bar for each number: how often it was chosen. The title goes on top, `across` says what the bars are.
#[must_use]
pub fn bars(title: &str, across: &str, counts: &[u64]) -> Picture {
    let (height, width) = PLOT;
    let mut canvas = Canvas::new(height + 5 * LINE + 2 * MARGIN, width + NUMBERS + 2 * MARGIN);
    canvas.text(MARGIN, MARGIN, title, INK);
    let plot = Area {
        top: MARGIN + 2 * LINE,
        left: MARGIN + NUMBERS,
        height,
        width,
    };
    let most = counts.iter().copied().max().unwrap_or(0).max(1);
    let total: u64 = counts.iter().sum();
    let bars = counts.len().max(1);
    let column = |number: usize| number * width / bars;
    for (number, &count) in counts.iter().enumerate() {
        let (from, to) = (column(number), column(number + 1).max(column(number) + 1));
        // Whatever was chosen at all is seen.
        let tall = (count as f64 / most as f64 * height as f64).ceil() as usize;
        let gap = usize::from(to - from > 2);
        let bar = Area {
            top: plot.top + height - tall,
            left: plot.left + from,
            height: tall,
            width: to - from - gap,
        };
        canvas.fill(bar, BLUE);
    }
    let even = total as f64 / bars as f64;
    let level = (even / most as f64 * height as f64) as usize;
    let level = plot.top + height.saturating_sub(level);
    for column in (plot.left..plot.left + width).step_by(6) {
        for dash in 0..3 {
            canvas.set(level, column + dash, SERIES[3]);
        }
    }
    canvas.outline(plot, INK);
    let right = plot.left - 4;
    canvas.text_until(plot.top, right, &most.to_string(), INK);
    canvas.text_until(plot.top + height - LETTER, right, "0", INK);
    let below = plot.top + height + 6;
    canvas.text(below, plot.left, "0", INK);
    canvas.text_until(below, plot.left + width, &format!("{}", bars - 1), INK);
    let middle = plot.left + (width.saturating_sub(across.len() * LETTER)) / 2;
    canvas.text(below, middle, across, INK);
    let legend = below + 2 * LINE;
    canvas.dot(legend + 3, plot.left + 4, 4, BLUE);
    canvas.text(legend, plot.left + 16, "times chosen", INK);
    let next = plot.left + 160;
    canvas.fill(
        Area {
            top: legend + 3,
            left: next,
            height: 2,
            width: 12,
        },
        SERIES[3],
    );
    let even = format!("if all were chosen equally often ({even:.1})");
    canvas.text(legend, next + 18, &even, INK);
    canvas.into_picture()
}

/// Draws where the state moves to, `[N, A]` in its own units, under each of the most frequent sequences of codes `[N, s]`;
/// the others are pale. Squares are the means. `None` where there are fewer than two numbers, or no pair.
#[must_use]
pub fn scatter(
    title: &str,
    moved: ArrayView2<'_, f64>,
    codes: ArrayView2<'_, i64>,
    shown: usize,
) -> Option<Picture> {
    let (pairs, axes) = moved.dim();
    if pairs == 0 || axes < 2 {
        return None;
    }
    let sequences = frequent(codes);
    let panels: &[(usize, usize)] = if axes > 2 {
        &[(0, 1), (0, 2)]
    } else {
        &[(0, 1)]
    };
    let wide = PANEL + NUMBERS + MARGIN;
    let top = MARGIN + 2 * LINE;
    let legend = top + PANEL + 4 * LINE;
    let shown = shown.min(SERIES.len());
    let rows = sequences.len().min(shown) + 2;
    let mut canvas = Canvas::new(legend + rows * (LINE + 2), panels.len() * wide + 2 * MARGIN);
    canvas.text(MARGIN, MARGIN, title, INK);
    for (number, &(across, up)) in panels.iter().enumerate() {
        let area = Area {
            top,
            left: MARGIN + NUMBERS + number * wide,
            height: PANEL,
            width: PANEL,
        };
        let panel = Panel::new(area, moved, across, up);
        panel.frame(
            &mut canvas,
            &format!("state {across}"),
            &format!("state {up}"),
        );
        let groups = sequences.iter().enumerate().rev();
        for (rank, (_, members)) in groups {
            let colour = SERIES.get(rank).filter(|_| rank < shown).copied();
            for &member in members {
                panel.dot(
                    &mut canvas,
                    moved.row(member).to_vec().as_slice(),
                    1,
                    colour.unwrap_or(PALE),
                );
            }
        }
        for ((_, members), colour) in sequences.iter().zip(SERIES).take(shown) {
            let mean = moved.select(Axis(0), members).mean_axis(Axis(0))?;
            panel.dot(&mut canvas, &mean.to_vec(), 6, INK);
            panel.dot(&mut canvas, &mean.to_vec(), 5, colour);
        }
    }
    let mut row = legend;
    for ((name, members), colour) in sequences.iter().zip(SERIES).take(shown) {
        canvas.dot(row + 3, MARGIN + NUMBERS + 4, 4, colour);
        let words = format!("codes {name}: {} pairs", members.len());
        canvas.text(row, MARGIN + NUMBERS + 16, &words, INK);
        row += LINE + 2;
    }
    let rest = sequences.len().saturating_sub(shown);
    if rest > 0 {
        canvas.dot(row + 3, MARGIN + NUMBERS + 4, 4, PALE);
        let words = format!("{rest} other sequences");
        canvas.text(row, MARGIN + NUMBERS + 16, &words, INK);
    }
    Some(canvas.into_picture())
}

/// Sequences of codes `[N, s]` and the pairs that have them, the most frequent first.
#[must_use]
pub fn frequent(codes: ArrayView2<'_, i64>) -> Vec<(String, Vec<usize>)> {
    let mut groups: BTreeMap<Vec<i64>, Vec<usize>> = BTreeMap::new();
    for (pair, code) in codes.rows().into_iter().enumerate() {
        groups.entry(code.to_vec()).or_default().push(pair);
    }
    let mut groups: Vec<_> = groups
        .into_iter()
        .map(|(code, members)| {
            let words: Vec<String> = code.iter().map(i64::to_string).collect();
            (words.join("-"), members)
        })
        .collect();
    groups.sort_by_key(|(_, members)| std::cmp::Reverse(members.len()));
    groups
}

/// Two axes of a scatter, around 0 and as long as each other.
struct Panel {
    area: Area,
    across: usize,
    up: usize,
    reach: f64,
}

impl Panel {
    fn new(area: Area, moved: ArrayView2<'_, f64>, across: usize, up: usize) -> Self {
        let largest = |axis: usize| {
            let column = moved.index_axis(Axis(1), axis);
            column
                .iter()
                .fold(0.0_f64, |most, value| most.max(value.abs()))
        };
        let reach = largest(across).max(largest(up));
        Self {
            area,
            across,
            up,
            reach: if reach > 0.0 { reach * 1.05 } else { 1.0 },
        }
    }

    fn frame(&self, canvas: &mut Canvas, across: &str, up: &str) {
        let Area {
            top,
            left,
            height,
            width,
        } = self.area;
        canvas.fill(
            Area {
                top: top + height / 2,
                left,
                height: 1,
                width,
            },
            PALE,
        );
        canvas.fill(
            Area {
                top,
                left: left + width / 2,
                height,
                width: 1,
            },
            PALE,
        );
        canvas.outline(self.area, INK);
        let (most, least) = (number(self.reach), number(-self.reach));
        let below = top + height + 6;
        canvas.text_until(top, left - 4, &most, INK);
        canvas.text_until(top + height - LETTER, left - 4, &least, INK);
        canvas.text_until(top + height / 2 - LETTER / 2, left - 4, up, INK);
        canvas.text(below, left, &least, INK);
        canvas.text_until(below, left + width, &most, INK);
        canvas.text(
            below,
            left + (width - across.len() * LETTER) / 2,
            across,
            INK,
        );
    }

    fn dot(&self, canvas: &mut Canvas, point: &[f64], radius: usize, colour: [u8; 3]) {
        let (Some(&x), Some(&y)) = (point.get(self.across), point.get(self.up)) else {
            return;
        };
        let share = |value: f64| (value / self.reach + 1.0) / 2.0;
        let column = self.area.left + (share(x) * self.area.width as f64) as usize;
        let row = self.area.top + ((1.0 - share(y)) * self.area.height as f64) as usize;
        canvas.dot(row, column, radius, colour);
    }
}

fn number(value: f64) -> String {
    match value.abs() {
        size if size >= 100.0 => format!("{value:.0}"),
        size if size >= 1.0 => format!("{value:.2}"),
        size if size >= 0.001 => format!("{value:.4}"),
        _ => format!("{value:.1e}"),
    }
}

#[cfg(test)]
mod tests {
    use ndarray::{Array2, arr2};

    use super::*;

    #[test]
    fn sequences_come_by_how_often_they_are_chosen() {
        let codes = arr2(&[[1, 2], [3, 4], [3, 4]]);
        let found = frequent(codes.view());
        assert_eq!(found[0], ("3-4".to_owned(), vec![1, 2]));
        assert_eq!(found[1], ("1-2".to_owned(), vec![0]));
    }

    #[test]
    fn nothing_to_draw_is_no_panic() {
        let none = Array2::zeros((0, 3));
        let codes = Array2::zeros((0, 1));
        assert!(scatter("", none.view(), codes.view(), 5).is_none());
        assert!(bars("", "", &[]).width() > 0);
        let still = Array2::zeros((4, 2));
        let codes = Array2::zeros((4, 1));
        assert!(scatter("still", still.view(), codes.view(), 9).is_some());
    }
}
