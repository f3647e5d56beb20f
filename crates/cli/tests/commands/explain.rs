//! `cldsync explain`.

use serde_json::json;

use crate::program::cldsync;

fn notification() -> String {
    json!({"Records": [{
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "eventTime": "2026-05-04T10:20:30.400Z",
        "eventName": "ObjectCreated:Put",
        "s3": {
            "bucket": {"name": "pictures"},
            "object": {
                "key": "holiday/a+b%2Bc.jpg",
                "size": 1024,
                "eTag": "9e107d9d372bb6826bd81d3542a419d6",
                "sequencer": "0055AED6DCD90281E5",
            },
        },
    }]})
    .to_string()
}

#[test]
fn a_notification_is_explained_as_json() {
    let ran = cldsync(&["explain", "--json"]).input(notification()).run();
    assert_eq!(ran.code, Some(0), "{ran:?}");
    insta::assert_snapshot!(ran.stdout, @r#"
    {
      "class": "s3",
      "envelope": "s3",
      "reason": null,
      "records": [
        {
          "event": "ObjectCreated:Put",
          "hint": "created",
          "bucket": "pictures",
          "key": "holiday/a b+c.jpg",
          "size": 1024,
          "etag": "9e107d9d372bb6826bd81d3542a419d6",
          "version_id": null,
          "sequencer": "0055AED6DCD90281E5",
          "event_time": "2026-05-04T10:20:30.4Z",
          "asset": {
            "public_id": "holiday/a b＋c",
            "resource_type": "image",
            "delivery_type": "upload",
            "asset_folder": null,
            "display_name": null
          },
          "skip": null
        }
      ]
    }
    "#);
}

#[test]
fn a_notification_is_explained_for_people() {
    let ran = cldsync(&["explain", "-"]).input(notification()).run();
    assert_eq!(ran.code, Some(0), "{ran:?}");
    insta::assert_snapshot!(ran.stdout, @"
    a notification of S3

    record 1: ObjectCreated:Put (look at the object)
      bucket        pictures
      key           holiday/a b+c.jpg
      size          1024 bytes
      etag          9e107d9d372bb6826bd81d3542a419d6
      sequencer     0055AED6DCD90281E5
      event time    2026-05-04T10:20:30.4Z
      asset         image/upload/holiday/a b＋c
    ");
}

#[test]
fn keys_are_mapped_by_the_worker_s_own_settings() {
    let explain = cldsync(&["explain", "--json"])
        .variable("CLDSYNC_S3_SYNC_ROOT", "holiday")
        .variable("cld_sync_root", "site")
        .variable("CLDSYNC_FOLDER_MODE", "dynamic");
    let ran = explain.input(notification()).run();
    let asset = &ran.json()["records"][0]["asset"];
    assert_eq!(asset["public_id"], "site/a b＋c", "{ran:?}");
    assert_eq!(asset["asset_folder"], "site", "{ran:?}");
}

#[test]
fn a_file_can_be_explained_too() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("body.json");
    std::fs::write(&file, notification()).expect("the file is written");
    let ran = cldsync(&["explain", file.to_str().expect("UTF-8")]).run();
    assert_eq!(ran.code, Some(0), "{ran:?}");
}

#[test]
fn a_malformed_body_ends_with_65_and_says_why() {
    let ran = cldsync(&["explain", "--json"])
        .input("{\"Records\": [")
        .run();
    assert_eq!(ran.code, Some(65), "{ran:?}");
    assert_eq!(ran.json()["class"], "malformed", "{ran:?}");
    assert!(ran.json()["reason"].is_string(), "{ran:?}");
}

#[test]
fn control_characters_of_a_key_do_not_reach_the_terminal() {
    let body = notification().replace("holiday/", "%1B%5B2J");
    let ran = cldsync(&["explain"]).input(body).run();
    assert!(ran.stdout.contains("\\u{1b}[2J"), "{ran:?}");
    assert!(!ran.stdout.contains('\u{1b}'), "{ran:?}");
}

#[test]
fn a_file_that_cannot_be_read_ends_with_66() {
    let ran = cldsync(&["explain", "/does/not/exist"]).run();
    assert_eq!(ran.code, Some(66), "{ran:?}");
    assert!(ran.stderr.contains("/does/not/exist"), "{ran:?}");
}

#[test]
fn wrong_settings_end_with_78() {
    let explain = cldsync(&["explain"]).variable("CLDSYNC_CHARACTERS", "emoji");
    let ran = explain.input(notification()).run();
    assert_eq!(ran.code, Some(78), "{ran:?}");
    assert!(ran.stderr.contains("CLDSYNC_CHARACTERS"), "{ran:?}");
}
