//! The binary: its one line, its exit codes.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::process::{Command, Stdio};

fn emulator(listen: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_aws-emulator"));
    command
        .args(["--listen", listen])
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    command
}

#[test]
fn it_prints_its_endpoint_and_ends_with_0_when_told_to() {
    let mut child = emulator("127.0.0.1:0").spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    assert!(
        line.starts_with("http://127.0.0.1:") && !line.trim_end().ends_with(":0"),
        "{line:?}"
    );
    let told = Command::new("kill")
        .args(["-TERM", &child.id().to_string()])
        .status()
        .unwrap();
    assert!(told.success());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn it_ends_with_78_when_it_cannot_be_as_asked() {
    assert_eq!(emulator("nowhere").status().unwrap().code(), Some(78));
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    assert_eq!(emulator(&address).status().unwrap().code(), Some(78));
}

#[test]
fn help_is_no_failure() {
    assert_eq!(
        emulator("127.0.0.1:0")
            .arg("--help")
            .status()
            .unwrap()
            .code(),
        Some(0)
    );
}
