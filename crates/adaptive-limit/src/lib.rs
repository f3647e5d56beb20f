//! When may the next request start, and how long does a refused one wait? Pure: the caller passes
//! the time (since a start of its choosing) and the randomness in, and does the waiting.
//!
//! - [`gate::Gate`]: calls at once, learned for each kind of call from what the service refuses, and
//!   static caps for all of them together.
//! - [`quota::Quota`]: a number of calls per hour that a whole account shares.
//! - [`retry_budget::RetryBudget`]: how much trying again is affordable.
//! - [`backoff::Backoff`]: how long the next try waits.
//!
//! `docs/rate-control.md` explains them to the person on call.

pub mod backoff;
pub mod gate;
pub mod limiter;
mod pace;
pub mod quota;
pub mod retry_budget;
mod service_time;
mod settings;
mod window;

pub use settings::{Settings, Start};
