//! The emulator as AWS's own SDK and plain HTTP see it.
//!
//! The pure state machines have their tests beside them; here the protocols are proven.

#![expect(clippy::unwrap_used, reason = "a step that fails fails its test")]

mod binary;
mod conditions;
mod control;
mod dead_letters;
mod listings;
mod messages;
mod notifications;
mod objects;
mod queues;
mod recorded;
mod support;
mod uploads;
mod versions;
