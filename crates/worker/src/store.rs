//! An `ObjectStore` that counts, measures and traces the calls to the one inside.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use aws_adapters::AwsError;
use event_mapper::ObjectRef;
use secrecy::SecretString;
use sync_engine::ports::{
    ListPage, ObjectBody, ObjectState, ObjectStore, StoreError, StoreErrorKind,
};
use telemetry::Metrics;
use tokio::time::Instant;
use tracing::{Instrument as _, Span};

use crate::call_span;

/// A store, measured.
#[derive(Debug)]
pub(crate) struct MeteredStore<S> {
    inner: S,
    metrics: Arc<Metrics>,
}

impl<S> MeteredStore<S> {
    /// Measures the calls to `inner`.
    pub(crate) fn new(inner: S, metrics: Arc<Metrics>) -> Self {
        Self { inner, metrics }
    }

    async fn measured<T>(
        &self,
        operation: &str,
        outcome_of: impl Fn(&T) -> &'static str,
        call: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        let started = Instant::now();
        let span = call_span::s3(operation);
        let result = call.instrument(span.clone()).await;
        let took = started.elapsed().as_secs_f64();
        self.metrics
            .s3_request_seconds
            .with([operation])
            .observe(took);
        let outcome = match &result {
            Ok(value) => outcome_of(value),
            Err(error) => kind_label(error.kind),
        };
        self.metrics.s3_requests.with([operation, outcome]).inc();
        trace_outcome(&span, operation, outcome, result.as_ref().err());
        result
    }
}

#[async_trait]
impl<S: ObjectStore> ObjectStore for MeteredStore<S> {
    async fn head(&self, object: &ObjectRef) -> Result<Option<ObjectState>, StoreError> {
        let found = |state: &Option<_>| if state.is_some() { "ok" } else { "absent" };
        self.measured("head", found, self.inner.head(object)).await
    }

    async fn list(
        &self,
        bucket: &str,
        prefix: &str,
        token: Option<&str>,
    ) -> Result<ListPage, StoreError> {
        self.measured("list", |_| "ok", self.inner.list(bucket, prefix, token))
            .await
    }

    async fn presign(
        &self,
        object: &ObjectRef,
        version_id: Option<&str>,
        valid_for: Duration,
    ) -> Result<SecretString, StoreError> {
        let call = self.inner.presign(object, version_id, valid_for);
        self.measured("presign", |_| "ok", call).await
    }

    async fn read(
        &self,
        object: &ObjectRef,
        state: &ObjectState,
    ) -> Result<ObjectBody, StoreError> {
        self.measured("read", |_| "ok", self.inner.read(object, state))
            .await
    }
}

/// The SDK keeps the status of a success to itself; the outcome tells which it was.
fn trace_outcome(span: &Span, operation: &str, outcome: &'static str, error: Option<&StoreError>) {
    span.record("cldsync.outcome", outcome);
    match error {
        // Signing sends nothing.
        None if operation == "presign" => {}
        None if outcome == "absent" => call_span::answered(span, 404),
        None => call_span::answered(span, 200),
        Some(error) => {
            let aws = error.source.downcast_ref::<AwsError>();
            call_span::failed(span, outcome, aws.and_then(AwsError::status));
        }
    }
}

fn kind_label(kind: StoreErrorKind) -> &'static str {
    match kind {
        StoreErrorKind::Transient => "transient",
        StoreErrorKind::Denied => "denied",
        StoreErrorKind::Credentials => "credentials",
        StoreErrorKind::NoBucket => "no_bucket",
        StoreErrorKind::Changed => "changed",
    }
}

#[cfg(test)]
mod tests {
    use sync_engine::testkit::MemoryStore;
    use telemetry::BuildInfo;

    use super::*;

    #[tokio::test]
    async fn calls_are_counted_by_what_came_of_them() {
        let metrics = Arc::new(Metrics::new(
            BuildInfo {
                version: "0",
                commit: "0",
            },
            0.0,
        ));
        let memory = MemoryStore::new();
        let (here, denied) = (object("here"), object("denied"));
        memory.put(&here, "bytes");
        memory.refuse(&denied, Some(StoreErrorKind::Denied));
        let store = MeteredStore::new(memory, Arc::clone(&metrics));
        assert!(store.head(&here).await.expect("allowed").is_some());
        assert!(
            store
                .head(&object("gone"))
                .await
                .expect("allowed")
                .is_none()
        );
        store.head(&denied).await.expect_err("denied");
        for outcome in ["ok", "absent", "denied"] {
            assert_eq!(
                metrics.s3_requests.with(["head", outcome]).get(),
                1,
                "{outcome}"
            );
        }
        assert_eq!(
            metrics.s3_request_seconds.with(["head"]).get_sample_count(),
            3
        );
    }

    fn object(key: &str) -> ObjectRef {
        ObjectRef {
            bucket: "b".to_owned(),
            key: key.to_owned(),
        }
    }
}
