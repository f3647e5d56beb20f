//! Handles whose labels are held to the catalogue, and the registrar that makes them.
//!
//! The number of labels is part of a family's type; the registrar asserts that it is the number
//! in the catalogue, so that looking up a series cannot fail later.
//! A [`Reading`] differs from a gauge in that it can be unknown: then there is no series.

use prometheus::core::Collector;
use prometheus::{
    Gauge, GaugeVec, Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, Opts,
    Registry,
};

use super::spec::{Kind, MetricSpec, Values};
use super::vocabulary::Vocabulary;

/// Counters that differ in `N` labels.
#[derive(Debug, Clone)]
pub struct CounterFamily<const N: usize> {
    vocabulary: Vocabulary<N>,
    series: IntCounterVec,
}

/// Gauges that differ in `N` labels.
#[derive(Debug, Clone)]
pub struct GaugeFamily<const N: usize> {
    vocabulary: Vocabulary<N>,
    series: GaugeVec,
}

/// Histograms that differ in `N` labels.
#[derive(Debug, Clone)]
pub struct HistogramFamily<const N: usize> {
    vocabulary: Vocabulary<N>,
    series: HistogramVec,
}

/// What somebody else counts and tells us from time to time, in series that differ in `N` labels.
/// Unknown until it is told; an old value that looks like a new one is worse than none.
#[derive(Debug, Clone)]
pub struct Reading<const N: usize>(GaugeFamily<N>);

impl<const N: usize> CounterFamily<N> {
    /// The counter with these label values, in the order of the catalogue.
    pub fn with(&self, values: [&str; N]) -> IntCounter {
        let values = self.vocabulary.bound(values);
        self.series.with_label_values(&values)
    }
}

impl<const N: usize> GaugeFamily<N> {
    /// The gauge with these label values, in the order of the catalogue.
    pub fn with(&self, values: [&str; N]) -> Gauge {
        let values = self.vocabulary.bound(values);
        self.series.with_label_values(&values)
    }
}

impl<const N: usize> HistogramFamily<N> {
    /// The histogram with these label values, in the order of the catalogue.
    pub fn with(&self, values: [&str; N]) -> Histogram {
        let values = self.vocabulary.bound(values);
        self.series.with_label_values(&values)
    }
}

impl<const N: usize> Reading<N> {
    /// The series with these label values is told to be this.
    pub fn tell(&self, values: [&str; N], value: f64) {
        self.0.with(values).set(value);
    }

    /// Nothing is known any more.
    pub fn forget(&self) {
        self.0.series.reset();
    }
}

/// Registers metrics and remembers which.
pub(super) struct Registrar {
    pub(super) registry: Registry,
    pub(super) registered: Vec<&'static MetricSpec>,
}

impl Registrar {
    pub(super) fn new() -> Self {
        Self {
            registry: Registry::new(),
            registered: Vec::new(),
        }
    }

    pub(super) fn counter(&mut self, spec: &'static MetricSpec) -> IntCounter {
        self.counter_family::<0>(spec).with([])
    }

    pub(super) fn gauge(&mut self, spec: &'static MetricSpec) -> Gauge {
        self.gauge_family::<0>(spec).with([])
    }

    pub(super) fn histogram(&mut self, spec: &'static MetricSpec) -> Histogram {
        self.histogram_family::<0>(spec).with([])
    }

    pub(super) fn counter_family<const N: usize>(
        &mut self,
        spec: &'static MetricSpec,
    ) -> CounterFamily<N> {
        assert!(
            matches!(spec.kind, Kind::Counter),
            "{} is no counter",
            spec.name
        );
        let series = IntCounterVec::new(options(spec), &label_names(spec));
        let family = CounterFamily {
            vocabulary: Vocabulary::new(spec),
            series: self.register(spec, series),
        };
        each_listed(spec, |values| drop(family.with(values)));
        family
    }

    pub(super) fn gauge_family<const N: usize>(
        &mut self,
        spec: &'static MetricSpec,
    ) -> GaugeFamily<N> {
        let family = self.gauges(spec);
        each_listed(spec, |values| drop(family.with(values)));
        family
    }

    pub(super) fn reading<const N: usize>(&mut self, spec: &'static MetricSpec) -> Reading<N> {
        Reading(self.gauges(spec))
    }

    fn gauges<const N: usize>(&mut self, spec: &'static MetricSpec) -> GaugeFamily<N> {
        assert!(
            matches!(spec.kind, Kind::Gauge),
            "{} is no gauge",
            spec.name
        );
        let series = GaugeVec::new(options(spec), &label_names(spec));
        GaugeFamily {
            vocabulary: Vocabulary::new(spec),
            series: self.register(spec, series),
        }
    }

    pub(super) fn histogram_family<const N: usize>(
        &mut self,
        spec: &'static MetricSpec,
    ) -> HistogramFamily<N> {
        let Kind::Histogram(buckets) = spec.kind else {
            panic!("{} is no histogram", spec.name);
        };
        let options = HistogramOpts::from(options(spec)).buckets(buckets.to_vec());
        let series = HistogramVec::new(options, &label_names(spec));
        let family = HistogramFamily {
            vocabulary: Vocabulary::new(spec),
            series: self.register(spec, series),
        };
        each_listed(spec, |values| drop(family.with(values)));
        family
    }

    fn register<C>(&mut self, spec: &'static MetricSpec, series: prometheus::Result<C>) -> C
    where
        C: Collector + Clone + 'static,
    {
        let series = series.expect("the catalogue's names are legal, as its test proves");
        self.registry
            .register(Box::new(series.clone()))
            .expect("the catalogue's names are unique, as its test proves");
        self.registered.push(spec);
        series
    }
}

fn options(spec: &MetricSpec) -> Opts {
    Opts::new(spec.name, spec.help)
}

fn label_names(spec: &MetricSpec) -> Vec<&'static str> {
    spec.labels.iter().map(|label| label.name).collect()
}

/// Makes the series of a metric with at most one, listed, label exist from the start, so that a
/// rate over it sees the first event too.
fn each_listed<const N: usize>(spec: &MetricSpec, touch: impl Fn([&str; N])) {
    match spec.labels {
        [] => touch([""; N]),
        [label] => {
            if let Values::Listed(words) = label.values {
                for word in words {
                    touch([word; N]);
                }
            }
        }
        _ => {}
    }
}
