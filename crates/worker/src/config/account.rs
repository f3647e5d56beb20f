//! Reads the Cloudinary account out of its variable or its file. No message here quotes it.

use std::fs;

use cloudinary_core::Account;
use telemetry::error_chain;

use super::error::ConfigError;
use super::reader::{Bad, Reader};
use super::settings::{CLOUDINARY_URL, CLOUDINARY_URL_FILE, Setting};
use super::sources::{Given, Written};

pub(super) fn read_account(r: &mut Reader) -> Result<Account, Bad> {
    let url = r.given(&CLOUDINARY_URL).cloned();
    let file = r.given(&CLOUDINARY_URL_FILE).cloned();
    match (url, file) {
        (Some(url), None) => {
            let text = written(&url).to_owned();
            parse(r, &CLOUDINARY_URL, &url, &text)
        }
        (None, Some(file)) => {
            let text = fs::read_to_string(written(&file)).map_err(|error| {
                let why = format!("the file cannot be read: {error}");
                r.note(ConfigError::wrong(&CLOUDINARY_URL_FILE, &file, &why))
            })?;
            parse(r, &CLOUDINARY_URL_FILE, &file, &text)
        }
        (Some(_), Some(_)) => {
            let both = [r.place(&CLOUDINARY_URL), r.place(&CLOUDINARY_URL_FILE)];
            Err(r.note(ConfigError::new(format!(
                "{} and {} are both set; allowed: one of them",
                both[0], both[1]
            ))))
        }
        (None, None) => Err(r.note(ConfigError::missing(&CLOUDINARY_URL))),
    }
}

fn parse(r: &mut Reader, setting: &Setting, given: &Given, text: &str) -> Result<Account, Bad> {
    text.parse()
        .map_err(|error: cloudinary_core::CloudinaryUrlError| {
            r.note(ConfigError::wrong(
                setting,
                given,
                &error_chain(&error).to_string(),
            ))
        })
}

fn written(given: &Given) -> &str {
    match &given.value {
        Written::Text(text) => text,
        Written::List(_) => "",
    }
}
