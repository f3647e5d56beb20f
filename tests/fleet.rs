//! The one integration binary; each module is a suite.

mod chaos;
mod conformance;
mod deploy;
mod doctor;
mod fuzz;
mod localstack;
mod poison;
mod programs;
mod rates;
mod sdk;
mod secrets;
mod simulation;
mod tracing;
mod world;
