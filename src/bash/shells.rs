//! Shells in shells: `bash -c`, scripts, text on standard input.

use super::expand::Field;
use super::flags::Cut;
use super::frame::Feed;
use super::program::Call;
use super::scope::Value;
use super::walk::Walker;
use crate::policy::{Purpose, Word};

/// `bash`, `sh`, `zsh`, `dash`, `ksh`.
pub(crate) fn shell(walker: &mut Walker<'_>, call: &Call<'_>, cut: &Cut<'_>) -> Feed {
    walker.exec(call.name, call.args, Purpose::ReadOnly, call.span.clone());
    let has_line = cut.flags.iter().any(|flag| flag.name == "-c");
    if cut.has("-n") && !has_line {
        return Feed::Unknown;
    }
    for file in cut.values("--rcfile --init-file") {
        if let Some(name) = file.known() {
            let name = name.to_owned();
            walker.script_file(&name, &[], file.span.clone());
        }
    }
    if has_line {
        let Some((line, args)) = cut.operands.split_first() else {
            return Feed::Unknown;
        };
        let zero = args.first().copied();
        let args: Vec<Field> = args.iter().skip(1).map(|field| (*field).clone()).collect();
        return run_line(walker, call, line, zero, &args);
    }
    match cut.operands.split_first() {
        Some((file, args)) if !cut.has("-s") => {
            let args: Vec<Field> = args.iter().map(|field| (*field).clone()).collect();
            match (&file.word, &file.guess) {
                (Word::Literal(name), _) if is_input(name) => walker.run_feed(call.name, call),
                (Word::Literal(name), _) => {
                    let name = name.clone();
                    walker.script_named(&name, &args, call);
                    Feed::Unknown
                }
                (_, Some(text)) if file.text() == "<(…)" => {
                    let text = text.clone();
                    walker.follow(&text, call.name, call.span.clone(), Feed::Inherited)
                }
                _ => {
                    walker.unknown(
                        &format!("{} {}", call.name, file.text()),
                        &args,
                        call.span.clone(),
                    );
                    Feed::Unknown
                }
            }
        }
        _ => walker.run_feed(call.name, call),
    }
}

/// Whether a file name means standard input.
pub(crate) fn is_input(name: &str) -> bool {
    ["-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"].contains(&name)
}

fn run_line(
    walker: &mut Walker<'_>,
    call: &Call<'_>,
    line: &Field,
    zero: Option<&Field>,
    args: &[Field],
) -> Feed {
    let Some(text) = line.known() else {
        walker.unknown(line.text(), args, call.span.clone());
        walker.follow_shape(line, &format!("{} -c", call.name));
        return Feed::Unknown;
    };
    let text = text.to_owned();
    let scope = walker.scope.clone();
    walker.scope.functions.clear();
    walker.scope.aliases.clear();
    walker.scope.arguments = args
        .iter()
        .map(|field| field.known().map(str::to_owned))
        .collect();
    if let Some(zero) = zero {
        let value = zero.known().map(str::to_owned);
        walker
            .scope
            .set("0", value.map_or(Value::Unknown, Value::Known));
    }
    let label = format!("{} -c", call.name);
    let flow = walker.follow(&text, &label, line.span.clone(), call.feed.clone());
    walker.scope = scope;
    flow
}

impl Walker<'_> {
    /// Walks what arrives on standard input as a script.
    pub(crate) fn run_feed(&mut self, label: &str, call: &Call<'_>) -> Feed {
        let scope = self.scope.clone();
        let flow = match call.feed.clone() {
            Feed::Inherited => Feed::Unknown,
            Feed::Text(text) => self.follow(&text, label, call.span.clone(), Feed::Unknown),
            Feed::File(name, text) => self.within(
                |frame| {
                    frame.via.push(name);
                    frame.stage = crate::policy::Stage::File;
                },
                |walker| {
                    let anchor = super::frame::Anchor::Whole(call.span.clone());
                    walker.text(&text, anchor, Feed::Unknown)
                },
            ),
            Feed::Shape(shape) => {
                self.unknown(&format!("… | {}", call.name), call.args, call.span.clone());
                self.follow(&shape, label, call.span.clone(), Feed::Unknown)
            }
            Feed::Unknown => {
                self.unknown(&format!("… | {}", call.name), call.args, call.span.clone());
                Feed::Unknown
            }
        };
        self.scope = scope;
        flow
    }
}
