//! Walks defaults lists, from the primary config down, and flattens them.
//!
//! Lists are walked from their end to their start, so that an `override` at the end of a list is
//! known before the line that it overrides is followed. Lines whose option is an interpolation
//! are followed last, when all other choices of their list are made.
//!
//! INVARIANT: the walk ends: at most [`DEPTH`] configurations inside one another, at most
//! [`LINES`] lines in all.

use indexmap::IndexMap;

use super::Step;
use super::choices::Choices;
use super::entry::{Choice, Entry, Placed, Target};
use crate::compose::composition::Error;
use crate::compose::node::{self, Class, Dict, Value};
use crate::compose::overrides::Override;
use crate::compose::resolver::World;
use crate::compose::tree::Search;

const DEPTH: usize = 100;
const LINES: usize = 50_000;

/// The final list, and what was chosen on the way.
#[derive(Debug)]
pub(crate) struct Resolved<'o> {
    pub(crate) steps: Vec<Step>,
    pub(crate) choices: IndexMap<String, Option<String>>,
    /// The overrides that are about values.
    pub(crate) values: Vec<&'o Override>,
}

/// Resolves the defaults lists below the primary config, with Hydra's own before them.
pub(crate) fn resolve<'o>(
    config_name: Option<&str>,
    overrides: &'o [Override],
    search: &Search<'_>,
    world: &World<'_>,
) -> Result<Resolved<'o>, Error> {
    let (choices, values) = Choices::sort(overrides, search)?;
    let mut walk = Walk {
        search,
        world,
        choices,
        above: vec!["<root>".to_owned()],
        lines: 0,
    };
    let primary = match config_name {
        Some(name) => walk.primary(name)?,
        None => walk.nameless()?,
    };
    let hydra = Entry::config("hydra/config").placed("", "");
    let mut steps = walk.follow(hydra, false)?;
    steps.extend(primary);
    walk.choices.all_used()?;
    let mut keys = std::collections::HashSet::new();
    let keyed = steps.iter().filter_map(|step| step.override_key.as_ref());
    for key in keyed {
        if !keys.insert(key) {
            return Err(Error::appears_twice(key, &steps));
        }
    }
    Ok(Resolved {
        steps,
        choices: walk.choices.known,
        values,
    })
}

struct Walk<'w, 's> {
    search: &'w Search<'s>,
    world: &'w World<'w>,
    choices: Choices,
    /// The configurations whose lists are being walked, the primary first.
    above: Vec<String>,
    lines: usize,
}

/// A line whose place in the list is kept while others are followed first.
enum Slot {
    Done(Vec<Step>),
    Later(Placed),
}

impl Walk<'_, '_> {
    fn primary(&mut self, name: &str) -> Result<Vec<Step>, Error> {
        let mut primary = Entry::config(name).placed("", "");
        if !self.search.has_config(&primary.path()) {
            return Err(Error::no_primary(&primary.path(), self.search));
        }
        self.header(&mut primary)?;
        self.inside(&primary, true, false)
    }

    /// Without a primary config there is still `+group=option`.
    fn nameless(&mut self) -> Result<Vec<Step>, Error> {
        let nothing = Entry::config("").placed("", "");
        let appended = std::mem::take(&mut self.choices.appended);
        self.list(&nothing, appended, false)
    }

    /// Follows one line; `is_late` below a line that was chosen by an interpolation.
    fn follow(&mut self, mut placed: Placed, is_late: bool) -> Result<Vec<Step>, Error> {
        self.lines += 1;
        if self.lines > LINES {
            return Err(Error::too_many_lines(LINES, &self.above));
        }
        self.header(&mut placed)?;
        let key = placed.override_key(self.search.is_old);
        if placed.is_group() && self.choices.take_away(&placed, &key) {
            return Ok(Vec::new());
        }
        if placed.is_group() {
            self.choices.learn(&placed, &key)?;
        }
        self.inside(&placed, false, is_late)
    }

    fn header(&self, placed: &mut Placed) -> Result<(), Error> {
        if placed.is_missing() || placed.name().is_none() {
            return Ok(());
        }
        if let Some(config) = self.search.config(&placed.path())? {
            placed.set_header(config.package.as_deref(), self.search.is_old);
        }
        Ok(())
    }

    fn above_path(&self) -> &str {
        self.above.last().map_or("", String::as_str)
    }

    /// Follows the defaults list of a configuration.
    fn inside(
        &mut self,
        placed: &Placed,
        is_primary: bool,
        is_late: bool,
    ) -> Result<Vec<Step>, Error> {
        if placed.name().is_none() {
            return Ok(Vec::new());
        }
        let path = placed.path();
        if path.ends_with(Value::MISSING) {
            return Err(self.missing(placed));
        }
        let Some(config) = self.search.config(&path)? else {
            if placed.entry.is_optional {
                return Ok(Vec::new());
            }
            return Err(Error::not_found(placed, self.above_path(), self.search));
        };
        let mut list = config.defaults.clone();
        let appended = if is_primary {
            std::mem::take(&mut self.choices.appended)
        } else {
            Vec::new()
        };
        if !list.is_empty() || !appended.is_empty() {
            let own = list.iter().filter(|entry| entry.is_self()).count();
            if own > 1 {
                return Err(Error::two_selves(&path, config.file.as_deref()));
            }
            let has_others = list.iter().any(|entry| !entry.is_override);
            if (own == 0 && has_others) || list.is_empty() {
                list.push(Entry::own());
            }
        }
        list.extend(appended);
        if self.above.len() > DEPTH {
            return Err(Error::circle(&self.above, &path));
        }
        self.above.push(path);
        let steps = self.list(placed, list, is_late);
        self.above.pop();
        let steps = steps?;
        let has_children = config.defaults.iter().any(|entry| !entry.is_override);
        if steps.is_empty() && !has_children {
            let step = self.step(placed, is_primary);
            return Ok(vec![step]);
        }
        let mut steps = steps;
        for step in &mut steps {
            step.is_primary |= is_primary && step.is_self && step.config == placed.path();
        }
        Ok(steps)
    }

    fn step(&self, placed: &Placed, is_primary: bool) -> Step {
        let is_old = self.search.is_old;
        Step {
            config: placed.path(),
            package: placed.package(is_old),
            parent: Some(self.above_path().to_owned()),
            is_self: false,
            is_primary,
            override_key: placed.is_group().then(|| placed.override_key(is_old)),
        }
    }

    fn missing(&self, placed: &Placed) -> Error {
        let key = placed.override_key(self.search.is_old);
        Error::undecided(placed, &key, self.above_path(), self.search)
    }

    /// Follows the lines of one list.
    fn list(
        &mut self,
        parent: &Placed,
        list: Vec<Entry>,
        is_late: bool,
    ) -> Result<Vec<Step>, Error> {
        let is_old = self.search.is_old;
        let base = parent.group();
        let package = parent.package(is_old);
        let mut lines = Vec::with_capacity(list.len());
        for entry in list {
            lines.push(entry.placed(&base, &package));
        }
        self.note_overrides(&mut lines, is_late)?;
        let mut slots = Vec::with_capacity(lines.len());
        for line in lines.into_iter().rev() {
            if line.entry.is_self() {
                slots.push(Slot::Done(vec![self.own(parent)]));
                continue;
            }
            if !line.entry.is_override {
                self.line(line, &base, &package, is_late, &mut slots)?;
            }
        }
        let known = self.known_choices();
        let mut lists = Vec::with_capacity(slots.len());
        for slot in slots {
            lists.push(match slot {
                Slot::Done(steps) => steps,
                Slot::Later(mut placed) => {
                    self.decide(&mut placed, &known)?;
                    self.follow(placed, true)?
                }
            });
        }
        Ok(lists.into_iter().rev().flatten().collect())
    }

    fn own(&self, parent: &Placed) -> Step {
        let grandparent = self.above.iter().rev().nth(1);
        Step {
            is_self: true,
            parent: grandparent.cloned(),
            override_key: None,
            ..self.step(parent, false)
        }
    }

    fn line(
        &mut self,
        mut line: Placed,
        base: &str,
        package: &str,
        is_late: bool,
        slots: &mut Vec<Slot>,
    ) -> Result<(), Error> {
        if line.is_group() {
            let key = line.override_key(self.search.is_old);
            self.choices.apply(&mut line, &key);
        }
        if let Target::Group {
            group,
            option: Choice::Many(names),
        } = &line.entry.target
        {
            for name in names.iter().rev() {
                if name.contains("${") {
                    return Err(Error::interpolated_list(self.above_path(), group, name));
                }
                let path = format!("{group}/{name}");
                let entry = Entry {
                    is_optional: line.entry.is_optional,
                    is_chosen: line.entry.is_chosen,
                    ..Entry::of(Target::Config(path), line.entry.package.clone())
                };
                let steps = self.follow(entry.placed(base, package), is_late)?;
                slots.push(Slot::Done(steps));
            }
        } else if line.entry.is_interpolation() {
            slots.push(Slot::Later(line));
        } else {
            slots.push(Slot::Done(self.follow(line, is_late)?));
        }
        Ok(())
    }

    /// Notes the `override` lines of a list, which must stand at its end.
    fn note_overrides(&mut self, lines: &mut [Placed], is_late: bool) -> Result<(), Error> {
        let is_old = self.search.is_old;
        let mut last: Option<String> = None;
        for line in lines {
            if line.entry.is_self() {
                continue;
            }
            let is_hydra = match &line.entry.target {
                Target::Group { group, .. } => group.starts_with("hydra/"),
                Target::Config(_) => false,
            };
            let is_silent = is_old && is_hydra && !line.entry.is_override;
            let key = line.override_key(is_old);
            if let Some(last) = &last
                && !(line.entry.is_override || line.entry.is_appended || is_silent)
            {
                return Err(Error::override_too_early(self.above_path(), last, &key));
            }
            line.entry.is_override |= is_silent;
            if line.entry.is_override && line.is_group() {
                if !is_silent {
                    last = Some(key.clone());
                }
                if is_late {
                    return Err(Error::late_override(self.above_path(), &key));
                }
                let config = self.above.last().cloned().unwrap_or_default();
                self.choices.override_by(key, &line.entry, &config);
            }
        }
        Ok(())
    }

    /// What interpolations in defaults lists may refer to.
    fn known_choices(&self) -> Value {
        let mut known = Dict::default();
        for (key, option) in &self.choices.known {
            match option {
                Some(option) => known.set(key, option.as_str()),
                None => known.set(key, Value::Null),
            }
        }
        Value::from(known)
    }

    /// Resolves the interpolation of a line.
    fn decide(&self, placed: &mut Placed, known: &Value) -> Result<(), Error> {
        const OWN: &str = "_dummy_";
        let text = match &placed.entry.target {
            Target::Config(_) => placed.path(),
            Target::Group {
                option: Choice::One(name),
                ..
            } => name.clone(),
            Target::Group { .. } => return Ok(()),
        };
        if placed.is_group() && text.starts_with("${defaults.") && !self.search.is_old {
            return Err(Error::old_interpolation(self.above_path(), &text));
        }
        let mut root = known.clone();
        if let Some(root) = root.as_dict_mut() {
            root.set(OWN, text.as_str());
        }
        let found = node::select_resolved(&root, OWN, self.world);
        let refused = |fault: &node::Error| {
            let names = known.as_dict().into_iter().flat_map(Dict::keys);
            let names: Vec<&str> = names.filter_map(node::Key::as_str).collect();
            Error::unresolved_line(self.above_path(), &text, fault, &names)
        };
        match found {
            Ok(Some(Value::Str(chosen))) => {
                match &mut placed.entry.target {
                    Target::Config(path) => *path = chosen.to_string(),
                    Target::Group { option, .. } => *option = Choice::One(chosen.to_string()),
                }
                Ok(())
            }
            Ok(_) => Err(refused(&node::Error::new(
                Class::AssertionError,
                "it is no text",
            ))),
            Err(fault) => Err(refused(&fault)),
        }
    }
}
