//! The override language: tables of texts and what they mean, and laws that hold for any text.

mod properties;
mod sweeps;
mod texts;
