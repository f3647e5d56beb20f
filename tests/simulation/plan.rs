//! Everything that one seed decides before a run begins: how large the world is, how the members
//! are set up, how often what goes wrong, and when members die.
//!
//! Each kind of fault is off in half of the seeds, so that rare combinations are not drowned.

use std::num::{NonZeroU32, NonZeroUsize};
use std::ops::Range;
use std::time::Duration;

use event_mapper::{Collisions, Rules, RulesConfig};
use fastrand::Rng;
use sync_engine::{Settings, Transfer};

/// Time since the start of a run.
pub(crate) type Moment = Duration;

/// A write that the library goes on with after its caller gave up lands at most this much later.
/// The engine waits two minutes before it looks again.
pub(crate) const LATE_AFTER_TIMEOUT: Duration = Duration::from_secs(118);
/// The same after its caller is gone, whether it died or was drained. What is left of a lease by
/// then covers it: renewed at half of its two minutes, and a few renewals may fail.
pub(crate) const LATE_AFTER_DEATH: Duration = Duration::from_secs(30);

/// What one seed stands for.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    pub(crate) seed: u64,
    pub(crate) members: usize,
    /// How long users change the bucket and things go wrong.
    pub(crate) active: Duration,
    pub(crate) changes: usize,
    pub(crate) bucket: BucketKind,
    pub(crate) sequencers: Sequencers,
    pub(crate) rates: Rates,
    /// When Cloudinary refuses almost every call for their number.
    pub(crate) throttling: Vec<Range<Moment>>,
    /// When our credentials are wrong: for the library, the queue, the store.
    pub(crate) locked_out: [Option<Range<Moment>>; 3],
    pub(crate) fate: Fate,
    pub(crate) settings: Settings,
}

/// Whether the bucket keeps versions, and what its entity tags are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BucketKind {
    Plain,
    Versioned,
    /// Entity tags are no MD5, as after a multipart upload.
    Opaque,
}

/// What events say about their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sequencers {
    Growing,
    Constant,
    Missing,
}

/// What happens to members.
///
/// A write that outlives its member is guarded by its message alone. So in worlds where members
/// die, the queue does not give away a message that somebody holds; see `docs/guarantees.md`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Fate {
    /// Members crash, at a call to a port or at any moment, are drained and come back.
    Mortal { ends: Vec<End> },
    /// Members live on, but messages are handed out twice and leases are lost.
    Doubled { twice: f64, renewals_fail: f64 },
}

/// The end of a member's life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// Gone at this age.
    CrashAt(Duration),
    /// Gone at this call to a port, before or after it had its effect.
    CrashAtCall(u32),
    /// Told to stop at this age.
    DrainAt(Duration),
}

/// How likely each fault is, per call or per event.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rates {
    pub(crate) event_again: f64,
    pub(crate) event_late: f64,
    pub(crate) event_wrapped: f64,
    pub(crate) malformed: f64,
    pub(crate) receive_empty: f64,
    pub(crate) receive_hangs: f64,
    pub(crate) queue_fails: f64,
    pub(crate) entry_fails: f64,
    pub(crate) delete_lost: f64,
    pub(crate) store_slow: f64,
    pub(crate) store_denies: f64,
    pub(crate) store_fails: f64,
    pub(crate) throttled: f64,
    pub(crate) processing: f64,
    pub(crate) server_error: f64,
    pub(crate) unconnected: f64,
    pub(crate) reset: f64,
    pub(crate) timeout: f64,
    pub(crate) pull_slow: f64,
}

impl Plan {
    pub(crate) fn draw(seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed);
        let active = Duration::from_secs(rng.u64(20..400));
        Self {
            seed,
            members: rng.usize(1..=3),
            active,
            changes: rng.usize(3..30),
            bucket: pick(
                &mut rng,
                &[BucketKind::Plain, BucketKind::Versioned, BucketKind::Opaque],
            ),
            sequencers: pick(
                &mut rng,
                &[
                    Sequencers::Growing,
                    Sequencers::Constant,
                    Sequencers::Missing,
                ],
            ),
            rates: Rates::draw(&mut rng),
            throttling: throttling(&mut rng, active),
            locked_out: std::array::from_fn(|_| locked_out(&mut rng, active)),
            fate: Fate::draw(&mut rng, active),
            settings: settings(&mut rng, seed),
        }
    }
}

impl Rates {
    fn draw(rng: &mut Rng) -> Self {
        let mut up_to = |most: f64| if rng.bool() { rng.f64() * most } else { 0.0 };
        Self {
            event_again: up_to(0.5),
            event_late: up_to(0.4),
            event_wrapped: up_to(1.0),
            malformed: up_to(0.4),
            receive_empty: up_to(0.5),
            receive_hangs: up_to(0.05),
            queue_fails: up_to(0.2),
            entry_fails: up_to(0.3),
            delete_lost: up_to(0.3),
            store_slow: up_to(0.2),
            store_denies: up_to(0.2),
            store_fails: up_to(0.3),
            throttled: up_to(0.5),
            processing: up_to(0.2),
            server_error: up_to(0.4),
            unconnected: up_to(0.2),
            reset: up_to(0.3),
            timeout: up_to(0.3),
            pull_slow: up_to(0.5),
        }
    }
}

impl Fate {
    fn draw(rng: &mut Rng, active: Duration) -> Self {
        if rng.u8(..3) == 0 {
            let mut up_to = |most: f64| if rng.bool() { rng.f64() * most } else { 0.0 };
            return Self::Doubled {
                twice: up_to(0.05),
                renewals_fail: up_to(1.0),
            };
        }
        let mut ends: Vec<_> = (0..rng.usize(..8))
            .map(|_| End::draw(rng, active))
            .collect();
        rng.shuffle(&mut ends);
        Self::Mortal { ends }
    }
}

impl End {
    fn draw(rng: &mut Rng, active: Duration) -> Self {
        let most = u64::try_from(active.as_millis()).unwrap_or(u64::MAX);
        let age = Duration::from_millis(rng.u64(..most));
        match rng.u8(..4) {
            0 => Self::CrashAt(age),
            1 => Self::DrainAt(age),
            _ => Self::CrashAtCall(rng.u32(1..60)),
        }
    }
}

fn settings(rng: &mut Rng, seed: u64) -> Settings {
    let rules = RulesConfig {
        collisions: pick(
            rng,
            &[
                Collisions::Newest,
                Collisions::Newest,
                Collisions::KeepExtension,
            ],
        ),
        ..RulesConfig::default()
    };
    let mut settings = Settings::new(Rules::new(&rules).expect("valid rules"));
    let mut limit = |limits: &[usize]| {
        NonZeroUsize::new(limits[rng.usize(..limits.len())]).expect("no limit is zero")
    };
    settings.messages_in_flight = limit(&[1, 3, 10, 25]);
    settings.calls_in_flight = limit(&[1, 2, 10]);
    settings.operations_per_second = NonZeroU32::new(pick(rng, &[0, 0, 2, 20]));
    settings.transfer = pick(rng, &[Transfer::S3, Transfer::Presigned, Transfer::Stream]);
    // Not the two minutes of an unclear write, so that a renewal can be told from giving back.
    settings.visibility_timeout = Duration::from_secs(121);
    settings.wait_time = Duration::from_secs(pick(rng, &[1, 5, 20]));
    settings.drain_timeout = Duration::from_secs(pick(rng, &[4, 10, 25]));
    settings.skip_same_etag = rng.bool();
    settings.upload_only = rng.u8(..10) == 0;
    settings.seed = seed;
    settings
}

/// Now and then a storm outlives every lease.
fn throttling(rng: &mut Rng, active: Duration) -> Vec<Range<Moment>> {
    if rng.u16(..300) == 0 {
        return vec![Duration::ZERO..Duration::from_hours(13)];
    }
    (0..rng.usize(..3)).map(|_| window(rng, active)).collect()
}

/// Short enough for a lease to outlast it.
fn locked_out(rng: &mut Rng, active: Duration) -> Option<Range<Moment>> {
    (rng.u8(..8) == 0).then(|| {
        let start = active.mul_f64(rng.f64());
        start..start + Duration::from_secs(rng.u64(1..15))
    })
}

fn window(rng: &mut Rng, active: Duration) -> Range<Moment> {
    let start = active.mul_f64(rng.f64());
    start..start + active.mul_f64(rng.f64() / 2.0)
}

fn pick<T: Copy>(rng: &mut Rng, choices: &[T]) -> T {
    choices[rng.usize(..choices.len())]
}
