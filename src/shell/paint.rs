//! The colours of the line editor. Nothing is said by colour alone: what will be denied is
//! underlined and named; without colours the underline stays.

use std::env;

use nu_ansi_term::{Color, Style};

use crate::bash::Kind;
use crate::policy::Decision;

/// How this terminal is written to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Look {
    /// Whether there are colours.
    pub has_colour: bool,
    /// Whether only ASCII is shown.
    pub is_ascii: bool,
    /// Whether the terminal moves its cursor on request.
    pub is_dumb: bool,
}

impl Look {
    /// Returns what the environment asks for.
    pub fn of_environment() -> Self {
        Self::of(&|name| env::var(name).ok())
    }

    /// The same, of variables that are given.
    pub fn of(variable: &dyn Fn(&str) -> Option<String>) -> Self {
        let set = |name: &str| variable(name).filter(|value| !value.is_empty());
        let is_dumb = set("TERM").is_none_or(|term| term == "dumb");
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(set);
        let is_utf8 = locale.is_some_and(|locale| {
            let locale = locale.to_ascii_lowercase();
            locale.contains("utf-8") || locale.contains("utf8")
        });
        Self {
            has_colour: !is_dumb && set("NO_COLOR").is_none(),
            is_ascii: is_dumb || !is_utf8 || set("HLRP_ASCII").is_some_and(|value| value != "0"),
            is_dumb,
        }
    }

    /// Returns one of two texts: the second where only ASCII is shown.
    pub(crate) fn either(self, text: &'static str, ascii: &'static str) -> &'static str {
        if self.is_ascii { ascii } else { text }
    }

    /// Returns the text in a style, as it is where there are no colours.
    pub(crate) fn paint(self, style: Style, text: &str) -> String {
        if self.has_colour && !text.is_empty() {
            style.paint(text).to_string()
        } else {
            text.to_owned()
        }
    }

    /// Returns the style of a part of the line.
    pub(crate) fn kind(self, kind: Kind) -> Style {
        if !self.has_colour {
            return Style::new();
        }
        match kind {
            Kind::Plain => Style::new(),
            Kind::Command => Style::new().fg(Color::Green).bold(),
            Kind::Keyword => Style::new().fg(Color::Blue).bold(),
            Kind::Option => Style::new().fg(Color::Cyan),
            Kind::Quoted => Style::new().fg(Color::Blue),
            Kind::Variable => Style::new().fg(Color::Purple),
            Kind::Assignment => Style::new().fg(Color::Purple),
            Kind::Redirect => Style::new().fg(Color::Cyan).bold(),
            Kind::Operator => Style::new().bold(),
            Kind::Comment => Style::new().dimmed().italic(),
        }
    }

    /// Returns the style of a command that nobody knows.
    pub(crate) fn unknown(self) -> Style {
        if self.has_colour {
            Style::new().dimmed()
        } else {
            Style::new()
        }
    }

    /// Returns the style of what will be denied or asked about.
    pub(crate) fn mark(self, decision: Decision) -> Style {
        let style = Style::new().underline();
        match decision {
            _ if !self.has_colour => style,
            Decision::Allow => Style::new(),
            Decision::Ask => style.fg(Color::Yellow).bold(),
            Decision::Deny | Decision::Halt => style.fg(Color::Red).bold(),
        }
    }

    /// Returns what stands beside the prompt for a decision, with the rule's id.
    pub(crate) fn named(self, decision: Decision, rule: &str) -> String {
        let sign = match decision {
            Decision::Allow => return String::new(),
            Decision::Ask => self.either("? asks", "? asks"),
            Decision::Deny => self.either("✗ denied", "x denied"),
            Decision::Halt => self.either("✗ halted", "x halted"),
        };
        let text = format!("{sign} {rule}");
        let style = Style {
            is_underline: false,
            ..self.mark(decision)
        };
        self.paint(style, &text)
    }
}
