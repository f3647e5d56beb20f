//! The Admin API: pages, deletion in its three body forms, quota headers, a lagging search.

use std::time::Duration;

use axum::http::Method;
use cloudinary_emulator::Options;
use serde_json::{Value, json};

use crate::client::{Client, hello, start};

fn ids(answer: &Value) -> Vec<&str> {
    let resources = answer["resources"].as_array().expect("resources");
    resources
        .iter()
        .filter_map(|one| one["public_id"].as_str())
        .collect()
}

async fn search(client: &Client, query: Value) -> Value {
    let headers = [("content-type", "application/json")];
    let path = "/v1_1/demo/resources%2Fsearch";
    client
        .send(Method::POST, path, &headers, query.to_string())
        .await
        .expect("an answer")
        .json()
}

#[tokio::test]
async fn pages_of_a_listing_stay_right_while_shown_assets_are_deleted() {
    let (running, client) = start(Options::default()).await;
    for name in ["a", "b", "c", "d", "e"] {
        client.upload(name).await;
    }
    let first = client
        .get("/v1_1/demo/resources/image/upload?max_results=2")
        .await
        .json();
    assert_eq!(ids(&first), ["a", "b"]);
    client.post("image/destroy", "public_id=a").await;
    let cursor = first["next_cursor"].as_str().expect("a cursor");
    let path = format!("/v1_1/demo/resources/image/upload?max_results=3&next_cursor={cursor}");
    let second = client.get(&path).await.json();
    assert_eq!(
        (ids(&second), second.get("next_cursor")),
        (vec!["c", "d", "e"], None)
    );
    running.stop().await;
}

#[tokio::test]
async fn search_pages_through_equal_sort_values() {
    let (running, client) = start(Options::default()).await;
    for name in ["a", "b", "c", "d", "e"] {
        client.upload(name).await;
    }
    let mut query = json!({"expression": "resource_type=image", "sort_by": [{"bytes": "desc"}], "max_results": 2});
    let mut seen = Vec::new();
    for _ in 0..3 {
        let page = search(&client, query.clone()).await;
        assert_eq!(page["total_count"], 5);
        seen.extend(ids(&page).into_iter().map(str::to_owned));
        query["next_cursor"] = page["next_cursor"].clone();
    }
    assert_eq!(seen, ["a", "b", "c", "d", "e"]);
    assert_eq!(query["next_cursor"], Value::Null);
    running.stop().await;
}

#[tokio::test]
async fn a_deletion_names_its_assets_in_three_body_forms() {
    let (running, client) = start(Options::default()).await;
    for name in ["a", "b", "c", "d"] {
        client.upload(name).await;
    }
    let path = "/v1_1/demo/resources/image/upload";
    let json_body = json!({"public_ids": ["a", "no"]}).to_string();
    for (query, kind, body, expected) in [
        (
            "",
            "application/json",
            json_body.as_str(),
            json!({"a": "deleted", "no": "not_found"}),
        ),
        (
            "",
            "application/x-www-form-urlencoded",
            "public_ids[0]=b",
            json!({"b": "deleted"}),
        ),
        ("?public_ids[]=c", "", "", json!({"c": "deleted"})),
        ("?all=true", "", "", json!({"d": "deleted"})),
    ] {
        let (path, headers) = (format!("{path}{query}"), [("content-type", kind)]);
        let answer = client
            .send(Method::DELETE, &path, &headers, body.to_owned())
            .await;
        assert_eq!(answer.expect("an answer").json()["deleted"], expected);
    }
    let nothing = client
        .send(Method::DELETE, path, &[], "")
        .await
        .expect("an answer");
    assert_eq!(nothing.status, 400);
    running.stop().await;
}

#[tokio::test]
async fn the_hourly_quota_is_told_on_every_answer_and_then_enforced() {
    let (running, client) = start(Options {
        admin_hourly_limit: Some(2),
        ..Options::default()
    })
    .await;
    let mut last = client.get("/v1_1/demo/ping").await;
    assert_eq!(last.header("x-featureratelimit-limit"), "2");
    assert_eq!(last.header("x-featureratelimit-remaining"), "1");
    // The clock hour may end between two calls; the third in a row within one hour is refused.
    for _ in 0..4 {
        last = client.get("/v1_1/demo/resources/image/upload/absent").await;
        if last.status == 420 {
            break;
        }
        assert_eq!(last.status, 404);
    }
    let text = last.error();
    assert!(
        text.starts_with("Rate Limit Exceeded. Limit of 2 api operations reached. Try again on 20")
    );
    assert!(text.ends_with(":00:00 UTC"), "{text}");
    assert!(
        last.header("x-featureratelimit-reset")
            .ends_with(":00:00 GMT")
    );
    assert_eq!(
        client.upload("a").await.status,
        200,
        "the Upload API has no quota"
    );
    running.stop().await;
}

#[tokio::test]
async fn a_lagging_search_does_not_see_what_the_listing_sees() {
    let lag = Duration::from_hours(1);
    let (running, client) = start(Options {
        search_lag: lag,
        ..Options::default()
    })
    .await;
    client.upload("a").await;
    assert_eq!(search(&client, json!({})).await["total_count"], 0);
    let listed = client.get("/v1_1/demo/resources/image/upload").await.json();
    assert_eq!(ids(&listed), ["a"]);
    running.stop().await;
}

#[tokio::test]
async fn in_dynamic_mode_only_asset_folder_finds_folders() {
    let (running, client) = start(Options::default()).await;
    client
        .post("image/upload", &(hello("x/a") + "&asset_folder=y"))
        .await;
    for (expression, found) in [
        ("folder=x", 0),
        ("asset_folder=y", 1),
        ("asset_folder=x", 0),
    ] {
        let answer = search(&client, json!({"expression": expression})).await;
        assert_eq!(answer["total_count"], found, "{expression}");
    }
    running.stop().await;
}

#[tokio::test]
async fn a_path_nobody_knows_is_a_404_with_a_text() {
    let (running, client) = start(Options::default()).await;
    let answer = client.get("/v1_1/demo/triggers").await;
    assert_eq!(
        (answer.status, answer.error().as_str()),
        (404, "No route for GET /v1_1/demo/triggers")
    );
    running.stop().await;
}
