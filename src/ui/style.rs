//! Colours, one meaning each, and text that is safe to show.

use anstyle::{AnsiColor, Style};

/// What a colour means. `anstream` drops it where it does not belong.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Paint {
    /// Denied.
    Red,
    /// Asked.
    Yellow,
    /// An id.
    Cyan,
    /// Allowed.
    Green,
    /// Detail.
    Dim,
    /// A heading.
    Bold,
}

impl Paint {
    /// Returns the text in its colour.
    pub fn on(self, text: &str) -> String {
        let style = self.style();
        format!("{style}{text}{style:#}")
    }

    fn style(self) -> Style {
        let colour = |colour: AnsiColor| Style::new().fg_color(Some(colour.into()));
        match self {
            Self::Red => colour(AnsiColor::Red).bold(),
            Self::Yellow => colour(AnsiColor::Yellow).bold(),
            Self::Cyan => colour(AnsiColor::Cyan),
            Self::Green => colour(AnsiColor::Green),
            Self::Dim => Style::new().dimmed(),
            Self::Bold => Style::new().bold(),
        }
    }
}

/// Returns one line of text in which nothing can move a cursor or turn the writing
/// round: control and direction characters become `·`, one for one.
pub fn clean(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\t' => ' ',
            '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => '·',
            c if c.is_control() => '·',
            c => c,
        })
        .collect()
}
