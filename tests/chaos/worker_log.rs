//! What workers did, read from their JSON logs: of a worker that was killed nothing else is left.

use std::collections::BTreeMap;

use serde_json::{Value, json};

/// The sum over all logs that were read.
#[derive(Debug, Default)]
pub(super) struct WorkerLog {
    /// Times that each message was worked on to its end.
    worked: BTreeMap<String, BTreeMap<String, u64>>,
    outcomes: BTreeMap<String, u64>,
    given_back: BTreeMap<String, u64>,
    pauses: BTreeMap<String, u64>,
    leases_lost: u64,
    /// Every line with its time, after the number of the worker that wrote it.
    lines: Vec<(String, String)>,
    workers: usize,
}

impl WorkerLog {
    /// Adds one worker's log and how that worker ended. A line that a kill has cut short is no line.
    pub(super) fn read(&mut self, log: &str, end: &str) {
        self.workers += 1;
        let worker = self.workers;
        let mut last = String::new();
        for line in log.lines() {
            let Ok(fields) = serde_json::from_str::<Value>(line) else {
                continue;
            };
            self.add(&fields);
            fields["timestamp"]
                .as_str()
                .unwrap_or_default()
                .clone_into(&mut last);
            self.lines
                .push((last.clone(), format!("worker {worker}: {line}")));
        }
        self.lines.push((last, format!("worker {worker}: {end}")));
    }

    /// In the order of time: the lines with one of these words, and the end of every worker.
    pub(super) fn story(&self, words: &[String]) -> String {
        let told = |line: &str| words.iter().any(|word| line.contains(word)) || !line.contains('{');
        let mut lines: Vec<_> = self.lines.iter().filter(|(_, line)| told(line)).collect();
        lines.sort_by_key(|(at, _)| at);
        let lines = lines.iter().map(|(at, line)| format!("{at} {line}\n"));
        lines.collect()
    }

    /// Whether anything was found in the logs.
    pub(super) fn tells_of_work(&self) -> bool {
        !self.worked.is_empty()
    }

    /// The sums as the report shows them.
    pub(super) fn summary(&self) -> Value {
        let again = |times: &BTreeMap<String, u64>| times.values().map(|n| n - 1).sum::<u64>();
        json!({
            "messages": self.worked.len(),
            "messages_worked_on_again": self.worked.values().map(again).sum::<u64>(),
            "outcomes": self.outcomes,
            "given_back": self.given_back,
            "pauses": self.pauses,
            "leases_lost": self.leases_lost,
        })
    }

    fn add(&mut self, line: &Value) {
        let text = |name: &str| line[name].as_str().unwrap_or_default().to_owned();
        match line["message"].as_str() {
            Some("Worked on a record") => {
                *self.outcomes.entry(text("outcome")).or_default() += 1;
                let message = self.worked.entry(text("message_id")).or_default();
                *message.entry(text("object")).or_default() += 1;
            }
            Some("Gave a message back") => {
                *self.given_back.entry(text("reason")).or_default() += 1;
            }
            Some("Paused until our access is put right") => {
                *self.pauses.entry(text("reason")).or_default() += 1;
            }
            Some("Lost the lease on a message") => self.leases_lost += 1,
            _ => {}
        }
    }
}
