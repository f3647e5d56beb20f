//! Terraform, working in a copy of `deploy/terraform`.
//!
//! Where the provider comes from is decided here: from a folder of unpacked plugins that a
//! variable names, or, for those who have a network, from wherever Terraform gets it. Of the
//! surroundings nothing else may matter: neither settings of Terraform nor an account.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

use crate::world::environment;

/// Terraform and the copy it works in.
pub(super) struct Terraform {
    program: String,
    plugins: Option<String>,
    directory: TempDir,
}

impl Terraform {
    /// Finds it, or says that `suite` is skipped without it.
    pub(super) fn find(suite: &str) -> Option<Self> {
        let program = environment::needed("CLDSYNC_TEST_TERRAFORM", suite)?;
        let directory = TempDir::with_prefix("cldsync-terraform-").expect("a temporary directory");
        copy(&super::source(), directory.path());
        Some(Self {
            program,
            plugins: environment::given("CLDSYNC_TEST_TERRAFORM_PLUGINS"),
            directory,
        })
    }

    /// Makes a folder ready to be worked with.
    pub(super) fn init(&self, folder: &str) {
        let plugins = self.plugins.as_ref();
        let from = plugins.map(|plugins| format!("-plugin-dir={plugins}"));
        let mut arguments = vec!["init", "-input=false"];
        arguments.extend(from.as_deref());
        self.succeed(folder, &arguments);
    }

    /// Runs a command that must succeed, and gives what it printed.
    pub(super) fn succeed(&self, folder: &str, arguments: &[&str]) -> String {
        let output = self.run(folder, arguments);
        let printed = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(
            output.status.success(),
            "terraform {} in `{folder}`: {}\n{printed}{}",
            arguments.join(" "),
            output.status,
            String::from_utf8_lossy(&output.stderr)
        );
        printed
    }

    /// Runs a command, however it ends.
    pub(super) fn run(&self, folder: &str, arguments: &[&str]) -> Output {
        let mut command = Command::new(&self.program);
        let ours = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
        for name in ours.filter(|name| self.is_of_no_concern(name)) {
            command.env_remove(name);
        }
        command
            .args(arguments)
            .current_dir(self.directory.path().join(folder))
            .env("TF_IN_AUTOMATION", "true")
            .env("TF_CLI_ARGS", "-no-color")
            // It would ask its maker whether it is up to date.
            .env("CHECKPOINT_DISABLE", "true")
            .stdin(Stdio::null());
        let output = command.output();
        output.unwrap_or_else(|error| panic!("cannot run {}: {error}", self.program))
    }

    /// Variables that would change what Terraform or the provider does. Who has no folder of
    /// plugins may have settings that tell where else there are some.
    fn is_of_no_concern(&self, name: &str) -> bool {
        let finds_plugins = ["TF_CLI_CONFIG_FILE", "TF_PLUGIN_CACHE_DIR"].contains(&name);
        let changes = name.starts_with("TF_") || name.starts_with("AWS_");
        changes && (self.plugins.is_some() || !finds_plugins)
    }
}

/// Copies a folder, except for what Terraform left there when a person worked in it.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder to copy") {
        let entry = entry.expect("its entry");
        let name = entry.file_name();
        let target = to.join(&name);
        let name = name.to_string_lossy();
        if name.starts_with(".terraform") || name.contains(".tfstate") {
            continue;
        }
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("a copied file");
        }
    }
}
