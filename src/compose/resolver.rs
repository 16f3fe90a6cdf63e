//! What interpolations may ask of the world, and the resolvers `oc.*`, `now` and `hydra`.

use jiff::civil::DateTime;

use super::interpolation::{Found, Place, Walk, validate};
use super::node::{Class, Error, Key, Value, display};
use super::yaml;

mod time;

/// A resolver that somebody else provides: its name and arguments in, a value out; `None` where
/// there is no such resolver.
pub type Custom<'a> = dyn Fn(&str, &[Value]) -> Option<Result<Value, String>> + 'a;

/// The facts that interpolations see. Nothing here is fetched by the resolvers themselves, so
/// the same world always gives the same configuration.
#[derive(Clone, Copy)]
pub struct World<'a> {
    /// The value of an environment variable.
    pub env: &'a dyn Fn(&str) -> Option<String>,
    /// The time of the composition, one for all of it.
    pub now: DateTime,
    /// The whole configuration with Hydra's own node under `hydra`, once it is known.
    pub hydra: Option<&'a Value>,
    /// Further resolvers.
    pub custom: Option<&'a Custom<'a>>,
}

/// One call of a resolver.
pub(super) struct Call<'c> {
    /// The resolver's name.
    pub(super) name: &'c str,
    /// Its arguments.
    pub(super) arguments: &'c [Found],
    /// The container that the interpolation stands in.
    pub(super) parent: &'c Place,
    /// The key that the interpolation stands under.
    pub(super) key: &'c Key,
}

/// What the resolver answers.
pub(super) fn answer(walk: &mut Walk<'_>, call: &Call<'_>) -> Result<Found, Error> {
    if let Some(custom) = walk.world.custom {
        let arguments: Vec<Value> = call
            .arguments
            .iter()
            .map(|found| found.value().clone())
            .collect();
        if let Some(answered) = custom(call.name, &arguments) {
            let refused = |message| Error::new(Class::InterpolationResolutionError, message);
            let value = answered.map_err(refused)?;
            // An argument handed back is still the node that it was.
            let same = call
                .arguments
                .iter()
                .find(|found| found.value().is_same(&value));
            return Ok(same.cloned().unwrap_or(Found::Plain(value)));
        }
    }
    match call.name {
        "oc.env" => env(walk, call),
        "oc.select" => select(walk, call),
        "oc.decode" => decode(walk, call),
        "oc.create" => create(walk, call),
        "oc.deprecated" => deprecated(walk, call),
        "oc.dict.keys" => keys(walk, call),
        "oc.dict.values" => values(walk, call),
        "now" => {
            let pattern = call.text(0)?;
            call.at_most(1)?;
            Ok(Found::Plain(Value::from(time::format(
                walk.world.now,
                pattern,
            ))))
        }
        "hydra" => hydra(walk, call),
        name => {
            let message = format!("there is no resolver `{name}`");
            Err(Error::new(Class::UnsupportedInterpolationType, message))
        }
    }
}

impl Call<'_> {
    fn refuse(&self, what: &str) -> Error {
        Error::new(Class::TypeError, format!("`{}` {what}", self.name))
    }

    fn value(&self, index: usize) -> Result<&Value, Error> {
        match self.arguments.get(index) {
            Some(found) => Ok(found.value()),
            None => Err(self.refuse("is given too few arguments")),
        }
    }

    fn text(&self, index: usize) -> Result<&str, Error> {
        let value = self.value(index)?;
        value
            .as_str()
            .ok_or_else(|| self.refuse(&format!("takes text, not `{}`", display(value))))
    }

    fn at_most(&self, count: usize) -> Result<(), Error> {
        if self.arguments.len() > count {
            return Err(self.refuse("is given too many arguments"));
        }
        Ok(())
    }

    /// What lies at the key that the first argument names, seen from where the call stands.
    fn target(&self, walk: &mut Walk<'_>, refuse_missing: bool) -> Result<Option<Found>, Error> {
        let (start, rest) = Walk::start(self.parent, self.text(0)?)?;
        match walk.select(&start, rest, refuse_missing) {
            Err(error) if error.class() == Class::ConfigTypeError => Ok(None),
            found => found,
        }
    }

    /// The mapping at the key that the first argument names.
    fn dict(&self, walk: &mut Walk<'_>) -> Result<Place, Error> {
        self.at_most(1)?;
        match self.target(walk, true)? {
            Some(Found::Node(place)) if place.value().as_dict().is_some() => Ok(place),
            Some(_) => Err(self.refuse("takes the key of a mapping")),
            None => {
                let message = format!("there is no `{}`", self.text(0)?);
                Err(Error::new(Class::ConfigKeyError, message))
            }
        }
    }
}

fn env(walk: &Walk<'_>, call: &Call<'_>) -> Result<Found, Error> {
    let name = call.text(0)?;
    call.at_most(2)?;
    let value = match (
        (walk.world.env)(name),
        call.arguments.get(1).map(Found::value),
    ) {
        (Some(value), _) => Value::from(value),
        (None, Some(Value::Null)) => Value::Null,
        (None, Some(default)) => Value::from(display(default)),
        (None, None) => {
            let message = format!("the environment variable `{name}` is not set");
            let error = Error::new(Class::InterpolationResolutionError, message);
            return Err(error.hinted(format!("`${{oc.env:{name},DEFAULT}}` gives a default")));
        }
    };
    Ok(Found::Plain(value))
}

fn select(walk: &mut Walk<'_>, call: &Call<'_>) -> Result<Found, Error> {
    call.at_most(2)?;
    let found = call
        .target(walk, false)?
        .filter(|found| !found.value().is_missing());
    Ok(match found {
        Some(Found::Node(place)) if !place.value().is_container() => {
            Found::Plain(place.value().clone())
        }
        Some(found) => found,
        None => call
            .arguments
            .get(1)
            .cloned()
            .unwrap_or(Found::Plain(Value::Null)),
    })
}

fn decode(walk: &mut Walk<'_>, call: &Call<'_>) -> Result<Found, Error> {
    call.at_most(1)?;
    if matches!(call.value(0)?, Value::Null) {
        return Ok(Found::Plain(Value::Null));
    }
    walk.decode(call.text(0)?, call.parent, call.key)
}

fn create(walk: &mut Walk<'_>, call: &Call<'_>) -> Result<Found, Error> {
    call.at_most(1)?;
    let value = match call.value(0)? {
        Value::Str(text) => yaml::create(text)?,
        container @ (Value::List(_) | Value::Dict(_) | Value::Null) => container.clone(),
        other => {
            let message = format!("no configuration can be made of `{}`", display(other));
            return Err(Error::new(Class::ValidationError, message));
        }
    };
    validate(&value)?;
    Ok(walk.make(call.parent, call.key, value))
}

fn deprecated(walk: &mut Walk<'_>, call: &Call<'_>) -> Result<Found, Error> {
    call.at_most(2)?;
    if call.arguments.len() > 1 {
        call.text(1)?;
    }
    call.target(walk, false)?.ok_or_else(|| {
        let message = format!("there is no `{}`", call.text(0).unwrap_or(""));
        Error::new(Class::ConfigKeyError, message)
    })
}

fn keys(walk: &mut Walk<'_>, call: &Call<'_>) -> Result<Found, Error> {
    let place = call.dict(walk)?;
    let names = place
        .value()
        .as_dict()
        .into_iter()
        .flat_map(|dict| dict.keys());
    let names: Vec<Value> = names.map(Key::to_value).collect();
    Ok(walk.make(call.parent, call.key, Value::from(names)))
}

fn values(walk: &mut Walk<'_>, call: &Call<'_>) -> Result<Found, Error> {
    let place = call.dict(walk)?;
    let key = call.text(0)?;
    let dot = if key.starts_with('.') { "." } else { "" };
    let names = place
        .value()
        .as_dict()
        .into_iter()
        .flat_map(|dict| dict.keys());
    let items = names
        .map(|name| Value::from(format!("${{{dot}{key}.{name}}}")))
        .collect::<Vec<_>>();
    let items = Value::from(items);
    validate(&items)?;
    Ok(walk.make(call.parent, call.key, items))
}

fn hydra(walk: &mut Walk<'_>, call: &Call<'_>) -> Result<Found, Error> {
    let path = call.text(0)?;
    call.at_most(1)?;
    let Some(root) = walk.world.hydra else {
        let message = "Hydra's own configuration is not known here";
        return Err(Error::new(Class::ValueError, message));
    };
    let Some(node) = Place::at(root, &[Key::from("hydra")]) else {
        return Ok(Found::Plain(Value::Null));
    };
    match walk.select(&node, path, false) {
        Err(error) if error.class() == Class::ConfigTypeError => Ok(Found::Plain(Value::Null)),
        Ok(Some(found)) if !found.value().is_missing() => Ok(found),
        Ok(_) => Ok(Found::Plain(Value::Null)),
        Err(error) => Err(error),
    }
}
