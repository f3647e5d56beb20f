//! The fleet member: configuration, wiring, signals, exit codes.
//!
//! The binary `cldsync-worker` is thin over this library; so are `cldsync demo` and
//! `cldsync check-config`, which resolve the same configuration and run the same worker.

pub mod config;
pub mod exit_code;

pub use config::{Config, ConfigErrors, Environment, Flags};
pub use exit_code::ExitCode;
