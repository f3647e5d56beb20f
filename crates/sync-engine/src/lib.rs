//! The ports and everything that happens between receive and settle. No AWS, no HTTP; tokio only.
//!
//! In reading order: [`ports`] are the doors; `engine` is one running member and its drain;
//! `poll` takes messages in; `handler` is one message from body to settlement; `lanes` coalesce
//! the hints for one asset; `reconcile` makes an asset right and proves it; [`settle`] decides
//! what becomes of a message; `outbox` carries that out; `leases` keep messages ours meanwhile.
//! Two things hold all of it back: `pause`, when what is refused is refused to us (`rights` tells
//! by the evidence), and the `brake` on mass deletes.

pub mod ports;

mod batch;
mod brake;
mod context;
mod engine;
mod error_chain;
mod handler;
mod lanes;
mod leases;
mod observation;
mod outbox;
mod outcome;
mod pause;
mod poll;
mod reconcile;
mod retries;
mod rights;
mod settings;
mod settle;
mod slots;
mod spans;
mod stop;
mod tasks;
#[cfg(feature = "testkit")]
pub mod testkit;

pub use engine::Engine;
pub use observation::{Observation, Observer, PauseReason, Poll, RerunCause};
pub use outcome::{Hold, Outcome, Rejection, Skip};
pub use settings::{Settings, Transfer, UploadOptions};
pub use settle::{Settlement, settle};
pub use stop::StopReport;
