//! The one integration binary; each module is a suite.

mod conformance;
mod fuzz;
mod localstack;
mod sdk;
mod world;
