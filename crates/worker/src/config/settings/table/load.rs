//! Settings of how much is done at once.

use crate::config::kind::Kind;
use crate::config::settings::Setting;

pub(crate) static MESSAGES_IN_FLIGHT: Setting = Setting::new(
    "CLDSYNC_MESSAGES_IN_FLIGHT",
    Kind::Count {
        min: 1,
        max: 10_000,
    },
    "Messages held at once.",
)
.default("100")
.advice(
    "Smaller: less is done twice after a crash. Larger: more events of one asset are answered by \
     one upload, at some 10 KiB of memory each. Should be well above the calls in flight.",
);

pub(crate) static CONCURRENCY_INITIAL: Setting = Setting::new(
    "CLDSYNC_CONCURRENCY_INITIAL",
    Kind::Count { min: 1, max: 1000 },
    "Calls to Cloudinary that may be in flight when the worker starts.",
)
.default("10")
.advice("Smaller: a slower start. Larger: a storm of refused calls when many workers start.");

pub(crate) static CONCURRENCY_MAX: Setting = Setting::new(
    "CLDSYNC_CONCURRENCY_MAX",
    Kind::Count { min: 1, max: 1000 },
    "Calls to Cloudinary that may ever be in flight, per worker.",
)
.default("50")
.advice("The account's limit is shared by the whole fleet and by everybody else who uses it.");

pub(crate) static FLEET_SIZE: Setting = Setting::new(
    "CLDSYNC_FLEET_SIZE",
    Kind::Count { min: 1, max: 1000 },
    "Workers that share the account. With CLDSYNC_ACCOUNT_SLOTS, a worker starts with nine tenths \
     of an even share instead of with CLDSYNC_CONCURRENCY_INITIAL.",
)
.advice(
    "Only for the start, and only worth it where many workers start at once: from there on each \
     worker finds its part by itself, also when the numbers were wrong. Smaller than the fleet: \
     refused calls at the start. Larger: some slots are found later.",
);

pub(crate) static ACCOUNT_SLOTS: Setting = Setting::new(
    "CLDSYNC_ACCOUNT_SLOTS",
    Kind::Count { min: 1, max: 1000 },
    "Upload calls that Cloudinary accepts at once for the account. Only with CLDSYNC_FLEET_SIZE, \
     and only for the start.",
)
.advice(
    "Cloudinary's support tells it; the sum of `cldsync_cloudinary_limit` over all workers under \
     load shows it. Smaller than it is: some slots are found later. Larger: refused calls at the \
     start.",
);

pub(crate) static OPERATIONS_PER_SECOND: Setting = Setting::new(
    "CLDSYNC_OPERATIONS_PER_SECOND",
    Kind::Count {
        min: 1,
        max: 10_000,
    },
    "Calls to Cloudinary that may start per second, per worker. Without it there is no such cap.",
);

pub(crate) static MAX_DESTROYS_PER_MINUTE: Setting = Setting::new(
    "CLDSYNC_MAX_DESTROYS_PER_MINUTE",
    Kind::Count {
        min: 1,
        max: 100_000,
    },
    "The brake on mass deletes: assets that may be destroyed within a minute, per worker. Without \
     it there is no such brake.",
)
.advice(
    "Above it, deletes wait in the queue while uploads go on: a message comes again after a minute \
     at first and an hour at last, so that 20 receives last about half a day. Meanwhile `/readyz` \
     answers 503 with the check `destroys` failing, and `cldsync_mass_delete_held` is above 0. \
     That stops no work: a worker that is not ready only leaves the load balancer, and no work \
     comes through one. A fleet destroys as many as its workers together. Smaller: a mistake is noticed before much is gone. \
     Larger: wanted deletes are not slowed down.",
);
