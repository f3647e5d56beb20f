//! What was seen as a figure, in the form that `cargo xtask plot` draws.

use std::fs;

use serde_json::{Value, json};

use super::record::Limits;
use super::stage::Look;

/// Points of a line per second.
const PER_SECOND: f64 = 4.0;

/// Writes the figure of a run.
pub(super) fn write(file: &str, account: &[Look], workers: &[Limits]) {
    let figure = json!({
        "title": "Four workers on one account",
        "charts": [
            {"title": "The account", "unit": "calls at once", "series": [
                line("slots", &slots(account)),
                line("calls in flight", &means(account)),
                line("limits of the workers together", &sums(workers)),
            ]},
            {"title": "Each worker", "unit": "limit", "series": each(workers)},
            {"title": "Calls refused with 420", "unit": "per second", "series": [
                line("refused", &refused(account)),
            ]},
        ],
    });
    fs::write(file, figure.to_string()).unwrap_or_else(|error| panic!("write {file}: {error}"));
}

fn line(name: &str, points: &[(f64, f64)]) -> Value {
    json!({"name": name, "points": points})
}

/// Drawn as steps: a change is one, not a slope.
fn slots(account: &[Look]) -> Vec<(f64, f64)> {
    let slots = account
        .iter()
        .map(|look| (round(look.seconds), number(look.slots as u64)));
    let mut points: Vec<(f64, f64)> = Vec::new();
    for (seconds, slots) in slots {
        match points.last() {
            Some(&(_, before)) if before.total_cmp(&slots).is_eq() => {}
            Some(&(_, before)) => points.extend([(seconds, before), (seconds, slots)]),
            None => points.push((seconds, slots)),
        }
    }
    let end = account.last().map(|look| round(look.seconds));
    points.extend(end.zip(points.last().map(|point| point.1)));
    points
}

/// The mean number of calls in flight.
fn means(account: &[Look]) -> Vec<(f64, f64)> {
    let mean = |looks: &[Look]| {
        let sum: usize = looks.iter().map(|look| look.in_flight).sum();
        number(sum as u64) / number(looks.len() as u64)
    };
    spans(account, PER_SECOND)
        .map(|(seconds, looks)| (seconds, round(mean(looks))))
        .collect()
}

/// Refusals within each second.
fn refused(account: &[Look]) -> Vec<(f64, f64)> {
    let mut before = 0;
    spans(account, 1.0)
        .map(|(seconds, looks)| {
            let now = looks.last().map_or(before, |look| look.refused);
            let new = now - before;
            before = now;
            (seconds, number(new))
        })
        .collect()
}

fn sums(workers: &[Limits]) -> Vec<(f64, f64)> {
    let sums = workers.iter();
    sums.map(|limits| (round(limits.seconds), limits.each.iter().sum()))
        .collect()
}

fn each(workers: &[Limits]) -> Vec<Value> {
    let count = workers.first().map_or(0, |limits| limits.each.len());
    let points = |worker: usize| {
        let of = |limits: &Limits| (round(limits.seconds), limits.each[worker]);
        workers.iter().map(of).collect::<Vec<_>>()
    };
    (0..count)
        .map(|worker| line(&format!("worker {}", worker + 1), &points(worker)))
        .collect()
}

/// The looks of each span of time, with the time at its end.
fn spans(account: &[Look], per_second: f64) -> impl Iterator<Item = (f64, &[Look])> {
    let number = move |look: &Look| (look.seconds * per_second).floor();
    let spans = account.chunk_by(move |a, b| number(a).total_cmp(&number(b)).is_eq());
    spans.map(move |looks| {
        let end = looks
            .first()
            .map_or(0.0, |look| (number(look) + 1.0) / per_second);
        (end, looks)
    })
}

fn number(count: u64) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

fn round(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}
