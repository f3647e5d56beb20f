//! The results as JSON. Scripts rely on the names of the first seven members of a contender.

use serde_json::{Value, json};

use crate::race::{Entry, Run};
use crate::results::Results;
use crate::targets::targets;

/// A number of a run that is reported with its spread.
type Number = (&'static str, fn(&Run) -> f64);

const NUMBERS: [Number; 10] = [
    ("events_per_second", Run::events_per_second),
    ("cpu_us_per_event", Run::cpu_us_per_event),
    ("peak_rss_mib", |run| run.peak_rss_mib),
    ("sqs_calls_per_event", Run::sqs_calls_per_event),
    ("s3_calls_per_event", Run::s3_calls_per_event),
    (
        "cloudinary_calls_per_event",
        Run::cloudinary_calls_per_event,
    ),
    ("admin_calls_per_event", Run::admin_calls_per_event),
    ("start_cpu_seconds", |run| run.start_cpu_seconds),
    ("contender_cores", Run::cores),
    ("emulator_cores", Run::emulator_cores),
];

/// Everything that was measured.
pub(crate) fn json(results: &Results) -> Value {
    let contenders: Vec<Value> = results.contenders.iter().map(contender).collect();
    json!({
        "contenders": contenders,
        "events": results.events,
        "rounds": results.rounds,
        "machine": results.machine,
        "latency": results.sections.latency,
        "memory": results.sections.memory,
        "startup": results.sections.startup,
        "queue": results.sections.queue,
        "micro": results.sections.micro,
        "targets": targets(results),
        "left_out": results.left_out,
    })
}

fn contender(entry: &Entry) -> Value {
    let mut told = json!({"name": entry.contender.name()});
    let mut spreads = json!({});
    for (name, number) in NUMBERS {
        if let Some(spread) = entry.spread(number) {
            told[name] = json!(spread.median);
            spreads[name] = json!(spread);
        }
    }
    told["spread"] = spreads;
    told["runs"] = json!(entry.runs);
    told
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::tests::results;

    #[test]
    fn the_members_that_scripts_rely_on_are_there() {
        let told = json(&results());
        let first = &told["contenders"][0];
        assert_eq!(first["name"], "cldsync");
        assert_eq!(first["events_per_second"], 2000.0);
        assert_eq!(first["cpu_us_per_event"], 260.0);
        assert_eq!(first["peak_rss_mib"], 20.0);
        assert_eq!(first["sqs_calls_per_event"], 0.22);
        assert_eq!(first["s3_calls_per_event"], 2.0);
        assert_eq!(first["cloudinary_calls_per_event"], 1.0);
        assert_eq!(told["contenders"][1]["name"], "floor");
    }

    #[test]
    fn a_section_that_was_skipped_is_null() {
        let told = json(&results());
        assert!(told["latency"].is_null() && told["micro"].is_null());
    }
}
