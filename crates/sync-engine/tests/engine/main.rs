//! One member of the fleet against the ports in memory, on paused time.

mod world;

mod acknowledging;
mod bounds;
mod conformance;
mod converging;
mod deleting;
mod draining;
mod leasing;
mod pausing;
mod poison;
mod skipping;
mod throttling;
