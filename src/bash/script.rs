//! Followed files: shell scripts, Makefiles, justfiles that lie on disk. What they do is
//! recorded with [`Stage::File`]; only what names something that exists now counts there.

use std::ops::Range;
use std::path::Path;

use super::expand::Field;
use super::frame::{Anchor, Feed};
use super::program::{Call, Effect};
use super::programs::train;
use super::walk::Walker;
use crate::policy::{Action, Stage};

impl Walker<'_> {
    /// Walks a script that a shell is given by name.
    pub(crate) fn script_named(&mut self, name: &str, args: &[Field], call: &Call<'_>) {
        if let Some(program) = train::entry_point(name)
            && !train::only_looks(args)
        {
            self.effect(Effect::Train, &[], program, &call.span);
        }
        let scope = self.scope.clone();
        let found = self.followed(name, args, call.span.clone(), true);
        self.scope = scope;
        let is_batch = [".sbatch", ".slurm"].iter().any(|end| name.ends_with(end));
        if !found && is_batch {
            // A batch script run by hand: what it would start cannot be read, and is meant for a job.
            let program = name.to_owned();
            self.emit(Action::Train { program }, call.span.clone());
        }
    }

    /// Walks a file as a script where it can be read and is one; says whether it was.
    pub(crate) fn script_file(&mut self, name: &str, args: &[Field], span: Range<usize>) -> bool {
        let scope = self.scope.clone();
        let found = self.followed(name, args, span, false);
        self.scope = scope;
        found
    }

    /// Walks a sourced file: what it defines stays.
    pub(crate) fn source_file(&mut self, name: &str, args: &[Field], span: Range<usize>) {
        if !self.followed(name, args, span, true) && !is_environment(name) {
            self.scope.lost = true;
        }
    }

    /// `surely`: a shell is told to read it, whatever it looks like.
    fn followed(&mut self, name: &str, args: &[Field], span: Range<usize>, surely: bool) -> bool {
        let label = name.to_owned();
        if self.frame.via.contains(&label) {
            return true;
        }
        let path = self.absolute(name);
        if surely && path.as_ref().is_some_and(|path| self.is_obscure(path)) {
            self.unknown(name, args, span);
            return true;
        }
        let Some(text) = path.and_then(|path| self.text_of(&path)) else {
            return false;
        };
        if text.contains('\0') || !surely && !is_shell(name, &text) {
            return true;
        }
        let before = if args.is_empty() {
            self.scope.arguments.clone()
        } else {
            let known = args.iter().map(|field| field.known().map(str::to_owned));
            std::mem::replace(&mut self.scope.arguments, known.collect())
        };
        self.within(
            |frame| {
                frame.via.push(label);
                frame.stage = Stage::File;
            },
            |walker| walker.text(&text, Anchor::Whole(span), Feed::Unknown),
        );
        self.scope.arguments = before;
        true
    }

    /// Walks text found in a file (a Makefile recipe, a justfile line).
    pub(crate) fn recipe(&mut self, line: &str, label: &str, span: Range<usize>) {
        let scope = self.scope.clone();
        self.within(
            |frame| {
                frame.via.push(label.to_owned());
                frame.stage = Stage::File;
            },
            |walker| walker.text(line, Anchor::Whole(span), Feed::Inherited),
        );
        self.scope = scope;
    }
}

/// Whether a file is meant for a shell, by its first line or its name.
fn is_shell(name: &str, text: &str) -> bool {
    const ENDS: &[&str] = &[
        "sh", "bash", "zsh", "ksh", "sbatch", "slurm", "env", "bashrc", "profile", "envrc",
    ];
    if let Some(first) = text.strip_prefix("#!") {
        let first = first.lines().next().unwrap_or_default();
        return ["sh", "bash", "dash", "zsh", "ksh"]
            .iter()
            .any(|shell| first.split(['/', ' ']).any(|word| word == *shell));
    }
    let extension = Path::new(name).extension().and_then(|end| end.to_str());
    match extension {
        Some(end) => ENDS.contains(&end),
        None => !text.contains('\0'),
    }
}

/// Files that set an environment up and are rightly trusted to.
fn is_environment(name: &str) -> bool {
    name.ends_with("/activate") || name.ends_with("conda.sh") || name.starts_with("/etc/")
}
