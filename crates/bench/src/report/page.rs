//! The page: tables, and how to read them. No number in it is written by hand.

use std::fmt::Write as _;

use crate::contender::IN_FLIGHT;
use crate::race::Run;
use crate::results::Results;
use crate::section::Sections;
use crate::spread::Spread;
use crate::targets::{plain, targets};

/// A title, and the number of a run below it.
type Column = (&'static str, fn(&Run) -> f64);

/// The main table.
const COLUMNS: [Column; 6] = [
    ("events/s", Run::events_per_second),
    ("CPU µs/event", Run::cpu_us_per_event),
    ("peak RSS, MiB", |run| run.peak_rss_mib),
    ("SQS calls/event", Run::sqs_calls_per_event),
    ("S3 calls/event", Run::s3_calls_per_event),
    ("Cloudinary calls/event", Run::cloudinary_calls_per_event),
];

/// Markdown, ready to be committed.
pub(crate) fn page(results: &Results) -> String {
    let parts = [
        introduction(results),
        race(results),
        wanted(results),
        bottleneck(results),
        beside(&results.sections),
        micro(&results.sections),
        reading().to_owned(),
        machine(results),
    ];
    let kept: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    kept.join("\n")
}

fn introduction(results: &Results) -> String {
    format!(
        "# Benchmarks\n\n\
         <!-- Written by `cargo run --release -p bench`. Do not edit. -->\n\n\
         Each contender works through {} S3 events in each of {} rounds, against its own fresh \
         `aws-emulator` and `cloudinary-emulator`.\n\
         The events are real notifications of small GIF pictures (about 2 KB each) with distinct \
         keys, and they wait in the queue before the contender starts.\n\
         All contenders hold {IN_FLIGHT} messages at once.\n\
         Numbers are medians, with the smallest and the largest round in brackets.\n",
        results.events, results.rounds
    )
}

fn race(results: &Results) -> String {
    let mut text = String::from("## Side by side\n\n| contender |");
    for (title, _) in COLUMNS {
        let _ = write!(text, " {title} |");
    }
    text += "\n|---|";
    text += &"---|".repeat(COLUMNS.len());
    for entry in &results.contenders {
        let _ = write!(text, "\n| `{}` |", entry.contender.name());
        for (_, number) in COLUMNS {
            let _ = write!(
                text,
                " {} |",
                entry.spread(number).map_or_else(String::new, shown)
            );
        }
    }
    text += "\n\n";
    for entry in &results.contenders {
        let contender = entry.contender;
        let _ = writeln!(
            text,
            "- `{}`: {}.",
            contender.name(),
            contender.description()
        );
    }
    for reason in &results.left_out {
        let _ = writeln!(
            text,
            "- Left out, because it could not be installed: {reason}."
        );
    }
    text + &calls(results)
}

/// By operation, of the first round: the other rounds differ only by chance.
fn calls(results: &Results) -> String {
    let mut text = String::from("\nCalls by operation, first round:\n\n");
    for entry in &results.contenders {
        let Some(run) = entry.runs.first() else {
            continue;
        };
        let all = [&run.calls.sqs, &run.calls.s3, &run.calls.cloudinary];
        let told: Vec<String> = all
            .into_iter()
            .flatten()
            .map(|(operation, count)| format!("{operation} {count}"))
            .collect();
        let _ = writeln!(text, "- `{}`: {}", entry.contender.name(), told.join(", "));
    }
    text
}

fn wanted(results: &Results) -> String {
    let mut text =
        String::from("## Targets\n\n| target | wanted | reached | met |\n|---|---|---|---|\n");
    for target in targets(results) {
        let met = if target.is_met { "yes" } else { "**no**" };
        let _ = writeln!(
            text,
            "| {} | {} | {} | {met} |",
            target.what, target.wanted, target.reached
        );
    }
    text
}

fn bottleneck(results: &Results) -> String {
    let mut text = String::from(
        "## Who was busy\n\n\
         Cores kept busy while the contender worked.\n\
         Where contender and emulators together come close to all cores of the machine, events/s \
         says how they share it, and only CPU per event compares.\n\n\
         | contender | contender | `aws-emulator` | `cloudinary-emulator` | cores |\n|---|---|---|---|---|\n",
    );
    for entry in &results.contenders {
        let cores = |number: fn(&Run) -> f64| entry.spread(number).map_or(0.0, |all| all.median);
        let _ = writeln!(
            text,
            "| `{}` | {:.2} | {:.2} | {:.2} | {} |",
            entry.contender.name(),
            cores(Run::cores),
            cores(|run| run.aws_emulator_cpu_seconds / run.seconds),
            cores(|run| run.cloudinary_emulator_cpu_seconds / run.seconds),
            results.machine.cores
        );
    }
    text
}

fn beside(sections: &Sections) -> String {
    let mut text = String::new();
    if let Some(latency) = &sections.latency {
        let _ = writeln!(
            text,
            "## Slots\n\n\
             Cloudinary lets {} calls in at once and takes {:.0} ms for each; one worker made \
             {:.1} uploads/s, {:.1} % of slots × 1/latency, and {} of its calls were answered 420.\n\
             When Cloudinary was looked at, {:.1} % of its slots were taken: \
             a call also pulls the object, and that time is in no 100 ms.\n",
            latency.slots,
            latency.call_ms,
            latency.uploads_per_second,
            latency.share * 100.0,
            latency.throttled,
            latency.taken * 100.0
        );
    }
    if let Some(memory) = &sections.memory {
        text += "## Memory\n\n| situation | peak RSS, MiB |\n|---|---|\n";
        for one in &memory.by_backlog {
            let _ = writeln!(
                text,
                "| {} messages in the queue, 1000 worked through | {:.1} |",
                one.messages, one.peak_rss_mib
            );
        }
        let _ = writeln!(
            text,
            "| {} messages in flight, each looked at once, all waiting for Cloudinary | {:.1} |\n",
            memory.held_messages, memory.held_peak_rss_mib
        );
    }
    if let Some(startup) = &sections.startup {
        let _ = writeln!(
            text,
            "## Start\n\nFrom the start of the process to its first `ReceiveMessage`, {} starts: {} ms.\n\
             That includes the calls that check the queue and ask Cloudinary for the folder mode.\n",
            startup.starts,
            shown(startup.milliseconds)
        );
    }
    text += &queue(sections);
    text.trim_end().to_owned() + if text.is_empty() { "" } else { "\n" }
}

fn queue(sections: &Sections) -> String {
    let Some(rates) = &sections.queue else {
        return String::new();
    };
    let mut text = String::from(
        "## The emulated queue\n\n\
         One client on one thread receives and deletes 20,000 messages in batches of ten, while \
         others wait behind them.\n\n\
         | waiting | messages/s | client cores | emulator cores |\n|---|---|---|---|\n",
    );
    for rate in rates {
        let _ = writeln!(
            text,
            "| {} | {:.0} | {:.2} | {:.2} |",
            rate.backlog, rate.messages_per_second, rate.client_cores, rate.emulator_cores
        );
    }
    text
}

fn micro(sections: &Sections) -> String {
    let Some(all) = &sections.micro else {
        return String::new();
    };
    let mut text = String::from(
        "## Micro-benchmarks\n\n`cargo bench -p event-mapper -p cloudinary-core -p adaptive-limit --bench '*'`, medians.\n\n\
         | what | ns |\n|---|---|\n",
    );
    for one in all {
        let _ = writeln!(text, "| {} | {} |", one.name, plain(one.nanoseconds));
    }
    text
}

fn reading() -> &'static str {
    "## How to read it\n\n\
     - **CPU µs/event** is user and system time of the contender's own processes, read from `/proc`, from its first receive to the last acknowledgement. Starting an interpreter is not in it.\n\
     - **peak RSS** is the largest resident size since the start of the process.\n\
     - **S3 calls** are the contender's own; the object that Cloudinary pulls is not one of them.\n\
     - `floor` decides nothing and proves little: it looks twice and never compares with what else could own the asset. What cldsync costs above it is the price of its guarantees: a listing instead of the second HEAD, decoding and mapping, lanes, leases, the limiter, metrics, and a log line for each event.\n\
     - The memory of the peers is mostly that of their interpreters and SDKs; cldsync's is mostly connections, buffers and the messages in hand.\n\
     - Where a target is missed, [where the time goes](profile.md) tells why.\n\
     - The peers do less than cldsync: neither looks at the bucket again after the upload, so a change in between stays unnoticed.\n\
     - Everything runs on one machine over loopback without TLS. Emulators and contender share its cores, so events/s is a lower bound of what a contender could do on a machine of its own.\n\
     - A real Cloudinary takes tens to thousands of milliseconds per upload; then slots limit, not CPU. See the section on slots.\n"
}

fn machine(results: &Results) -> String {
    let machine = &results.machine;
    let mut text = format!(
        "## Machine and versions\n\n- {} cores, {}, {} GiB, {}\n",
        machine.cores, machine.cpu, machine.memory_gib, machine.kernel
    );
    for (name, version) in &machine.versions {
        let _ = writeln!(text, "- {name}: {version}");
    }
    text
}

/// `median (min–max)`, or just the number where all rounds agree.
fn shown(spread: Spread) -> String {
    let [median, min, max] = [spread.median, spread.min, spread.max].map(plain);
    if min == max {
        median
    } else {
        format!("{median} ({min}–{max})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::tests::results;

    #[test]
    fn the_page_shows_every_contender_and_target_once() {
        let page = page(&results());
        assert!(
            page.contains("| `cldsync` | 2000 | 260 | 20.0 | 0.22 | 2.00 | 1.00 |"),
            "{page}"
        );
        assert!(
            page.contains("| CPU per event, × the bare floor | ≤ 1.30× | 1.30× | yes |"),
            "{page}"
        );
        assert!(!page.contains("lambda-python"), "{page}");
    }

    #[test]
    fn rounds_that_differ_are_shown_with_their_ends() {
        let spread = Spread {
            median: 12.0,
            min: 11.5,
            max: 13.0,
        };
        assert_eq!(shown(spread), "12.0 (11.5–13.0)");
    }

    #[test]
    fn a_peer_that_is_missing_is_named() {
        let mut results = results();
        results.left_out.push("lambda-python: no Python".to_owned());
        assert!(page(&results).contains("could not be installed: lambda-python: no Python."));
    }
}
