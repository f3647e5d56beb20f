//! The one integration binary; each module is a suite.

mod chaos;
mod conformance;
mod deploy;
mod fuzz;
mod localstack;
mod poison;
mod programs;
mod sdk;
mod secrets;
mod simulation;
mod world;
