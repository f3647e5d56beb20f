//! On what was measured: the machine and the versions.

use std::fs;
use std::process::Command;

use serde::Serialize;

use crate::program::Program;
use crate::tools::Tools;

/// What numbers of this report depend on.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Machine {
    pub(crate) cores: usize,
    pub(crate) cpu: String,
    pub(crate) memory_gib: u64,
    pub(crate) kernel: String,
    /// Name and version of each program and library.
    pub(crate) versions: Vec<(String, String)>,
}

impl Machine {
    /// Looks at this one.
    pub(crate) async fn look(tools: &Tools) -> Self {
        let read = |file: &str| fs::read_to_string(file).unwrap_or_default();
        Self {
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            cpu: cpu_model(&read("/proc/cpuinfo")),
            memory_gib: memory_gib(&read("/proc/meminfo")),
            kernel: kernel(&read("/proc/sys/kernel/osrelease")),
            versions: versions(tools).await,
        }
    }
}

async fn versions(tools: &Tools) -> Vec<(String, String)> {
    let mut versions = vec![("cldsync".to_owned(), env!("CARGO_PKG_VERSION").to_owned())];
    let python = tools.python.as_ref().map(|path| path.display().to_string());
    let programs = [
        (
            "commit",
            "git",
            ["rev-parse", "--short=10", "HEAD"].as_slice(),
        ),
        ("Rust", "rustc", &["--version"]),
        (
            "Python",
            python.as_deref().unwrap_or("python3"),
            &["--version"],
        ),
        ("Node", "node", &["--version"]),
    ];
    for (name, program, arguments) in programs {
        if let Some(answer) = ask(tools, program, arguments).await {
            versions.push((name.to_owned(), answer));
        }
    }
    let lock = tools.read_peer("lambda-python/requirements.lock");
    versions.extend(python_packages(&lock, &["boto3", "cloudinary"]));
    let manifest = tools.read_peer("sqs-consumer-node/package.json");
    versions.extend(node_packages(&manifest));
    versions
}

async fn ask(tools: &Tools, program: &str, arguments: &[&str]) -> Option<String> {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(&tools.root);
    let asked = Program::start(command, "version", &tools.work).ok()?;
    let answer = asked.finish().await.ok()?;
    Some(answer.trim().to_owned())
}

fn python_packages(lock: &str, names: &[&str]) -> Vec<(String, String)> {
    let pinned = lock.lines().filter_map(|line| line.split_once("=="));
    pinned
        .filter(|(name, _)| names.contains(name))
        .map(|(name, version)| (format!("{name} (Python)"), version.trim().to_owned()))
        .collect()
}

fn node_packages(manifest: &str) -> Vec<(String, String)> {
    let manifest: serde_json::Value = serde_json::from_str(manifest).unwrap_or_default();
    let packages = manifest["dependencies"].as_object().into_iter().flatten();
    packages
        .filter_map(|(name, version)| {
            Some((format!("{name} (Node)"), version.as_str()?.to_owned()))
        })
        .collect()
}

fn cpu_model(cpuinfo: &str) -> String {
    let model = cpuinfo
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(':'));
    model.map_or("unknown", |(_, name)| name.trim()).to_owned()
}

fn memory_gib(meminfo: &str) -> u64 {
    let total = meminfo
        .lines()
        .find_map(|line| line.strip_prefix("MemTotal:"));
    let kibibytes = total.and_then(|text| text.trim().strip_suffix("kB")?.trim().parse().ok());
    kibibytes.map_or(0, |kibibytes: u64| kibibytes.div_ceil(1024 * 1024))
}

/// Major and minor version; the rest is of one machine only.
fn kernel(release: &str) -> String {
    let parts: Vec<&str> = release.trim().split('.').take(2).collect();
    format!("Linux {}", parts.join("."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_machine_is_read_from_proc() {
        assert_eq!(
            cpu_model("processor : 0\nmodel name\t: A CPU @ 2GHz\n"),
            "A CPU @ 2GHz"
        );
        assert_eq!(cpu_model(""), "unknown");
        assert_eq!(memory_gib("MemTotal:       24684680 kB\n"), 24);
        assert_eq!(kernel("6.1.0-30-cloud-amd64\n"), "Linux 6.1");
    }

    #[test]
    fn versions_of_the_peers_come_from_their_locks() {
        let lock = "# a comment\nboto3==1.44.5\nsix==1.17.0\n";
        assert_eq!(
            python_packages(lock, &["boto3"]),
            [("boto3 (Python)".to_owned(), "1.44.5".to_owned())]
        );
        assert_eq!(
            node_packages(r#"{"dependencies": {"cloudinary": "2.11.0"}}"#),
            [("cloudinary (Node)".to_owned(), "2.11.0".to_owned())]
        );
    }
}
