//! The page for people and the JSON for programs, from the same results.

mod json;
mod page;

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::arguments::Arguments;
use crate::results::Results;
use crate::say::{print, say};
use crate::tools::Tools;

const PAGE: &str = "docs/benchmarks.md";

/// Writes both where they belong.
pub(crate) fn write(results: &Results, arguments: &Arguments, tools: &Tools) -> Result<()> {
    if let Some(file) = &arguments.json {
        let text = serde_json::to_string_pretty(&json::json(results))?;
        put(file, &format!("{text}\n"))?;
    }
    let page = page::page(results);
    match &arguments.report {
        Some(file) => put(file, &page),
        None if arguments.is_complete() && results.left_out.is_empty() => {
            put(&tools.root.join(PAGE), &page)
        }
        None => {
            say("not everything was measured, so the page in docs/ stays as it is");
            print(&page);
            Ok(())
        }
    }
}

fn put(file: &Path, text: &str) -> Result<()> {
    fs::write(file, text).with_context(|| format!("write {}", file.display()))?;
    say(&format!("wrote {}", file.display()));
    Ok(())
}

#[cfg(test)]
pub(crate) mod tests {
    use std::collections::BTreeMap;

    use crate::contender::Contender;
    use crate::counters::CallCounts;
    use crate::machine::Machine;
    use crate::race::{Entry, Run};
    use crate::results::Results;
    use crate::section::Sections;

    /// A race of cldsync and the floor, one round each.
    pub(crate) fn results() -> Results {
        let entry = |contender, cpu_seconds| Entry {
            contender,
            runs: vec![run(cpu_seconds)],
        };
        Results {
            machine: Machine {
                cores: 2,
                cpu: "a CPU".to_owned(),
                memory_gib: 4,
                kernel: "Linux 6.1".to_owned(),
                versions: vec![("Rust".to_owned(), "rustc 1.95".to_owned())],
            },
            events: 1000,
            rounds: 1,
            contenders: vec![
                entry(Contender::Cldsync, 0.26),
                entry(Contender::Floor, 0.2),
            ],
            sections: Sections::default(),
            left_out: Vec::new(),
        }
    }

    fn run(cpu_seconds: f64) -> Run {
        let calls = |name: &str, count| BTreeMap::from([(name.to_owned(), count)]);
        Run {
            events: 1000,
            seconds: 0.5,
            cpu_seconds,
            start_cpu_seconds: 0.01,
            peak_rss_mib: 20.0,
            aws_emulator_cpu_seconds: 0.3,
            cloudinary_emulator_cpu_seconds: 0.2,
            calls: CallCounts {
                sqs: calls("ReceiveMessage", 220),
                s3: calls("HeadObject", 2000),
                cloudinary: calls("upload", 1000),
            },
            throttled: 0,
        }
    }
}
