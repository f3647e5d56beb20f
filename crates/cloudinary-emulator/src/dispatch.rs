//! One request from its first byte to its answer.
//!
//! Upload API: slot → body → caller → fault → latency → the call itself. The call runs in a task
//! of its own, because the service finishes what a client no longer waits for.
//! What each call does is left to the modules it is handed to.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use axum::http::request::Parts;
use axum::response::Response;
use bytes::Bytes;
use cloudinary_core::ResourceType;

use crate::auth::{self, Caller};
use crate::body::{self, Collected, Params};
use crate::concurrency::Slot;
use crate::faults::{Fault, FaultEffect};
use crate::operation::Operation;
use crate::reply::{self, Refusal};
use crate::route::{self, AdminCall, Call, Target};
use crate::state::State;
use crate::{admin, clock, control, delivery, destroy, explicit, rename, tagging, upload};

/// The connection is to be closed instead of answering.
#[derive(Debug, thiserror::Error)]
#[error("connection closed by the fault plan")]
pub(crate) struct Closed;

/// One Upload API call after its checks.
pub(crate) struct UploadCall {
    pub(crate) state: Arc<State>,
    pub(crate) operation: Operation,
    /// `None` is `auto`.
    pub(crate) resource_type: Option<ResourceType>,
    pub(crate) headers: axum::http::HeaderMap,
    pub(crate) params: Params,
    pub(crate) caller: Caller,
    pub(crate) pull_delay: Duration,
}

/// Answers one request.
pub(crate) async fn serve(state: Arc<State>, request: Request<Body>) -> Result<Response, Closed> {
    let (parts, body) = request.into_parts();
    let outcome = match route::route(&parts.method, parts.uri.path()) {
        Call::UploadApi {
            cloud,
            operation,
            resource_type,
        } => upload_api(state, parts, body, cloud, operation, resource_type).await,
        Call::Admin { cloud, call } => admin_api(state, parts, body, &cloud, call).await,
        Call::Delivery { cloud, path } => delivered(state, &parts, &cloud, &path).await,
        Call::Control(path) => Ok(control::serve(&state, &parts, body, &path).await),
        Call::Unknown => {
            let text = format!("No route for {} {}", parts.method, parts.uri.path());
            Ok(counted(
                &state,
                Operation::Unknown,
                Refusal::new(404, text).answer(),
            ))
        }
    };
    outcome.map(reply::with_request_id)
}

async fn upload_api(
    state: Arc<State>,
    parts: Parts,
    body: Body,
    cloud: String,
    operation: Operation,
    resource_type: Option<ResourceType>,
) -> Result<Response, Closed> {
    let slot = state.concurrency.enter();
    let body = match (body::collect(&parts.headers, body).await, &slot) {
        (Collected::Broken, _) => Err(Refusal::bad_request("Incomplete request body")),
        (_, None) => Err(Refusal::too_many_in_flight()),
        (Collected::TooLarge(got), _) => Err(Refusal::body_too_large(got, body::MOST_BYTES)),
        (Collected::Whole(body), _) => Ok(body),
    };
    let body = match body {
        Ok(body) => body,
        Err(refusal) => return Ok(counted(&state, operation, refusal.answer())),
    };
    let tasks = state.tasks.clone();
    let stop = state.stop.clone();
    let call = async move {
        let _slot: Option<Slot> = slot;
        checked(state, parts, &body, &cloud, operation, resource_type).await
    };
    let running = tasks.spawn(async move { stop.run_until_cancelled(call).await });
    running.await.ok().flatten().unwrap_or(Err(Closed))
}

async fn checked(
    state: Arc<State>,
    parts: Parts,
    body: &Bytes,
    cloud: &str,
    operation: Operation,
    resource_type: Option<ResourceType>,
) -> Result<Response, Closed> {
    let checks = body::parse(&parts.headers, parts.uri.query(), body).and_then(|params| {
        let now = clock::unix_now();
        let caller = auth::upload_api(
            &state.options,
            cloud,
            &parts.headers,
            &params,
            operation,
            now,
        )?;
        Ok((params, caller))
    });
    let (params, caller) = match checks {
        Ok(checked) => checked,
        Err(refusal) => return Ok(counted(&state, operation, refusal.answer())),
    };
    let public_id = params
        .get("public_id")
        .or(params.get("from_public_id"))
        .unwrap_or_default();
    let fault = state.faults().pick(operation.as_str(), public_id);
    let pull_delay = fault.as_ref().map_or(Duration::ZERO, Fault::pull_delay);
    let latency = state.options.latency;
    let call = UploadCall {
        state: Arc::clone(&state),
        operation,
        resource_type,
        headers: parts.headers,
        params,
        caller,
        pull_delay,
    };
    under(fault, &state, operation, async move {
        if !latency.is_zero() {
            tokio::time::sleep(latency).await;
        }
        perform(call)
            .await
            .unwrap_or_else(|refusal| refusal.answer())
    })
    .await
}

async fn perform(call: UploadCall) -> Result<Response, Refusal> {
    match call.operation {
        Operation::Upload => upload::upload(call).await,
        Operation::Destroy => destroy::destroy(&call),
        Operation::Explicit => explicit::explicit(&call),
        Operation::Rename => rename::rename(&call),
        Operation::Tags => tagging::tags(&call),
        Operation::Context => tagging::context(&call),
        Operation::Metadata => tagging::metadata(&call),
        Operation::Ping
        | Operation::Usage
        | Operation::Config
        | Operation::Resources
        | Operation::Resource
        | Operation::Search
        | Operation::DeleteResources
        | Operation::UpdateResource
        | Operation::Delivery
        | Operation::Unknown => Err(Refusal::new(404, "Not an Upload API call")),
    }
}

async fn admin_api(
    state: Arc<State>,
    parts: Parts,
    body: Body,
    cloud: &str,
    call: AdminCall,
) -> Result<Response, Closed> {
    let operation = call.operation();
    let params = match body::collect(&parts.headers, body).await {
        Collected::Broken => Err(Refusal::bad_request("Incomplete request body")),
        Collected::TooLarge(got) => Err(Refusal::body_too_large(got, body::MOST_BYTES)),
        Collected::Whole(body) => auth::admin(&state.options, cloud, &parts.headers)
            .and_then(|()| body::parse(&parts.headers, parts.uri.query(), &body))
            .map(|params| (params, body)),
    };
    let (params, body) = match params {
        Ok(read) => read,
        Err(refusal) => return Ok(counted(&state, operation, refusal.answer())),
    };
    let quota = state.quota().take(clock::unix_now());
    if quota.exhausted {
        let refused = Refusal::quota_exhausted(&quota).answer();
        return Ok(reply::with_quota(
            counted(&state, operation, refused),
            &quota,
        ));
    }
    let fault = state.faults().pick(operation.as_str(), named(&call));
    let applied = Arc::clone(&state);
    let answer = under(fault, &state, operation, async move {
        admin::serve(&applied, call, &params, &body).unwrap_or_else(|refusal| refusal.answer())
    });
    answer
        .await
        .map(|response| reply::with_quota(response, &quota))
}

fn named(call: &AdminCall) -> &str {
    match call {
        AdminCall::Detail(Target { public_id, .. })
        | AdminCall::Update(Target { public_id, .. }) => public_id,
        AdminCall::Ping
        | AdminCall::Usage
        | AdminCall::Config
        | AdminCall::List(_)
        | AdminCall::DetailByAssetId(_)
        | AdminCall::Search
        | AdminCall::Delete(_) => "",
    }
}

async fn delivered(
    state: Arc<State>,
    parts: &Parts,
    cloud: &str,
    path: &str,
) -> Result<Response, Closed> {
    let answer = delivery::serve(&state, parts, cloud, path);
    let fault = state
        .faults()
        .pick(Operation::Delivery.as_str(), &answer.public_id);
    under(fault, &state, Operation::Delivery, async move {
        answer.response
    })
    .await
}

/// Runs `call` the way the fault says, and counts what the client gets to see.
async fn under(
    fault: Option<Fault>,
    state: &Arc<State>,
    operation: Operation,
    call: impl Future<Output = Response> + Send + 'static,
) -> Result<Response, Closed> {
    let Some(fault) = fault else {
        return Ok(counted(state, operation, call.await));
    };
    tokio::time::sleep(fault.delay).await;
    match fault.effect {
        FaultEffect::Delay | FaultEffect::SlowPull { .. } => {
            return Ok(counted(state, operation, call.await));
        }
        FaultEffect::Answer {
            status,
            message,
            retry_after,
        } => {
            let refusal = Refusal::injected(status, message.as_deref(), retry_after);
            return Ok(counted(state, operation, refusal.answer()));
        }
        FaultEffect::Close => {}
        FaultEffect::ApplyThenClose => drop(call.await),
        FaultEffect::ApplyThenHang { ms } => {
            drop(call.await);
            tokio::time::sleep(Duration::from_millis(ms)).await;
        }
        FaultEffect::ApplyLate { after_ms } => {
            let stop = state.stop.clone();
            let late = async move {
                tokio::time::sleep(Duration::from_millis(after_ms)).await;
                drop(call.await);
            };
            state
                .tasks
                .spawn(async move { stop.run_until_cancelled(late).await });
        }
    }
    state.counters.called(operation, None);
    Err(Closed)
}

fn counted(state: &State, operation: Operation, response: Response) -> Response {
    state
        .counters
        .called(operation, Some(response.status().as_u16()));
    response
}
