//! What must hold between the objects of an installation, and between them and the worker.

use std::collections::BTreeMap;
use std::fs;

use serde_json::{Value, json};
use tempfile::TempDir;
use worker::{Config, Environment, Flags};

use crate::deploy::checkout::{VERSION, text};
use crate::deploy::containers::{self, Dockerfile};

/// Beyond the drain: the admin endpoint's end, and a node that has more to do.
const STOP_MARGIN: u64 = 10;
const POD: &str = "/spec/template/spec";
const CONTAINER: &str = "/spec/template/spec/containers/0";
const SECRET_FILE: &str = "CLDSYNC_CLOUDINARY_URL_FILE";

/// Objects as they were, but for one.
pub(super) fn change(
    objects: &[Value],
    kind: &str,
    change: impl Fn(&Value) -> Value,
) -> Vec<Value> {
    assert!(
        objects.iter().any(|object| object["kind"] == kind),
        "no {kind}"
    );
    let changed = objects.iter().map(|object| {
        if object["kind"] == kind {
            change(object)
        } else {
            object.clone()
        }
    });
    changed.collect()
}

/// Everything that is wrong.
pub(super) fn problems(objects: &[Value]) -> Vec<String> {
    let mut installation = Installation {
        objects,
        problems: Vec::new(),
    };
    installation.settings();
    installation.security();
    installation.probes();
    installation.secret();
    installation.selectors();
    installation.resources();
    installation.network();
    installation.availability();
    installation.scaling();
    installation.problems
}

struct Installation<'a> {
    objects: &'a [Value],
    problems: Vec<String>,
}

impl<'a> Installation<'a> {
    fn expect(&mut self, holds: bool, problem: impl Into<String>) {
        if !holds {
            self.problems.push(problem.into());
        }
    }

    fn object(&self, kind: &str) -> &'a Value {
        let found = self.objects.iter().find(|object| object["kind"] == kind);
        found.unwrap_or_else(|| panic!("no {kind}"))
    }

    fn named(&self, kind: &str, name: &str) -> bool {
        let mut objects = self.objects.iter();
        objects.any(|object| object["kind"] == kind && text(object, "/metadata/name") == name)
    }

    fn at(&self, kind: &str, pointer: &str) -> &'a Value {
        self.object(kind).pointer(pointer).unwrap_or(&Value::Null)
    }

    fn pod(&self, pointer: &str) -> &'a Value {
        self.at("Deployment", &format!("{POD}{pointer}"))
    }

    fn container(&self, pointer: &str) -> &'a Value {
        self.at("Deployment", &format!("{CONTAINER}{pointer}"))
    }

    /// What the container's environment will be.
    fn variables(&self) -> BTreeMap<String, String> {
        let map = self
            .at("ConfigMap", "/data")
            .as_object()
            .into_iter()
            .flatten();
        let written = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let mut variables: BTreeMap<_, _> = map
            .map(|(name, value)| (name.clone(), written(value)))
            .collect();
        for variable in self.container("/env").as_array().into_iter().flatten() {
            variables.insert(written(&variable["name"]), written(&variable["value"]));
        }
        variables
    }

    /// The worker's own reading of its environment, with a secret in place of the mounted one.
    fn config(&mut self) -> Option<Config> {
        let folder = TempDir::new().expect("a temporary directory");
        let secret = folder.path().join("CLOUDINARY_URL");
        fs::write(&secret, "cloudinary://key:secret@demo").expect("a secret");
        let mut variables = self.variables();
        variables.remove("CLOUDINARY_URL");
        variables.insert(
            SECRET_FILE.to_owned(),
            secret.to_string_lossy().into_owned(),
        );
        match Config::resolve(&Flags::default(), &Environment::from_iter(variables)) {
            Ok(config) => Some(config),
            Err(errors) => {
                self.problems.extend(errors.iter().map(ToString::to_string));
                None
            }
        }
    }

    fn settings(&mut self) {
        for name in self.variables().keys() {
            if name == "CLOUDINARY_URL" || name == "CLDSYNC_CLOUDINARY_URL" {
                self.expect(false, format!("{name} is a secret"));
            } else {
                let known = name.starts_with("CLDSYNC_") || name.starts_with("AWS_");
                self.expect(
                    known,
                    format!("{name} is nothing that the worker or the AWS SDK reads"),
                );
            }
        }
        let Some(config) = self.config() else {
            return;
        };
        let grace = self
            .pod("/terminationGracePeriodSeconds")
            .as_u64()
            .unwrap_or(30);
        let drain = config.limits.drain_timeout.as_secs();
        self.expect(
            grace >= drain + STOP_MARGIN,
            "a pod is killed before its drain ends",
        );
        let port = self.container("/ports/0/containerPort");
        let serves = config.admin_addr.port();
        self.expect(
            *port == serves,
            format!("port admin is {port}, the worker serves on {serves}"),
        );
        let length = text(
            self.object("ScaledObject"),
            "/spec/triggers/0/metadata/queueLength",
        );
        let held = config.limits.messages_in_flight.get();
        self.expect(
            length.parse().is_ok_and(|length: usize| length >= held),
            "queueLength is less than what one worker holds",
        );
    }

    fn security(&mut self) {
        let pod = self.pod("/securityContext");
        let images = Dockerfile::read();
        let user = images.stage("worker").and_then(|stage| stage.get("USER"));
        let runs_as = format!("{}:{}", pod["runAsUser"], pod["runAsGroup"]);
        self.expect(pod["runAsNonRoot"] == true, "the pod may run as root");
        self.expect(
            user == Some(&runs_as),
            "the pod does not run as the user of the image",
        );
        let seccomp = pod.pointer("/seccompProfile/type");
        self.expect(
            seccomp == Some(&json!("RuntimeDefault")),
            "the pod has no seccomp profile",
        );
        let closed = json!({
            "allowPrivilegeEscalation": false,
            "readOnlyRootFilesystem": true,
            "capabilities": {"drop": ["ALL"]},
        });
        let container = self.container("/securityContext");
        self.expect(
            *container == closed,
            "the container is not as closed as it can be",
        );
        let token = self.pod("/automountServiceAccountToken");
        self.expect(*token == false, "a token for Kubernetes is mounted");
        let enforce = "/metadata/labels/pod-security.kubernetes.io~1enforce";
        self.expect(
            *self.at("Namespace", enforce) == "restricted",
            "the namespace does not enforce the restricted standard",
        );
        let account = self.pod("/serviceAccountName").as_str().unwrap_or_default();
        let exists = self.named("ServiceAccount", account);
        self.expect(exists, format!("there is no ServiceAccount {account}"));
        let role = "/metadata/annotations/eks.amazonaws.com~1role-arn";
        let role = text(self.object("ServiceAccount"), role);
        self.expect(role.starts_with("arn:aws:iam::"), "the role is no ARN");
    }

    fn probes(&mut self) {
        for (probe, path) in [("livenessProbe", "/livez"), ("readinessProbe", "/readyz")] {
            let get = self.container(&format!("/{probe}/httpGet"));
            let asked = get["path"].as_str().unwrap_or_default();
            self.expect(asked == path, format!("{probe} asks {asked}"));
            let port = &get["port"];
            self.expect(
                *port == *self.container("/ports/0/name"),
                format!("{probe} asks {port}"),
            );
        }
        let hook = self.container("/lifecycle/preStop");
        self.expect(hook.is_null(), "a preStop hook takes time from the drain");
    }

    /// From the store over the secret and the mount to the variable.
    fn secret(&mut self) {
        let volume = self.pod("/volumes/0");
        let (name, key) = (
            text(volume, "/secret/secretName"),
            text(volume, "/secret/items/0/key"),
        );
        let external = self.object("ExternalSecret");
        let made = text(external, "/spec/target/name") == name
            && text(external, "/spec/data/0/secretKey") == key;
        self.expect(made, format!("nobody makes the secret {name} with {key}"));
        let mount = self.container("/volumeMounts/0");
        let file = format!(
            "{}/{}",
            text(mount, "/mountPath"),
            text(volume, "/secret/items/0/path")
        );
        let right =
            self.variables().get(SECRET_FILE) == Some(&file) && mount["name"] == volume["name"];
        self.expect(
            right,
            format!("{SECRET_FILE} is not the mounted secret {file}"),
        );
        let group = self.pod("/securityContext/fsGroup");
        let readable =
            group.is_u64() && volume.pointer("/secret/defaultMode") == Some(&json!(0o440));
        self.expect(readable, "the pod cannot read its secret");
    }

    /// A selector that is missing or too wide is as wrong as one that meets nothing.
    fn selectors(&mut self) {
        let labels = self.at("Deployment", "/spec/template/metadata/labels");
        let mut selectors = vec![
            (
                "Deployment",
                self.at("Deployment", "/spec/selector/matchLabels"),
            ),
            (
                "PodDisruptionBudget",
                self.at("PodDisruptionBudget", "/spec/selector/matchLabels"),
            ),
            (
                "NetworkPolicy",
                self.at("NetworkPolicy", "/spec/podSelector/matchLabels"),
            ),
            (
                "PodMonitor",
                self.at("PodMonitor", "/spec/selector/matchLabels"),
            ),
        ];
        let spreads = self.pod("/topologySpreadConstraints").as_array();
        for spread in spreads.into_iter().flatten() {
            let selector = spread.pointer("/labelSelector/matchLabels");
            selectors.push((
                "topologySpreadConstraints",
                selector.unwrap_or(&Value::Null),
            ));
        }
        let wrong = selectors.into_iter().filter(|(_, selector)| {
            let wanted = selector.as_object().filter(|wanted| !wanted.is_empty());
            !wanted.is_some_and(|wanted| wanted.iter().all(|(name, value)| labels[name] == *value))
        });
        for (kind, _) in wrong.collect::<Vec<_>>() {
            self.expect(false, format!("does not select the pods: {kind}"));
        }
    }

    fn resources(&mut self) {
        let resources = self.container("/resources");
        let has = |pointer| resources.pointer(pointer).is_some();
        self.expect(has("/limits/memory"), "the container has no memory limit");
        self.expect(
            has("/requests/memory") && has("/requests/cpu"),
            "the container requests nothing",
        );
        self.expect(!has("/limits/cpu"), "the CPU is limited");
        let image = self.container("/image").as_str().unwrap_or_default();
        let right = containers::is_pinned(image) && image.ends_with(&format!(":{VERSION}"));
        self.expect(right, format!("the image is not of this version: {image}"));
    }

    fn network(&mut self) {
        let types = self.at("NetworkPolicy", "/spec/policyTypes");
        self.expect(
            *types == json!(["Ingress", "Egress"]),
            "the network policy leaves a direction open",
        );
        let out = self
            .at("NetworkPolicy", "/spec/egress")
            .as_array()
            .into_iter()
            .flatten();
        let ports: Vec<_> = out
            .filter_map(|rule| rule["ports"].as_array())
            .flatten()
            .collect();
        for wanted in [53, 443] {
            let open = ports.iter().any(|port| port["port"] == wanted);
            self.expect(open, format!("no way out to port {wanted}"));
        }
        let port = self.at("NetworkPolicy", "/spec/ingress/0/ports/0/port");
        self.expect(
            port == self.container("/ports/0/name"),
            "Prometheus is not let in",
        );
        let from = self.at("NetworkPolicy", "/spec/ingress/0/from");
        self.expect(from.is_array(), "everybody is let in");
        let scraped = self.at("PodMonitor", "/spec/podMetricsEndpoints/0/port");
        let scraped = scraped.as_str().unwrap_or_default();
        let exists = *self.container("/ports/0/name") == scraped;
        self.expect(exists, format!("there is no port {scraped}"));
        let job = text(self.object("PodMonitor"), "/metadata/name");
        self.expect(
            job.contains("cldsync"),
            format!("no alert looks at the job {job}"),
        );
    }

    fn availability(&mut self) {
        let policy = self.at("PodDisruptionBudget", "/spec/unhealthyPodEvictionPolicy");
        self.expect(
            *policy == "AlwaysAllow",
            "a paused fleet blocks the drain of nodes",
        );
        let gone = self
            .at("PodDisruptionBudget", "/spec/maxUnavailable")
            .as_u64();
        let least = self.at("ScaledObject", "/spec/minReplicaCount").as_u64();
        self.expect(gone < least, "a node drain may stop all workers");
    }

    fn scaling(&mut self) {
        let spec = &self.object("ScaledObject")["spec"];
        let target = text(spec, "/scaleTargetRef/name");
        let exists = self.named("Deployment", target);
        self.expect(exists, format!("there is no Deployment {target}"));
        let replicas = self.at("Deployment", "/spec/replicas");
        self.expect(replicas.is_null(), "an apply resets the number of replicas");
        let (least, most) = (&spec["minReplicaCount"], &spec["maxReplicaCount"]);
        self.expect(
            least.as_u64() <= most.as_u64(),
            "the least is more than the most",
        );
        let trigger = &spec["triggers"][0];
        let variable = text(trigger, "/metadata/queueURLFromEnv");
        let variables = self.variables();
        self.expect(
            variables.contains_key(variable),
            format!("there is no variable {variable}"),
        );
        let region = text(trigger, "/metadata/awsRegion");
        let same = variables
            .get("AWS_REGION")
            .is_some_and(|ours| ours == region);
        self.expect(same, format!("KEDA asks another region: {region}"));
        let in_flight = text(trigger, "/metadata/scaleOnInFlight");
        self.expect(in_flight == "true", "a busy fleet is scaled in");
        let name = text(trigger, "/authenticationRef/name");
        let exists = self.named("TriggerAuthentication", name);
        self.expect(exists, format!("there is no TriggerAuthentication {name}"));
    }
}
