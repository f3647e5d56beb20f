//! What is wrong with a Compose file, in words. Pure but for the files that it is compared with.

use std::collections::BTreeMap;

use clap::{Args, Command};
use serde_json::Value;
use worker::{Config, Environment, Flags};

use crate::deploy::checkout::{self, VERSION, documents, seconds, text};
use crate::deploy::containers::{self, Dockerfile};

/// Beyond the drain: the last acknowledgements, and a machine that has more to do.
const STOP_MARGIN: u64 = 10;
const INIT: &str = "deploy/docker/localstack/init/ready.d/bucket_and_queues.py";

/// A service with its name, and the problems found so far.
struct Service<'a> {
    name: &'a str,
    value: &'a Value,
    problems: &'a mut Vec<String>,
}

/// Everything that is wrong.
pub(super) fn problems(compose: &Value) -> Vec<String> {
    let mut problems = Vec::new();
    let images = Dockerfile::read();
    let services = compose["services"].as_object().expect("services");
    for (name, value) in services {
        let mut service = Service {
            name,
            value,
            problems: &mut problems,
        };
        service.image(&images);
        service.health_check(&images);
        service.hardening();
        service.ports();
        service.mounts();
        match text(value, "/build/target") {
            "worker" => service.worker(compose),
            "cloudinary-emulator" => service.emulator(),
            _ => {}
        }
    }
    problems
}

impl Service<'_> {
    fn problem(&mut self, problem: impl Into<String>) {
        self.problems.push(problem.into());
    }

    fn list(&self, key: &str) -> Vec<String> {
        let items = self.value[key].as_array().into_iter().flatten();
        items.filter_map(Value::as_str).map(str::to_owned).collect()
    }

    fn environment(&self) -> BTreeMap<String, String> {
        let variables = self.value["environment"].as_object().into_iter().flatten();
        let owned = variables.map(|(name, value)| {
            let value = value.as_str().expect("text, not a number or a boolean");
            (name.clone(), value.to_owned())
        });
        owned.collect()
    }

    fn image(&mut self, images: &Dockerfile) {
        let image = text(self.value, "/image");
        if !containers::is_pinned(image) {
            self.problem(format!("{image} is not pinned"));
        }
        if self.name == "localstack" {
            let lock = checkout::read("tests/localstack/requirements-py312.lock");
            let tag = image.rsplit(':').next().unwrap_or_default();
            if !lock.starts_with(&format!("# LocalStack {tag} ")) {
                self.problem(format!("{image} is not the LocalStack of the tests"));
            }
        }
        if self.value.get("build").is_none() {
            return;
        }
        if !image.ends_with(&format!(":{VERSION}")) {
            self.problem(format!("{image} is not of this version"));
        }
        let target = text(self.value, "/build/target");
        let is_image = images
            .stage(target)
            .is_some_and(|s| s.get("ENTRYPOINT").is_some());
        if !is_image || text(self.value, "/build/dockerfile") != containers::DOCKERFILE {
            let name = self.name;
            self.problem(format!("{name} is built from {target}, which is no image"));
        }
    }

    fn health_check(&mut self, images: &Dockerfile) {
        let built = images.stage(text(self.value, "/build/target"));
        let inherited = built.is_some_and(|stage| stage.get("HEALTHCHECK").is_some());
        if !inherited && self.value.pointer("/healthcheck/test").is_none() {
            self.problem(format!("{} has no health check", self.name));
        }
    }

    /// LocalStack starts as root and writes where it likes; all others need nothing.
    fn hardening(&mut self) {
        let name = self.name;
        if name == "localstack" {
            return;
        }
        if self.value["read_only"] != true {
            self.problem(format!("{name} can write to its root"));
        }
        if self.list("cap_drop") != ["ALL"] {
            self.problem(format!("{name} keeps capabilities"));
        }
        if self.list("security_opt") != ["no-new-privileges:true"] {
            self.problem(format!("{name} may gain privileges"));
        }
    }

    fn ports(&mut self) {
        for port in self.list("ports") {
            if !port.starts_with("127.0.0.1:") {
                self.problem(format!("{} listens on every address", self.name));
            }
        }
    }

    fn mounts(&mut self) {
        for mount in self.list("volumes") {
            let source = mount.split(':').next().unwrap_or_default();
            if source.starts_with('.') && !checkout::path(source).exists() {
                self.problem(format!("{source} is not in the checkout"));
            }
        }
    }

    fn emulator(&mut self) {
        let command = cloudinary_emulator::Options::augment_args(Command::new("emulator"));
        let known: Vec<_> = command
            .get_arguments()
            .filter_map(|arg| arg.get_env())
            .collect();
        for name in self.environment().keys() {
            if !known.iter().any(|known| *known == name.as_str()) {
                self.problem(format!("{name} is nothing that the emulator reads"));
            }
        }
    }

    fn worker(&mut self, compose: &Value) {
        self.worker_variables();
        self.worker_resources();
        let name = self.name;
        for needed in ["localstack", "cloudinary-emulator"] {
            let condition = text(self.value, &format!("/depends_on/{needed}/condition"));
            if condition != "service_healthy" || compose["services"].get(needed).is_none() {
                self.problem(format!("{name} does not wait for {needed}"));
            }
        }
        if !scraped().contains(&name.to_owned()) {
            self.problem(format!("{name} is a service that Prometheus does not ask"));
        }
    }

    /// The worker itself says what it thinks of its settings.
    fn worker_variables(&mut self) {
        let variables = self.environment();
        for name in variables.keys() {
            let ours = name.starts_with("CLDSYNC_") || name == "CLOUDINARY_URL";
            if !ours && !name.starts_with("AWS_") {
                self.problem(format!(
                    "{name} is nothing that the worker or the AWS SDK reads"
                ));
            }
        }
        let resolved = Config::resolve(&Flags::default(), &Environment::from_iter(variables));
        match resolved {
            Err(errors) => errors
                .iter()
                .for_each(|error| self.problem(error.to_string())),
            Ok(config) => {
                let grace = text(self.value, "/stop_grace_period");
                if seconds(grace) < config.limits.drain_timeout.as_secs() + STOP_MARGIN {
                    self.problem(format!("{} is killed before its drain ends", self.name));
                }
                for port in self.list("ports") {
                    let port = port.rsplit(':').next().unwrap_or_default().to_owned();
                    if port != config.admin_addr.port().to_string() {
                        self.problem(format!("{} does not serve on port {port}", self.name));
                    }
                }
            }
        }
    }

    fn worker_resources(&mut self) {
        let init = checkout::read(INIT);
        let variables = self.environment();
        let bucket = variables.get("CLDSYNC_BUCKET").cloned().unwrap_or_default();
        if !init.contains(&format!("create_bucket(Bucket=\"{bucket}\")")) {
            self.problem(format!("nobody makes the bucket {bucket}"));
        }
        for name in ["CLDSYNC_QUEUE_URL", "CLDSYNC_DEAD_LETTER_QUEUE_URL"] {
            let url = variables.get(name).cloned().unwrap_or_default();
            let queue = url.rsplit('/').next().unwrap_or_default();
            if !init.contains(&format!("QueueName=\"{queue}\",")) {
                self.problem(format!("nobody makes the queue {queue}"));
            }
        }
    }
}

/// The names that Prometheus asks DNS for.
fn scraped() -> Vec<String> {
    let prometheus = documents(&checkout::read("deploy/prometheus/prometheus.yml")).remove(0);
    let names = prometheus["scrape_configs"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|scrape| scrape.pointer("/dns_sd_configs/0/names/0")?.as_str());
    names.map(str::to_owned).collect()
}
