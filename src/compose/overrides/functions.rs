//! The functions of the override language: casts, sweeps, and what changes sweeps.

use std::collections::BTreeSet;

use super::element::{Element, Glob};
use super::sweep::{Choice, Interval, Number, Range, Sweep};
use super::{cast, compare};

/// The names, as Hydra lists them.
const NAMES: [&str; 11] = [
    "bool", "choice", "float", "glob", "int", "interval", "range", "shuffle", "sort", "str", "tag",
];

/// A call, before it is done.
pub(super) struct Call<'a> {
    pub(super) name: &'a str,
    pub(super) arguments: Vec<Element>,
    pub(super) named: Vec<(&'a str, Element)>,
}

/// Why a call is refused.
pub(super) struct Fault {
    pub(super) message: String,
    pub(super) hint: Option<String>,
}

impl<T: Into<String>> From<T> for Fault {
    fn from(message: T) -> Self {
        Self {
            message: message.into(),
            hint: None,
        }
    }
}

type Answer = Result<Element, Fault>;

impl<'a> Call<'a> {
    pub(super) fn name_argument(&mut self, name: &'a str, value: Element) {
        match self.named.iter_mut().find(|(known, _)| *known == name) {
            Some((_, known)) => *known = value,
            None => self.named.push((name, value)),
        }
    }

    /// Takes the argument of that name.
    fn take(&mut self, name: &str) -> Option<Element> {
        let index = self.named.iter().position(|(known, _)| *known == name)?;
        Some(self.named.remove(index).1)
    }

    /// Arguments by position or name, `required` of which must be there.
    fn bind<const N: usize>(
        &mut self,
        names: [&str; N],
        required: usize,
    ) -> Result<[Option<Element>; N], Fault> {
        let mut given = std::mem::take(&mut self.arguments).into_iter();
        let mut bound = names.map(|_| None);
        for (index, (slot, name)) in bound.iter_mut().zip(names).enumerate() {
            let by_name = self.take(name);
            *slot = match (given.next(), by_name) {
                (Some(_), Some(_)) => {
                    return Err(format!("{}() is given `{name}` twice", self.name).into());
                }
                (one, other) => one.or(other),
            };
            if slot.is_none() && index < required {
                return Err(format!("{}() needs `{name}`", self.name).into());
            }
        }
        if given.next().is_some() {
            return Err(format!("{}() takes at most {N} values", self.name).into());
        }
        self.no_more_names()?;
        Ok(bound)
    }

    fn no_more_names(&self) -> Result<(), Fault> {
        match self.named.first() {
            Some((name, _)) => Err(format!("{}() knows no argument `{name}`", self.name).into()),
            None => Ok(()),
        }
    }

    fn mismatch(&self, element: &Element) -> Fault {
        format!("{}() cannot use {}", self.name, element.type_name()).into()
    }
}

/// Does what a call says.
pub(super) fn evaluate(mut call: Call<'_>) -> Answer {
    let bare = |element| match element {
        Element::Quoted(quoted) => Element::Text(quoted.text),
        other => other,
    };
    call.arguments = call.arguments.into_iter().map(bare).collect();
    let named = call.named.into_iter();
    call.named = named.map(|(name, value)| (name, bare(value))).collect();
    match call.name {
        "int" => cast(call, cast::Target::Int),
        "float" => cast(call, cast::Target::Float),
        "str" => cast(call, cast::Target::Text),
        "bool" => cast(call, cast::Target::Bool),
        "choice" => choice(call),
        "range" => range(call),
        "interval" => interval(call),
        "glob" => glob(call),
        "tag" => tag(call),
        "sort" => sort(call),
        "shuffle" => shuffle(call),
        name => Err(Fault {
            message: format!("there is no function `{name}`"),
            hint: Some(format!(
                "the functions are {}; a text with brackets is quoted",
                NAMES.join(", ")
            )),
        }),
    }
}

fn cast(mut call: Call<'_>, target: cast::Target) -> Answer {
    let named = call.take("value");
    call.no_more_names()?;
    let all = call.arguments.iter().chain(&named);
    if let Some(other) = all.clone().find(|one| matches!(one, Element::Glob(_))) {
        return Err(call.mismatch(other));
    }
    let named = named.filter(|value| !matches!(value, Element::Null));
    if named.is_some() && !call.arguments.is_empty() {
        return Err(format!("{}() takes `value` or values, not both", call.name).into());
    }
    let value = match named {
        Some(value) => value,
        None if call.arguments.len() == 1 => call.arguments.pop().unwrap_or(Element::Null),
        None if call.arguments.is_empty() => {
            return Err(format!("{}() needs a value", call.name).into());
        }
        None => simple_choice(call)?,
    };
    cast::cast(value, target).map_err(Fault::from)
}

/// `a,b,c`, as one value.
fn simple_choice(call: Call<'_>) -> Answer {
    let is_several = |one: &&Element| matches!(one, Element::Sweep(_) | Element::Glob(_));
    if let Some(other) = call.arguments.iter().find(is_several) {
        return Err(call.mismatch(other));
    }
    Ok(chosen(Choice {
        values: call.arguments,
        is_simple: true,
        ..Choice::default()
    }))
}

fn chosen(choice: Choice) -> Element {
    Element::Sweep(Box::new(Sweep::Choice(choice)))
}

fn choice(mut call: Call<'_>) -> Answer {
    call.no_more_names()?;
    let is_good = |one: &Element| is_plain(one) || is_choice(one);
    if let Some(other) = call.arguments.iter().find(|one| !is_good(one)) {
        return Err(call.mismatch(other));
    }
    if call.arguments.is_empty() {
        return Err("choice() needs a value".into());
    }
    if let [Element::Sweep(_)] = call.arguments.as_slice()
        && let Some(Element::Sweep(mut sweep)) = call.arguments.pop()
    {
        if let Sweep::Choice(choice) = sweep.as_mut() {
            if !choice.is_simple {
                return Err("a choice() inside a choice() is no value".into());
            }
            choice.is_simple = false;
        }
        return Ok(Element::Sweep(sweep));
    }
    Ok(chosen(Choice {
        values: call.arguments,
        ..Choice::default()
    }))
}

fn number(call: &Call<'_>, element: &Element) -> Result<Number, Fault> {
    Number::of(element).ok_or_else(|| call.mismatch(element))
}

fn range(mut call: Call<'_>) -> Answer {
    let [start, stop, step] = call.bind(["start", "stop", "step"], 1)?;
    let mut start = number(&call, &start.unwrap_or(Element::Null))?;
    let stop = match stop {
        None | Some(Element::Null) => std::mem::replace(&mut start, Number::Int(0)),
        Some(stop) => number(&call, &stop)?,
    };
    let step = number(&call, &step.unwrap_or(Element::Int(1)))?;
    Ok(Element::Sweep(Box::new(Sweep::Range(Range {
        start,
        stop,
        step,
        tags: BTreeSet::new(),
        is_shuffled: false,
    }))))
}

fn interval(mut call: Call<'_>) -> Answer {
    let [start, end] = call.bind(["start", "end"], 2)?;
    let bound = |element: Option<Element>| {
        let number = number(&call, &element.unwrap_or(Element::Null))?;
        Ok::<_, Fault>(Element::Float(number.float()))
    };
    Ok(Element::Sweep(Box::new(Sweep::Interval(Interval {
        start: bound(start)?,
        end: bound(end)?,
        tags: BTreeSet::new(),
    }))))
}

fn glob(mut call: Call<'_>) -> Answer {
    let [include, exclude] = call.bind(["include", "exclude"], 1)?;
    let patterns = |element: Option<Element>| match element {
        Some(Element::List(patterns)) => Ok(patterns),
        Some(text @ Element::Text(_)) => Ok(vec![text]),
        Some(other) => Err(call.mismatch(&other)),
        None => Ok(Vec::new()),
    };
    let exclude = exclude.filter(|element| !matches!(element, Element::Null));
    Ok(Element::Glob(Glob {
        include: patterns(include)?,
        exclude: patterns(exclude)?,
    }))
}

fn tag(mut call: Call<'_>) -> Answer {
    let named = call.take("sweep");
    call.no_more_names()?;
    let is_good = |one: &Element| matches!(one, Element::Text(_) | Element::Sweep(_));
    if let Some(other) = call.arguments.iter().find(|one| !is_good(one)) {
        return Err(call.mismatch(other));
    }
    if call.arguments.is_empty() {
        return Err("tag() needs a sweep".into());
    }
    match named {
        None | Some(Element::Null) => {}
        Some(sweep @ Element::Sweep(_)) => call.arguments.push(sweep),
        Some(other) => return Err(call.mismatch(&other)),
    }
    let Some(Element::Sweep(mut sweep)) = call.arguments.pop() else {
        return Err("the last argument of tag() must be a sweep".into());
    };
    let mut tags = BTreeSet::new();
    for tag in call.arguments {
        let Element::Text(tag) = tag else {
            return Err("a tag must be a text".into());
        };
        tags.insert(tag);
    }
    *sweep.tags_mut() = tags;
    Ok(Element::Sweep(sweep))
}

/// `list=` or `sweep=` in place of the values.
fn instead(call: &mut Call<'_>) -> Result<Option<Element>, Fault> {
    let (sweep, list) = (call.take("sweep"), call.take("list"));
    call.no_more_names()?;
    let is_good = |one: &Element| is_plain(one) || is_choice(one) || is_range(one);
    if let Some(other) = call.arguments.iter().find(|one| !is_good(one)) {
        return Err(call.mismatch(other));
    }
    let list = list.filter(|list| !matches!(list, Element::Null));
    let sweep = sweep.filter(|sweep| !matches!(sweep, Element::Null));
    if let Some(other) = list.iter().find(|list| !matches!(list, Element::List(_))) {
        return Err(call.mismatch(other));
    }
    let is_discrete = |one: &&Element| is_choice(one) || is_range(one);
    if let Some(other) = sweep.iter().find(|one| !is_discrete(one)) {
        return Err(call.mismatch(other));
    }
    Ok(list.or(sweep))
}

fn sort(mut call: Call<'_>) -> Answer {
    let is_downwards = match call.take("reverse") {
        None => false,
        Some(Element::Bool(is_downwards)) => is_downwards,
        Some(other) => return Err(call.mismatch(&other)),
    };
    if let Some(one) = instead(&mut call)? {
        call.arguments = vec![one];
    }
    let is_single = call.arguments.len() == 1;
    match (call.arguments.pop(), is_single) {
        (None, _) => Err("sort() needs a value".into()),
        (Some(Element::List(items)), true) => sorted(items, is_downwards).map(Element::List),
        (Some(Element::Sweep(sweep)), true) => {
            let sweep = match *sweep {
                Sweep::Choice(mut choice) => {
                    choice.values = sorted(choice.values, is_downwards)?;
                    Sweep::Choice(choice)
                }
                Sweep::Range(range) => Sweep::Range(range.sorted(is_downwards)),
                interval @ Sweep::Interval(_) => interval,
            };
            Ok(Element::Sweep(Box::new(sweep)))
        }
        (Some(one), true) => Ok(one),
        (Some(last), false) => {
            call.arguments.push(last);
            if let Some(other) = call.arguments.iter().find(|one| !is_primitive(one)) {
                return Err(call.mismatch(other));
            }
            Ok(chosen(Choice {
                values: sorted(call.arguments, is_downwards)?,
                is_simple: true,
                ..Choice::default()
            }))
        }
    }
}

fn sorted(mut items: Vec<Element>, is_downwards: bool) -> Result<Vec<Element>, Fault> {
    let mut odd = None;
    items.sort_by(|a, b| {
        let order = if is_downwards {
            compare::order(b, a)
        } else {
            compare::order(a, b)
        };
        order.unwrap_or_else(|| {
            odd = Some((a.type_name(), b.type_name()));
            std::cmp::Ordering::Equal
        })
    });
    match odd {
        Some((a, b)) => Err(format!("sort() cannot compare {a} with {b}").into()),
        None => Ok(items),
    }
}

fn shuffle(mut call: Call<'_>) -> Answer {
    if let Some(one) = instead(&mut call)? {
        call.arguments = vec![one];
    }
    if call.arguments.len() != 1 {
        let Element::Sweep(mut sweep) = simple_choice(call)? else {
            return Err("shuffle() needs values".into());
        };
        if let Sweep::Choice(choice) = sweep.as_mut() {
            choice.is_shuffled = true;
        }
        return Ok(Element::Sweep(sweep));
    }
    match call.arguments.pop() {
        Some(Element::Sweep(mut sweep)) => {
            match sweep.as_mut() {
                Sweep::Choice(choice) => choice.is_shuffled = true,
                Sweep::Range(range) => range.is_shuffled = true,
                Sweep::Interval(_) => {}
            }
            Ok(Element::Sweep(sweep))
        }
        Some(Element::List(items)) if items.len() > 1 => Err(Fault {
            message: "a list in random order would be another one each time it is read".to_owned(),
            hint: Some("write the list in the order that is meant".to_owned()),
        }),
        Some(list @ Element::List(_)) => Ok(list),
        Some(one) => Ok(Element::List(vec![one])),
        None => Err("shuffle() needs values".into()),
    }
}

fn is_primitive(one: &Element) -> bool {
    matches!(
        one,
        Element::Text(_) | Element::Int(_) | Element::Big(_) | Element::Float(_) | Element::Bool(_)
    )
}

fn is_plain(one: &Element) -> bool {
    is_primitive(one) || matches!(one, Element::List(_) | Element::Dict(_))
}

fn is_choice(one: &Element) -> bool {
    matches!(one, Element::Sweep(sweep) if matches!(**sweep, Sweep::Choice(_)))
}

fn is_range(one: &Element) -> bool {
    matches!(one, Element::Sweep(sweep) if matches!(**sweep, Sweep::Range(_)))
}
