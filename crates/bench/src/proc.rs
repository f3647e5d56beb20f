//! What the kernel knows about a process and its descendants: CPU time and peak memory.
//!
//! Read from `/proc`, because a child's own report ends with it. Times come in hundredths of a
//! second, so a measurement should take some seconds.

use std::collections::BTreeMap;
use std::fs;
use std::time::Duration;

use anyhow::{Context, Result};

/// `USER_HZ`: 100 on every Linux that this is built for.
const TICK: Duration = Duration::from_millis(10);

/// What a process and its descendants have used so far.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Usage {
    /// User and system time, that of children that have ended included.
    pub(crate) cpu: Duration,
    /// The sum of the largest resident sizes, in bytes.
    pub(crate) peak_rss: u64,
}

/// One line of `/proc/PID/stat`, as far as it is of interest.
#[derive(Debug, PartialEq)]
struct Stat {
    parent: u32,
    cpu: Duration,
}

/// Of a process that must be alive, and of its descendants.
pub(crate) fn usage(root: u32) -> Result<Usage> {
    let all = processes();
    all.get(&root)
        .with_context(|| format!("process {root} is gone"))?;
    let tree = all.keys().filter(|id| descends(&all, **id, root));
    Ok(tree.fold(Usage::default(), |sum, id| Usage {
        cpu: sum.cpu + all[id].cpu,
        peak_rss: sum.peak_rss + peak_rss(*id),
    }))
}

fn processes() -> BTreeMap<u32, Stat> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries
        .filter_map(|entry| {
            let id: u32 = entry.file_name().to_str()?.parse().ok()?;
            let text = fs::read_to_string(entry.path().join("stat")).ok()?;
            Some((id, parse_stat(&text)?))
        })
        .collect()
}

fn descends(all: &BTreeMap<u32, Stat>, mut id: u32, root: u32) -> bool {
    while id != root {
        match all.get(&id) {
            Some(stat) if stat.parent != id => id = stat.parent,
            _ => return false,
        }
    }
    true
}

/// The command may hold spaces and parentheses, so fields are counted from its end.
fn parse_stat(text: &str) -> Option<Stat> {
    let (_, rest) = text.rsplit_once(')')?;
    let fields: Vec<&str> = rest.split_ascii_whitespace().collect();
    let ticks: u32 = fields
        .get(11..15)?
        .iter()
        .filter_map(|field| field.parse::<u32>().ok())
        .sum();
    Some(Stat {
        parent: fields.get(1)?.parse().ok()?,
        cpu: TICK * ticks,
    })
}

fn peak_rss(id: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
    parse_peak_rss(&status).unwrap_or(0)
}

fn parse_peak_rss(status: &str) -> Option<u64> {
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    const STAT: &str =
        "77 (a (strange) name) S 12 77 77 0 -1 4194560 100 0 0 0 150 50 7 3 20 0 9 0 1 2 3";

    #[test]
    fn times_of_the_process_and_of_its_ended_children_are_added_up() {
        let expected = Stat {
            parent: 12,
            cpu: Duration::from_millis(2100),
        };
        assert_eq!(parse_stat(STAT), Some(expected));
    }

    #[test]
    fn a_line_that_ends_early_is_no_process() {
        assert_eq!(parse_stat("77 (x) S 12"), None);
        assert_eq!(parse_stat(""), None);
    }

    #[test]
    fn the_peak_is_in_kibibytes() {
        let status = "VmPeak:\t  999 kB\nVmHWM:\t    2048 kB\nVmRSS:\t 1 kB\n";
        assert_eq!(parse_peak_rss(status), Some(2048 * 1024));
        assert_eq!(parse_peak_rss("Name:\tkthreadd\n"), None);
    }

    #[test]
    fn a_process_knows_itself_and_its_children() {
        let alone = usage(std::process::id()).unwrap();
        assert!(alone.peak_rss > 0);
        let mut child = std::process::Command::new("sleep")
            .arg("60")
            .spawn()
            .unwrap();
        let both = usage(std::process::id()).unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(both.peak_rss > alone.peak_rss);
    }

    #[test]
    fn a_stranger_does_not_descend_from_us() {
        let stat = |parent| Stat {
            parent,
            cpu: Duration::ZERO,
        };
        let all = BTreeMap::from([(1, stat(0)), (5, stat(1)), (6, stat(5)), (7, stat(1))]);
        assert!(descends(&all, 6, 5) && descends(&all, 5, 5));
        assert!(!descends(&all, 7, 5));
    }
}
