//! What lies in `deploy/`, read and run by the tools that will read and run it.

mod breakage;
mod checkout;
mod compose;
mod containers;
mod ecs;
mod grafana;
mod kubernetes;
mod prometheus;
mod static_binary;
mod terraform;
