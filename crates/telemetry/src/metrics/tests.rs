//! The catalogue against the registry, and both against what Prometheus asks for.

use super::*;

fn metrics() -> Metrics {
    Metrics::new(
        BuildInfo {
            version: "1.2.3",
            commit: "abc",
        },
        1_700_000_000.0,
    )
}

#[test]
fn every_metric_of_the_catalogue_is_registered_and_no_other() {
    let mut registered: Vec<_> = metrics().registered.iter().map(|spec| spec.name).collect();
    let mut described: Vec<_> = c::catalogue().map(|spec| spec.name).collect();
    registered.sort_unstable();
    described.sort_unstable();
    assert_eq!(registered, described);
}

#[test]
fn names_say_their_unit_and_kind_as_prometheus_asks() {
    for spec in c::catalogue() {
        assert!(
            spec.name.starts_with("cldsync_") || spec.name.starts_with("process_"),
            "{}",
            spec.name
        );
        match spec.kind {
            Kind::Counter => assert!(spec.name.ends_with("_total"), "{}", spec.name),
            Kind::Histogram(buckets) => {
                assert!(spec.name.ends_with("_seconds"), "{}", spec.name);
                assert!(
                    buckets.windows(2).all(|pair| pair[0] < pair[1]),
                    "{}",
                    spec.name
                );
            }
            Kind::Gauge => assert!(!spec.name.ends_with("_total"), "{}", spec.name),
        }
        assert!(spec.help.ends_with('.'), "{}", spec.name);
    }
}

#[test]
fn listed_label_values_are_there_before_anything_happened() {
    let text = metrics().render();
    assert!(
        text.contains("cldsync_receives_total{outcome=\"empty\"} 0"),
        "{text}"
    );
    assert!(
        text.contains("cldsync_paused{reason=\"queue\"} 0"),
        "{text}"
    );
    assert!(
        text.contains("cldsync_build_info{commit=\"abc\",version=\"1.2.3\"} 1"),
        "{text}"
    );
}

#[test]
fn a_label_value_that_the_catalogue_does_not_list_becomes_other() {
    let metrics = metrics();
    metrics.receives.with(["surprise"]).inc();
    let text = metrics.render();
    assert!(
        text.contains("cldsync_receives_total{outcome=\"other\"} 1"),
        "{text}"
    );
    assert!(!text.contains("surprise"), "{text}");
}

#[test]
fn the_page_has_every_metric_with_its_help() {
    let page = render_markdown();
    for spec in c::catalogue() {
        assert!(
            page.contains(&format!("### `{}`", spec.name)),
            "{}",
            spec.name
        );
        assert!(page.contains(spec.help), "{}", spec.name);
    }
}

#[test]
fn what_nobody_has_told_yet_has_no_series() {
    let metrics = metrics();
    let shown = |name: &str| {
        let text = metrics.render();
        text.lines().filter(|line| line.starts_with(name)).count()
    };
    assert_eq!(shown("cldsync_queue_messages"), 0);
    assert_eq!(shown("cldsync_dead_letter_queue_messages"), 0);
    metrics.queue_messages.tell(["visible"], 7.0);
    metrics.dead_letter_queue_messages.tell([], 1.0);
    assert_eq!(shown("cldsync_queue_messages{state=\"visible\"} 7"), 1);
    assert_eq!(shown("cldsync_dead_letter_queue_messages 1"), 1);
    metrics.queue_messages.forget();
    metrics.dead_letter_queue_messages.forget();
    assert_eq!(shown("cldsync_queue_messages"), 0);
    assert_eq!(shown("cldsync_dead_letter_queue_messages"), 0);
}

#[test]
fn convergence_is_told_apart_from_milliseconds_to_hours() {
    let Kind::Histogram(buckets) = c::CONVERGENCE_SECONDS.kind else {
        panic!("convergence is a histogram");
    };
    assert!(buckets[0] <= 0.1, "{buckets:?}");
    assert!(buckets[buckets.len() - 1] >= 6.0 * 3600.0, "{buckets:?}");
}

#[test]
fn the_size_of_a_scrape_is_bounded_whatever_the_words_are() {
    let metrics = metrics();
    let described = |spec: &MetricSpec| {
        let labels = spec.labels.iter();
        labels
            .filter(|label| matches!(label.values, Values::Described(_)))
            .count()
    };
    assert!(
        c::catalogue().all(|spec| described(spec) <= 2),
        "the bound is a power of their number"
    );
    for number in 0..2000 {
        let word = format!("word-{number}");
        metrics.messages_released.with([&word]).inc();
        metrics.messages_dead_lettered.with([&word]).inc();
        metrics.records.with([&word, &word, &word]).inc();
        metrics.cloudinary_requests.with([&word, &word]).inc();
        metrics.s3_requests.with([&word, &word]).inc();
        metrics.quota_limit.with([&word]).set(1.0);
    }
    let text = metrics.render();
    for name in ["cldsync_messages_released_total", "cldsync_records_total"] {
        let series = text.lines().filter(|line| line.starts_with(name)).count();
        assert_eq!(
            series,
            vocabulary::WORDS_MAX + 1,
            "{name}: the first words, and `other`"
        );
    }
    let other = format!(
        "{}{}",
        r#"cldsync_messages_released_total{reason="other"} "#, 1900
    );
    assert!(text.contains(&other), "what has no word is still counted");
}
