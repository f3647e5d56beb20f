//! What every part of a running member shares: ports, settings, and the few things that must be
//! one per process.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use crate::brake::Brake;
use crate::observation::Observer;
use crate::pause::Pause;
use crate::ports::Ports;
use crate::retries::Retries;
use crate::rights::Rights;
use crate::settings::Settings;
use crate::slots::Slots;

/// Looks at the bucket that may be under way at once, however many records a message has.
const LOOKS_IN_FLIGHT_MIN: usize = 64;
/// Each takes a connection, and a look takes milliseconds: more would not be faster.
const LOOKS_IN_FLIGHT_MAX: usize = 256;

/// Shared by every task of one member.
pub(crate) struct Context {
    pub(crate) ports: Ports,
    pub(crate) settings: Settings,
    pub(crate) observer: Observer,
    /// Library calls may start.
    pub(crate) slots: Slots,
    /// Runs may try again.
    pub(crate) retries: Retries,
    /// Looks at the bucket may start.
    pub(crate) looks: Semaphore,
    /// Set while a mistake of ours makes work pointless.
    pub(crate) pause: Pause,
    /// Destroys may begin.
    pub(crate) brake: Brake,
    /// Polling has ended, and nothing new is begun.
    pub(crate) stop: CancellationToken,
    rights: Mutex<Rights>,
    jitter: Mutex<fastrand::Rng>,
}

impl Context {
    pub(crate) fn new(ports: Ports, settings: Settings, observer: Observer) -> Arc<Self> {
        let stop = CancellationToken::new();
        let slots = Slots::new(
            adaptive_limit::Settings::new(settings.calls_at_start, settings.calls_in_flight),
            settings.operations_per_second,
            settings.seed,
            observer.clone(),
        );
        let looks = settings.messages_in_flight.get();
        let looks = Semaphore::new(looks.clamp(LOOKS_IN_FLIGHT_MIN, LOOKS_IN_FLIGHT_MAX));
        let jitter = Mutex::new(fastrand::Rng::with_seed(settings.seed));
        let pause = Pause::new(observer.clone());
        let brake = Brake::new(&settings, observer.clone());
        Arc::new(Self {
            ports,
            settings,
            observer,
            slots,
            retries: Retries::new(),
            looks,
            pause,
            brake,
            stop,
            rights: Mutex::default(),
            jitter,
        })
    }

    /// What has been granted and refused to us.
    pub(crate) fn rights(&self) -> MutexGuard<'_, Rights> {
        self.rights.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A number drawn evenly from `0.0..1.0`.
    pub(crate) fn random(&self) -> f64 {
        self.jitter
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .f64()
    }
}
