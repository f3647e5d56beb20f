//! `deploy/docker/Dockerfile` and `.dockerignore`: read by hadolint, and compared with what the
//! workspace is and what the worker understands.
//!
//! No image is built here, because nothing can be pulled where these tests run.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use super::checkout::{self, VERSION};
use crate::world::environment;

pub(crate) const DOCKERFILE: &str = "deploy/docker/Dockerfile";

/// Instructions of a stage, in order, each with its lines joined.
type Instructions = Vec<(String, String)>;

/// A Dockerfile by its stages.
pub(crate) struct Dockerfile {
    stages: BTreeMap<String, Stage>,
}

/// From one `FROM` to the next.
pub(crate) struct Stage {
    base: String,
    instructions: Instructions,
}

impl Dockerfile {
    pub(crate) fn parse(text: &str) -> Self {
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        let joined = lines.collect::<Vec<_>>().join("\n").replace("\\\n", " ");
        let mut stages = BTreeMap::new();
        let mut current = String::new();
        for line in joined.lines() {
            let Some((keyword, rest)) = line.trim().split_once(' ') else {
                continue;
            };
            if keyword == "FROM" {
                let (base, name) = rest.split_once(" AS ").expect("every stage has a name");
                name.clone_into(&mut current);
                let stage = Stage {
                    base: base.to_owned(),
                    instructions: Vec::new(),
                };
                stages.insert(current.clone(), stage);
            } else if let Some(stage) = stages.get_mut(&current) {
                stage
                    .instructions
                    .push((keyword.to_owned(), rest.trim().to_owned()));
            }
        }
        Self { stages }
    }

    pub(crate) fn read() -> Self {
        Self::parse(&checkout::read(DOCKERFILE))
    }

    /// The stage that a `target` names.
    pub(crate) fn stage(&self, name: &str) -> Option<&Stage> {
        self.stages.get(name)
    }

    /// What comes out: stages that no other stage is built from.
    fn images(&self) -> impl Iterator<Item = (&str, &Stage)> {
        let images = self
            .stages
            .iter()
            .filter(|(_, stage)| stage.get("ENTRYPOINT").is_some());
        images.map(|(name, stage)| (name.as_str(), stage))
    }
}

impl Stage {
    /// The last such instruction.
    pub(crate) fn get(&self, keyword: &str) -> Option<&str> {
        let mut found = self
            .instructions
            .iter()
            .rev()
            .filter(|(name, _)| name == keyword);
        found.next().map(|(_, rest)| rest.as_str())
    }
}

/// What is wrong with the images, in words.
fn problems(text: &str) -> Vec<String> {
    let file = Dockerfile::parse(text);
    let mut problems = Vec::new();
    for stage in file.stages.values() {
        let ours = stage.base == "scratch" || file.stages.contains_key(&stage.base);
        if !ours && !is_pinned(&stage.base) {
            problems.push(format!("base {} is not pinned", stage.base));
        }
    }
    for (name, image) in file.images() {
        if image.get("USER") != Some("65532:65532") {
            problems.push(format!("{name} does not run as 65532"));
        }
        let version = format!("org.opencontainers.image.version=\"{VERSION}\"");
        if !image
            .get("LABEL")
            .is_some_and(|label| label.contains(&version))
        {
            problems.push(format!("{name} is not labelled {version}"));
        }
        if name != "cli" && image.get("HEALTHCHECK").is_none() {
            problems.push(format!("{name} has no health check"));
        }
    }
    problems
}

/// Whether an image has a tag that means one version.
pub(crate) fn is_pinned(image: &str) -> bool {
    let tag = image.rsplit_once(':').map_or("", |(_, tag)| tag);
    tag.contains('.') && tag.contains(|c: char| c.is_ascii_digit())
}

fn compiler() -> String {
    let manifest = checkout::read("Cargo.toml");
    let (_, rest) = manifest.split_once("rust-version = \"").expect("a version");
    rest.split('"').next().expect("its end").to_owned()
}

#[test]
fn hadolint_has_nothing_against_the_dockerfile() {
    let Some(programs) = programs("hadolint") else {
        return;
    };
    let hadolint = Path::new(&programs).join("hadolint");
    let output = checkout::run(Command::new(&hadolint).arg(checkout::path(DOCKERFILE)));
    assert!(output.status.success(), "{}", checkout::printed(&output));

    let folder = TempDir::new().expect("a temporary directory");
    let broken = folder.path().join("Dockerfile");
    let text = checkout::read(DOCKERFILE).replace("rust:1.95.0-slim-bookworm", "rust:latest");
    fs::write(&broken, text).expect("a broken copy");
    let output = checkout::run(Command::new(&hadolint).arg(&broken));
    assert!(
        checkout::printed(&output).contains("DL3007"),
        "hadolint looks"
    );
}

#[test]
fn images_are_pinned_labelled_without_root_and_with_a_health_check() {
    let text = checkout::read(DOCKERFILE);
    assert_eq!(problems(&text), Vec::<String>::new());

    for (right, wrong, problem) in [
        (
            "rust:1.95.0-slim-bookworm",
            "rust:slim",
            "rust:slim is not pinned",
        ),
        ("busybox:1.37.0-musl", "busybox", "busybox is not pinned"),
        (
            "USER 65532:65532",
            "USER root",
            "worker does not run as 65532",
        ),
        (
            "image.version=\"",
            "image.version=\"9",
            "worker is not labelled",
        ),
        ("HEALTHCHECK", "# HEALTHCHECK", "worker has no health check"),
    ] {
        let found = problems(&text.replace(right, wrong));
        assert!(
            found.iter().any(|found| found.contains(problem)),
            "{wrong}: {found:?}"
        );
    }
}

#[test]
fn the_builder_has_the_compiler_that_the_workspace_asks_for() {
    let file = Dockerfile::read();
    let base = &file.stage("source").expect("the stage").base;
    assert!(
        base.starts_with(&format!("rust:{}.", compiler())),
        "{base} is not Rust {}",
        compiler()
    );
}

#[test]
fn a_build_without_a_target_gives_the_worker() {
    let text = checkout::read(DOCKERFILE);
    let last = text.lines().rfind(|line| line.starts_with("FROM "));
    assert_eq!(last, Some("FROM scratch AS worker"));
}

#[test]
fn the_worker_understands_how_its_image_starts_and_asks_it() {
    let file = Dockerfile::read();
    let worker = file.stage("worker").expect("the stage");
    let binary = "/usr/local/bin/cldsync-worker";
    assert!(
        worker
            .instructions
            .iter()
            .any(|(keyword, rest)| keyword == "COPY"
                && rest.ends_with("/out/cldsync-worker /usr/local/bin/")),
        "the binary is where the entry point looks"
    );
    assert_eq!(
        worker.get("ENTRYPOINT"),
        Some(format!("[\"{binary}\"]").as_str())
    );

    let (_, command) = worker
        .get("HEALTHCHECK")
        .and_then(|check| check.split_once("CMD "))
        .expect("a command");
    let words: Vec<String> = serde_json::from_str(command).expect("a list of words");
    assert_eq!(words[0], binary);
    let matches = worker::command_line::command()
        .try_get_matches_from(&words)
        .expect("flags of the worker");
    assert!(worker::command_line::asks_for_health(&matches));
}

#[test]
fn the_worker_serves_on_the_port_that_its_image_exposes() {
    let default = worker::config::settings::all()
        .find(|setting| setting.name == "CLDSYNC_ADMIN_ADDR")
        .and_then(|setting| setting.default)
        .expect("a default");
    let file = Dockerfile::read();
    let exposed = file.stage("worker").and_then(|stage| stage.get("EXPOSE"));
    assert_eq!(exposed, default.rsplit_once(':').map(|(_, port)| port));
}

#[test]
fn the_build_context_holds_every_member_of_the_workspace_and_little_else() {
    let kept = checkout::read(".dockerignore");
    let kept: Vec<_> = kept.lines().filter(|line| !line.starts_with('#')).collect();
    assert_eq!(
        kept.first(),
        Some(&"*"),
        "nothing is sent unless it is named"
    );

    let manifest = checkout::read("Cargo.toml");
    let (_, members) = manifest.split_once("members = [").expect("members");
    let members = members.split(']').next().expect("their end").split(',');
    for member in members.map(|member| member.trim().trim_matches('"').trim_end_matches("/*")) {
        let folder = format!("!{member}");
        let manifest = format!("!{member}/Cargo.toml");
        assert!(
            kept.contains(&folder.as_str()) || kept.contains(&manifest.as_str()),
            "{member} is a member of the workspace that .dockerignore keeps away"
        );
    }
    for needed in ["!Cargo.toml", "!Cargo.lock"] {
        assert!(kept.contains(&needed), "{needed}");
    }
    for private in ["!.git", "!target", "!."] {
        assert!(!kept.contains(&private), "{private}");
    }
}

/// The folder of the programs that read deployment files.
pub(crate) fn programs(suite: &str) -> Option<String> {
    environment::needed("CLDSYNC_TEST_DEPLOY_PROGRAMS", suite)
}
