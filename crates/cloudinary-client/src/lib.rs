//! One authenticated Cloudinary HTTP exchange, classified. Never sleeps, never retries.
//!
//! [`Client`] is the door: it signs at the moment of sending, sends once, reads a bounded answer
//! and gives back what Cloudinary said as `cloudinary-core` types. What a failure means for the
//! queue, how often to try and how fast is decided by those who call.

mod chunks;
mod client;
mod delivery;
mod endpoints;
mod exchange;
mod file_source;
mod form;
mod settings;
mod tls;
mod upload;

pub use client::{Client, Ping};
pub use file_source::{ByteStream, FileSource};
pub use settings::{BuildError, ClientSettings};
pub use tls::client_config as tls_config;
