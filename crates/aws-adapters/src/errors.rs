//! SDK errors, boiled down to what classification and a log line need.
//!
//! Two steps: [`AwsError`] takes the facts out of the SDK's generic error and drops what may
//! carry secrets; `queue` and `store` decide from the facts alone what the engine is told. Codes
//! and statuses are asked, never texts.

pub(crate) mod queue;
pub(crate) mod store;

use std::error::Error;
use std::fmt;

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_sqs::config::http::HttpResponse;
use aws_sdk_sqs::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_http::endpoint::ResolveEndpointError;

/// Long enough for any message of AWS worth reading, short enough for a log line.
const MESSAGE_LIMIT: usize = 400;

/// A failed call to AWS, without anything secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AwsError {
    pub(crate) cause: Cause,
    pub(crate) status: Option<u16>,
    pub(crate) code: Option<String>,
    message: String,
    request_id: Option<String>,
}

/// How far the call got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cause {
    /// The request could not be made from its parameters or the configuration.
    Request,
    /// There are no usable credentials.
    Credentials,
    /// No answer in time.
    Timeout,
    /// No connection, or it broke.
    Network,
    /// An answer that is not one of this service.
    Answer,
    /// The service said no.
    Service,
}

impl AwsError {
    pub(crate) fn from_sdk<E>(error: &SdkError<E, HttpResponse>) -> Self
    where
        E: Error + ProvideErrorMetadata + 'static,
    {
        let meta = error.as_service_error().map(ProvideErrorMetadata::meta);
        let code = meta.and_then(|meta| meta.code());
        let message = match meta {
            Some(_) if code.is_some_and(quotes_the_request) => String::new(),
            Some(meta) => meta.message().unwrap_or_default().to_owned(),
            None => chain(error),
        };
        Self {
            cause: cause(error),
            status: error
                .raw_response()
                .map(|response| response.status().as_u16()),
            code: code.map(str::to_owned),
            message: shortened(message),
            request_id: meta
                .and_then(|meta| meta.extra("aws_request_id"))
                .map(str::to_owned),
        }
    }

    /// A call that our own clock ended.
    pub(crate) fn timeout(message: String) -> Self {
        Self::without_response(Cause::Timeout, message)
    }

    /// A successful answer that lacks what it must have.
    pub(crate) fn answer(message: impl Into<String>) -> Self {
        Self::without_response(Cause::Answer, message.into())
    }

    /// A request that cannot be made.
    pub(crate) fn request(message: impl Into<String>) -> Self {
        Self::without_response(Cause::Request, message.into())
    }

    fn without_response(cause: Cause, message: String) -> Self {
        Self {
            cause,
            status: None,
            code: None,
            message,
            request_id: None,
        }
    }

    /// The status of the answer, where there was one.
    pub fn status(&self) -> Option<u16> {
        self.status
    }

    /// The code without the prefix that SQS's older protocol gives some of them.
    fn plain_code(&self) -> &str {
        let code = self.code.as_deref().unwrap_or_default();
        code.strip_prefix("AWS.SimpleQueueService.").unwrap_or(code)
    }

    fn is_throttled_or_down(&self) -> bool {
        matches!(
            self.plain_code(),
            "KMS.ThrottlingException"
                | "KmsThrottled"
                | "OverLimit"
                | "RequestLimitExceeded"
                | "RequestThrottled"
                | "RequestTimeout"
                | "SlowDown"
                | "Throttling"
                | "ThrottlingException"
                | "TooManyRequestsException"
        ) || matches!(self.status, Some(408 | 409 | 425 | 429 | 500..))
    }
}

impl fmt::Display for AwsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.cause {
            Cause::Request => "request cannot be made",
            Cause::Credentials => "no usable credentials",
            Cause::Timeout => "no answer in time",
            Cause::Network => "no connection",
            Cause::Answer => "answer not understood",
            Cause::Service => self.code.as_deref().unwrap_or("refused"),
        };
        f.write_str(what)?;
        if let Some(status) = self.status {
            write!(f, " (HTTP {status})")?;
        }
        if !self.message.is_empty() {
            write!(f, ": {}", self.message)?;
        }
        if let Some(id) = &self.request_id {
            write!(f, " [request {id}]")?;
        }
        Ok(())
    }
}

impl Error for AwsError {}

fn cause<E: Error + 'static>(error: &SdkError<E, HttpResponse>) -> Cause {
    if let Some(credentials) = credentials_error(error) {
        // A provider that did not answer in time is a network's fault, not a person's.
        return match credentials {
            CredentialsError::ProviderTimedOut(_) => Cause::Timeout,
            _ => Cause::Credentials,
        };
    }
    // Missing regions and impossible bucket names come as failures of the connection.
    if sources(error).any(<dyn Error>::is::<ResolveEndpointError>) {
        return Cause::Request;
    }
    match error {
        SdkError::ConstructionFailure(_) => Cause::Request,
        SdkError::TimeoutError(_) => Cause::Timeout,
        SdkError::DispatchFailure(failure) if failure.is_timeout() => Cause::Timeout,
        SdkError::ServiceError(_) => Cause::Service,
        SdkError::ResponseError(_) => Cause::Answer,
        _ => Cause::Network,
    }
}

fn credentials_error<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a CredentialsError> {
    sources(error).find_map(|error| error.downcast_ref::<CredentialsError>())
}

fn sources<'a>(
    error: &'a (dyn Error + 'static),
) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| error.source())
}

/// The messages of an error and its sources; the SDK repeats some of them.
fn chain(error: &(dyn Error + 'static)) -> String {
    let mut parts: Vec<String> = Vec::new();
    for part in sources(error).map(ToString::to_string) {
        if !parts.last().is_some_and(|last| last.ends_with(&part)) {
            parts.push(part);
        }
    }
    parts.join(": ")
}

/// SQS answers these with the canonical request, session token included.
fn quotes_the_request(code: &str) -> bool {
    matches!(
        code,
        "IncompleteSignature"
            | "IncompleteSignatureException"
            | "InvalidSignatureException"
            | "SignatureDoesNotMatch"
    )
}

fn shortened(mut text: String) -> String {
    if text.len() > MESSAGE_LIMIT {
        text.truncate(text.floor_char_boundary(MESSAGE_LIMIT));
        text.push('…');
    }
    text
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use std::time::Duration;

    use aws_config::Region;
    use aws_credential_types::Credentials;
    use aws_credential_types::credential_fn::provide_credentials_fn;
    use aws_credential_types::provider::error::CredentialsError;

    use crate::http_client::{Proxy, http_client};

    pub(crate) fn refused(status: u16, code: &str) -> AwsError {
        AwsError {
            cause: Cause::Service,
            status: Some(status),
            code: (!code.is_empty()).then(|| code.to_owned()),
            message: String::new(),
            request_id: None,
        }
    }

    pub(crate) fn failed(cause: Cause) -> AwsError {
        AwsError::without_response(cause, String::new())
    }

    async fn unsent(config: aws_sdk_sqs::config::Builder) -> AwsError {
        let config = config
            .behavior_version_latest()
            .http_client(http_client(Proxy::None))
            .build();
        let call = aws_sdk_sqs::Client::from_conf(config).list_queues().send();
        AwsError::from_sdk(&call.await.unwrap_err())
    }

    #[tokio::test]
    async fn credentials_that_cannot_be_had_are_told_from_a_broken_network() {
        let not_loaded = || CredentialsError::not_loaded("no provider had any");
        let timed_out = || CredentialsError::provider_timed_out(Duration::from_secs(5));
        for (error, expected) in [
            (not_loaded as fn() -> CredentialsError, Cause::Credentials),
            (timed_out, Cause::Timeout),
        ] {
            let provider = provide_credentials_fn(move || async move { Err(error()) });
            let config = aws_sdk_sqs::Config::builder()
                .region(Region::new("us-east-1"))
                .credentials_provider(provider);
            let error = unsent(config).await;
            assert_eq!(error.cause, expected, "{error}");
        }
    }

    #[tokio::test]
    async fn a_missing_region_is_a_matter_of_configuration() {
        let credentials = Credentials::new("key", "secret", None, None, "test");
        let config = aws_sdk_sqs::Config::builder().credentials_provider(credentials);
        let error = unsent(config).await;
        assert_eq!(error.cause, Cause::Request, "{error}");
        assert!(error.to_string().contains("Missing Region"), "{error}");
    }

    #[test]
    fn a_long_message_is_cut_at_a_character() {
        let text = shortened("ü".repeat(MESSAGE_LIMIT));
        assert_eq!(text, format!("{}…", "ü".repeat(MESSAGE_LIMIT / 2)));
    }

    #[test]
    fn the_text_names_code_status_message_and_request() {
        let error = AwsError {
            message: "no identity-based policy allows it".into(),
            request_id: Some("4c8b".into()),
            ..refused(403, "AccessDenied")
        };
        assert_eq!(
            error.to_string(),
            "AccessDenied (HTTP 403): no identity-based policy allows it [request 4c8b]"
        );
    }
}
