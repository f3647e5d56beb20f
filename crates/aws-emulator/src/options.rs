//! What can be chosen when an emulator starts, by the library's caller or on the command line.

use std::net::{Ipv4Addr, SocketAddr};

/// Settings of one emulator. Everything it stores is bounded by these.
#[derive(Debug, Clone, clap::Parser)]
#[command(
    name = "aws-emulator",
    version,
    about = "S3 and SQS on one port, in memory, for demos and tests"
)]
pub struct Options {
    /// Address to listen on; port 0 takes a free one.
    #[arg(long, env = "AWS_EMULATOR_LISTEN", default_value = "127.0.0.1:9401")]
    pub listen: SocketAddr,

    /// Region that ARNs and notifications name.
    #[arg(long, env = "AWS_EMULATOR_REGION", default_value = "us-east-1")]
    pub region: String,

    /// Bytes that all objects and unfinished uploads together may take.
    #[arg(long, env = "AWS_EMULATOR_MAX_BYTES", default_value_t = DEFAULT_MAX_BYTES)]
    pub max_bytes: u64,

    /// Bytes that one object may take.
    #[arg(long, env = "AWS_EMULATOR_MAX_OBJECT_BYTES", default_value_t = DEFAULT_MAX_OBJECT_BYTES)]
    pub max_object_bytes: u64,

    /// Messages that one queue may hold.
    #[arg(long, env = "AWS_EMULATOR_MAX_QUEUE_MESSAGES", default_value_t = DEFAULT_MAX_QUEUE_MESSAGES)]
    pub max_queue_messages: usize,
}

const DEFAULT_MAX_BYTES: u64 = 2 << 30;
const DEFAULT_MAX_OBJECT_BYTES: u64 = 512 << 20;
const DEFAULT_MAX_QUEUE_MESSAGES: usize = 2_000_000;

impl Default for Options {
    /// A free loopback port and the default bounds.
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            region: "us-east-1".to_owned(),
            max_bytes: DEFAULT_MAX_BYTES,
            max_object_bytes: DEFAULT_MAX_OBJECT_BYTES,
            max_queue_messages: DEFAULT_MAX_QUEUE_MESSAGES,
        }
    }
}
