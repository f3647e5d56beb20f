//! The words of a failed answer: found, cleaned, bounded, and free of presigned URLs.
//!
//! Cloudinary says the same in the `X-Cld-Error` header and in the JSON body; proxies answer with
//! web pages. A message quotes the source URL, whose query is a credential when it is presigned.

use serde_json::Value;

const MAX_CHARS: usize = 600;

/// Marks of a query that lets its bearer in, in lower case.
const CREDENTIAL_MARKS: [&str; 4] = ["signature=", "x-amz-", "token=", "sig="];

/// What the answer says, or nothing where it says nothing readable.
pub(crate) fn find(header: Option<&str>, body: &[u8]) -> Option<String> {
    let header = header
        .map(str::to_owned)
        .filter(|text| !text.trim().is_empty());
    let text = header
        .or_else(|| json_message(body))
        .unwrap_or_else(|| page_or_text(body));
    Some(cleaned(&text)).filter(|text| !text.is_empty())
}

/// Whether the body is a web page, which the API never sends.
pub(crate) fn is_web_page(body: &[u8]) -> bool {
    body.trim_ascii_start().starts_with(b"<")
}

fn json_message(body: &[u8]) -> Option<String> {
    let value: Value = serde_json::from_slice(body).ok()?;
    let error = &value["error"];
    let text = error["message"].as_str().or_else(|| error.as_str());
    text.or_else(|| value["message"].as_str())
        .map(str::to_owned)
}

fn page_or_text(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    if !is_web_page(body) {
        return text.into_owned();
    }
    match text
        .split_once("<title>")
        .and_then(|(_, rest)| rest.split_once("</title>"))
    {
        Some((title, _)) => format!("web page: {title}"),
        None => "web page".to_owned(),
    }
}

fn cleaned(text: &str) -> String {
    let words: Vec<_> = text
        .split(is_separator)
        .filter(|word| !word.is_empty())
        .collect();
    let words: Vec<_> = words.into_iter().map(without_credentials).collect();
    shortened(&words.join(" "))
}

fn is_separator(c: char) -> bool {
    c.is_whitespace() || c.is_control()
}

/// A word with a URL and a credential after a question mark, without what comes after that mark.
fn without_credentials(word: &str) -> String {
    match word.split_once('?') {
        Some((before, query)) if word.contains("://") && has_credential(query) => {
            format!("{before}?<redacted>")
        }
        _ => word.to_owned(),
    }
}

fn has_credential(query: &str) -> bool {
    let query = query.to_ascii_lowercase();
    CREDENTIAL_MARKS.iter().any(|mark| query.contains(mark))
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(MAX_CHARS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_body(body: &str) -> Option<String> {
        find(None, body.as_bytes())
    }

    #[test]
    fn a_credential_is_hidden_wherever_the_url_stands_in_its_word() {
        for word in [
            "https://h/k?X-Amz-Signature=s3cret",
            "a?bhttps://h/k?X-Amz-Signature=s3cret",
        ] {
            assert!(!without_credentials(word).contains("s3cret"), "{word}");
        }
    }

    #[test]
    fn the_header_is_read_before_the_body() {
        let body = br#"{"error":{"message":"body"}}"#;
        assert_eq!(find(Some("header"), body).as_deref(), Some("header"));
        assert_eq!(find(Some(" "), body).as_deref(), Some("body"));
    }

    #[test]
    fn json_web_pages_and_plain_text_are_understood() {
        assert_eq!(of_body(r#"{"error":"plain"}"#).as_deref(), Some("plain"));
        assert_eq!(of_body(r#"{"message":"outer"}"#).as_deref(), Some("outer"));
        let page = "\n<html><title>502 Bad\nGateway</title></html>";
        assert_eq!(of_body(page).as_deref(), Some("web page: 502 Bad Gateway"));
        assert_eq!(of_body("<html>").as_deref(), Some("web page"));
        assert_eq!(
            of_body("upstream\0 error\r\n").as_deref(),
            Some("upstream error")
        );
        assert_eq!(of_body("  "), None);
    }

    #[test]
    fn a_presigned_url_loses_its_query() {
        let body = r#"{"error":{"message":"Error in loading https://b.s3.test/k.jpg?X-Amz-Date=1&X-Amz-Signature=abc - 403 Forbidden"}}"#;
        assert_eq!(
            of_body(body).as_deref(),
            Some("Error in loading https://b.s3.test/k.jpg?<redacted> - 403 Forbidden")
        );
        let harmless = "Error in loading https://b.test/k?a=1 - 404";
        assert_eq!(of_body(harmless).as_deref(), Some(harmless));
    }

    #[test]
    fn a_long_message_is_cut_at_a_character() {
        let message = of_body(&"é".repeat(5000)).expect("text");
        assert_eq!(message.chars().count(), MAX_CHARS + 1);
        assert!(message.ends_with("é…"));
    }
}
