//! Cloudinary's own SDKs against the Cloudinary emulator.
//!
//! The emulator is a fake; these tests are what proves it. Each starts one in-process and runs a
//! script that exits non-zero at the first thing the SDK did not get as from the real service.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use cloudinary_emulator::{Emulator, Options};

use crate::world::environment;

#[tokio::test(flavor = "multi_thread")]
async fn the_python_sdk_works_against_the_emulator() {
    let Some(python) = environment::needed("CLDSYNC_TEST_PYTHON", "the Python SDK") else {
        return;
    };
    let mut command = Command::new(python);
    command.arg(script("python/conformance.py"));
    conforms(command).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_node_sdk_works_against_the_emulator() {
    let Some(modules) = environment::needed("CLDSYNC_TEST_NODE_MODULES", "the Node SDK") else {
        return;
    };
    let mut command = Command::new("node");
    command.arg(script("node/conformance.mjs"));
    command.current_dir(
        Path::new(&modules)
            .parent()
            .expect("node_modules is inside a folder"),
    );
    conforms(command).await;
}

fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("sdk").join(name)
}

async fn conforms(mut command: Command) {
    let emulator = Emulator::start(Options::on_free_port())
        .await
        .expect("the emulator starts");
    command.env("CLOUDINARY_URL", emulator.cloudinary_url());
    // Either would win over CLOUDINARY_URL in one of the SDKs, or send the calls elsewhere.
    command
        .env_remove("CLOUDINARY_CLOUD_NAME")
        .env_remove("HTTP_PROXY")
        .env_remove("http_proxy");
    command.stdin(Stdio::null());
    let output = tokio::task::spawn_blocking(move || command.output()).await;
    let output = output.expect("no panic").expect("the interpreter starts");
    let said = String::from_utf8_lossy(&output.stdout);
    let complained = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "{}\n{said}\n{complained}",
        output.status
    );
    assert!(said.lines().count() > 10, "only these checks ran:\n{said}");
    emulator.stop().await;
}
