//! The `cloudinary-emulator` command as a person or a compose file starts it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cloudinary-emulator"));
    command
        .env_clear()
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

fn ready_line(child: &mut Child) -> String {
    let mut line = String::new();
    let stdout = child.stdout.take().expect("piped");
    BufReader::new(stdout).read_line(&mut line).expect("a line");
    line
}

#[test]
fn it_prints_the_url_to_use_when_it_answers_and_ends_with_0_on_sigterm() {
    let mut child = command()
        .args(["--listen", "127.0.0.1:0", "--cloud", "acme"])
        .env("CLOUDINARY_EMULATOR_API_SECRET", "p@ss")
        .spawn()
        .expect("starts");
    let line = ready_line(&mut child);
    let prefix = line
        .trim()
        .strip_prefix("cloudinary://key:p%40ss@acme?upload_prefix=http://");
    let address = prefix.unwrap_or_else(|| panic!("not the URL: {line}"));
    let mut socket = TcpStream::connect(address).expect("listens");
    let request = "GET /_emulator/health HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
    socket.write_all(request.as_bytes()).expect("sends");
    let mut answer = String::new();
    socket.read_to_string(&mut answer).expect("answers");
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    let killed = Command::new("kill")
        .arg(child.id().to_string())
        .status()
        .expect("kill runs");
    assert!(killed.success());
    assert_eq!(child.wait().expect("ends").code(), Some(0));
}

#[test]
fn help_names_every_variable_and_shows_no_secret() {
    let output = command()
        .arg("--help")
        .env("CLOUDINARY_EMULATOR_API_SECRET", "hunter2")
        .env("CLOUDINARY_EMULATOR_OAUTH_TOKEN", "hunter3")
        .output()
        .expect("runs");
    let help = String::from_utf8_lossy(&output.stdout);
    assert!(!help.contains("hunter"), "{help}");
    for name in [
        "LISTEN",
        "API_SECRET",
        "S3_ENDPOINT",
        "MAX_CONCURRENT",
        "FAULT_PLAN",
    ] {
        assert!(
            help.contains(&format!("CLOUDINARY_EMULATOR_{name}")),
            "{name}"
        );
    }
}

#[test]
fn a_wrong_setting_is_told_by_its_name() {
    for (arguments, name) in [
        (["--latency", "50"], "--latency"),
        (["--fault-plan", "/absent.json"], "--fault-plan"),
        (["--folder-mode", "flat"], "--folder-mode"),
    ] {
        let output = command().args(arguments).output().expect("runs");
        let text = String::from_utf8_lossy(&output.stderr);
        assert_eq!(
            (output.status.code(), text.contains(name)),
            (Some(2), true),
            "{text}"
        );
    }
}
