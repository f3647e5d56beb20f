//! The workers: each has a seat, and whoever sits in it may be killed, stopped and replaced.

use std::path::PathBuf;
use std::time::Duration;

use super::worker_log::WorkerLog;
use crate::programs::{Program, Variables};
use crate::world::{http, patience};

const READY: Duration = Duration::from_mins(1);

/// All workers, those of the past included.
pub(super) struct Fleet {
    binary: PathBuf,
    variables: Variables,
    /// Empty between the end of a worker and the start of the next one.
    seats: Vec<Option<Program>>,
    log: WorkerLog,
}

impl Fleet {
    /// Starts workers and waits until they are ready.
    pub(super) async fn start(workers: usize, binary: PathBuf, variables: Variables) -> Self {
        let mut fleet = Self {
            binary,
            variables,
            seats: (0..workers).map(|_| None).collect(),
            log: WorkerLog::default(),
        };
        for seat in 0..workers {
            fleet.fill(seat);
        }
        for worker in fleet.seats.iter().flatten() {
            wait_until_ready(worker).await;
        }
        fleet
    }

    /// Seats there are.
    pub(super) fn len(&self) -> usize {
        self.seats.len()
    }

    /// Starts a worker in an empty seat.
    pub(super) fn fill(&mut self, seat: usize) {
        let worker = Program::start(&self.binary, &[], &self.variables);
        self.seats[seat] = Some(worker);
    }

    /// Ends a worker without a warning.
    pub(super) fn kill(&mut self, seat: usize) {
        let mut worker = self.seats[seat].take().expect("somebody in the seat");
        assert_runs(&mut worker);
        worker.kill();
        self.log.read(&worker.stdout(), "was killed");
    }

    /// Asks a worker to stop and waits until it has; it must end cleanly.
    pub(super) async fn terminate(&mut self, seat: usize) {
        let mut worker = self.seats[seat].take().expect("somebody in the seat");
        assert_runs(&mut worker);
        worker.terminate();
        let end = worker.end().await;
        assert_eq!(
            end.code(),
            Some(0),
            "a worker that was asked to stop ends with 0: {end}"
        );
        self.log.read(&worker.stdout(), "has stopped");
    }

    /// Fails if a worker has ended of its own accord.
    pub(super) fn assert_all_run(&mut self) {
        self.seats.iter_mut().flatten().for_each(assert_runs);
    }

    /// Stops everybody and tells what all workers ever did.
    pub(super) async fn stop(&mut self) -> WorkerLog {
        for seat in 0..self.len() {
            self.terminate(seat).await;
        }
        std::mem::take(&mut self.log)
    }
}

fn assert_runs(worker: &mut Program) {
    let ended = worker.ended();
    assert!(ended.is_none(), "a worker ended by itself: {ended:?}");
}

async fn wait_until_ready(worker: &Program) {
    patience::within(READY, "a worker is ready", async || {
        let address = admin_address(&worker.stdout())?;
        http::is_ok(&format!("http://{address}/readyz"))
            .await
            .then_some(())
    })
    .await;
}

/// The log tells the port that was free.
fn admin_address(log: &str) -> Option<String> {
    let (_, rest) = log.split_once(r#""admin_addr":""#)?;
    rest.split_once('"').map(|(address, _)| address.to_owned())
}
