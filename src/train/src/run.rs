//! A training run: what it is told, its loop, what it writes into its run directory.
