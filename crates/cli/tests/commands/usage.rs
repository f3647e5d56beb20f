//! What the command line itself does.

use crate::program::cldsync;

#[test]
fn help_and_version_are_printed_and_succeed() {
    for argument in ["--help", "--version"] {
        let ran = cldsync(&[argument]).run();
        assert_eq!(ran.code, Some(0), "{ran:?}");
        assert!(ran.stdout.contains("cldsync"), "{ran:?}");
    }
}

#[test]
fn a_wrong_command_line_ends_with_64() {
    let wrong: [&[&str]; 5] = [
        &[],
        &["dance"],
        &["explain", "--loud"],
        &["demo", "--burst", "0"],
        &["demo", "--json", "--serve"],
    ];
    for arguments in wrong {
        let ran = cldsync(arguments).run();
        assert_eq!(ran.code, Some(64), "{arguments:?}: {ran:?}");
        assert_eq!(ran.stdout, "", "{arguments:?}");
        assert!(ran.stderr.contains("error: "), "{arguments:?}: {ran:?}");
    }
}

#[test]
fn the_reference_page_names_every_command_and_exit_code() {
    let page = cldsync(&["--generate", "cli"]).run();
    assert_eq!(page.code, Some(0), "{page:?}");
    for heading in ["demo", "explain", "sign", "check-config", "doctor"] {
        assert!(
            page.stdout.contains(&format!("\n## `cldsync {heading}`\n")),
            "{heading}"
        );
    }
    for code in [0, 1, 64, 65, 66, 69, 70, 78, 130] {
        assert!(page.stdout.contains(&format!("\n| {code} | ")), "{code}");
    }
    assert!(
        page.stdout.lines().all(|line| line.trim_end() == line),
        "no trailing spaces"
    );
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let mut child = cldsync(&["--generate", "cli"]).start();
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("the binary ends");
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}
