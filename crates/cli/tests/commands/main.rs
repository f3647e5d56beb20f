//! The `cldsync` binary as scripts and people use it: arguments, input, output, exit codes.

mod check_config;
mod demo;
mod doctor;
mod explain;
mod program;
mod sign;
mod usage;
