//! `targets::admin` under libFuzzer.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| targets::admin::run(input));
