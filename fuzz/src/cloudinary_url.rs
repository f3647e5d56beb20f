//! Any text as a `CLOUDINARY_URL`: an account or a reason, and never the secret.
//!
//! Input: one byte that says where, then the text into which a secret is written there. Wherever
//! it lands, no error shows it; where it lands in something secret, `Debug` does not either.

use std::error::Error;

use cloudinary_core::{Account, BaseUrl, CloudinaryUrlError, Credentials};
use secrecy::ExposeSecret;

/// Nothing that a message of ours could contain by itself. `%` before it encodes nothing.
const SECRET: &str = "Zq7wJxYv9kNp";

/// Parses the input as it is and with the secret in it.
pub fn run(input: &[u8]) {
    let Some((at, text)) = input.split_first() else {
        return;
    };
    let Ok(text) = std::str::from_utf8(text) else {
        return;
    };
    let (before, after) = text.split_at(text.floor_char_boundary(usize::from(*at)));
    check(text);
    check(&format!("{before}{SECRET}{after}"));
}

fn check(url: &str) {
    match url.parse::<Account>() {
        Ok(account) => check_account(&account),
        Err(error) => check_error(&error),
    }
}

fn check_error(error: &CloudinaryUrlError) {
    let mut shown = format!("{error:?}");
    let mut next: Option<&dyn Error> = Some(error);
    while let Some(error) = next {
        shown.push_str(&error.to_string());
        next = error.source();
    }
    assert!(!shown.contains(SECRET), "the URL is shown: {shown}");
}

fn check_account(account: &Account) {
    for base in [&account.upload_prefix, &account.delivery_base] {
        let again = base.as_str().parse::<BaseUrl>().expect("a base is a URL");
        // A cloud name in the host keeps its case, which hosts do not have.
        assert!(again.as_str().eq_ignore_ascii_case(base.as_str()));
    }
    if !public_parts(account).contains(SECRET) {
        let shown = format!("{account:?}");
        assert!(!shown.contains(SECRET), "the secret is shown: {shown}");
    }
    if let Some(pair) = account.credentials.key_pair() {
        assert!(!pair.api_key.is_empty() && !pair.api_secret.expose_secret().is_empty());
    }
    if let Credentials::OAuth { token, .. } = &account.credentials {
        assert!(!token.expose_secret().is_empty());
    }
}

/// What may be shown, as text.
fn public_parts(account: &Account) -> String {
    let api_key = account.credentials.key_pair().map(|pair| &pair.api_key);
    format!(
        "{} {} {} {}",
        account.cloud_name,
        api_key.map_or("", String::as_str),
        account.upload_prefix,
        account.delivery_base
    )
}
