//! The workers, and what each of them tells of its limit.

use futures_util::future::join_all;

use super::PATIENCE;
use super::stage::Stage;
use crate::programs::{Binaries, Program, control};
use crate::world::{http, patience};

/// Workers that run. Dropping them ends them.
pub(super) struct Fleet(Vec<Worker>);

struct Worker {
    program: Program,
    /// Base URL of its admin endpoint.
    admin: String,
}

impl Fleet {
    /// Starts workers and waits until they are ready.
    pub(super) async fn start(workers: usize, binaries: &Binaries, stage: &Stage) -> Self {
        let binary = binaries.path("cldsync-worker");
        let programs = (0..workers).map(|_| Program::start(&binary, &[], &stage.variables()));
        // All start before the first is waited for, as the members of a fleet do.
        let programs: Vec<_> = programs.collect();
        Self(join_all(programs.into_iter().map(ready)).await)
    }

    /// The limit that each worker has set itself.
    pub(super) async fn limits(&self) -> Vec<f64> {
        let limits = self.0.iter().map(async |worker| {
            let page = control::page(&format!("{}/metrics", worker.admin)).await;
            page.and_then(|page| value(&page, "cldsync_cloudinary_limit"))
        });
        let limits: Option<_> = join_all(limits).await.into_iter().collect();
        limits.expect("every worker tells its limit")
    }

    /// Asks all to stop; each must end cleanly.
    pub(super) async fn stop(&mut self) {
        for worker in &self.0 {
            worker.program.terminate();
        }
        for worker in &mut self.0 {
            assert_eq!(worker.program.end().await.code(), Some(0));
        }
    }
}

async fn ready(mut program: Program) -> Worker {
    let admin = patience::within(PATIENCE, "a worker is ready", async || {
        let ended = program.ended();
        assert!(
            ended.is_none(),
            "a worker ended while it started: {ended:?}"
        );
        let admin = admin(&program.stdout())?;
        http::is_ok(&format!("{admin}/readyz"))
            .await
            .then_some(admin)
    })
    .await;
    Worker { program, admin }
}

/// The log tells the port that was free.
fn admin(log: &str) -> Option<String> {
    let (_, rest) = log.split_once(r#""admin_addr":""#)?;
    let (address, _) = rest.split_once('"')?;
    Some(format!("http://{address}"))
}

/// The value of a metric without labels.
fn value(page: &str, name: &str) -> Option<f64> {
    let of = |line: &str| line.strip_prefix(name)?.strip_prefix(' ')?.parse().ok();
    page.lines().find_map(of)
}
