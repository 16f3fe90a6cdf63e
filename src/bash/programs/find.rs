//! `find` and `fd`: what they run, write and delete.

use crate::bash::expand::Field;
use crate::bash::flags::Cut;
use crate::bash::frame::Feed;
use crate::bash::program::Call;
use crate::bash::walk::Walker;
use crate::policy::{Action, Deletable, Purpose, Target, Word, WriteHow};

pub(crate) fn find(walker: &mut Walker<'_>, call: &Call<'_>, _cut: &Cut<'_>) -> Feed {
    let start: Vec<&str> = call
        .args
        .iter()
        .map(Field::text)
        .take_while(|text| !text.starts_with(['-', '(', '!']))
        .collect();
    let start = if start.is_empty() {
        ".".to_owned()
    } else {
        start.join(" ")
    };
    // A word that is not known may be `-delete`.
    let is_clear = call
        .args
        .iter()
        .skip_while(|field| !field.text().starts_with('-'))
        .all(|field| !matches!(&field.word, Word::Dynamic(text) if text.starts_with('$')));
    let purpose = if is_clear {
        Purpose::ReadOnly
    } else {
        Purpose::Plain
    };
    walker.exec(call.name, call.args, purpose, call.span.clone());
    let mut at = 0;
    while let Some(field) = call.args.get(at) {
        at += 1;
        match field.text() {
            "-delete" => {
                let target = Target::Dynamic {
                    text: format!("what is found under {start}"),
                };
                let what = Deletable::Path;
                walker.emit(Action::Delete { target, what }, call.span.clone());
            }
            "-exec" | "-execdir" | "-ok" | "-okdir" => {
                let rest = call.args.get(at..).unwrap_or_default();
                let end = rest
                    .iter()
                    .position(|field| matches!(field.text(), ";" | "+"))
                    .unwrap_or(rest.len());
                let fields = named(filled(rest.get(..end).unwrap_or_default()), call.args);
                at += end + 1;
                let before = walker.out.len();
                run_each(walker, call, &fields);
                below(walker, &start, before, call);
                if flattens(call.args, &fields) {
                    let spread = |found: &mut crate::bash::Spanned| {
                        if let Action::Rename { entries, .. } = &mut found.action {
                            *entries = crate::policy::Entries::Tree;
                        }
                    };
                    walker.out.iter_mut().skip(before).for_each(spread);
                }
            }
            "-fprint" | "-fprint0" | "-fls" | "-fprintf" => {
                if let Some(file) = call.args.get(at) {
                    walker.write(file, WriteHow::Overwrite);
                }
                at += 1;
            }
            _ => {}
        }
    }
    Feed::Unknown
}

/// What is done to what is found happens below the start: outside stays outside.
fn below(walker: &mut Walker<'_>, start: &str, before: usize, call: &Call<'_>) {
    let is_dynamic =
        |target: &Target| matches!(target, Target::Dynamic { text } if text.contains('{'));
    let touches = walker
        .out
        .iter()
        .skip(before)
        .any(|found| match &found.action {
            Action::Write { target, .. }
            | Action::Truncate { target }
            | Action::Chmod { target, .. } => is_dynamic(target),
            Action::Rename { from, .. } => is_dynamic(from),
            Action::Exec { .. }
            | Action::Read { .. }
            | Action::Create { .. }
            | Action::Delete { .. }
            | Action::Connect { .. }
            | Action::Signal { .. }
            | Action::Submit { .. }
            | Action::Cancel { .. }
            | Action::Remote { .. }
            | Action::Train { .. } => false,
        });
    if touches && !start.contains(' ') {
        let target = walker.target_of(start);
        let how = WriteHow::Edit;
        walker.emit(Action::Write { target, how }, call.span.clone());
    }
}

/// Whether all files of a tree are moved into one directory.
fn flattens(args: &[Field], run: &[Field]) -> bool {
    let has = |name: &str| args.iter().any(|field| field.text() == name);
    let is_shallow = args.windows(2).any(
        |pair| matches!(pair, [flag, depth] if flag.text() == "-maxdepth" && depth.text() == "1"),
    );
    let is_filtered = [
        "-name", "-iname", "-path", "-regex", "-newer", "-mtime", "-size", "-mmin",
    ]
    .iter()
    .any(|name| has(name));
    run.first().is_some_and(|field| field.text() == "mv") && !is_shallow && !is_filtered
}

pub(crate) fn fd(walker: &mut Walker<'_>, call: &Call<'_>, _cut: &Cut<'_>) -> Feed {
    walker.exec(call.name, call.args, Purpose::ReadOnly, call.span.clone());
    let runs = call
        .args
        .iter()
        .position(|field| matches!(field.text(), "-x" | "-X" | "--exec" | "--exec-batch"));
    if let Some(at) = runs {
        let rest = call.args.get(at + 1..).unwrap_or_default();
        let end = rest
            .iter()
            .position(|field| field.text() == ";")
            .unwrap_or(rest.len());
        let rest = rest.get(..end).unwrap_or_default();
        let mut fields = filled(rest);
        if !rest.iter().any(|field| field.text().contains('{')) {
            fields.push(Field::dynamic("{}", call.span.clone()));
        }
        run_each(walker, call, &fields);
    }
    Feed::Unknown
}

/// Returns the words of a template with what is found marked as dynamic.
fn filled(words: &[Field]) -> Vec<Field> {
    words
        .iter()
        .map(|field| {
            let text = field.text();
            let is_mark = ["{}", "{/}", "{.}", "{//}", "{/.}"]
                .iter()
                .any(|mark| text.contains(mark));
            if is_mark && !text.contains(char::is_whitespace) {
                Field {
                    word: Word::Dynamic(text.to_owned()),
                    ..field.clone()
                }
            } else {
                field.clone()
            }
        })
        .collect()
}

/// Puts what `-name` says into the marks: `find -name train.py -exec python {} \;`.
fn named(fields: Vec<Field>, args: &[Field]) -> Vec<Field> {
    let name = args.windows(2).find_map(|pair| match pair {
        [flag, name] if flag.text() == "-name" => Some(name.text().to_owned()),
        _ => None,
    });
    let Some(name) = name else {
        return fields;
    };
    let fill = |mut field: Field| {
        if matches!(&field.word, Word::Dynamic(text) if text == "{}") {
            field.word = Word::Dynamic(format!("{{}}/{name}"));
        }
        field
    };
    fields.into_iter().map(fill).collect()
}

fn run_each(walker: &mut Walker<'_>, call: &Call<'_>, fields: &[Field]) {
    let label = format!("{} -exec", call.name);
    walker.within(
        |frame| {
            frame.via.push(label);
            frame.repeats = true;
        },
        |walker| walker.invoke(fields, Feed::Unknown, call.span.clone()),
    );
}
