//! How the demo ended: the JSON that scripts read and the table that people read.

use std::fmt::Write;
use std::time::Duration;

use serde::Serialize;

use super::comparison::{Comparison, Row};

/// Rows of the table before the rest is only counted.
const ROWS: usize = 12;

/// The report. Its members and their order are a contract with scripts.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    pub(crate) equal: bool,
    /// Objects that are to be mirrored.
    pub(crate) objects: usize,
    /// Assets that Cloudinary holds.
    pub(crate) assets: usize,
    /// Changes of the bucket, each told by one event.
    pub(crate) events: usize,
    /// Uploads that Cloudinary accepted.
    pub(crate) uploaded: u64,
    /// Destroys that Cloudinary accepted.
    pub(crate) destroyed: u64,
    /// Events about objects that the rules leave alone.
    pub(crate) skipped: usize,
    /// Calls that Cloudinary refused because there were too many.
    pub(crate) throttled: u64,
    pub(crate) seconds: f64,
    pub(crate) differences: Vec<String>,
}

impl Report {
    pub(crate) fn new(
        comparison: &Comparison,
        stats: &cloudinary_emulator::Stats,
        events: usize,
        skipped: usize,
        took: Duration,
    ) -> Self {
        Self {
            equal: comparison.differences.is_empty(),
            objects: comparison.objects,
            assets: comparison.assets,
            events,
            uploaded: stats.answered("upload", 200),
            destroyed: stats.answered("destroy", 200),
            skipped,
            throttled: stats.throttled,
            seconds: (took.as_secs_f64() * 1000.0).round() / 1000.0,
            differences: comparison.differences.clone(),
        }
    }

    /// Adds what the comparison cannot see.
    pub(crate) fn add_difference(&mut self, difference: String) {
        self.equal = false;
        self.differences.push(difference);
    }

    /// The report for people.
    pub(crate) fn text(&self, comparison: &Comparison) -> String {
        let mut text = table(&comparison.rows);
        // Writing to a `String` does not fail.
        let _ = write!(
            text,
            "\nS3 holds {} objects to mirror and {} to leave alone, Cloudinary holds {} assets.\n\
             {} events led to {} uploads and {} destroys in {:.1} s; calls throttled: {}.\n",
            self.objects,
            comparison.left_alone,
            self.assets,
            self.events,
            self.uploaded,
            self.destroyed,
            self.seconds,
            self.throttled,
        );
        for difference in &self.differences {
            let _ = writeln!(text, "different: {difference}");
        }
        text.push_str(if self.equal { "equal\n" } else { "NOT equal\n" });
        text
    }
}

fn table(rows: &[Row]) -> String {
    let shown = &rows[..rows.len().min(ROWS)];
    let width = shown
        .iter()
        .map(|row| row.key.chars().count())
        .max()
        .unwrap_or(0)
        .max(2);
    let assets = shown
        .iter()
        .map(|row| row.asset.chars().count())
        .max()
        .unwrap_or(0)
        .max(10);
    let mut text = format!(
        "{:<width$}  {:<assets$}  {:>7}\n",
        "S3", "Cloudinary", "bytes"
    );
    for row in shown {
        let same = if row.same { "same" } else { "DIFFERENT" };
        let _ = writeln!(
            text,
            "{:<width$}  {:<assets$}  {:>7}  {same}",
            row.key, row.asset, row.bytes
        );
    }
    if rows.len() > ROWS {
        let _ = writeln!(text, "… and {} more", rows.len() - ROWS);
    }
    text
}
