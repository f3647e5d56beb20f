//! Parameters from `multipart/form-data`, cut out of the collected body without copying the file.

use bytes::Bytes;
use memchr::memmem;

use super::Params;
use super::params::File;
use crate::reply::Refusal;

/// Adds every whole part. What follows the last whole part is dropped.
pub(crate) fn parse(content_type: &str, body: &Bytes, params: &mut Params) -> Result<(), Refusal> {
    let Some(boundary) = boundary(content_type) else {
        return Err(Refusal::bad_request(
            "Missing boundary in multipart/form-data",
        ));
    };
    let delimiter = format!("\r\n--{boundary}");
    let finder = memmem::Finder::new(delimiter.as_bytes());
    // The first delimiter may have no line break before it.
    let Some(mut at) = memmem::find(body, &delimiter.as_bytes()[2..]) else {
        return Ok(());
    };
    at += delimiter.len() - 2;
    while !body[at..].starts_with(b"--") {
        let Some(length) = finder.find(&body[at..]) else {
            break;
        };
        part(&body.slice(at..at + length), params)?;
        at += length + delimiter.len();
    }
    Ok(())
}

fn boundary(content_type: &str) -> Option<&str> {
    let value = content_type.split(';').find_map(|piece| {
        let (name, value) = piece.trim().split_once('=')?;
        name.eq_ignore_ascii_case("boundary").then_some(value)
    })?;
    Some(value.trim_matches('"')).filter(|text| !text.is_empty())
}

fn part(part: &Bytes, params: &mut Params) -> Result<(), Refusal> {
    let Some(end) = memmem::find(part, b"\r\n\r\n") else {
        return Ok(());
    };
    let head = String::from_utf8_lossy(&part[..end]);
    let value = part.slice(end + 4..);
    let Some(disposition) = header(&head, "content-disposition") else {
        return Ok(());
    };
    let Some(name) = attribute(disposition, "name") else {
        return Ok(());
    };
    match (name.as_str(), attribute(disposition, "filename")) {
        ("file", Some(file_name)) => {
            params.file = Some(File::Bytes {
                name: file_name,
                bytes: compact(value),
            });
        }
        ("file", None) => params.file = Some(File::Text(value)),
        _ => {
            let text = std::str::from_utf8(&value).map_err(|_| {
                Refusal::bad_request(format!("Invalid encoding of parameter {name}"))
            })?;
            params.push(&name, text.to_owned());
        }
    }
    Ok(())
}

/// A small file is copied: a slice would hold on to the whole network buffer it came in.
fn compact(bytes: Bytes) -> Bytes {
    const SMALL: usize = 64 * 1024;
    if bytes.len() <= SMALL {
        Bytes::copy_from_slice(&bytes)
    } else {
        bytes
    }
}

fn header<'a>(head: &'a str, wanted: &str) -> Option<&'a str> {
    head.split("\r\n").find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.trim()
            .eq_ignore_ascii_case(wanted)
            .then(|| value.trim())
    })
}

/// `name="a \"b\""` or `name=a`; browsers and urllib3 write a quote as `%22`.
fn attribute(disposition: &str, wanted: &str) -> Option<String> {
    let mut rest = disposition;
    while let Some((_, after)) = rest.split_once(';') {
        let (name, value) = after.split_once('=')?;
        let (text, remaining) = attribute_value(value);
        if name.trim().eq_ignore_ascii_case(wanted) {
            return Some(text.replace("%22", "\""));
        }
        rest = remaining;
    }
    None
}

fn attribute_value(text: &str) -> (String, &str) {
    let Some(quoted) = text.trim_start().strip_prefix('"') else {
        let end = text.find(';').unwrap_or(text.len());
        return (text[..end].trim().to_owned(), &text[end..]);
    };
    let mut value = String::new();
    let mut chars = quoted.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return (value, &quoted[at + 1..]),
            '\\' => value.extend(chars.next().map(|(_, escaped)| escaped)),
            other => value.push(other),
        }
    }
    (value, "")
}
