//! The shell's own commands: those that move, name, define or run things, and those
//! whose output is known.

use super::expand::Field;
use super::frame::Feed;
use super::output::echoed;
use super::program::Call;
use super::scope::Value;
use super::walk::Walker;
use crate::policy::{Purpose, Recipient, Word};

/// Builtins that change nothing outside the shell.
const HARMLESS: &[&str] = &[
    ":", "[", "bg", "break", "caller", "compgen", "complete", "compopt", "continue", "dirs",
    "disown", "enable", "exit", "false", "fg", "getopts", "hash", "help", "history", "jobs", "let",
    "logout", "return", "set", "shift", "shopt", "suspend", "test", "times", "true", "type",
    "ulimit", "umask", "wait",
];

impl Walker<'_> {
    /// Walks a builtin; `None` when the name is none.
    pub(crate) fn builtin(&mut self, call: &Call<'_>) -> Option<Feed> {
        let silent = Feed::Text(String::new());
        if HARMLESS.contains(&call.name) {
            self.looks(call);
            match call.name {
                "set" => self.set_arguments(call.args),
                "shift" => self.shift(call.args),
                "hash" => self.remember(call.args),
                "test" | "[" | "let" => self.test_arguments(call),
                _ => {}
            }
            return Some(silent);
        }
        let flow = match call.name {
            "echo" => {
                self.looks(call);
                echoed(call.args)
            }
            "printf" => {
                self.looks(call);
                self.printed(call.args)
            }
            "pwd" => {
                self.looks(call);
                match &self.scope.cwd {
                    Some(cwd) => Feed::Text(format!("{}\n", cwd.display())),
                    None => Feed::Unknown,
                }
            }
            "cd" | "pushd" | "popd" => {
                self.looks(call);
                self.change_directory(call);
                silent
            }
            "export" | "declare" | "typeset" | "local" | "readonly" => {
                self.looks(call);
                silent
            }
            "read" => {
                self.looks(call);
                self.read(call);
                silent
            }
            "mapfile" | "readarray" | "unset" => {
                self.looks(call);
                for field in call.args {
                    self.scope.set(field.text(), Value::Unknown);
                }
                self.read_lines(call);
                self.mapped(call);
                silent
            }
            "alias" => {
                self.looks(call);
                self.define_alias(call.args);
                silent
            }
            "unalias" => {
                self.looks(call);
                for field in call.args {
                    self.scope.aliases.remove(field.text());
                }
                silent
            }
            "eval" => self.evaluate(call),
            "source" | "." => self.source(call),
            "trap" => self.trap(call),
            "bind" => {
                self.looks(call);
                if let [flag, binding] = call.args
                    && flag.text() == "-x"
                    && let Some((_, command)) = binding.text().split_once(':')
                {
                    let command = command.trim().trim_matches(['"', '\'']).to_owned();
                    self.follow(&command, "bind", call.span.clone(), Feed::Inherited);
                }
                silent
            }
            "kill" => {
                self.kill(call);
                silent
            }
            _ => return None,
        };
        Some(flow)
    }

    /// Records that a command only looks.
    pub(crate) fn looks(&mut self, call: &Call<'_>) {
        self.exec(call.name, call.args, Purpose::ReadOnly, call.span.clone());
    }

    /// Records an ordinary command.
    pub(crate) fn plain(&mut self, call: &Call<'_>) {
        self.exec(call.name, call.args, Purpose::Plain, call.span.clone());
    }

    /// `test -v 'a[$(…)]'` and `let` evaluate what stands in quotes.
    fn test_arguments(&mut self, call: &Call<'_>) {
        for field in call.args {
            if let Some(text) = field.known()
                && text.contains('[')
                && (text.contains("$(") || text.contains('`'))
            {
                let text = text.to_owned();
                self.follow(
                    &format!(": \"{}\"", text.replace('"', "\\\"")),
                    call.name,
                    field.span.clone(),
                    Feed::Inherited,
                );
            }
        }
    }

    fn mapped(&mut self, call: &Call<'_>) {
        let callback = call.args.iter().position(|field| field.text() == "-C");
        if let Some(field) = callback.and_then(|at| call.args.get(at + 1))
            && let Some(command) = field.known()
        {
            let command = command.to_owned();
            self.follow(&command, "mapfile -C", field.span.clone(), Feed::Unknown);
        }
    }

    fn change_directory(&mut self, call: &Call<'_>) {
        let mut operands = call.args.iter().filter(|field| {
            let text = field.text();
            text == "-" || !text.starts_with('-')
        });
        self.scope.cwd = match (call.name, operands.next()) {
            ("cd", None) => self.scope.home.clone(),
            (_, Some(field)) => match (&field.word, field.text()) {
                (Word::Literal(_), text) if text != "-" && !text.starts_with('+') => {
                    self.absolute(text).map(|path| super::world::lexical(&path))
                }
                _ => None,
            },
            (_, None) => None,
        };
    }

    fn define_alias(&mut self, args: &[Field]) {
        for field in args {
            if let Some((name, text)) = field.known().and_then(|text| text.split_once('=')) {
                self.scope.aliases.insert(name.to_owned(), text.to_owned());
            }
        }
    }

    fn evaluate(&mut self, call: &Call<'_>) -> Feed {
        self.looks(call);
        let words: Option<Vec<&str>> = call.args.iter().map(Field::known).collect();
        match words {
            Some(words) => self.follow(
                &words.join(" "),
                "eval",
                call.span.clone(),
                call.feed.clone(),
            ),
            None if is_set_up(call.args) => {
                self.scope.forget();
                Feed::Unknown
            }
            None => {
                let text = call
                    .args
                    .first()
                    .map_or("", |field| field.text())
                    .to_owned();
                self.unknown(&format!("eval {text}"), call.args, call.span.clone());
                let shapes: Vec<&str> = call
                    .args
                    .iter()
                    .map(|field| field.known().or(field.shape.as_deref()).unwrap_or("${_}"))
                    .collect();
                let mut whole = Field::dynamic("eval", call.span.clone());
                whole.shape = Some(shapes.join(" ")).filter(|shape| shape != "${_}");
                self.follow_shape(&whole, "eval");
                self.scope.forget();
                Feed::Unknown
            }
        }
    }

    fn source(&mut self, call: &Call<'_>) -> Feed {
        self.looks(call);
        let Some((file, args)) = call.args.split_first() else {
            return Feed::Unknown;
        };
        match (&file.word, &file.guess) {
            (Word::Literal(name), _) => {
                if super::shells::is_input(name) {
                    return self.run_feed("source", call);
                }
                let name = name.clone();
                self.source_file(&name, args, call.span.clone());
            }
            (_, Some(text)) if file.text() == "<(…)" => {
                let text = text.clone();
                self.follow(&text, "source", call.span.clone(), Feed::Inherited);
            }
            _ => {
                let text = format!("source {}", file.text());
                self.unknown(&text, args, call.span.clone());
                self.scope.forget();
            }
        }
        Feed::Unknown
    }

    fn trap(&mut self, call: &Call<'_>) -> Feed {
        self.looks(call);
        let command = call
            .args
            .iter()
            .find(|field| !["-l", "-p", "--"].contains(&field.text()));
        if let Some(field) = command.filter(|field| field.text() != "-" && call.args.len() > 1) {
            match field.known() {
                Some(text) => {
                    let text = text.to_owned();
                    let scope = self.scope.clone();
                    self.follow(&text, "trap", field.span.clone(), Feed::Inherited);
                    self.scope = scope;
                }
                None => {
                    self.unknown(field.text(), &[], field.span.clone());
                    self.follow_shape(field, "trap");
                }
            }
        }
        Feed::Text(String::new())
    }

    fn kill(&mut self, call: &Call<'_>) {
        self.looks(call);
        let mut targets = call.args.iter().map(Field::text).peekable();
        let mut everything = false;
        let mut signal_given = false;
        while let Some(text) = targets.next() {
            match text {
                "-l" | "-L" | "--help" => return,
                "-s" | "-n" => {
                    targets.next();
                    signal_given = true;
                }
                "--" => signal_given = true,
                "-1" if signal_given => everything = true,
                text if text.starts_with('-') => signal_given = true,
                _ => {}
            }
        }
        let to = if everything {
            Recipient::Everything
        } else {
            Recipient::Named
        };
        self.emit(crate::policy::Action::Signal { to }, call.span.clone());
    }
}

/// `eval "$(conda shell.bash hook)"` and its like set a shell up and are meant to.
fn is_set_up(args: &[Field]) -> bool {
    const KNOWN: &[&str] = &[
        "conda shell.",
        "conda \"shell.",
        "direnv hook",
        "starship init",
        "zoxide init",
        "mise activate",
        "ssh-agent",
        "dircolors",
        "brew shellenv",
        "micromamba shell",
        "pyenv init",
        "rbenv init",
        "fnm env",
        "register-python-argcomplete",
        "pip completion",
        "lesspipe",
        "conda 'shell.",
        "mamba shell",
        "keychain",
        "opam env",
        "resize",
        "modulecmd",
        "lmod",
    ];
    let text: Vec<&str> = args.iter().map(Field::text).collect();
    let text = text.join(" ");
    text.matches("$(").count() + text.matches('`').count() / 2 == 1
        && !text.contains([';', '|', '&'])
        && KNOWN.iter().any(|known| text.contains(known))
}
