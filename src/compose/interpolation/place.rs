//! A value together with the way to it: what an interpolation is resolved from.

use std::rc::Rc;

use crate::compose::node::{Key, Value};

/// A value and the containers it lies in, up to the root. Cheap to copy.
#[derive(Clone, Debug)]
pub(crate) struct Place(Rc<Spot>);

#[derive(Debug)]
struct Spot {
    value: Value,
    up: Option<(Place, Key)>,
    /// Which resolver call made the value; 0 where it stands in the configuration itself.
    made: u32,
}

impl Place {
    /// The root of a configuration.
    pub(crate) fn root(value: &Value) -> Self {
        Self(Rc::new(Spot {
            value: value.clone(),
            up: None,
            made: 0,
        }))
    }

    /// What lies at a path of keys.
    pub(crate) fn at(root: &Value, path: &[Key]) -> Option<Self> {
        path.iter()
            .try_fold(Self::root(root), |place, key| place.child(key))
    }

    /// A value that a resolver made, as if it stood under `key` of this place.
    pub(super) fn made(&self, key: &Key, value: Value, made: u32) -> Self {
        Self(Rc::new(Spot {
            value,
            up: Some((self.clone(), key.clone())),
            made,
        }))
    }

    /// The child under `key`.
    pub(super) fn child(&self, key: &Key) -> Option<Self> {
        self.value().child(key).map(|value| self.with(key, value))
    }

    /// The child under `key`, whose value is known.
    pub(super) fn with(&self, key: &Key, value: &Value) -> Self {
        let up = Some((self.clone(), key.clone()));
        Self(Rc::new(Spot {
            value: value.clone(),
            up,
            made: 0,
        }))
    }

    /// The value itself.
    pub(crate) fn value(&self) -> &Value {
        &self.0.value
    }

    /// The container it lies in, and the key there.
    pub(super) fn up(&self) -> Option<&(Self, Key)> {
        self.0.up.as_ref()
    }

    /// The root it lies in.
    pub(super) fn top(&self) -> Self {
        let mut place = self;
        while let Some((parent, _)) = place.up() {
            place = parent;
        }
        place.clone()
    }

    /// Whether the two are one and the same place.
    pub(super) fn is(&self, other: &Self) -> bool {
        let (mut one, mut two) = (self, other);
        loop {
            if Rc::ptr_eq(&one.0, &two.0) {
                return true;
            }
            if one.0.made != two.0.made {
                return false;
            }
            match (one.up(), two.up()) {
                (None, None) => return true,
                (Some((above, key)), Some((other_above, other_key))) if key == other_key => {
                    (one, two) = (above, other_above);
                }
                _ => return false,
            }
        }
    }

    /// Whether `other` is this place or one of the containers it lies in.
    pub(super) fn lies_in(&self, other: &Self) -> bool {
        let mut place = self;
        loop {
            if place.is(other) {
                return true;
            }
            match place.up() {
                Some((parent, _)) => place = parent,
                None => return false,
            }
        }
    }

    /// The dotted key, as users write it.
    pub(crate) fn full_key(&self) -> String {
        let mut path = Vec::new();
        let mut place = self;
        while let Some((parent, key)) = place.up() {
            path.push(key.clone());
            place = parent;
        }
        path.reverse();
        crate::compose::node::full_key(place.value(), &path)
    }
}
