//! What the tests need from outside Rust: `LocalStack`, Cloudinary's own SDKs, and the tools that
//! read what lies in `deploy/`; and the worker as its image holds it.
//!
//! Each environment is built from locked requirements into Cargo's target directory and is
//! used again until its inputs change. One that cannot be built is left out by name, and
//! its tests skip themselves because their variable is missing; in CI that is an error.

mod node;
pub(crate) mod programs;
mod python;
mod stamp;
mod static_worker;

use std::path::PathBuf;

use anyhow::Result;

use crate::workspace::Workspace;

/// A variable that a test reads, and the path in it.
pub(crate) type Variable = (&'static str, PathBuf);

/// Builds every environment that can be built here.
pub(crate) fn prepare(workspace: &Workspace) -> Result<Vec<Variable>> {
    let parts = [
        (
            "LocalStack tests",
            "CLDSYNC_TEST_LOCALSTACK_PYTHON",
            python::localstack(workspace),
        ),
        (
            "Python SDK conformance",
            "CLDSYNC_TEST_PYTHON",
            python::sdk(workspace),
        ),
        (
            "Node SDK conformance",
            "CLDSYNC_TEST_NODE_MODULES",
            node::sdk(workspace),
        ),
        (
            "checks of container and Kubernetes files",
            "CLDSYNC_TEST_DEPLOY_PROGRAMS",
            python::deploy(workspace),
        ),
        (
            "checks against Grafana's and KEDA's schemas",
            "CLDSYNC_TEST_DEPLOY_NODE_MODULES",
            node::deploy(workspace),
        ),
        (
            "Prometheus tests",
            "CLDSYNC_TEST_PROMETHEUS",
            programs::find("prometheus"),
        ),
        (
            "tests of Prometheus rules",
            "CLDSYNC_TEST_PROMTOOL",
            programs::find("promtool"),
        ),
        (
            "Terraform tests",
            "CLDSYNC_TEST_TERRAFORM",
            programs::find("terraform"),
        ),
        (
            "Kubernetes tests",
            "CLDSYNC_TEST_KUBECTL",
            programs::find("kubectl"),
        ),
        (
            "tests of the static worker",
            "CLDSYNC_TEST_STATIC_WORKER",
            static_worker::build(workspace),
        ),
    ];
    let mut variables = Vec::new();
    for (part, variable, environment) in parts {
        match environment {
            Ok(path) => variables.push((variable, path)),
            Err(reason) => workspace.leave_out(part, &reason)?,
        }
    }
    Ok(variables)
}
