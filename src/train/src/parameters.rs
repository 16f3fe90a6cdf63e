//! The tensors a model consists of, by the names they have in files. Modules ask a [`Scope`] for their tensors when
//! they are built; saving, loading and training then go over the list.

use std::fmt::Display;

use tch::{Device, Kind, Tensor};

use crate::random::Generator;

/// What becomes of a tensor.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Role {
    /// Trained.
    Trained,
    /// A parameter of the reference that no loss reaches: in files, never changed.
    Idle,
    /// Constant, and in files.
    Buffer,
    /// Part of the state of a run, and not of the model: in checkpoints only.
    State,
}

/// A tensor with its name.
#[derive(Debug)]
pub struct Parameter {
    /// The name in files.
    pub name: String,
    /// The tensor, the very one that the modules compute with.
    pub tensor: Tensor,
    /// What becomes of it.
    pub role: Role,
}

/// How a tensor begins.
#[derive(Clone, Copy, Debug)]
pub enum Start {
    /// All the same.
    Constant(f64),
    /// Normal numbers.
    Normal,
    /// Evenly spread over [-bound, bound).
    Spread(f64),
}

/// All tensors of a model.
#[derive(Debug)]
pub struct Parameters {
    device: Device,
    list: Vec<Parameter>,
    aliases: Vec<(String, String)>,
}

/// The place in a model that a module is built at.
#[derive(Debug)]
pub struct Scope<'a> {
    parameters: &'a mut Parameters,
    generator: &'a mut Generator,
    path: String,
}

impl Parameters {
    /// Starts an empty list of tensors of a device.
    #[must_use]
    pub fn new(device: Device) -> Self {
        Self {
            device,
            list: Vec::new(),
            aliases: Vec::new(),
        }
    }

    /// The place of the outermost module; tensors begin with what the generator gives.
    pub fn root<'a>(&'a mut self, generator: &'a mut Generator) -> Scope<'a> {
        Scope {
            parameters: self,
            generator,
            path: String::new(),
        }
    }

    /// Says that all tensors below one path are also known below another.
    pub fn alias(&mut self, path: &str, other: &str) {
        self.aliases.push((path.to_owned(), other.to_owned()));
    }

    /// The tensors, in the order they were asked for.
    pub fn iter(&self) -> impl Iterator<Item = &Parameter> {
        self.list.iter()
    }

    /// The tensors that are trained.
    pub fn trained(&self) -> impl Iterator<Item = &Parameter> {
        self.iter()
            .filter(|parameter| parameter.role == Role::Trained)
    }

    /// The tensor of that name.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&Tensor> {
        self.iter()
            .find(|parameter| parameter.name == name)
            .map(|parameter| &parameter.tensor)
    }

    /// How many numbers are parameters of the model.
    #[must_use]
    pub fn count(&self) -> usize {
        self.iter()
            .filter(|parameter| matches!(parameter.role, Role::Trained | Role::Idle))
            .map(|parameter| parameter.tensor.numel())
            .sum()
    }

    /// What a file of the model has: every name with its tensor, aliases too.
    #[must_use]
    pub fn named(&self) -> Vec<(String, Tensor)> {
        let mut named = Vec::new();
        for parameter in self.iter().filter(|one| one.role != Role::State) {
            named.push((parameter.name.clone(), parameter.tensor.shallow_clone()));
            for (path, other) in &self.aliases {
                if let Some(rest) = parameter.name.strip_prefix(path.as_str()) {
                    named.push((format!("{other}{rest}"), parameter.tensor.shallow_clone()));
                }
            }
        }
        named
    }

    /// What a checkpoint has besides: the state of the run.
    #[must_use]
    pub fn state(&self) -> Vec<(String, Tensor)> {
        self.iter()
            .filter(|parameter| parameter.role == Role::State)
            .map(|parameter| (parameter.name.clone(), parameter.tensor.shallow_clone()))
            .collect()
    }
}

impl Scope<'_> {
    /// The place of a module inside this one.
    pub fn enter(&mut self, name: impl Display) -> Scope<'_> {
        let path = self.name(name);
        Scope {
            parameters: self.parameters,
            generator: self.generator,
            path,
        }
    }

    /// Makes a tensor that is trained.
    pub fn trained(&mut self, name: &str, shape: &[i64], start: Start) -> Tensor {
        self.add(name, shape, start, Role::Trained)
    }

    /// Makes a parameter that no loss reaches.
    pub fn idle(&mut self, name: &str, shape: &[i64], start: Start) -> Tensor {
        self.add(name, shape, start, Role::Idle)
    }

    /// Makes a constant tensor.
    pub fn buffer(&mut self, name: &str, shape: &[i64], start: Start) -> Tensor {
        self.add(name, shape, start, Role::Buffer)
    }

    /// Makes whole numbers that begin with 0 and are part of the run's state.
    pub fn counters(&mut self, name: &str, count: i64) -> Tensor {
        let tensor = Tensor::zeros([count], (Kind::Int64, self.parameters.device));
        self.list(name, tensor, Role::State)
    }

    /// Brings a tensor that is computed, and in no file, to the model's device.
    pub fn constant(&self, tensor: &Tensor) -> Tensor {
        tensor.to_device(self.parameters.device)
    }

    fn add(&mut self, name: &str, shape: &[i64], start: Start, role: Role) -> Tensor {
        let count = usize::try_from(shape.iter().product::<i64>()).unwrap_or(0);
        let tensor = match start {
            Start::Constant(value) => Tensor::full(shape, value, (Kind::Float, Device::Cpu)),
            Start::Normal => Tensor::from_slice(&self.generator.normal(count)).view(shape),
            Start::Spread(bound) => {
                Tensor::from_slice(&self.generator.spread(count, bound)).view(shape)
            }
        };
        let tensor = tensor
            .to_device(self.parameters.device)
            .set_requires_grad(role == Role::Trained);
        self.list(name, tensor, role)
    }

    fn list(&mut self, name: &str, tensor: Tensor, role: Role) -> Tensor {
        let name = self.name(name);
        let shared = tensor.shallow_clone();
        self.parameters.list.push(Parameter { name, tensor, role });
        shared
    }

    fn name(&self, name: impl Display) -> String {
        if self.path.is_empty() {
            name.to_string()
        } else {
            format!("{}.{name}", self.path)
        }
    }
}
