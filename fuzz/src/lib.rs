//! Everything that reads what strangers write, fed with any bytes, and what it promises then.
//!
//! A target is a function of bytes that panics when a promise is broken. libFuzzer calls it from
//! `fuzz_targets/`; the fleet tests include this file and call it with a compiler that everybody
//! has. Targets keep nothing between two inputs that could change what the second one does.

pub mod admin;
mod answer;
pub mod cloudinary_url;
pub mod decode;
pub mod explain;
pub mod headers;
pub mod map;
mod policy;
pub mod response;

/// Something to feed.
#[derive(Clone, Copy)]
pub struct Target {
    /// Its corpus, its dictionary and its libFuzzer binary have this name too.
    pub name: &'static str,
    /// Takes one input. A panic is a finding.
    pub run: fn(&[u8]),
}

/// All of them, by name.
pub const TARGETS: [Target; 7] = [
    target("admin", admin::run),
    target("cloudinary_url", cloudinary_url::run),
    target("decode", decode::run),
    target("explain", explain::run),
    target("headers", headers::run),
    target("map", map::run),
    target("response", response::run),
];

const fn target(name: &'static str, run: fn(&[u8])) -> Target {
    Target { name, run }
}
