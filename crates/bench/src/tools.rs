//! Everything that is measured, built and installed: our programs by Cargo, the peers by `pip` and
//! `npm` from their locks.
//!
//! Peers are installed into the target directory and used again until their lock changes. A peer
//! that cannot be installed is left out by name; the others still run.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use reqwest::Client;

use crate::arguments::Arguments;
use crate::contender::Contender;
use crate::program::Program;
use crate::say::say;

/// Where things are.
#[derive(Debug)]
pub(crate) struct Tools {
    /// The checkout.
    pub(crate) root: PathBuf,
    /// What is made on the way, in the target directory.
    pub(crate) work: PathBuf,
    /// The Python peer's interpreter.
    pub(crate) python: Option<PathBuf>,
    /// The Node peer's program, beside its packages.
    pub(crate) node_program: Option<PathBuf>,
    /// Where programs are looked for.
    pub(crate) search_path: OsString,
    /// For the calls of the measurement itself.
    pub(crate) http: Client,
    /// What could not be installed, and why.
    pub(crate) left_out: Vec<String>,
    target: PathBuf,
    binaries: PathBuf,
}

impl Tools {
    /// Builds and installs.
    pub(crate) async fn prepare(arguments: &Arguments) -> Result<Self> {
        let binaries = binaries()?;
        let target = binaries.parent().context("a target directory")?.to_owned();
        let mut tools = Self {
            root: root()?,
            work: target.join("bench"),
            python: None,
            node_program: None,
            search_path: std::env::var_os("PATH").unwrap_or_default(),
            http: http_client()?,
            left_out: Vec::new(),
            target,
            binaries,
        };
        fs::create_dir_all(&tools.work).context("create a folder in the target directory")?;
        if !arguments.no_build {
            tools.build().await?;
        }
        tools.install(arguments).await;
        Ok(tools)
    }

    /// One of our programs.
    pub(crate) fn binary(&self, name: &str) -> PathBuf {
        self.binaries.join(name)
    }

    /// A file of a peer.
    pub(crate) fn peer(&self, file: &str) -> PathBuf {
        self.root.join("crates/bench/peers").join(file)
    }

    /// The text of a file of a peer.
    pub(crate) fn read_peer(&self, file: &str) -> String {
        fs::read_to_string(self.peer(file)).unwrap_or_default()
    }

    /// Runs Cargo in the checkout, into the same target directory.
    pub(crate) async fn cargo(
        &self,
        arguments: &[&str],
        variables: &[(&str, &Path)],
    ) -> Result<String> {
        let mut command = Command::new("cargo");
        command.args(arguments).current_dir(&self.root);
        command.arg("--target-dir").arg(&self.target);
        command.envs(variables.iter().copied());
        Program::start(command, "cargo", &self.work)?.finish().await
    }

    /// The worker apart from the floor, so that it has the features that a release has.
    async fn build(&self) -> Result<()> {
        say("building the programs");
        let worker = ["build", "--release", "-p", "worker"];
        let emulators = ["-p", "aws-emulator", "-p", "cloudinary-emulator"];
        self.cargo(&[&worker[..], &emulators].concat(), &[]).await?;
        let floor = ["build", "--release", "-p", "bench", "--bin", "floor"];
        self.cargo(&floor, &[]).await?;
        Ok(())
    }

    async fn install(&mut self, arguments: &Arguments) {
        if arguments.contenders.contains(&Contender::LambdaPython) {
            match self.install_python().await {
                Ok(python) => self.python = Some(python),
                Err(error) => self.leave_out(Contender::LambdaPython, &error),
            }
        }
        if arguments.contenders.contains(&Contender::SqsConsumerNode) {
            match self.install_node().await {
                Ok(program) => self.node_program = Some(program),
                Err(error) => self.leave_out(Contender::SqsConsumerNode, &error),
            }
        }
    }

    fn leave_out(&mut self, contender: Contender, error: &anyhow::Error) {
        say(&format!("leaving out {}: {error:#}", contender.name()));
        let reason = error.to_string();
        let reason = reason.lines().next().unwrap_or_default();
        self.left_out
            .push(format!("{}: {reason}", contender.name()));
    }

    async fn install_python(&self) -> Result<PathBuf> {
        let directory = self.work.join("python");
        let interpreter = directory.join("bin/python");
        let lock = self.read_peer("lambda-python/requirements.lock");
        if is_fresh(&directory, &lock) {
            return Ok(interpreter);
        }
        say("installing the Python peer");
        let python = self.find_python().await?;
        empty(&directory)?;
        let mut make = Command::new(python);
        make.args(["-m", "venv"]).arg(&directory);
        self.run(make).await?;
        let mut install = Command::new(&interpreter);
        install.args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
        ]);
        install.arg("--requirement");
        install.arg(self.peer("lambda-python/requirements.lock"));
        self.run(install).await?;
        stamp(&directory, &lock)?;
        Ok(interpreter)
    }

    /// The newest interpreter that the peer's packages run on.
    async fn find_python(&self) -> Result<&'static str> {
        for name in ["python3.13", "python3.12", "python3.11", "python3"] {
            let mut command = Command::new(name);
            command.args([
                "-c",
                "import sys, venv; sys.exit(sys.version_info < (3, 10))",
            ]);
            if self.run(command).await.is_ok() {
                return Ok(name);
            }
        }
        Err(anyhow!("no Python 3.10 or newer with venv"))
    }

    async fn install_node(&self) -> Result<PathBuf> {
        let directory = self.work.join("node");
        let program = directory.join("main.mjs");
        let manifest = self.read_peer("sqs-consumer-node/package.json");
        let lock = self.read_peer("sqs-consumer-node/package-lock.json");
        let inputs = format!("{manifest}{lock}");
        if !is_fresh(&directory, &inputs) {
            say("installing the Node peer");
            empty(&directory)?;
            fs::write(directory.join("package.json"), &manifest)?;
            fs::write(directory.join("package-lock.json"), &lock)?;
            let mut install = Command::new("npm");
            install.args(["ci", "--no-audit", "--no-fund", "--ignore-scripts"]);
            install.arg("--loglevel=error").current_dir(&directory);
            self.run(install).await?;
            stamp(&directory, &inputs)?;
        }
        // Node looks for packages beside the program.
        fs::write(&program, self.read_peer("sqs-consumer-node/main.mjs"))?;
        Ok(program)
    }

    async fn run(&self, command: Command) -> Result<String> {
        Program::start(command, "install", &self.work)?
            .finish()
            .await
    }
}

/// The folder of this program: Cargo puts the others beside it.
fn binaries() -> Result<PathBuf> {
    let program = std::env::current_exe().context("where this program is")?;
    let directory = program.parent().context("a folder")?;
    if directory.file_name().is_none_or(|name| name != "release") {
        bail!("numbers of a debug build mean nothing; run with --release");
    }
    Ok(directory.to_owned())
}

/// The checkout that this program was built from.
fn root() -> Result<PathBuf> {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
    let root = crates.and_then(Path::parent).context("a workspace")?;
    Ok(root.to_owned())
}

fn http_client() -> Result<Client> {
    rustls::crypto::ring::default_provider()
        .install_default()
        .map_err(|_| anyhow!("a TLS provider is installed already"))?;
    let builder = Client::builder().timeout(Duration::from_secs(30));
    builder.no_proxy().build().context("an HTTP client")
}

fn empty(directory: &Path) -> Result<()> {
    if directory.exists() {
        fs::remove_dir_all(directory).context("remove what is outdated")?;
    }
    fs::create_dir_all(directory).context("create a folder")
}

fn is_fresh(directory: &Path, inputs: &str) -> bool {
    fs::read_to_string(directory.join(".inputs")).is_ok_and(|present| present == inputs)
}

fn stamp(directory: &Path, inputs: &str) -> Result<()> {
    fs::write(directory.join(".inputs"), inputs).context("write a stamp")
}
