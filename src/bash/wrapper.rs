//! Programs that run another program: what they run is walked as if it stood alone.

use super::expand::Field;
use super::flags::{Cut, Style, cut};
use super::frame::Feed;
use super::invoke::with_arguments;
use super::program::Call;
use super::walk::Walker;
use crate::policy::{Action, Purpose, Word};

/// `nice`, `nohup`, `setsid`: the first operand is the program.
pub(crate) fn runs(walker: &mut Walker<'_>, call: &Call<'_>, cut: &Cut<'_>) -> Feed {
    run_after(walker, call, cut, 0)
}

/// `timeout`, `chroot`, `flock`: one operand, then the program.
pub(crate) fn runs_after_one(walker: &mut Walker<'_>, call: &Call<'_>, cut: &Cut<'_>) -> Feed {
    run_after(walker, call, cut, 1)
}

/// `conda run`, `uv run`, `pixi run`: a verb, then flags, then the program.
pub(crate) fn runs_after_verb(walker: &mut Walker<'_>, call: &Call<'_>, values: &str) -> Feed {
    let rest = call
        .args
        .iter()
        .position(|field| field.known() == Some("run"));
    let rest = rest
        .and_then(|at| call.args.get(at + 1..))
        .unwrap_or_default();
    let inner = cut(rest, values, Style::Leading);
    walker.exec(call.name, call.args, Purpose::ReadOnly, call.span.clone());
    let fields: Vec<Field> = inner
        .operands
        .iter()
        .map(|field| (*field).clone())
        .collect();
    inside(walker, call, |walker| {
        walker.invoke(&fields, call.feed.clone(), call.span.clone())
    })
}

fn run_after(walker: &mut Walker<'_>, call: &Call<'_>, cut: &Cut<'_>, skip: usize) -> Feed {
    walker.exec(call.name, call.args, Purpose::ReadOnly, call.span.clone());
    let fields: Vec<Field> = cut
        .operands
        .iter()
        .skip(skip)
        .skip_while(|field| field.text() == "--")
        .map(|field| (*field).clone())
        .collect();
    if fields.is_empty() {
        return Feed::Unknown;
    }
    inside(walker, call, |walker| {
        walker.invoke(&fields, call.feed.clone(), call.span.clone())
    })
}

/// Walks with the wrapper's name on the path that led there.
pub(crate) fn inside<T>(
    walker: &mut Walker<'_>,
    call: &Call<'_>,
    work: impl FnOnce(&mut Walker<'_>) -> T,
) -> T {
    let label = call.name.to_owned();
    walker.within(|frame| frame.via.push(label), work)
}

/// `env`: assignments, `-C`, `-S`, then the program.
pub(crate) fn env(walker: &mut Walker<'_>, call: &Call<'_>, cut: &Cut<'_>) -> Feed {
    walker.exec(call.name, call.args, Purpose::ReadOnly, call.span.clone());
    let mut fields = Vec::new();
    for flag in &cut.flags {
        if flag.name == "-S" || flag.name == "--split-string" {
            match flag.value.as_ref().and_then(Field::known) {
                Some(text) => {
                    // It is split as a shell would split it.
                    let operands: Vec<Field> =
                        cut.operands.iter().map(|field| (*field).clone()).collect();
                    let line = with_arguments(text, &operands);
                    let scope = walker.scope.clone();
                    let flow = walker.follow(&line, "env -S", call.span.clone(), call.feed.clone());
                    walker.scope = scope;
                    return flow;
                }
                None => walker.unknown("env -S", &[], call.span.clone()),
            }
        }
    }
    fields.extend(cut.operands.iter().map(|field| (*field).clone()));
    let mut at = 0;
    while let Some(field) = fields.get(at) {
        let text = field.text().to_owned();
        let Some((name, value)) = text.split_once('=') else {
            break;
        };
        if !matches!(field.word, Word::Dynamic(_)) {
            let line = format!("export {name}={}", super::invoke::quote(value));
            walker.exported_value(&line, field.span.clone());
        }
        at += 1;
    }
    let rest = fields.get(at..).unwrap_or_default().to_vec();
    if rest.is_empty() {
        return Feed::Unknown;
    }
    let cwd = walker.scope.cwd.clone();
    if let Some(directory) = cut.find("-C --chdir").and_then(|flag| flag.value.clone()) {
        walker.scope.cwd = directory.known().and_then(|text| walker.absolute(text));
    }
    let flow = inside(walker, call, |walker| {
        walker.invoke(&rest, call.feed.clone(), call.span.clone())
    });
    walker.scope.cwd = cwd;
    flow
}

/// `command`, `builtin`: no functions, no aliases; `-v` only looks.
pub(crate) fn command(walker: &mut Walker<'_>, call: &Call<'_>, cut: &Cut<'_>) -> Feed {
    walker.exec(call.name, call.args, Purpose::ReadOnly, call.span.clone());
    if cut.has("-v -V") {
        return match cut.operands.as_slice() {
            [only] if only.known().is_some() => Feed::Text(format!("{}\n", only.text())),
            _ => Feed::Unknown,
        };
    }
    let Some((head, rest)) = cut.operands.split_first() else {
        return Feed::Text(String::new());
    };
    let rest: Vec<Field> = rest.iter().map(|field| (*field).clone()).collect();
    match head.known() {
        Some(name) => {
            let name = name.to_owned();
            walker.program_named(&name, &rest, call.feed.clone(), call.span.clone())
        }
        None => {
            walker.unknown(head.text(), &rest, call.span.clone());
            Feed::Unknown
        }
    }
}

/// `which`, `type -p`: the name of one program is what comes out.
pub(crate) fn which(walker: &mut Walker<'_>, call: &Call<'_>, cut: &Cut<'_>) -> Feed {
    walker.looks(call);
    match cut.operands.as_slice() {
        [only] if only.known().is_some() => Feed::Text(format!("{}\n", only.text())),
        _ => Feed::Unknown,
    }
}

/// `flock FILE COMMAND`, `flock FILE -c LINE`.
pub(crate) fn flock(walker: &mut Walker<'_>, call: &Call<'_>, cut: &Cut<'_>) -> Feed {
    walker.exec(call.name, call.args, Purpose::ReadOnly, call.span.clone());
    let Some((_, rest)) = cut.operands.split_first() else {
        return Feed::Unknown;
    };
    let rest: Vec<Field> = rest.iter().map(|field| (*field).clone()).collect();
    match rest.split_first() {
        Some((flag, [line, ..])) if flag.text() == "-c" || flag.text() == "--command" => {
            walker.line_of(line, call)
        }
        Some(_) => inside(walker, call, |walker| {
            walker.invoke(&rest, call.feed.clone(), call.span.clone())
        }),
        None => Feed::Unknown,
    }
}

/// `watch`, `script -c`, `entr`: words joined to a line for a shell.
pub(crate) fn watch(walker: &mut Walker<'_>, call: &Call<'_>, cut: &Cut<'_>) -> Feed {
    walker.exec(call.name, call.args, Purpose::ReadOnly, call.span.clone());
    let fields: Vec<Field> = cut.operands.iter().map(|field| (*field).clone()).collect();
    if cut.has("-x --exec") {
        return inside(walker, call, |walker| {
            walker.within(
                |frame| frame.repeats = true,
                |walker| walker.invoke(&fields, Feed::Unknown, call.span.clone()),
            )
        });
    }
    walker.joined_line(&fields, call)
}

/// `script -c LINE FILE`.
pub(crate) fn script(walker: &mut Walker<'_>, call: &Call<'_>, cut: &Cut<'_>) -> Feed {
    walker.plain(call);
    if let Some(line) = cut.find("-c --command").and_then(|flag| flag.value.clone()) {
        walker.line_of(&line, call);
    }
    let how = if cut.has("-a --append") {
        crate::policy::WriteHow::Append
    } else {
        crate::policy::WriteHow::Overwrite
    };
    for operand in &cut.operands {
        walker.write(operand, how);
    }
    Feed::Unknown
}

/// `srun`, `salloc`: the program runs in an allocation.
pub(crate) fn in_job(walker: &mut Walker<'_>, fields: &[Field], call: &Call<'_>) -> Feed {
    if fields.is_empty() {
        return Feed::Unknown;
    }
    let label = call.name.to_owned();
    walker.within(
        |frame| {
            frame.via.push(label);
            frame.site = frame.site.in_job();
        },
        |walker| walker.invoke(fields, call.feed.clone(), call.span.clone()),
    )
}

/// `sudo`, `doas`, `su -c`: what runs is walked; the policy hears of the wrapper too.
pub(crate) fn sudo(walker: &mut Walker<'_>, call: &Call<'_>, cut: &Cut<'_>) -> Feed {
    walker.plain(call);
    if cut.has("-e --edit") {
        for operand in &cut.operands {
            walker.write(operand, crate::policy::WriteHow::Edit);
        }
        return Feed::Unknown;
    }
    let fields: Vec<Field> = cut
        .operands
        .iter()
        .skip_while(|field| field.text().contains('=') && !field.text().starts_with('/'))
        .map(|field| (*field).clone())
        .collect();
    inside(walker, call, |walker| {
        walker.invoke(&fields, call.feed.clone(), call.span.clone())
    })
}

/// `su -c LINE`, `runuser -c LINE`.
pub(crate) fn su(walker: &mut Walker<'_>, call: &Call<'_>, cut: &Cut<'_>) -> Feed {
    walker.plain(call);
    if call.name == "runuser" && cut.has("-u --user") {
        // `runuser -u NAME PROGRAM`: no shell.
        let inner = super::flags::cut(call.args, "-u -g -G --user --group", Style::Leading);
        let fields: Vec<Field> = inner
            .operands
            .iter()
            .map(|field| (*field).clone())
            .collect();
        return inside(walker, call, |walker| {
            walker.invoke(&fields, call.feed.clone(), call.span.clone())
        });
    }
    if call.name == "sg"
        && !cut.has("-c --command")
        && let Some(line) = cut.operands.get(1)
    {
        return walker.line_of(line, call);
    }
    if let Some(line) = cut
        .find("-c --command --session-command")
        .and_then(|flag| flag.value.clone())
    {
        walker.line_of(&line, call);
    }
    Feed::Unknown
}

impl Walker<'_> {
    /// Walks a word as a line for a shell.
    pub(crate) fn line_of(&mut self, field: &Field, call: &Call<'_>) -> Feed {
        match field.known() {
            Some(line) => {
                let line = line.to_owned();
                let scope = self.scope.clone();
                let flow = self.follow(&line, call.name, field.span.clone(), call.feed.clone());
                self.scope = scope;
                flow
            }
            None => {
                self.unknown(field.text(), &[], field.span.clone());
                self.follow_shape(field, call.name);
                Feed::Unknown
            }
        }
    }

    /// Walks words that a program joins to a line for a shell.
    pub(crate) fn joined_line(&mut self, fields: &[Field], call: &Call<'_>) -> Feed {
        let Some((head, rest)) = fields.split_first() else {
            return Feed::Unknown;
        };
        let known: Option<Vec<&str>> = fields.iter().map(Field::known).collect();
        let line = match (known, head.known()) {
            (Some(words), _) => words.join(" "),
            (None, Some(head)) => with_arguments(head, rest),
            (None, None) => {
                self.unknown(head.text(), rest, call.span.clone());
                return Feed::Unknown;
            }
        };
        let scope = self.scope.clone();
        let flow = self.follow(&line, call.name, call.span.clone(), Feed::Unknown);
        self.scope = scope;
        flow
    }

    /// Walks the value of an exported variable where some program runs it.
    fn exported_value(&mut self, line: &str, span: std::ops::Range<usize>) {
        let scope = self.scope.clone();
        let at = self.out.len();
        self.follow(line, "env", span, Feed::Inherited);
        // Only what the value itself does counts, not the assignment.
        let found = self.out.split_off(at);
        self.out.extend(found.into_iter().filter(|found| {
            !matches!(&found.action, Action::Exec { program, .. } if program.display() == "export")
        }));
        self.scope = scope;
    }
}
