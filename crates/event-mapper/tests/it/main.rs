//! What the crate promises, tried from outside.

mod corpus;
mod envelopes;
mod explaining;
mod mapping;
mod records;
mod robustness;
mod routes;
mod siblings;
mod support;
