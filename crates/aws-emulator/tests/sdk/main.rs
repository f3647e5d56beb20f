//! The emulator as AWS's own SDK and plain HTTP see it.
//!
//! The pure state machines have their tests beside them; here the protocols are proven.

mod binary;
mod control;
mod notifications;
mod objects;
mod queues;
mod support;
mod uploads;
mod versions;
