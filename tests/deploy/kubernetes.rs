//! `deploy/kubernetes`: rendered by kubectl, read by the schemas of Kubernetes and of KEDA, and
//! compared with what the worker is.
//!
//! `checks` says what must hold between the objects, and `shapes` what the objects of the other
//! operators look like. Each check is tried on broken objects too; `broken.txt` lists them.

mod checks;
mod shapes;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::breakage::Breakage;
use super::checkout::{self, documents, with};
use super::containers;
use crate::world::environment;

const FOLDER: &str = "deploy/kubernetes";
const KUBERNETES: &str = "1.32";
/// What is not Kubernetes' own, and so is checked elsewhere.
const FOREIGN: [&str; 4] = [
    "ExternalSecret",
    "PodMonitor",
    "ScaledObject",
    "TriggerAuthentication",
];

/// The manifests that kubectl makes of a folder.
fn render(folder: &Path) -> Option<String> {
    let kubectl = environment::needed("CLDSYNC_TEST_KUBECTL", "Kubernetes manifests")?;
    let output = checkout::run(Command::new(kubectl).arg("kustomize").arg(folder));
    assert!(output.status.success(), "{}", checkout::printed(&output));
    Some(String::from_utf8(output.stdout).expect("UTF-8"))
}

fn example() -> Option<String> {
    render(&checkout::path(FOLDER).join("example"))
}

/// The manifests of the base with these components.
fn base_with(components: &[&str]) -> Option<String> {
    let folder = TempDir::new().expect("a temporary directory");
    // kustomize only follows relative paths.
    let up = "../".repeat(folder.path().components().count() - 1);
    let ours = up
        + checkout::path(FOLDER)
            .to_str()
            .expect("UTF-8")
            .trim_start_matches('/');
    let components: Vec<_> = components
        .iter()
        .map(|name| format!("{ours}/components/{name}"))
        .collect();
    let kustomization = json!({"resources": [format!("{ours}/base")], "components": components});
    let file = folder.path().join("kustomization.yaml");
    fs::write(file, kustomization.to_string()).expect("a kustomization");
    render(folder.path())
}

/// Every component, and whether it can stand beside the others.
fn components() -> Vec<String> {
    let folders = fs::read_dir(checkout::path(FOLDER).join("components")).expect("components");
    let names = folders.map(|entry| entry.expect("an entry").file_name());
    names
        .map(|name| name.to_string_lossy().into_owned())
        .collect()
}

/// What `kubernetes-validate --strict` says about manifests.
fn validate(programs: &str, manifests: &str) -> Output {
    let folder = TempDir::new().expect("a temporary directory");
    let file = folder.path().join("manifests.yaml");
    fs::write(&file, manifests).expect("manifests");
    let mut command = Command::new(Path::new(programs).join("kubernetes-validate"));
    checkout::run(command.args(["--strict", "-k", KUBERNETES]).arg(&file))
}

/// What KEDA's published models say about objects.
fn validate_keda(modules: &str, objects: &[Value]) -> Output {
    let mut node = Command::new("node")
        .arg(checkout::path("tests/deploy/tools/keda.mjs"))
        .arg(modules)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("node starts");
    let mut input = node.stdin.take().expect("its input");
    input
        .write_all(Value::from(objects).to_string().as_bytes())
        .expect("objects to read");
    drop(input);
    node.wait_with_output().expect("its end")
}

#[test]
fn every_manifest_is_valid_to_kubernetes_and_nothing_else_is_left_unread() {
    let Some(programs) = containers::programs("the schemas of Kubernetes") else {
        return;
    };
    let mut renderings = vec![example(), base_with(&[])];
    renderings.extend(components().iter().map(|name| base_with(&[name])));
    for manifests in renderings {
        let Some(manifests) = manifests else {
            return;
        };
        let output = validate(&programs, &manifests);
        let said = checkout::printed(&output);
        assert!(output.status.success(), "{said}");
        let read = said
            .lines()
            .filter(|line| line.contains(" passed for resource "))
            .count();
        let foreign = documents(&manifests)
            .iter()
            .filter(|object| FOREIGN.contains(&checkout::text(object, "/kind")))
            .count();
        assert_eq!(read + foreign, documents(&manifests).len(), "{said}");
    }
}

#[test]
fn manifests_that_kubernetes_would_refuse_do_not_pass() {
    let (Some(programs), Some(manifests)) =
        (containers::programs("the schemas of Kubernetes"), example())
    else {
        return;
    };
    for (right, wrong) in [
        (
            "terminationGracePeriodSeconds: 45",
            "terminationGracePeriod: 45",
        ),
        ("periodSeconds: 10", "periodSeconds: ten"),
        (
            "readOnlyRootFilesystem: true",
            "readonlyRootFilesystem: true",
        ),
    ] {
        assert!(manifests.contains(right), "{right}");
        let output = validate(&programs, &manifests.replace(right, wrong));
        assert!(!output.status.success(), "{wrong} passed");
    }
}

#[test]
fn keda_objects_fit_the_models_that_keda_publishes() {
    let modules = environment::needed("CLDSYNC_TEST_DEPLOY_NODE_MODULES", "KEDA's models");
    let (Some(modules), Some(manifests)) = (modules, example()) else {
        return;
    };
    let objects = documents(&manifests);
    let output = validate_keda(&modules, &objects);
    let said = checkout::printed(&output);
    assert!(output.status.success(), "{said}");
    for kind in ["ScaledObject", "TriggerAuthentication"] {
        assert!(
            said.contains(&format!("{kind} cldsync-worker fits")),
            "{said}"
        );
    }

    for (kind, pointer, wrong) in [
        (
            "ScaledObject",
            "/spec/triggers/0/metadata/queueLength",
            json!(200),
        ),
        ("ScaledObject", "/spec/maxReplicaCount", json!("5")),
        (
            "TriggerAuthentication",
            "/spec/podIdentity/provider",
            json!("irsa"),
        ),
    ] {
        let broken = checks::change(&objects, kind, |object| {
            with(object, pointer, wrong.clone())
        });
        let output = validate_keda(&modules, &broken);
        assert!(!output.status.success(), "{pointer} = {wrong} passed");
    }
}

#[test]
fn the_example_fits_the_worker_and_its_parts_fit_each_other() {
    let Some(manifests) = example() else {
        return;
    };
    assert_eq!(
        checks::problems(&documents(&manifests)),
        Vec::<String>::new()
    );
}

#[test]
fn whatever_is_broken_in_the_example_is_found() {
    let Some(manifests) = example() else {
        return;
    };
    let objects = documents(&manifests);
    let breakages = Breakage::all(include_str!("kubernetes/broken.txt"));
    let missed = breakages.iter().filter_map(|breakage| {
        let broken = checks::change(&objects, breakage.kind, |object| breakage.apply(object));
        breakage.missed(&checks::problems(&broken))
    });
    assert_eq!(missed.collect::<Vec<_>>(), Vec::<String>::new());
}

#[test]
fn objects_of_other_operators_have_the_shape_that_those_publish() {
    let Some(manifests) = example() else {
        return;
    };
    let objects = documents(&manifests);
    assert_eq!(shapes::problems(&objects), Vec::<String>::new());
    for (kind, pointer, wrong) in [
        (
            "PodMonitor",
            "/spec/podMetricsEndpoints/0/portName",
            json!("admin"),
        ),
        (
            "PodMonitor",
            "/spec/podMetricsEndpoints/0/interval",
            json!(15),
        ),
        ("ExternalSecret", "/spec/refreshPeriod", json!("1h")),
        (
            "ExternalSecret",
            "/spec/target/deletionPolicy",
            json!("Keep"),
        ),
        (
            "ExternalSecret",
            "/apiVersion",
            json!("external-secrets.io/v1beta1"),
        ),
    ] {
        let broken = checks::change(&objects, kind, |object| {
            with(object, pointer, wrong.clone())
        });
        assert!(
            !shapes::problems(&broken).is_empty(),
            "{pointer} = {wrong} passed"
        );
    }
}

#[test]
fn pod_identity_opens_the_way_to_its_agent() {
    let Some(manifests) = base_with(&["pod-identity"]) else {
        return;
    };
    let policy = documents(&manifests)
        .into_iter()
        .find(|object| object["kind"] == "NetworkPolicy")
        .expect("a network policy");
    let agent = json!({"ipBlock": {"cidr": "169.254.170.23/32"}});
    let rules = policy["spec"]["egress"].as_array().expect("rules");
    assert!(
        rules.iter().any(
            |rule| rule["ports"] == json!([{"protocol": "TCP", "port": 80}])
                && rule["to"].as_array().is_some_and(|to| to.contains(&agent))
        ),
        "{policy}"
    );
}

#[test]
fn the_page_names_every_component() {
    let page = checkout::read(&format!("{FOLDER}/README.md"));
    for name in components() {
        assert!(page.contains(&format!("`{name}`")), "{name}");
    }
    let folder: PathBuf = checkout::path(FOLDER).join("example");
    assert!(folder.is_dir() && page.contains("`example`"));
}
