//! `deploy/terraform`, read by Terraform itself with the real AWS provider: format, validity, and
//! the tests that lie beside the modules.
//!
//! `localstack` applies what can be applied without an account. Everything runs in a copy of the
//! folder, because Terraform writes beside what it reads.

mod localstack;
mod program;

use std::fs;
use std::path::{Path, PathBuf};

use self::program::Terraform;
use super::checkout;

const MODULES: [&str; 2] = ["modules/queue", "modules/ecs-service"];
const EXAMPLES: [&str; 2] = ["examples/complete", "examples/localstack"];

#[test]
fn terraform_files_are_formatted() {
    let Some(terraform) = Terraform::find("Terraform's format") else {
        return;
    };
    terraform.succeed("", &["fmt", "-check", "-diff", "-recursive"]);
}

#[test]
fn terraform_modules_and_examples_are_valid_to_the_real_provider() {
    let Some(terraform) = Terraform::find("Terraform's validation") else {
        return;
    };
    for folder in MODULES.into_iter().chain(EXAMPLES) {
        terraform.init(folder);
        terraform.succeed(folder, &["validate"]);
    }
}

#[test]
fn terraform_tests_of_the_modules_pass() {
    let Some(terraform) = Terraform::find("the tests of the Terraform modules") else {
        return;
    };
    for folder in MODULES {
        terraform.init(folder);
        let printed = terraform.succeed(folder, &["test"]);
        let passed = printed.matches("... pass").count();
        let written = runs(&source().join(folder).join("tests"));
        // One more line for each file.
        assert!(
            written > 0 && passed > written,
            "{folder} has {written} runs, but Terraform printed\n{printed}"
        );
    }
}

#[test]
fn terraform_pages_name_every_input_and_output() {
    for folder in MODULES {
        let folder = source().join(folder);
        let page = read(&folder.join("README.md"));
        let written = read(&folder.join("variables.tf")) + &read(&folder.join("outputs.tf"));
        let names = written
            .lines()
            .filter_map(|line| {
                ["variable \"", "output \""]
                    .iter()
                    .find_map(|s| line.strip_prefix(s))
            })
            .filter_map(|rest| rest.split('"').next());
        let unnamed: Vec<_> = names
            .filter(|name| !page.contains(&format!("`{name}`")))
            .collect();
        assert!(unnamed.is_empty(), "{} lacks {unnamed:?}", folder.display());
    }
}

#[test]
fn terraform_names_only_settings_that_exist() {
    let known = worker::config::render_markdown();
    for folder in MODULES.into_iter().chain(EXAMPLES) {
        for file in files(&source().join(folder)) {
            let text = read(&file);
            let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
            for name in words.filter(|word| word.starts_with("CLDSYNC_")) {
                let is_known = known.contains(&format!("`{name}`"));
                assert!(is_known, "{} names {name}", file.display());
            }
        }
    }
}

#[test]
fn terraform_runs_the_image_as_it_was_built() {
    let image = checkout::read("deploy/docker/Dockerfile");
    let module = read(&source().join("modules/ecs-service/main.tf"));
    assert!(image.contains("USER 65532:65532\n") && module.contains("\"65532:65532\"\n"));
    assert!(image.contains("\"--healthcheck\"]") && module.contains("\"--healthcheck\"]"));
    assert!(image.contains("EXPOSE 9090\n") && module.contains("metrics_port = 9090\n"));
}

/// The `.tf` files of a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder");
    let paths = entries.map(|entry| entry.expect("its entry").path());
    paths
        .filter(|path| path.extension().is_some_and(|ending| ending == "tf"))
        .collect()
}

/// How many `run` blocks there are in the test files of a folder.
fn runs(folder: &Path) -> usize {
    let files = fs::read_dir(folder).expect("a folder of tests");
    let paths = files.map(|file| file.expect("its entry").path());
    let runs = |path: PathBuf| {
        read(&path)
            .lines()
            .filter(|line| line.starts_with("run \""))
            .count()
    };
    paths.map(runs).sum()
}

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/terraform")
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
