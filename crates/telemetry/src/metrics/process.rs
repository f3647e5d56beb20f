//! Figures about this process, read from `/proc` at each scrape. Absent where there is no `/proc`.

use std::fs;

use prometheus::Gauge;

use super::catalogue as c;
use super::family::Registrar;

#[derive(Debug)]
pub(super) struct ProcessFigures {
    resident_memory: Gauge,
    open_files: Gauge,
}

impl ProcessFigures {
    pub(super) fn new(r: &mut Registrar, started_at: f64) -> Self {
        r.gauge(&c::PROCESS_START_TIME).set(started_at);
        Self {
            resident_memory: r.gauge(&c::PROCESS_RESIDENT_MEMORY),
            open_files: r.gauge(&c::PROCESS_OPEN_FDS),
        }
    }

    pub(super) fn refresh(&self) {
        if let Some(kibibytes) = resident_kibibytes() {
            self.resident_memory.set(kibibytes * 1024.0);
        }
        if let Ok(entries) = fs::read_dir("/proc/self/fd") {
            let open = u32::try_from(entries.count()).unwrap_or(u32::MAX);
            self.open_files.set(f64::from(open));
        }
    }
}

fn resident_kibibytes() -> Option<f64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_running_process_takes_some_memory() {
        assert!(resident_kibibytes().is_some_and(|size| size > 100.0));
    }
}
