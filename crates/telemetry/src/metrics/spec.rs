//! What the catalogue says of one metric.

/// One metric: what people read and what the registry needs.
#[derive(Debug)]
pub struct MetricSpec {
    /// The full name.
    pub name: &'static str,
    /// Counter, gauge or histogram.
    pub kind: Kind,
    /// What one of it is.
    pub unit: &'static str,
    /// One or two sentences for the person on call.
    pub help: &'static str,
    /// Labels, in the order in which handles take their values.
    pub labels: &'static [Label],
}

impl MetricSpec {
    pub(super) const fn counter(
        name: &'static str,
        unit: &'static str,
        help: &'static str,
        labels: &'static [Label],
    ) -> Self {
        Self {
            name,
            kind: Kind::Counter,
            unit,
            help,
            labels,
        }
    }

    pub(super) const fn gauge(
        name: &'static str,
        unit: &'static str,
        help: &'static str,
        labels: &'static [Label],
    ) -> Self {
        Self {
            name,
            kind: Kind::Gauge,
            unit,
            help,
            labels,
        }
    }

    /// Histograms here are all of durations.
    pub(super) const fn histogram(
        buckets: &'static [f64],
        name: &'static str,
        help: &'static str,
        labels: &'static [Label],
    ) -> Self {
        Self {
            name,
            kind: Kind::Histogram(buckets),
            unit: "seconds",
            help,
            labels,
        }
    }
}

/// How a metric behaves.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// Only grows.
    Counter,
    /// Goes up and down.
    Gauge,
    /// Counts by size, with these upper bounds.
    Histogram(&'static [f64]),
}

impl Kind {
    /// The word that Prometheus uses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram(_) => "histogram",
        }
    }
}

/// One label.
#[derive(Debug)]
pub struct Label {
    /// Its name.
    pub name: &'static str,
    /// What it can be.
    pub values: Values,
}

impl Label {
    pub(super) const fn new(name: &'static str, values: Values) -> Self {
        Self { name, values }
    }

    pub(super) const fn listed(name: &'static str, words: &'static [&'static str]) -> Self {
        Self::new(name, Values::Listed(words))
    }

    pub(super) const fn described(name: &'static str, text: &'static str) -> Self {
        Self::new(name, Values::Described(text))
    }
}

/// What a label can be. Never a key, an ID or any other text from outside.
#[derive(Debug)]
pub enum Values {
    /// One of these; anything else is counted as `other`.
    Listed(&'static [&'static str]),
    /// A word from a bounded list that another room keeps, described here. Should that list grow
    /// without end, only its first words are taken; see `vocabulary`.
    Described(&'static str),
}
