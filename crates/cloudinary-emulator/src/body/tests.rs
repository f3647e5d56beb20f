//! Every form a body comes in, as the SDKs were seen to send it.

use axum::http::HeaderValue;

use super::*;

fn parsed(content_type: Option<&str>, query: Option<&str>, body: &str) -> Params {
    let mut headers = HeaderMap::new();
    if let Some(text) = content_type {
        headers.insert(CONTENT_TYPE, HeaderValue::from_str(text).expect("a header"));
    }
    let body = Bytes::copy_from_slice(body.as_bytes());
    parse(&headers, query, &body).expect("a body that parses")
}

#[test]
fn a_body_without_a_content_type_is_urlencoded() {
    let params = parsed(None, None, "public_id=a%2Fb+c&tags[]=x&tags[]=y");
    assert_eq!(params.get("public_id"), Some("a/b c"));
    assert_eq!(params.list("tags"), ["x", "y"]);
    assert_eq!(params.text("tags"), "x,y");
}

#[test]
fn lists_come_in_four_spellings() {
    for body in ["k[]=a&k[]=b", "k[0]=a&k[1]=b", "k=a&k=b", "k=a,b"] {
        assert_eq!(parsed(None, None, body).list("k"), ["a", "b"], "{body}");
    }
}

#[test]
fn a_comma_in_a_listed_value_is_part_of_it() {
    for body in ["k[]=a,b", "k[0]=a,b"] {
        assert_eq!(parsed(None, None, body).list("k"), ["a,b"], "{body}");
    }
    let json = parsed(Some("application/json"), None, r#"{"k": ["a,b"]}"#);
    assert_eq!(json.list("k"), ["a,b"]);
}

#[test]
fn json_lists_objects_and_booleans_become_text() {
    let body = r#"{"public_id":"a","overwrite":true,"tags":["x","y"],"context":{"a=b":"c|d"},"timestamp":5}"#;
    let params = parsed(Some("application/json; charset=utf-8"), None, body);
    assert_eq!(params.flag("overwrite"), Some(true));
    assert_eq!(params.list("tags"), ["x", "y"]);
    assert_eq!(
        params.map("context").get("a=b").map(String::as_str),
        Some("c|d")
    );
    assert_eq!(params.get("timestamp"), Some("5"));
}

#[test]
fn query_parameters_join_the_body() {
    let params = parsed(None, Some("timestamp=1"), "public_id=a");
    assert_eq!(
        (params.get("timestamp"), params.get("public_id")),
        (Some("1"), Some("a"))
    );
}

#[test]
fn multipart_parts_without_a_content_type_are_text_and_the_file_is_last() {
    let body = "--X\r\nContent-Disposition: form-data; name=\"public_id\"\r\n\r\na/b\r\n\
        --X\r\nContent-Disposition: form-data; name=\"file\"; filename=\"caf\u{e9} \\\"1\\\".jpg\"\r\n\
        Content-Type: application/octet-stream\r\n\r\n\r\n--not\r\n\r\n--X--\r\n";
    let params = parsed(Some("multipart/form-data; boundary=X"), None, body);
    assert_eq!(params.get("public_id"), Some("a/b"));
    let Some(File::Bytes { name, bytes }) = params.file else {
        panic!("no file")
    };
    assert_eq!(name, "caf\u{e9} \"1\".jpg");
    assert_eq!(&bytes[..], b"\r\n--not\r\n");
}

#[test]
fn a_url_in_a_multipart_body_is_text() {
    let body = "--X\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nhttps://a/b\r\n--X--";
    let params = parsed(Some("multipart/form-data; boundary=\"X\""), None, body);
    assert_eq!(
        params.file,
        Some(File::Text(Bytes::from_static(b"https://a/b")))
    );
}

#[test]
fn a_multipart_body_cut_short_keeps_its_whole_parts() {
    let body = "--X\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n\
        --X\r\nContent-Disposition: form-data; name=\"api_key\"\r\n\r\nke";
    let params = parsed(Some("multipart/form-data; boundary=X"), None, body);
    assert_eq!((params.get("a"), params.get("api_key")), (Some("1"), None));
}

#[test]
fn a_backslash_keeps_a_separator_in_a_map_value() {
    let params = parsed(None, None, "context=a%3D1%5C%7C2%7Cb%3Dx%5C%3Dy");
    let map = params.map("context");
    assert_eq!(map.get("a").map(String::as_str), Some("1|2"));
    assert_eq!(map.get("b").map(String::as_str), Some("x=y"));
}

#[test]
fn bytes_that_are_not_utf8_are_refused_with_a_reason() {
    let refused = parse(&HeaderMap::new(), Some("a=%ff"), &Bytes::new());
    assert!(refused.is_err());
}

#[tokio::test]
async fn a_body_in_many_frames_is_one_piece() {
    let frames = ["ab", "", "cd", "e"].map(|text| Ok::<_, std::io::Error>(Bytes::from(text)));
    let body = Body::from_stream(futures_util::stream::iter(frames));
    let Collected::Whole(bytes) = collect(&HeaderMap::new(), body).await else {
        panic!("not whole")
    };
    assert_eq!(&bytes[..], b"abcde");
}
