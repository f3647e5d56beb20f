//! `targets::cloudinary_url` under libFuzzer.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| targets::cloudinary_url::run(input));
