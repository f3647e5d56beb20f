//! What people and machines see of a running worker: logs, metrics, traces and the admin endpoint.
//!
//! Knows no other crate of this workspace: the rooms that have something to tell hand over
//! plain words and numbers. Every metric and every log format is declared here, once.

pub mod admin;
pub mod error_chain;
pub mod health;
pub mod logs;
pub mod metrics;
pub mod traces;

pub use admin::{AdminError, AdminServer};
pub use error_chain::{ErrorChain, error_chain};
pub use health::{Health, Report};
pub use logs::{LogFormat, LogTarget, LogsError};
pub use metrics::{BuildInfo, Metrics};
pub use traces::{Traces, TracesError};
