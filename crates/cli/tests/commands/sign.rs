//! `cldsync sign`.

use crate::program::{Ran, cldsync};

/// The example of Cloudinary's own documentation.
const SAMPLE: &str = r#"{
    "params": {"timestamp": 1315060510, "public_id": "sample_image", "eager": "w_400,h_300,c_pad|w_260,h_200,c_crop"},
    "secret": "abcd", "algorithm": "sha1", "version": 2
}"#;

const SIGNATURE: &str = "bfd09f95f331f558cbd1320e67aa8d488770583e";
const SIGNED: &str =
    "eager=w_400,h_300,c_pad|w_260,h_200,c_crop&public_id=sample_image&timestamp=1315060510";

fn sign(arguments: &[&str], input: &str) -> Ran {
    cldsync(&[&["sign"], arguments].concat()).input(input).run()
}

#[test]
fn the_documented_sample_is_signed_as_documented() {
    let ran = sign(&["--json"], SAMPLE);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(
        ran.stdout,
        format!("{{\n  \"string_to_sign\": \"{SIGNED}\",\n  \"signature\": \"{SIGNATURE}\"\n}}\n")
    );
}

#[test]
fn people_get_two_labelled_lines() {
    let ran = sign(&[], SAMPLE);
    assert_eq!(
        ran.stdout,
        format!("string to sign: {SIGNED}\nsignature:      {SIGNATURE}\n")
    );
}

#[test]
fn algorithm_and_version_have_cloudinary_s_defaults() {
    let input = SAMPLE.replace(r#", "algorithm": "sha1", "version": 2"#, "");
    assert_eq!(sign(&[], &input).stdout, sign(&[], SAMPLE).stdout);
}

#[test]
fn bad_input_ends_with_65_and_never_shows_the_secret() {
    let bad = [
        "nonsense",
        "[]",
        r#"{"secret": "hunter2"}"#,
        r#"{"params": {}, "secret": "hunter2", "algorithm": "md5"}"#,
        r#"{"params": {}, "secret": "hunter2", "version": 3}"#,
        r#"{"params": "hunter2", "secret": "x"}"#,
        r#"{"params": {}, "secret": ["hunter2"]}"#,
        r#"{"params": {}, "secret": "x", "hunter2": 1}"#,
    ];
    for input in bad {
        let ran = sign(&[], input);
        assert_eq!(ran.code, Some(65), "{input}: {ran:?}");
        assert_eq!(ran.stdout, "", "{input}");
        assert!(
            !ran.stderr.is_empty() && !ran.stderr.contains("hunter2"),
            "{input}: {ran:?}"
        );
    }
}

#[test]
fn a_file_that_cannot_be_read_ends_with_66() {
    assert_eq!(sign(&["/does/not/exist"], "").code, Some(66));
}
