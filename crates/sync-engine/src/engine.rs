//! One member of the fleet: takes messages when there is room for them, hands each to its own
//! task, and on the stop signal finishes what was begun, gives the rest back, and says what was
//! left.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout_at};
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;

use crate::context::Context;
use crate::handler::handle;
use crate::lanes::Lanes;
use crate::leases::Leases;
use crate::observation::{Observation, Observer};
use crate::outbox::{InFlight, Outbox};
use crate::pause;
use crate::poll::Poller;
use crate::ports::{Delivery, Ports};
use crate::settings::Settings;
use crate::settle::{Settlement, UNCLEAR_WAIT};
use crate::spans;
use crate::stop::StopReport;
use crate::tasks::{Life, Tasks};

/// Kept free at the end of the drain for acknowledgements and for giving back what is left.
const FLUSH_TIME: Duration = Duration::from_secs(5);

/// A fleet member, ready to run.
#[expect(missing_debug_implementations, reason = "ports need not be printable")]
pub struct Engine {
    ports: Ports,
    settings: Settings,
    observer: Observer,
}

impl Engine {
    /// A member that works through these ports and tells `observer` what happens.
    pub fn new(ports: Ports, settings: Settings, observer: Observer) -> Self {
        Self {
            ports,
            settings,
            observer,
        }
    }

    /// Works until `stop` is cancelled, then drains. Returns within the drain timeout of the
    /// stop, with every acknowledgement sent and every message that was left given back.
    ///
    /// Dropping the future is a crash: nothing is lost, but what was held stays invisible until
    /// its visibility timeout ends.
    pub async fn run(self, stop: CancellationToken) -> StopReport {
        let life = Life::new();
        let member = Member::new(self, &life);
        let leases = Arc::clone(&member.leases);
        let cx = Arc::clone(&member.cx);
        tokio::select! {
            // In a fixed order, so that a run can be repeated.
            biased;
            report = member.work_and_drain(stop) => report,
            () = leases.keep(cx.ports.queue.as_ref()) => unreachable!("runs until dropped"),
            () = pause::give_turns(&cx) => unreachable!("runs until dropped"),
            () = pause::remind(&cx.pause) => unreachable!("runs until dropped"),
            () = cx.brake.tell() => unreachable!("runs until dropped"),
        }
    }
}

/// Everything of one running member.
pub(crate) struct Member {
    pub(crate) cx: Arc<Context>,
    pub(crate) leases: Arc<Leases>,
    /// Places for messages in flight.
    pub(crate) places: Arc<Semaphore>,
    lanes: Arc<Lanes>,
    outbox: Outbox,
    /// Messages being worked on, and the lanes they wait in.
    work: Tasks,
    /// Ends the work that the drain leaves no time for.
    abandon: CancellationToken,
    /// The outbox's batches on their way to the queue.
    mail: Tasks,
}

impl Member {
    fn new(engine: Engine, life: &Life) -> Arc<Self> {
        let Engine {
            ports,
            settings,
            observer,
        } = engine;
        let leases = Arc::new(Leases::new(settings.visibility_timeout, observer.clone()));
        let places = Arc::new(Semaphore::new(settings.messages_in_flight.get()));
        let (work, mail) = (life.tasks(), life.tasks());
        let abandon = CancellationToken::new();
        let cx = Context::new(ports, settings, observer);
        let lanes = Lanes::new(Arc::clone(&cx), work.clone(), abandon.clone());
        let outbox = Outbox::start(&cx, &leases, &mail);
        Arc::new(Self {
            cx,
            leases,
            places,
            lanes,
            outbox,
            work,
            abandon,
            mail,
        })
    }

    /// The polls end before the work does. Otherwise one of them could receive what we have just
    /// given back, and count a receive for nothing.
    async fn work_and_drain(self: Arc<Self>, stop: CancellationToken) -> StopReport {
        let told = async {
            stop.cancelled().await;
            self.cx.observer.tell(&Observation::Draining);
            tracing::info!(messages_in_flight = self.leases.count(), "Draining");
            Instant::now() + self.cx.settings.drain_timeout
        };
        let ((), deadline) = tokio::join!(Poller::poll_until_stopped(&self, &stop), told);
        self.cx.stop.cancel();
        self.drain(deadline).await
    }

    /// Puts received messages to work, each with one of the places. Spare places become free.
    pub(crate) fn take_in(
        self: &Arc<Self>,
        batch: Vec<Delivery>,
        mut places: OwnedSemaphorePermit,
    ) {
        for delivery in batch {
            // The queue gave more than was asked for: the rest comes back by itself.
            let Some(place) = places.split(1) else { return };
            // A message that is held already goes on under its newer handle.
            if self.leases.hold(&delivery) {
                let member = Arc::clone(self);
                self.work
                    .spawn(member.work_on(InFlight { delivery, place }));
            }
        }
    }

    async fn work_on(self: Arc<Self>, message: InFlight) {
        let span = spans::message(&self.cx, &message.delivery);
        self.work_through(message).instrument(span).await;
    }

    async fn work_through(&self, message: InFlight) {
        let handled = handle(&self.cx, &self.lanes, &message.delivery);
        let settlement = self.abandon.run_until_cancelled(handled).await;
        let settlement = settlement.unwrap_or_else(|| {
            self.outbox
                .tally()
                .abandoned
                .fetch_add(1, Ordering::Relaxed);
            // A write may be on its way, so the next look must not come too early.
            Settlement::RetryAfter {
                wait: UNCLEAR_WAIT,
                reason: "abandoned",
            }
        });
        spans::settled(&settlement);
        // Boxed, so that a message that still waits for its outcome does not hold room for this.
        Box::pin(self.outbox.carry_out(settlement, message)).await;
    }

    /// Finishes what was begun, as far as there is time, and gives the rest back.
    async fn drain(&self, deadline: Instant) -> StopReport {
        let in_time = timeout_at(before(deadline, FLUSH_TIME), self.work.finish()).await;
        if in_time.is_err() {
            self.abandon.cancel();
            self.work.finish().await;
        }
        self.outbox.close();
        let _ = timeout_at(deadline, self.mail.finish()).await;
        self.outbox.tally().report(self.leases.count())
    }
}

/// A drain shorter than the time to flush gets half of it.
fn before(deadline: Instant, margin: Duration) -> Instant {
    let left = deadline.saturating_duration_since(Instant::now());
    deadline - margin.min(left / 2)
}
