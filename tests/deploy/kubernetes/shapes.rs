//! The objects of the Prometheus operator and of External Secrets: their fields, as far as we use
//! them, from the operators' published definitions. A field that is not here is a mistake, or a
//! reason to look it up and to add it.

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

/// Everything that is wrong.
pub(super) fn problems(objects: &[Value]) -> Vec<String> {
    let wrong = objects.iter().filter_map(|object| {
        let read = match object["kind"].as_str() {
            Some("PodMonitor") => PodMonitor::deserialize(object).map(drop),
            Some("ExternalSecret") => ExternalSecret::deserialize(object).map(drop),
            _ => return None,
        };
        read.err().map(|error| error.to_string())
    });
    wrong.collect()
}

#[derive(Deserialize)]
enum PodMonitorVersion {
    #[serde(rename = "monitoring.coreos.com/v1")]
    V1,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[expect(dead_code, reason = "only the reading matters")]
struct PodMonitor {
    api_version: PodMonitorVersion,
    kind: String,
    metadata: IgnoredAny,
    spec: PodMonitorSpec,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[expect(dead_code, reason = "only the reading matters")]
struct PodMonitorSpec {
    selector: Selector,
    pod_metrics_endpoints: Vec<PodMetricsEndpoint>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[expect(dead_code, reason = "only the reading matters")]
struct Selector {
    match_labels: std::collections::BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[expect(dead_code, reason = "only the reading matters")]
struct PodMetricsEndpoint {
    port: String,
    path: String,
    interval: String,
}

#[derive(Deserialize)]
enum ExternalSecretVersion {
    #[serde(rename = "external-secrets.io/v1")]
    V1,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[expect(dead_code, reason = "only the reading matters")]
struct ExternalSecret {
    api_version: ExternalSecretVersion,
    kind: String,
    metadata: IgnoredAny,
    spec: ExternalSecretSpec,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[expect(dead_code, reason = "only the reading matters")]
struct ExternalSecretSpec {
    refresh_interval: String,
    secret_store_ref: SecretStoreRef,
    target: Target,
    data: Vec<Data>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "only the reading matters")]
struct SecretStoreRef {
    kind: StoreKind,
    name: String,
}

#[derive(Deserialize)]
enum StoreKind {
    SecretStore,
    ClusterSecretStore,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[expect(dead_code, reason = "only the reading matters")]
struct Target {
    name: String,
    creation_policy: CreationPolicy,
    deletion_policy: DeletionPolicy,
}

#[derive(Deserialize)]
enum CreationPolicy {
    Owner,
    Orphan,
    Merge,
    None,
}

#[derive(Deserialize)]
enum DeletionPolicy {
    Delete,
    Merge,
    Retain,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[expect(dead_code, reason = "only the reading matters")]
struct Data {
    secret_key: String,
    remote_ref: RemoteRef,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "only the reading matters")]
struct RemoteRef {
    key: String,
}
