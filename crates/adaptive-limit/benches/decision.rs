//! What asking for a slot and giving it back costs.
//!
//! Run with `cargo bench -p adaptive-limit --bench decision`.

use std::hint::black_box;
use std::num::NonZeroUsize;
use std::time::Duration;

use adaptive_limit::Settings;
use adaptive_limit::gate::{CallKind, Decision, Gate};
use criterion::Criterion;

const INITIAL: NonZeroUsize = NonZeroUsize::new(10).expect("not zero");
const MAX: NonZeroUsize = NonZeroUsize::new(50).expect("not zero");
const STEP: Duration = Duration::from_micros(100);

fn main() {
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(1))
        .configure_from_args();
    criterion.bench_function("limiter/start_and_answer", |bencher| {
        let (mut gate, mut now) = (gate(), Duration::ZERO);
        bencher.iter(|| {
            now += STEP;
            if let Decision::Start(call) = gate.start(CallKind::Upload, black_box(now)) {
                gate.answered(call, now, 0.5);
            }
        });
    });
    criterion.bench_function("limiter/wait", |bencher| {
        let mut gate = gate();
        let mut held = Vec::new();
        while let Decision::Start(call) = gate.start(CallKind::Upload, Duration::ZERO) {
            held.push(call);
        }
        bencher.iter(|| gate.start(CallKind::Upload, black_box(Duration::ZERO)));
    });
    criterion.final_summary();
}

fn gate() -> Gate {
    Gate::new(Settings::new(INITIAL, MAX), None, 0.5)
}
