//! Micro-benchmarks: `cargo bench` of the pure crates, and what Criterion noted.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};

use crate::tools::Tools;

/// The crates that have some.
const CRATES: [&str; 3] = ["event-mapper", "cloudinary-core", "adaptive-limit"];

/// One of them.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Micro {
    pub(crate) name: String,
    /// The median.
    pub(crate) nanoseconds: f64,
}

#[derive(Deserialize)]
struct Benchmark {
    full_id: String,
}

#[derive(Deserialize)]
struct Estimates {
    median: Estimate,
}

#[derive(Deserialize)]
struct Estimate {
    point_estimate: f64,
}

/// Runs them all and reads their medians.
pub(crate) async fn measure(tools: &Tools) -> Result<Vec<Micro>> {
    let home = tools.work.join("criterion");
    if home.exists() {
        fs::remove_dir_all(&home).context("remove earlier estimates")?;
    }
    let packages = CRATES.iter().flat_map(|name| ["-p", name]);
    let arguments: Vec<&str> = ["bench", "--bench", "*"]
        .into_iter()
        .chain(packages)
        .collect();
    tools
        .cargo(&arguments, &[("CRITERION_HOME", &home)])
        .await?;
    let mut found = Vec::new();
    collect(&home, &mut found)?;
    if found.is_empty() {
        bail!("no estimates in {}", home.display());
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(found)
}

/// Criterion keeps each benchmark in a folder of its own, the last run in `new` below it.
fn collect(directory: &Path, found: &mut Vec<Micro>) -> Result<()> {
    for entry in fs::read_dir(directory).context("read Criterion's folder")? {
        let path = entry?.path();
        if path.file_name().is_some_and(|name| name == "new") {
            found.push(read(&path)?);
        } else if path.is_dir() {
            collect(&path, found)?;
        }
    }
    Ok(())
}

fn read(directory: &Path) -> Result<Micro> {
    let text = |file: &str| fs::read_to_string(directory.join(file)).context("read an estimate");
    let benchmark: Benchmark = serde_json::from_str(&text("benchmark.json")?)?;
    let estimates: Estimates = serde_json::from_str(&text("estimates.json")?)?;
    Ok(Micro {
        name: benchmark.full_id,
        nanoseconds: estimates.median.point_estimate,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn estimates_are_found_at_any_depth() {
        let home = std::env::temp_dir().join(format!("bench-micro-{}", std::process::id()));
        let new = home.join("decode/direct/new");
        fs::create_dir_all(&new).unwrap();
        fs::write(
            new.join("benchmark.json"),
            r#"{"full_id": "decode/direct"}"#,
        )
        .unwrap();
        let estimates = r#"{"mean": {"point_estimate": 2.0}, "median": {"point_estimate": 1.5}}"#;
        fs::write(new.join("estimates.json"), estimates).unwrap();
        let mut found = Vec::new();
        collect(&home, &mut found).unwrap();
        fs::remove_dir_all(&home).unwrap();
        let expected = Micro {
            name: "decode/direct".to_owned(),
            nanoseconds: 1.5,
        };
        assert_eq!(found, [expected]);
    }
}
