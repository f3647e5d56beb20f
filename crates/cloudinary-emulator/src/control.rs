//! The emulator's own API under `/_emulator/`, for tests and people. Needs no credentials.

use axum::body::Body;
use axum::http::request::Parts;
use axum::response::Response;
use serde_json::json;

use crate::body::{self, Collected};
use crate::faults::FaultPlan;
use crate::reply::{self, Refusal};
use crate::state::State;

/// Answers one control request.
pub(crate) async fn serve(state: &State, parts: &Parts, body: Body, path: &str) -> Response {
    match (parts.method.as_str(), path) {
        ("GET", "health") => reply::ok(&json!({"status": "ok"})),
        ("GET", "stats") => reply::ok(&state.stats()),
        ("GET", "assets") => reply::ok(&state.assets()),
        ("PUT", "faults") => set_faults(state, parts, body).await,
        ("POST", "reset") => {
            state.reset();
            reply::ok(&json!({"status": "ok"}))
        }
        (method, path) => {
            Refusal::new(404, format!("No route for {method} /_emulator/{path}")).answer()
        }
    }
}

async fn set_faults(state: &State, parts: &Parts, body: Body) -> Response {
    let Collected::Whole(text) = body::collect(&parts.headers, body).await else {
        return Refusal::bad_request("Incomplete request body").answer();
    };
    match serde_json::from_slice::<FaultPlan>(&text) {
        Ok(plan) => {
            let rules = plan.rules.len();
            state.set_faults(plan);
            reply::ok(&json!({"rules": rules}))
        }
        Err(error) => Refusal::bad_request(format!("Invalid fault plan: {error}")).answer(),
    }
}
