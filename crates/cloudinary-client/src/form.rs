//! The bodies of requests: parameters, authenticated at this very moment, and perhaps a file.
//!
//! Without bytes to send the body is URL-encoded text, with bytes it is a multipart form whose
//! exact length is known. The signature is made here because it holds for one hour only.

use std::io;
use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use cloudinary_core::{Account, Credentials};
use futures_util::Stream;
use reqwest::multipart::{Form, Part};
use reqwest::{Body, RequestBuilder, header};
use secrecy::ExposeSecret;
use url::form_urlencoded::Serializer;

/// Parameters in the order of sending.
pub(crate) type Params = Vec<(&'static str, String)>;

/// Adds what proves who we are: a signature over the parameters, or nothing when a token does.
pub(crate) fn authenticated(account: &Account, mut params: Params, now: SystemTime) -> Params {
    let (Credentials::KeyPair(pair), Some(key)) = (&account.credentials, account.signing_key())
    else {
        return params;
    };
    params.push(("timestamp", unix_seconds(now).to_string()));
    let texts = params.iter().map(|(name, value)| (*name, value.as_str()));
    let signature = key.sign(texts, account.signature_version).signature;
    params.push(("api_key", pair.api_key.clone()));
    params.push(("signature", signature));
    params
}

/// The bearer token, where that is how the account is authenticated.
pub(crate) fn with_token(request: RequestBuilder, account: &Account) -> RequestBuilder {
    match &account.credentials {
        Credentials::OAuth { token, .. } => request.bearer_auth(token.expose_secret()),
        Credentials::KeyPair(_) => request,
    }
}

/// Parameters as URL-encoded text, the file being the text of where it is.
pub(crate) fn encoded(
    request: RequestBuilder,
    params: &Params,
    file: Option<&str>,
) -> RequestBuilder {
    let mut text = Serializer::new(String::new());
    text.extend_pairs(params);
    if let Some(file) = file {
        text.append_pair("file", file);
    }
    let content_type = "application/x-www-form-urlencoded";
    request
        .header(header::CONTENT_TYPE, content_type)
        .body(text.finish())
}

/// Parameters as parts of a form, with the file's bytes last.
pub(crate) fn multipart<S>(
    request: RequestBuilder,
    params: Params,
    file_name: &str,
    length: u64,
    bytes: S,
) -> Result<RequestBuilder, reqwest::Error>
where
    S: Stream<Item = Result<Bytes, io::Error>> + Send + 'static,
{
    let texts = params
        .into_iter()
        .fold(Form::new(), |form, (name, value)| form.text(name, value));
    let file = Part::stream_with_length(Body::wrap_stream(bytes), length);
    let file = file
        .file_name(file_name.to_owned())
        .mime_str("application/octet-stream")?;
    Ok(request.multipart(texts.part("file", file)))
}

fn unix_seconds(now: SystemTime) -> u64 {
    now.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn params() -> Params {
        vec![
            ("public_id", "a/b".to_owned()),
            ("type", "upload".to_owned()),
        ]
    }

    #[test]
    fn a_key_signs_everything_before_it_is_added() {
        let account = "cloudinary://key:abcd@demo".parse().expect("valid");
        let now = UNIX_EPOCH + Duration::from_millis(1_700_000_000_999);
        let signed = authenticated(&account, params(), now);
        let key = account.signing_key().expect("key");
        let expected = key.hash_hex("public_id=a/b&timestamp=1700000000&type=upload");
        assert_eq!(
            signed[2..],
            [
                ("timestamp", "1700000000".to_owned()),
                ("api_key", "key".to_owned()),
                ("signature", expected),
            ]
        );
    }

    #[test]
    fn a_token_adds_nothing_to_the_parameters() {
        let account = "cloudinary://key:abcd@demo?oauth_token=t"
            .parse()
            .expect("valid");
        assert_eq!(authenticated(&account, params(), UNIX_EPOCH), params());
    }
}
