//! The fleet member: configuration, wiring, signals, exit codes.
//!
//! The binary `cldsync-worker` is thin over this library; so are `cldsync demo` and
//! `cldsync check-config`, which resolve the same configuration and run the same worker.
//! In reading order: [`config`] says what is wanted, [`run()`] wires the rooms together,
//! `preflight` looks before the first message is taken, `library` and `store` are the
//! engine's doors with their counters, `observe` turns its facts into metrics and health, and
//! `depth` asks the queues how full they are. `task_protection` keeps ECS from ending the task
//! while a long upload runs.

mod admin_quota;
mod call_span;
pub mod command_line;
pub mod config;
mod depth;
pub mod exit_code;
pub mod healthcheck;
mod library;
mod observe;
mod preflight;
mod probe;
mod run;
mod signals;
mod store;
mod task_protection;

pub use aws_adapters::EndpointOverride;
pub use config::{Config, ConfigErrors, Environment, Flags};
pub use exit_code::ExitCode;
pub use probe::ProbeResult;
pub use run::{RunError, Worker, run};
pub use signals::Signals;
