//! Builtins that give names and arguments a meaning: `read`, `set`, `shift`, `hash`, `printf -v`.

use super::expand::Field;
use super::frame::Feed;
use super::output::formatted;
use super::program::Call;
use super::scope::Value;
use super::walk::Walker;

impl Walker<'_> {
    pub(super) fn shift(&mut self, args: &[Field]) {
        let count = match args.first() {
            None => Some(1),
            Some(field) => field.known().and_then(|text| text.parse::<usize>().ok()),
        };
        self.scope.arguments = match (self.scope.arguments.take(), count) {
            (Some(arguments), Some(count)) => Some(arguments.into_iter().skip(count).collect()),
            _ => None,
        };
    }

    /// `hash -p PATH NAME`: the name is that program from now on.
    pub(super) fn remember(&mut self, args: &[Field]) {
        if let [flag, path, names @ ..] = args
            && flag.text() == "-p"
            && let Some(path) = path.known()
        {
            for name in names.iter().filter_map(Field::known) {
                self.scope
                    .aliases
                    .insert(name.to_owned(), super::invoke::quote(path));
            }
        }
    }

    /// `mapfile -t NAME`: the lines that arrive, where they are known.
    pub(super) fn read_lines(&mut self, call: &Call<'_>) {
        let cut = super::flags::cut(
            call.args,
            "-d -n -O -s -u -C -c",
            super::flags::Style::Leading,
        );
        if call.name == "unset" || cut.has("-d -n -O -s -u") {
            return;
        }
        let name = cut.operand(0).unwrap_or("MAPFILE").to_owned();
        if let Some(text) = call.feed.text() {
            let lines = text.lines().map(str::to_owned).collect();
            self.scope.set(&name, Value::List(lines));
        }
    }

    /// `read NAMES`: the first line that arrives, where that is known.
    pub(super) fn read(&mut self, call: &Call<'_>) {
        let cut = super::flags::cut(
            call.args,
            "-a -d -i -n -N -p -t -u",
            super::flags::Style::Leading,
        );
        let line = match &call.feed {
            Feed::Text(text) | Feed::File(_, text) if !cut.has("-d -n -N -u") => {
                text.lines().next()
            }
            _ => None,
        };
        let separators = match self.scope.variables.get("IFS") {
            Some(Value::Known(text)) => text.clone(),
            _ => " \t\n".into(),
        };
        let line = line.map(|line| line.trim_matches(|c| separators.contains(c)).to_owned());
        if let Some(name) = cut.value("-a").map(str::to_owned) {
            let words = |line: String| {
                line.split(|c| separators.contains(c))
                    .filter(|word| !word.is_empty())
                    .map(str::to_owned)
                    .collect()
            };
            self.scope.set(
                &name,
                line.map_or(Value::Unknown, |line| Value::List(words(line))),
            );
            return;
        }
        let names: Vec<String> = if cut.operands.is_empty() {
            vec!["REPLY".to_owned()]
        } else {
            cut.operands
                .iter()
                .map(|field| field.text().to_owned())
                .collect()
        };
        let mut rest = line;
        for (at, name) in names.iter().enumerate() {
            let is_last = at + 1 == names.len();
            let value = match &rest {
                None => Value::Unknown,
                Some(text) if is_last => Value::Known(text.clone()),
                Some(text) => {
                    let (word, tail) = text
                        .split_once(|c| separators.contains(c))
                        .unwrap_or((text, ""));
                    let word = word.to_owned();
                    rest = Some(
                        tail.trim_start_matches(|c| separators.contains(c))
                            .to_owned(),
                    );
                    Value::Known(word)
                }
            };
            self.scope.set(name, value);
        }
    }

    pub(super) fn set_arguments(&mut self, args: &[Field]) {
        if let Some(at) = args.iter().position(|field| field.text() == "--") {
            self.scope.arguments = args
                .iter()
                .skip(at + 1)
                .map(|field| field.known().map(str::to_owned))
                .collect();
        } else if args
            .first()
            .is_some_and(|field| !field.text().starts_with(['-', '+']))
        {
            self.scope.arguments = args
                .iter()
                .map(|field| field.known().map(str::to_owned))
                .collect();
        }
    }

    pub(super) fn printed(&mut self, args: &[Field]) -> Feed {
        let assigns = args.first().is_some_and(|field| field.text() == "-v");
        if assigns {
            if let Some(name) = args.get(1) {
                let value = match args.get(2..) {
                    Some([format, rest @ ..]) => formatted(format, rest),
                    _ => None,
                };
                self.scope
                    .set(name.text(), value.map_or(Value::Unknown, Value::Known));
            }
            return Feed::Text(String::new());
        }
        let args = match args {
            [first, rest @ ..] if first.text() == "--" => rest,
            args => args,
        };
        let Some((format, rest)) = args.split_first() else {
            return Feed::Text(String::new());
        };
        formatted(format, rest).map_or(Feed::Unknown, Feed::Text)
    }
}
