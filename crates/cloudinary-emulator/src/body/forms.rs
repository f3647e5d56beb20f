//! Parameters from urlencoded text and from JSON.

use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::Params;
use crate::reply::Refusal;

/// `a=1&b[]=2`: plus is a space.
pub(crate) fn urlencoded(text: &str, params: &mut Params) -> Result<(), Refusal> {
    for pair in text.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        params.push(&decode(name)?, decode(value)?);
    }
    Ok(())
}

fn decode(text: &str) -> Result<String, Refusal> {
    let spaced = text.replace('+', " ");
    let decoded = percent_decode_str(&spaced).decode_utf8();
    decoded
        .map(Into::into)
        .map_err(|_| Refusal::bad_request("Invalid encoding of a parameter"))
}

/// One object; arrays are repeated values, nested objects `k=v|k2=v2`.
pub(crate) fn json(body: &[u8], params: &mut Params) -> Result<(), Refusal> {
    if body.is_empty() {
        return Ok(());
    }
    let Ok(Value::Object(fields)) = serde_json::from_slice(body) else {
        return Err(Refusal::bad_request("Invalid JSON in the request body"));
    };
    for (name, value) in fields {
        match value {
            Value::Array(items) => {
                let name = format!("{name}[]");
                for item in &items {
                    params.push(&name, text(item));
                }
            }
            single => params.push(&name, text(&single)),
        }
    }
    Ok(())
}

fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Object(fields) => {
            let escape = |text: String| {
                text.replace('\\', "\\\\")
                    .replace('=', "\\=")
                    .replace('|', "\\|")
            };
            let pair = |(key, value): (&String, &Value)| {
                format!("{}={}", escape(key.clone()), escape(self::text(value)))
            };
            fields.iter().map(pair).collect::<Vec<_>>().join("|")
        }
        other => other.to_string(),
    }
}
