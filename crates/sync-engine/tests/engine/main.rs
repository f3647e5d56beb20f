//! One member of the fleet against the ports in memory, on paused time.

mod log_lines;
mod looking;
mod world;

mod acknowledging;
mod bounds;
mod braking;
mod conformance;
mod converging;
mod deleting;
mod draining;
mod leasing;
mod pausing;
mod poison;
mod skipping;
mod throttling;
