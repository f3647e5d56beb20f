//! When may the next request start, and how long does a refused one wait? Pure: the caller passes
//! the time (since a start of its choosing) and the randomness in, and does the waiting.
//!
//! [`Limiter`] bounds the calls in flight and, optionally, the calls started per second;
//! [`backoff`] answers how long to wait after a refusal.

pub mod backoff;
mod limiter;
mod pace;

pub use limiter::{Decision, Limiter};
