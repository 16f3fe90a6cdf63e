//! Configurations that are accepted, and those that are refused.
