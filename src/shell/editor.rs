//! The line editor: everything a person sees while typing, put together.

use std::io::{self, IsTerminal};
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use reedline::{
    ColumnarMenu, Emacs, ExternalPrinter, KeyCode, KeyModifiers, MenuBuilder, Osc133Markers,
    Reedline, ReedlineEvent, ReedlineMenu, Signal, default_emacs_keybindings,
};

use super::announce::Announcer;
use super::cache::Cache;
use super::complete::{Completions, Sources};
use super::highlight::{Banner, Paints};
use super::history::{Hint, Hints, Kept, is_fit};
use super::names::Names;
use super::paint::Look;
use super::plain::Plain;
use super::prompt::{Facts, Shown};
use super::validate::Unfinished;
use super::verdict::{Judge, Verdicts};
use crate::slurm::client::Clients;
use crate::sys::terminal;

/// What an editor needs to know.
pub struct Options {
    /// What is known at the start.
    pub facts: Facts,
    /// The state directory, where the history is.
    pub state: PathBuf,
    /// Judges a line. It is called on a thread of the editor's, and must not ask Slurm.
    pub judge: Judge,
    /// The clients of Slurm, where this is a cluster.
    pub slurm: Option<Clients>,
    /// What Slurm said last: shared with whoever judges.
    pub cache: Cache,
    /// The program's own commands, for completion.
    pub program: clap::Command,
    /// How the terminal is written to.
    pub look: Look,
}

/// What was typed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Read {
    /// A line, or several that belong together.
    Line(String),
    /// Ctrl-C.
    Interrupt,
    /// The end of the input.
    End,
}

/// Reads lines.
pub struct Editor {
    face: Face,
    shown: Shown,
    names: Names,
    verdicts: Verdicts,
    cache: Cache,
    announcer: Announcer,
    hints: Hints,
    host: String,
    /// The line that was read last, where it is kept.
    last: Option<String>,
}

enum Face {
    /// It is only away while it reads.
    Full(Option<Box<Reedline>>),
    Plain(Plain),
}

/// What is said above the prompt at once, at most.
const ANNOUNCED: usize = 256;

impl Editor {
    /// Opens an editor on the terminal. Also returns what a person should know, a line each.
    pub fn open(options: Options) -> (Self, Vec<String>) {
        let Options { facts, look, .. } = options;
        let names = Names::default();
        names.refresh();
        let host = facts.host.clone();
        let (kept, notice) = Kept::open(&options.state, &host, session_number());
        let hints = kept.hints();
        let banner = Banner::default();
        let cache = options.cache;
        let counts = cache.clone();
        let is_cluster = options.slurm.is_some();
        let shown = Shown {
            look,
            facts: Arc::new(Mutex::new(facts)),
            counts: Arc::new(move || counts.counts().filter(|_| is_cluster)),
            banner: Arc::clone(&banner),
            width: Arc::new(width),
            is_past: false,
        };
        let mut line_editor = Reedline::create();
        let repaint = line_editor.repaint_signal();
        let signal = repaint.clone();
        let verdicts = Verdicts::start(options.judge, move || signal.request_repaint());
        let printer = ExternalPrinter::new(ANNOUNCED);
        let is_plain = look.is_dumb || !io::stdin().is_terminal();
        let announcer = Announcer::new(printer.sender(), !is_plain);
        let paints = Paints {
            look,
            verdicts: verdicts.clone(),
            names: names.clone(),
            banner,
        };
        let completions = Completions::start(Sources {
            facts: Arc::clone(&shown.facts),
            names: names.clone(),
            cache: cache.clone(),
            program: Arc::new(options.program),
        });
        let hint = Hint {
            hints: hints.clone(),
            is_shown: !look.is_dumb,
            current: String::new(),
        };
        if let Some(clients) = options.slurm {
            let repaint = move || repaint.request_repaint();
            cache.start(clients, announcer.clone(), look, repaint);
        }
        let face = if is_plain {
            Face::Plain(Plain::new(printer))
        } else {
            let past = Shown {
                is_past: true,
                ..shown.clone()
            };
            let line_editor = line_editor
                .with_ansi_colors(true)
                .with_external_printer(printer)
                .with_poll_interval(POLL)
                .with_history(Box::new(kept))
                .with_history_exclusion_prefix(Some(" ".to_owned()))
                .with_highlighter(Box::new(paints))
                .with_validator(Box::new(Unfinished))
                .with_hinter(Box::new(hint))
                .with_completer(Box::new(completions))
                .with_quick_completions(true)
                .with_partial_completions(true)
                .with_menu(ReedlineMenu::EngineCompleter(Box::new(menu(look))))
                .with_edit_mode(Box::new(Emacs::new(keys())))
                .with_transient_prompt(Box::new(past))
                .with_semantic_markers(Some(Osc133Markers::boxed()))
                .use_bracketed_paste(true);
            Face::Full(Some(Box::new(line_editor)))
        };
        let editor = Self {
            face,
            shown,
            names,
            verdicts,
            cache,
            announcer,
            hints,
            host,
            last: None,
        };
        (editor, notice.into_iter().collect())
    }

    /// Reads a line, or several that belong together.
    ///
    /// # Errors
    /// Where the terminal cannot be read.
    pub fn read(&mut self, facts: &Facts) -> io::Result<Read> {
        self.verdicts.forget();
        self.names.define(&facts.names);
        self.names.refresh();
        self.cache.touch();
        let mut shared = self
            .shown
            .facts
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *shared = facts.clone();
        drop(shared);
        let read = match &mut self.face {
            Face::Plain(plain) => plain.read(&self.shown)?,
            Face::Full(line_editor) => {
                let cwd = facts.cwd.to_string_lossy().into_owned();
                let before = line_editor.take().ok_or(io::ErrorKind::NotConnected)?;
                let here = line_editor.insert(Box::new(before.with_cwd(Some(cwd))));
                read(here, &self.shown)?
            }
        };
        self.last = match &read {
            Read::Line(line) if is_fit(line) => Some(line.clone()),
            _ => None,
        };
        Ok(read)
    }

    /// Says how the last line ended, for the history: also of a line that was denied.
    pub fn finished(&mut self, status: i32, duration: Duration, cwd: &Path) {
        let Some(line) = self.last.take() else {
            return;
        };
        if CHANGES_QUEUE.iter().any(|word| line.contains(word)) {
            self.cache.nudge();
        }
        self.hints.place(&line, cwd);
        let Face::Full(Some(line_editor)) = &mut self.face else {
            return;
        };
        if !line_editor.has_last_command_context() {
            return;
        }
        let host = self.host.clone();
        let directory = cwd.to_string_lossy().into_owned();
        // What the data base does not take is not kept; the line has run all the same.
        let _ = line_editor.update_last_command_context(&|mut item| {
            item.hostname = Some(host.clone());
            item.cwd = Some(directory.clone());
            item.duration = Some(duration);
            item.exit_status = Some(i64::from(status));
            item
        });
    }

    /// Returns what says things above the prompt.
    pub fn announcer(&self) -> Announcer {
        self.announcer.clone()
    }
}

/// So long after it was asked for the prompt is painted again.
const POLL: Duration = Duration::from_millis(40);

/// Words of lines after which the queue is looked at.
const CHANGES_QUEUE: [&str; 7] = [
    "sbatch", "srun", "salloc", "scancel", "scontrol", "submit", "cancel",
];

fn read(line_editor: &mut Reedline, prompt: &Shown) -> io::Result<Read> {
    let signal = line_editor.read_line(prompt).map_err(io::Error::other)?;
    // A line that may not be kept is no fault; neither is a data base that is gone.
    let _ = line_editor.take_history_save_error();
    Ok(match signal {
        Signal::Success(line) => Read::Line(line),
        Signal::CtrlC => Read::Interrupt,
        Signal::CtrlD => Read::End,
        _ => Read::Interrupt,
    })
}

fn menu(look: Look) -> ColumnarMenu {
    let menu = ColumnarMenu::default()
        .with_name(MENU)
        // The prompt has its sign already.
        .with_marker("")
        .with_columns(4)
        .with_column_padding(2);
    if look.has_colour {
        menu
    } else {
        let style = nu_ansi_term::Style::new();
        menu.with_text_style(style)
            .with_match_text_style(style.underline())
            .with_selected_match_text_style(style.reverse().underline())
            .with_selected_text_style(style.reverse())
            .with_description_text_style(style)
    }
}

const MENU: &str = "completions";

fn keys() -> reedline::Keybindings {
    let mut keys = default_emacs_keybindings();
    keys.add_binding(
        KeyModifiers::NONE,
        KeyCode::Tab,
        ReedlineEvent::UntilFound(vec![
            ReedlineEvent::Menu(MENU.to_owned()),
            ReedlineEvent::MenuNext,
        ]),
    );
    keys.add_binding(
        KeyModifiers::SHIFT,
        KeyCode::BackTab,
        ReedlineEvent::MenuPrevious,
    );
    // An editor that is started from here would run outside the guard.
    keys.remove_binding(KeyModifiers::CONTROL, KeyCode::Char('o'));
    keys
}

fn width() -> usize {
    let out = io::stdout();
    terminal::size(out.as_fd()).map_or(80, |(columns, _)| columns)
}

/// Returns a number that no other session has.
fn session_number() -> i64 {
    static LAST: AtomicI64 = AtomicI64::new(0);
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let nanoseconds = since.map_or(0, |since| since.as_nanos());
    let number = i64::try_from(nanoseconds).unwrap_or(i64::MAX);
    LAST.fetch_max(number, Ordering::Relaxed);
    number
}
