//! Python virtual environments: for `LocalStack`, for Cloudinary's SDK, and for the checkers of
//! deployment files.
//!
//! `LocalStack` is locked once for Python 3.11 and once for 3.12 and newer, because its newer
//! releases do not run on 3.11. The newest interpreter that the locks were made for is taken.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, anyhow};

use super::stamp;
use crate::process;
use crate::workspace::{Workspace, variable};

/// An interpreter and its version, such as 3.13.
#[derive(Clone, Debug, PartialEq)]
struct Interpreter {
    program: PathBuf,
    version: (u32, u32),
}

const OLDEST: (u32, u32) = (3, 11);
/// The newest version that the locks were tried with; a newer one is taken only in need.
const NEWEST_TRIED: (u32, u32) = (3, 13);

/// An environment that can start `LocalStack`; returns its interpreter.
pub(crate) fn localstack(workspace: &Workspace) -> Result<PathBuf> {
    let python = find()?;
    let requirements = Path::new("tests/localstack").join(lock_for(python.version));
    environment(workspace, &python, "localstack", &requirements)
}

/// An environment with Cloudinary's Python SDK; returns its interpreter.
pub(crate) fn sdk(workspace: &Workspace) -> Result<PathBuf> {
    environment(
        workspace,
        &find()?,
        "venv-sdk",
        Path::new("tests/sdk/python/requirements.txt"),
    )
}

/// An environment with the checkers of `deploy/`; returns the folder of their programs.
pub(crate) fn deploy(workspace: &Workspace) -> Result<PathBuf> {
    let lock = Path::new("tests/deploy/tools/requirements.lock");
    let interpreter = environment(workspace, &find()?, "venv-deploy", lock)?;
    Ok(interpreter.with_file_name(""))
}

fn lock_for(version: (u32, u32)) -> &'static str {
    if version >= (3, 12) {
        "requirements-py312.lock"
    } else {
        "requirements-py311.lock"
    }
}

/// A virtual environment in the target directory with exactly these requirements.
fn environment(
    workspace: &Workspace,
    python: &Interpreter,
    name: &str,
    requirements: &Path,
) -> Result<PathBuf> {
    let file = workspace.root.join(requirements);
    let lock =
        fs::read_to_string(&file).with_context(|| format!("read {}", requirements.display()))?;
    let directory = workspace.target.join(name);
    let interpreter = directory.join("bin/python");
    let inputs = format!("{}\n{lock}", python.program.display());
    stamp::unless_fresh(&directory, &inputs, || {
        create(&python.program, &directory)?;
        process::run(
            Command::new(&interpreter)
                .args(["-m", "pip", "--require-virtualenv", "install", "--quiet"])
                .args(["--disable-pip-version-check", "--requirement"])
                .arg(&file),
        )
    })?;
    Ok(interpreter)
}

/// `venv`, or `virtualenv` where Debian keeps `venv` in a package of its own.
fn create(python: &Path, directory: &Path) -> Result<()> {
    let made = ["venv", "virtualenv"].into_iter().any(|module| {
        let mut command = Command::new(python);
        process::probe(command.args(["-m", module]).arg(directory)).is_some()
    });
    let advice = "no venv module in this Python; on Debian and Ubuntu: apt install python3-venv";
    made.then_some(()).ok_or_else(|| anyhow!(advice))
}

fn find() -> Result<Interpreter> {
    let found = candidates().into_iter().filter_map(|program| {
        let answer = process::probe(Command::new(&program).args([
            "-c",
            "import sys; print(sys.version_info[0], sys.version_info[1])",
        ]))?;
        Some(Interpreter {
            version: parse_version(&answer)?,
            program,
        })
    });
    best(found.collect()).ok_or_else(|| anyhow!("no Python 3.11 or newer found"))
}

/// Names on `PATH`, then the interpreters that pyenv keeps off it.
fn candidates() -> Vec<PathBuf> {
    let mut programs: Vec<PathBuf> = ["python3.13", "python3.12", "python3.11", "python3"]
        .map(PathBuf::from)
        .into();
    let home = variable("HOME").unwrap_or_default();
    let pyenv =
        variable("PYENV_ROOT").map_or_else(|| Path::new(&home).join(".pyenv"), PathBuf::from);
    if let Ok(versions) = fs::read_dir(pyenv.join("versions")) {
        programs.extend(
            versions
                .flatten()
                .map(|version| version.path().join("bin/python")),
        );
    }
    programs
}

/// The newest version that was tried, else the oldest of those that are newer still.
fn best(mut found: Vec<Interpreter>) -> Option<Interpreter> {
    found.retain(|python| python.version >= OLDEST);
    found.sort_by_key(|python| python.version);
    let tried = found.iter().rfind(|python| python.version <= NEWEST_TRIED);
    tried.or(found.first()).cloned()
}

fn parse_version(answer: &str) -> Option<(u32, u32)> {
    let (major, minor) = answer.trim().split_once(' ')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choice(versions: &[(u32, u32)]) -> Option<(u32, u32)> {
        let interpreter = |&version| Interpreter {
            program: PathBuf::new(),
            version,
        };
        best(versions.iter().map(interpreter).collect()).map(|python| python.version)
    }

    #[test]
    fn the_newest_tried_version_is_chosen() {
        assert_eq!(choice(&[(3, 11), (3, 13), (3, 12), (2, 7)]), Some((3, 13)));
    }

    #[test]
    fn an_untried_newer_version_is_chosen_only_in_need() {
        assert_eq!(choice(&[(3, 15), (3, 11)]), Some((3, 11)));
        assert_eq!(choice(&[(3, 15), (3, 14), (3, 9)]), Some((3, 14)));
    }

    #[test]
    fn a_version_too_old_is_never_chosen() {
        assert_eq!(choice(&[(2, 7), (3, 10)]), None);
    }

    #[test]
    fn each_version_gets_the_lock_made_for_it() {
        assert_eq!(lock_for((3, 11)), "requirements-py311.lock");
        assert_eq!(lock_for((3, 12)), "requirements-py312.lock");
        assert_eq!(lock_for((3, 14)), "requirements-py312.lock");
    }

    #[test]
    fn an_answer_that_is_no_version_is_not_an_interpreter() {
        assert_eq!(parse_version("3 13\n"), Some((3, 13)));
        assert_eq!(parse_version("command not found"), None);
    }
}
