//! `cldsync sign`: the string to sign and the signature of request parameters.
//!
//! For people who compare their own signing with Cloudinary's `Invalid Signature`. The rules are
//! those of `cloudinary-core`; the secret comes with the input, never as an argument, and is not
//! printed.

use cloudinary_core::{SignatureAlgorithm, SignatureVersion, Signed, sign_request};
use secrecy::SecretString;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::command_line::Sign;
use crate::exit_code::ExitCode;
use crate::{input, output};

/// Signs the parameters in a file or on standard input.
pub(crate) fn run(arguments: &Sign) -> ExitCode {
    let bytes = match input::read(arguments.file.as_deref()) {
        Ok(bytes) => bytes,
        Err(code) => return code,
    };
    match sign(&bytes) {
        Ok(signed) if arguments.json => output::print_json(&Printed::from(&signed)),
        Ok(Signed {
            string_to_sign,
            signature,
        }) => output::print(&format!(
            "string to sign: {string_to_sign}\nsignature:      {signature}\n"
        )),
        Err(error) => output::fail(ExitCode::Data, "cannot sign the input", &error),
    }
}

/// The JSON that is printed; its members and their order are a contract with scripts.
#[derive(Serialize)]
struct Printed<'a> {
    string_to_sign: &'a str,
    signature: &'a str,
}

impl<'a> From<&'a Signed> for Printed<'a> {
    fn from(signed: &'a Signed) -> Self {
        Self {
            string_to_sign: &signed.string_to_sign,
            signature: &signed.signature,
        }
    }
}

/// The input, as the help of the command shows it.
struct Request {
    params: Map<String, Value>,
    secret: SecretString,
    algorithm: SignatureAlgorithm,
    version: SignatureVersion,
}

/// What is wrong with the input. None quotes it, because any part of it may be the secret.
#[derive(Debug, thiserror::Error)]
enum SignError {
    #[error("no JSON")]
    Json(#[from] serde_json::Error),
    #[error("not an object with `params` and `secret`, and perhaps `algorithm` and `version`")]
    Members,
    #[error("`params` is not an object")]
    Params,
    #[error("`secret` is not a text")]
    Secret,
    #[error("`algorithm` is neither \"sha1\" nor \"sha256\"")]
    Algorithm,
    #[error("`version` is neither 1 nor 2")]
    Version,
}

impl Request {
    /// By hand, because serde's errors quote what they do not like.
    fn read(input: &[u8]) -> Result<Self, SignError> {
        let Value::Object(mut members) = serde_json::from_slice(input)? else {
            return Err(SignError::Members);
        };
        let mut take = |name| members.remove(name);
        let request = Self {
            params: match take("params") {
                Some(Value::Object(params)) => params,
                Some(_) => return Err(SignError::Params),
                None => return Err(SignError::Members),
            },
            secret: match take("secret") {
                Some(Value::String(secret)) => secret.into(),
                Some(_) => return Err(SignError::Secret),
                None => return Err(SignError::Members),
            },
            algorithm: optional(take("algorithm").as_ref(), algorithm)?,
            version: optional(take("version").as_ref(), version)?,
        };
        if members.is_empty() {
            Ok(request)
        } else {
            Err(SignError::Members)
        }
    }
}

fn optional<T: Default>(
    value: Option<&Value>,
    read: fn(&Value) -> Result<T, SignError>,
) -> Result<T, SignError> {
    value.map_or_else(|| Ok(T::default()), read)
}

fn algorithm(value: &Value) -> Result<SignatureAlgorithm, SignError> {
    let word = value.as_str().ok_or(SignError::Algorithm)?;
    word.parse().map_err(|_| SignError::Algorithm)
}

fn version(value: &Value) -> Result<SignatureVersion, SignError> {
    let number = value.as_u64().ok_or(SignError::Version)?;
    number.try_into().map_err(|_| SignError::Version)
}

fn sign(input: &[u8]) -> Result<Signed, SignError> {
    let Request {
        params,
        secret,
        algorithm,
        version,
    } = Request::read(input)?;
    Ok(sign_request(&params, &secret, algorithm, version))
}
