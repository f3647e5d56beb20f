//! `Config::probe`, which `cldsync check-config --probe` shows.

use worker::{Config, EndpointOverride, Environment, Flags, ProbeResult};

use crate::services::Services;

async fn probe(services: &Services, queue: &str) -> Vec<ProbeResult> {
    let endpoint = services.endpoint();
    let environment = Environment::from_iter([
        (
            "CLOUDINARY_URL",
            format!("cloudinary://key:s3cret@demo?upload_prefix={endpoint}"),
        ),
        ("CLDSYNC_QUEUE_URL", format!("{endpoint}/123/{queue}")),
        (
            "CLDSYNC_DEAD_LETTER_QUEUE_URL",
            format!("{endpoint}/123/dlq"),
        ),
    ]);
    let config = Config::resolve(&Flags::default(), &environment).expect("a good configuration");
    let aws = EndpointOverride {
        endpoint_url: endpoint,
        region: "eu-west-1".to_owned(),
        access_key_id: "test".to_owned(),
        secret_access_key: "test".into(),
    };
    Box::pin(config.probe(Some(aws))).await
}

#[tokio::test]
async fn a_probe_that_passes_says_what_it_found() {
    let results = probe(&Services::start(), "queue").await;
    let targets: Vec<_> = results
        .iter()
        .map(|result| result.target.as_str())
        .collect();
    assert_eq!(targets, ["queue", "dead_letter_queue", "cloudinary"]);
    assert!(results.iter().all(|result| result.ok), "{results:?}");
    assert!(
        results[0].detail.contains("redrive after 20 receives"),
        "{results:?}"
    );
}

#[tokio::test]
async fn a_probe_that_fails_says_why_and_goes_on_with_the_others() {
    let services = Services::start();
    services.refuse_credentials(true);
    let results = probe(&services, "missing").await;
    let ok: Vec<_> = results.iter().map(|result| result.ok).collect();
    assert_eq!(ok, [false, true, false], "{results:?}");
    assert!(results[2].detail.contains("unknown api_key"), "{results:?}");
    assert!(
        results
            .iter()
            .all(|result| !result.detail.contains("s3cret")),
        "{results:?}"
    );
}
