//! The fleet member: configuration, wiring, signals, exit codes.
