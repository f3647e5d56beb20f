//! The admin endpoint: `/metrics`, `/livez` and `/readyz` over HTTP.
//!
//! [`AdminServer::bind`] takes the address, so that a taken port stops the start;
//! [`AdminServer::serve`] answers until it is told to stop. Reads [`Metrics`] and [`Health`],
//! changes neither.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Json;
use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::health::{Health, Report};
use crate::metrics::Metrics;

/// A bound endpoint that does not answer yet.
#[derive(Debug)]
pub struct AdminServer {
    listener: TcpListener,
    local_addr: SocketAddr,
}

/// The admin endpoint failed.
#[derive(Debug, thiserror::Error)]
pub enum AdminError {
    /// The address is taken, or not one of this machine.
    #[error("admin endpoint on {0}")]
    Bind(SocketAddr, #[source] std::io::Error),
    /// The listener broke while serving.
    #[error("admin endpoint")]
    Serve(#[source] std::io::Error),
}

#[derive(Clone)]
struct Shown {
    metrics: Arc<Metrics>,
    health: Arc<Health>,
}

impl AdminServer {
    /// Takes `address`; port 0 takes any free port.
    pub async fn bind(address: SocketAddr) -> Result<Self, AdminError> {
        let failed = |error| AdminError::Bind(address, error);
        let listener = TcpListener::bind(address).await.map_err(failed)?;
        let local_addr = listener.local_addr().map_err(failed)?;
        Ok(Self {
            listener,
            local_addr,
        })
    }

    /// The address that was taken.
    pub fn local_addr(&self) -> SocketAddr {
        self.local_addr
    }

    /// Answers until `stop` is cancelled, then finishes the answers that have begun.
    pub async fn serve(
        self,
        metrics: Arc<Metrics>,
        health: Arc<Health>,
        stop: CancellationToken,
    ) -> Result<(), AdminError> {
        let routes = Router::new()
            .route("/metrics", get(show_metrics))
            .route("/livez", get(show_liveness))
            .route("/readyz", get(show_readiness))
            .with_state(Shown { metrics, health });
        axum::serve(self.listener, routes)
            .with_graceful_shutdown(stop.cancelled_owned())
            .await
            .map_err(AdminError::Serve)
    }
}

async fn show_metrics(State(shown): State<Shown>) -> Response {
    (
        [(header::CONTENT_TYPE, Metrics::CONTENT_TYPE)],
        shown.metrics.render(),
    )
        .into_response()
}

async fn show_liveness(State(shown): State<Shown>) -> Response {
    answer(&shown.health.liveness())
}

async fn show_readiness(State(shown): State<Shown>) -> Response {
    answer(&shown.health.readiness())
}

fn answer(report: &Report) -> Response {
    let status = if report.ok {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (status, Json(report)).into_response()
}
