//! The discrete-event simulation: workers send calls, the account lets them in or refuses them at
//! the door, answers travel back. Time is virtual and every choice comes from one seed.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Duration;

use adaptive_limit::limiter::{Call, Limiter};

use crate::measure::{Measure, Run};
use crate::scenario::{CallKind, Scenario};
use crate::worker::Worker;

/// Workers of one deployment start within this time.
const STARTS_WITHIN: f64 = 0.5;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    Change { index: usize },
    Look { worker: usize },
    Arrival { call: usize },
    Departure { call: usize },
    Answer { call: usize, let_in: bool },
}

/// A call on its way, and whose it is. Taken out when it ends.
type OnItsWay = Option<(usize, Call)>;

struct Simulation<'a> {
    scenario: &'a Scenario,
    random: fastrand::Rng,
    events: BinaryHeap<Reverse<(Duration, usize, Event)>>,
    scheduled: usize,
    workers: Vec<Worker>,
    calls: Vec<OnItsWay>,
    slots: usize,
    in_use: usize,
    in_flight: usize,
    measure: Measure,
}

/// The whole scenario, once.
pub(crate) fn run(scenario: &Scenario, seed: u64) -> Run {
    let mut simulation = Simulation {
        scenario,
        random: fastrand::Rng::with_seed(seed),
        events: BinaryHeap::new(),
        scheduled: 0,
        workers: Vec::new(),
        calls: Vec::new(),
        slots: scenario.account.slots,
        in_use: 0,
        in_flight: 0,
        measure: Measure::new(scenario),
    };
    simulation.resize_fleet(scenario.fleet.workers, Duration::ZERO);
    for (index, change) in scenario.changes.iter().enumerate() {
        simulation.at(seconds(change.at), Event::Change { index });
    }
    simulation.play(seconds(scenario.seconds))
}

impl Simulation<'_> {
    fn play(mut self, end: Duration) -> Run {
        while let Some(Reverse((now, _, event))) = self.events.pop() {
            let busy = self.in_use.min(self.slots);
            self.measure
                .until(now.min(end), busy, self.slots, self.in_flight);
            if now >= end {
                break;
            }
            self.happen(event, now);
        }
        self.measure.finish()
    }

    fn happen(&mut self, event: Event, now: Duration) {
        match event {
            Event::Change { index } => self.change(index, now),
            Event::Look { worker } => {
                self.workers[worker].wakes.take_if(|moment| *moment <= now);
                self.start_calls(worker, now);
            }
            Event::Arrival { call } => self.arrive(call, now),
            Event::Departure { call } => {
                self.in_use -= 1;
                let back = now + self.scenario.one_way();
                self.at(back, Event::Answer { call, let_in: true });
            }
            Event::Answer { call, let_in } => self.end(call, let_in, now),
        }
    }

    fn change(&mut self, index: usize, now: Duration) {
        let change = self.scenario.changes[index];
        self.slots = change.slots.unwrap_or(self.slots);
        if let Some(workers) = change.workers {
            self.resize_fleet(workers, now);
        }
    }

    fn arrive(&mut self, call: usize, now: Duration) {
        let stray = self.random.f64() < self.scenario.account.stray;
        if self.in_use < self.slots && !stray {
            self.in_use += 1;
            let done = now + self.service_time();
            self.at(done, Event::Departure { call });
        } else {
            let back = now + self.scenario.one_way();
            self.at(
                back,
                Event::Answer {
                    call,
                    let_in: false,
                },
            );
        }
    }

    fn end(&mut self, id: usize, let_in: bool, now: Duration) {
        let Some((worker, call)) = self.calls[id].take() else {
            return;
        };
        self.in_flight -= 1;
        self.measure.ended(now, let_in);
        let random = self.random.f64();
        self.workers[worker].end(call, let_in, now, random);
        self.start_calls(worker, now);
    }

    fn start_calls(&mut self, worker: usize, now: Duration) {
        let (calls, until) = self.workers[worker].start_calls(now);
        self.in_flight += calls.len();
        for call in calls {
            let id = self.calls.len();
            self.calls.push(Some((worker, call)));
            let there = now + self.scenario.one_way();
            self.at(there, Event::Arrival { call: id });
        }
        if let Some(moment) = until
            && self.workers[worker]
                .wakes
                .is_none_or(|wakes| moment < wakes)
        {
            self.workers[worker].wakes = Some(moment);
            self.at(moment, Event::Look { worker });
        }
    }

    /// The newest workers leave first; those that join are new.
    fn resize_fleet(&mut self, size: usize, now: Duration) {
        let mut present = 0;
        for worker in self.workers.iter_mut().filter(|worker| !worker.gone) {
            present += 1;
            worker.gone = present > size;
        }
        for _ in present..size {
            let limiter = Limiter::new(self.scenario.settings(), self.random.f64());
            self.workers.push(Worker::new(limiter));
            let start = Duration::from_secs_f64(STARTS_WITHIN * self.random.f64());
            let worker = self.workers.len() - 1;
            self.at(now + start, Event::Look { worker });
        }
    }

    fn at(&mut self, moment: Duration, event: Event) {
        self.scheduled += 1;
        self.events.push(Reverse((moment, self.scheduled, event)));
    }

    fn service_time(&mut self) -> Duration {
        let kinds = &self.scenario.calls;
        let mut left = self.random.f64() * kinds.iter().map(|kind| kind.share).sum::<f64>();
        let kind = kinds.iter().find(|kind| {
            left -= kind.share;
            left < 0.0
        });
        lognormal(kind.unwrap_or(&kinds[0]), &mut self.random)
    }
}

/// Drawn by the method of Box and Muller.
fn lognormal(kind: &CallKind, random: &mut fastrand::Rng) -> Duration {
    let radius = (-2.0 * (1.0 - random.f64()).ln()).sqrt();
    let normal = radius * (std::f64::consts::TAU * random.f64()).cos();
    let centre = kind.seconds.ln() - kind.sigma * kind.sigma / 2.0;
    Duration::from_secs_f64((centre + kind.sigma * normal).exp())
}

pub(crate) fn seconds(count: u32) -> Duration {
    Duration::from_secs(count.into())
}
