//! The adapters over real sockets: the ports' conformance against the embedded emulator, and
//! single wire details against a scripted server.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up fails, and says where"
)]

mod conformance;
mod endpoint;
mod scripted;
mod wire_s3;
mod wire_sqs;
