//! A command's fields to what runs: functions, aliases, builtins, wrappers, scripts,
//! programs of the table, and everything else.

use std::ops::Range;
use std::rc::Rc;

use brush_parser::ast::{
    Assignment, IoFileRedirectKind, IoFileRedirectTarget, IoRedirect, Word as RawWord,
};

use super::expand::Field;
use super::frame::Feed;
use super::program::{self, Call};
use super::programs::train;
use super::scope::Function;
use super::walk::Walker;
use crate::policy::{Purpose, Word};

/// Commands that write nothing, so that their `>` only empties.
const SILENT: &[&str] = &[":", "true", "false", "exec"];

impl Walker<'_> {
    /// Walks a simple command whose words are expanded.
    pub(crate) fn finish_simple(
        &mut self,
        assignments: &[(&Assignment, &RawWord)],
        declared: &[(&Assignment, &RawWord)],
        fields: Vec<Field>,
        redirects: &[IoRedirect],
        feed: Feed,
        span: Range<usize>,
    ) -> Feed {
        let feed_given = feed.clone();
        let at = self.out.len();
        let silent = is_silent(&fields) || is_only_cat(&fields) && reads_nothing(redirects);
        let redirected = self.redirects(redirects, feed, silent);
        let of_redirects = self.out.split_off(at);
        let temporary = !fields.is_empty();
        let before = temporary.then(|| self.scope.variables.clone());
        for (assignment, word) in assignments {
            self.assign(assignment, word, temporary);
        }
        let exported = fields.first().and_then(Field::known) == Some("export");
        let refers = fields
            .iter()
            .skip(1)
            .any(|field| field.text().starts_with('-') && field.text().contains('n'));
        for (assignment, word) in declared {
            if refers {
                self.refer(assignment, word);
            } else {
                self.assign(assignment, word, exported);
            }
        }
        let flow = if fields.is_empty() {
            let words = if assignments.is_empty() { ">" } else { "=" };
            self.exec(words, &[], Purpose::ReadOnly, span);
            match redirected.feed {
                // `$(< FILE)` is what is in it.
                Feed::File(name, text) => Feed::File(name, text),
                _ => Feed::Text(String::new()),
            }
        } else {
            let reads = fields.first().and_then(Field::known) == Some("read");
            let separators = self.scope.variables.get("IFS").cloned().filter(|_| reads);
            if temporary && !assignments.is_empty() {
                // `x=1 cmd $x`: the words were expanded before; only the program sees it.
                self.restore(before);
            }
            let usual = self.scope.variables.get("IFS").cloned();
            if let Some(separators) = separators {
                // `IFS=: read a b` does see it.
                self.scope.set("IFS", separators);
            }
            let feed = match redirected.feed {
                Feed::Inherited => feed_given,
                feed => feed,
            };
            let flow = self.invoke(&fields, feed, span);
            if reads {
                match usual {
                    Some(usual) => self.scope.set("IFS", usual),
                    None => drop(self.scope.variables.remove("IFS")),
                }
            }
            flow
        };
        self.out.extend(of_redirects);
        self.keep(redirected.kept, &flow);
        if redirected.diverts {
            Feed::Text(String::new())
        } else {
            flow
        }
    }

    fn restore(&mut self, before: Option<std::collections::BTreeMap<String, super::scope::Value>>) {
        if let Some(before) = before {
            self.scope.variables = before;
        }
    }

    /// Walks a command given as fields: the first is what runs.
    pub(crate) fn invoke(&mut self, fields: &[Field], feed: Feed, span: Range<usize>) -> Feed {
        let Some((head, args)) = fields.split_first() else {
            return Feed::Text(String::new());
        };
        if self.frame.depth > 40 || !self.spend() {
            self.unknown(head.text(), args, span);
            return Feed::Unknown;
        }
        self.frame.depth += 1;
        let flow = self.resolve(head, args, feed, span);
        self.frame.depth -= 1;
        flow
    }

    fn resolve(&mut self, head: &Field, args: &[Field], feed: Feed, span: Range<usize>) -> Feed {
        let name = match &head.word {
            Word::Literal(name) => name.clone(),
            Word::Glob(pattern) => {
                // Which name it becomes is only known when it runs.
                self.unknown(pattern, args, span);
                return Feed::Unknown;
            }
            Word::Dynamic(text) => {
                self.unknown(text, args, span.clone());
                if let Some(guess) = &head.guess {
                    let mut fields: Vec<Field> = guess
                        .split_whitespace()
                        .map(|word| Field::literal(word, head.span.clone()))
                        .collect();
                    fields.extend(args.iter().cloned());
                    if !fields.is_empty() && !guess.contains('\n') {
                        self.invoke(&fields, feed, span);
                    }
                }
                return Feed::Unknown;
            }
        };
        if let Some(function) = self.scope.functions.get(&name).cloned() {
            self.exec(&name, args, Purpose::ReadOnly, span.clone());
            return self.call(&function, &name, args, feed, span);
        }
        if let Some(text) = self.alias_text(&name) {
            let is_certain = !self.scope.aliases.contains_key(&name);
            let flow = self.run_alias(&name, &text, args, feed.clone(), span.clone());
            if is_certain {
                return flow;
            }
            // Whether bash expands an alias of the same text depends on lines and options,
            // so the name itself counts too.
        }
        if let Some(text) = self.world.function(&name) {
            let already = self.frame.via.contains(&name);
            if !already {
                self.within(
                    |frame| frame.via.push(name.clone()),
                    |walker| {
                        walker.text(
                            &text,
                            super::frame::Anchor::Whole(span.clone()),
                            Feed::Inherited,
                        )
                    },
                );
                if let Some(function) = self.scope.functions.get(&name).cloned() {
                    return self.call(&function, &name, args, feed, span);
                }
            }
        }
        self.program_named(&name, args, feed, span)
    }

    /// Looks a program up by the name or path it is called by; no functions, no aliases.
    pub(crate) fn program_named(
        &mut self,
        name: &str,
        args: &[Field],
        feed: Feed,
        span: Range<usize>,
    ) -> Feed {
        let base = name.rsplit('/').next().unwrap_or(name);
        if base.is_empty() {
            self.unknown(name, args, span);
            return Feed::Unknown;
        }
        let call = Call {
            name: base,
            args,
            span: span.clone(),
            feed,
        };
        if name == base
            && let Some(flow) = self.builtin(&call)
        {
            return flow;
        }
        if self
            .absolute(name)
            .is_some_and(|path| name.contains('/') && self.is_obscure(&path))
        {
            self.unknown(name, args, span.clone());
        }
        let known = program::find(base).or_else(|| program::find(unversioned(base)));
        match known {
            // A script of the user's that has a program's name is not that program.
            Some(entry) if !self.is_own_script(name) => self.apply(entry, &call),
            _ => self.unlisted(name, &call),
        }
    }

    fn unlisted(&mut self, name: &str, call: &Call<'_>) -> Feed {
        if let Some(program) = train::entry_point(name) {
            if train::only_looks(call.args) {
                self.exec(call.name, call.args, Purpose::ReadOnly, call.span.clone());
                return Feed::Unknown;
            }
            self.exec(call.name, call.args, Purpose::Plain, call.span.clone());
            self.effect(program::Effect::Train, &[], program, &call.span);
        } else {
            self.exec(call.name, call.args, Purpose::Plain, call.span.clone());
        }
        if name.contains('/') {
            self.script_file(name, call.args, call.span.clone());
        }
        self.guessed(name, call);
        Feed::Unknown
    }

    fn is_own_script(&self, name: &str) -> bool {
        name.contains('/')
            && !["/bin/", "/usr/", "/sbin/", "/opt/", "/snap/", "/nix/"]
                .iter()
                .any(|system| name.starts_with(system))
            && self
                .absolute(name)
                .and_then(|path| self.text_of(&path))
                .is_some_and(|text| text.starts_with("#!"))
    }

    fn alias_text(&self, name: &str) -> Option<String> {
        let marker = alias_marker(name);
        if self.frame.via.contains(&marker) {
            return None;
        }
        match self.scope.aliases.get(name) {
            Some(text) => Some(text.clone()),
            None if self.frame.via.is_empty() => self.world.alias(name),
            None => None,
        }
    }

    fn run_alias(
        &mut self,
        name: &str,
        text: &str,
        args: &[Field],
        feed: Feed,
        span: Range<usize>,
    ) -> Feed {
        // The alias stands before the arguments; what is dynamic stays so.
        let whole = with_arguments(text, args);
        self.within(
            |frame| frame.via.push(alias_marker(name)),
            |walker| walker.text(&whole, super::frame::Anchor::Whole(span), feed),
        )
    }

    /// Walks the body of a function.
    fn call(
        &mut self,
        function: &Function,
        name: &str,
        args: &[Field],
        feed: Feed,
        span: Range<usize>,
    ) -> Feed {
        let calls = self.frame.via.iter().filter(|via| *via == name).count();
        if calls > 2 {
            // It calls itself: what it does was walked.
            return Feed::Unknown;
        }
        let arguments: Option<Vec<String>> = args
            .iter()
            .map(|field| field.known().map(str::to_owned))
            .collect();
        let before = std::mem::replace(&mut self.scope.arguments, arguments);
        let flow = self.within(
            |frame| {
                frame.via.push(name.to_owned());
                frame.text = Rc::clone(&function.text);
                frame.stage = function.frame.stage;
            },
            |walker| {
                let at = walker.out.len();
                let feed = match &function.body.1 {
                    Some(list) => walker.redirects(&list.0, feed, false).feed,
                    None => feed,
                };
                let flow = walker.compound(&function.body.0, feed);
                // The call is what the person wrote; the body may lie elsewhere.
                for found in walker.out.iter_mut().skip(at) {
                    found.span = span.clone();
                }
                flow
            },
        );
        self.scope.arguments = before;
        flow
    }
}

/// `python3.11`, `gcc-12`, `clang++-17` are listed without their version.
fn unversioned(name: &str) -> &str {
    let trimmed = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    trimmed.trim_end_matches('-')
}

fn alias_marker(name: &str) -> String {
    format!("alias {name}")
}

/// Writes a command line from text and further fields, quoted where they are known.
pub(crate) fn with_arguments(text: &str, args: &[Field]) -> String {
    let mut whole = text.to_owned();
    for field in args {
        whole.push(' ');
        match &field.word {
            Word::Literal(text) => whole.push_str(&quote(text)),
            Word::Glob(text) => whole.push_str(text),
            Word::Dynamic(text) if text.starts_with("<(") => whole.push_str("\"$_\""),
            Word::Dynamic(text) => whole.push_str(text),
        }
    }
    whole
}

/// Quotes a word so that bash reads it back as it is.
pub(crate) fn quote(text: &str) -> String {
    let is_plain = !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_-./=:,+@%".contains(&byte));
    if is_plain {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}

fn is_only_cat(fields: &[Field]) -> bool {
    matches!(fields, [only] if only.known() == Some("cat"))
}

/// Whether standard input is the empty device.
fn reads_nothing(redirects: &[IoRedirect]) -> bool {
    redirects.iter().any(|redirect| {
        matches!(redirect, IoRedirect::File(None | Some(0), IoFileRedirectKind::Read, IoFileRedirectTarget::Filename(word))
            if word.value == "/dev/null")
    })
}

fn is_silent(fields: &[Field]) -> bool {
    let words: Vec<&str> = fields.iter().map(Field::text).collect();
    match words.as_slice() {
        [] => true,
        ["cat", "/dev/null"] | ["cp", "/dev/null", "/dev/stdout"] => true,
        ["echo", "-n"] | ["echo", "-n", ""] | ["printf", "" | "%s"] | ["printf", "%s", ""] => true,
        ["builtin" | "command", ":" | "true"] => true,
        [name, ..] => SILENT.contains(name),
    }
}
