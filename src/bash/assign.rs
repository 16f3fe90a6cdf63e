//! Assignments: what variables hold afterwards, and the values that are themselves
//! commands (`PAGER`, `GIT_SSH_COMMAND`, `PROMPT_COMMAND`).

use brush_parser::ast::{
    AndOr, Assignment, AssignmentName, AssignmentValue, Command, CommandPrefixOrSuffixItem,
    CompoundCommand, CompoundList, Pipeline, Word,
};

use super::frame::{Anchor, Feed};
use super::scope::Value;
use super::walk::Walker;

/// Variables whose value some program runs as a command.
const COMMANDS: &[&str] = &[
    "EDITOR",
    "GIT_EDITOR",
    "GIT_EXTERNAL_DIFF",
    "GIT_PAGER",
    "GIT_PROXY_COMMAND",
    "GIT_SEQUENCE_EDITOR",
    "GIT_SSH",
    "GIT_SSH_COMMAND",
    "LESSCLOSE",
    "LESSOPEN",
    "MANPAGER",
    "PAGER",
    "PROMPT_COMMAND",
    "RSYNC_RSH",
    "SYSTEMD_PAGER",
    "VISUAL",
];

/// Builtins that assign to the names they are given.
const TAKES_NAMES: &[&str] = &[
    "getopts",
    "let",
    "mapfile",
    "printf",
    "read",
    "readarray",
    "unset",
];

impl Walker<'_> {
    /// Walks an assignment; `exported` when a program will see it.
    pub(crate) fn assign(&mut self, assignment: &Assignment, word: &Word, exported: bool) {
        let place = self.word_place(word);
        let span = self.frame.text.outer(place.clone());
        let name = match &assignment.name {
            AssignmentName::VariableName(name) => name.clone(),
            AssignmentName::ArrayElementName(name, index) => {
                let runs = index.contains("$(") || index.contains('`');
                let key = if runs {
                    self.arithmetic(index, &place);
                    None
                } else {
                    self.inside(index, &place)
                };
                let value = match &assignment.value {
                    AssignmentValue::Scalar(word) => self
                        .whole(&word.value, place.clone())
                        .known()
                        .map(str::to_owned),
                    AssignmentValue::Array(_) => None,
                };
                match key {
                    Some(key) if !assignment.append => self.scope.set_element(name, &key, value),
                    _ => self.scope.set(name, Value::Unknown),
                }
                return;
            }
        };
        let value = match &assignment.value {
            AssignmentValue::Scalar(word) => match self.whole(&word.value, place).word {
                crate::policy::Word::Literal(text) => Value::Known(text),
                crate::policy::Word::Glob(_) => Value::Known(word.value.clone()),
                crate::policy::Word::Dynamic(_) => Value::Unknown,
            },
            AssignmentValue::Array(items)
                if !items.is_empty() && items.iter().all(|(index, _)| index.is_some()) =>
            {
                let mut table = Some(std::collections::BTreeMap::new());
                for (index, item) in items {
                    let key = index
                        .as_ref()
                        .and_then(|index| self.inside(&index.value, &place));
                    let field = self.whole(&item.value, place.clone());
                    table = match (table, key, field.known()) {
                        (Some(mut table), Some(key), Some(text)) => {
                            table.insert(key, text.to_owned());
                            Some(table)
                        }
                        _ => None,
                    };
                }
                table.map_or(Value::Unknown, Value::Table)
            }
            AssignmentValue::Array(items) => {
                let mut list = Some(Vec::new());
                for (index, item) in items {
                    if let Some(index) = index {
                        self.arithmetic(&index.value, &place);
                    }
                    for field in self.fields(&item.value, place.clone()) {
                        list = match (list, field.known()) {
                            (Some(mut list), Some(text)) if index.is_none() => {
                                list.push(text.to_owned());
                                Some(list)
                            }
                            _ => None,
                        };
                    }
                }
                list.map_or(Value::Unknown, Value::List)
            }
        };
        let meant = self.scope.meant(&name).to_owned();
        let value = match (assignment.append, self.scope.variables.get(&meant), value) {
            (false, _, value) => value,
            (true, Some(Value::Known(before)), Value::Known(after)) => {
                Value::Known(format!("{before}{after}"))
            }
            (true, Some(Value::List(before)), Value::List(after)) => {
                Value::List(before.iter().cloned().chain(after).collect())
            }
            (true, _, _) => Value::Unknown,
        };
        if (exported || name == "PROMPT_COMMAND")
            && COMMANDS.contains(&name.as_str())
            && let Value::Known(command) = &value
        {
            // `LESSOPEN` may start with a pipe.
            let command = command.trim_start_matches(['|', '-']);
            self.follow(command, &name, span.clone(), Feed::Unknown);
        }
        if exported
            && (name == "BASH_ENV" || name == "ENV")
            && let Value::Known(file) = &value
        {
            self.script_file(file, &[], self.frame.text.outer(self.word_place(word)));
        }
        if ["PS0", "PS1", "PS2", "PS4"].contains(&name.as_str())
            && let Value::Known(text) = &value
            && text.contains(['$', '`'])
        {
            // A prompt: what stands in it is run each time it is shown.
            let text = text.clone();
            self.within(
                |frame| frame.via.push(name.clone()),
                |walker| {
                    let inner = super::frame::Text::new(&text, Anchor::Whole(span));
                    walker.frame.text = std::rc::Rc::new(inner);
                    walker.document(&text, 0..text.len())
                },
            );
        }
        self.scope.set(&name, value);
    }
}

impl Walker<'_> {
    /// `declare -n x=y`: from now on `x` is `y`.
    pub(crate) fn refer(&mut self, assignment: &Assignment, word: &Word) {
        let place = self.word_place(word);
        let AssignmentName::VariableName(name) = &assignment.name else {
            return;
        };
        if let AssignmentValue::Scalar(value) = &assignment.value {
            match self.whole(&value.value, place).known() {
                Some(other) if other != name => {
                    self.scope.references.insert(name.clone(), other.to_owned());
                }
                _ => self.scope.set(name, Value::Unknown),
            }
        }
    }
}

/// Returns the names that a list may assign, functions and `eval` not looked into.
pub(crate) fn assigned(list: &CompoundList) -> Vec<String> {
    let mut names = Vec::new();
    in_list(list, &mut names);
    names
}

fn in_list(list: &CompoundList, names: &mut Vec<String>) {
    for item in &list.0 {
        in_pipeline(&item.0.first, names);
        for other in &item.0.additional {
            match other {
                AndOr::And(pipeline) | AndOr::Or(pipeline) => in_pipeline(pipeline, names),
            }
        }
    }
}

fn in_pipeline(pipeline: &Pipeline, names: &mut Vec<String>) {
    for command in &pipeline.seq {
        match command {
            Command::Simple(simple) => {
                let takes_names = simple
                    .word_or_name
                    .as_ref()
                    .is_some_and(|word| TAKES_NAMES.contains(&word.value.as_str()));
                let prefix = simple.prefix.iter().flat_map(|prefix| &prefix.0);
                let suffix = simple.suffix.iter().flat_map(|suffix| &suffix.0);
                for item in prefix.chain(suffix) {
                    match item {
                        CommandPrefixOrSuffixItem::AssignmentWord(assignment, _) => {
                            names.push(match &assignment.name {
                                AssignmentName::VariableName(name)
                                | AssignmentName::ArrayElementName(name, _) => name.clone(),
                            });
                        }
                        CommandPrefixOrSuffixItem::Word(word) if takes_names => {
                            names.push(word.value.clone());
                        }
                        CommandPrefixOrSuffixItem::Word(_)
                        | CommandPrefixOrSuffixItem::IoRedirect(_)
                        | CommandPrefixOrSuffixItem::ProcessSubstitution(..) => {}
                    }
                }
            }
            Command::Compound(compound, _) => in_compound(compound, names),
            Command::Function(_) | Command::ExtendedTest(..) => {}
        }
    }
}

fn in_compound(compound: &CompoundCommand, names: &mut Vec<String>) {
    match compound {
        CompoundCommand::BraceGroup(group) => in_list(&group.list, names),
        CompoundCommand::Subshell(_)
        | CompoundCommand::Arithmetic(_)
        | CompoundCommand::Coprocess(_) => {}
        CompoundCommand::ForClause(clause) => {
            names.push(clause.variable_name.clone());
            in_list(&clause.body.list, names);
        }
        CompoundCommand::ArithmeticForClause(clause) => in_list(&clause.body.list, names),
        CompoundCommand::CaseClause(clause) => {
            for case in &clause.cases {
                if let Some(list) = &case.cmd {
                    in_list(list, names);
                }
            }
        }
        CompoundCommand::IfClause(clause) => {
            in_list(&clause.condition, names);
            in_list(&clause.then, names);
            for other in clause.elses.iter().flatten() {
                if let Some(condition) = &other.condition {
                    in_list(condition, names);
                }
                in_list(&other.body, names);
            }
        }
        CompoundCommand::WhileClause(clause) | CompoundCommand::UntilClause(clause) => {
            in_list(&clause.0, names);
            in_list(&clause.1.list, names);
        }
    }
}
