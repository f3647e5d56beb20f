//! An installation that the doctor looks at, and the shell in which its commands are run.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value;

use super::SECRET;
use crate::programs::{Binaries, Program, Variables};
use crate::world::{REGION, environment, patience};

/// What the worker is told to sync.
pub(super) const BUCKET: &str = "pictures";
const ROOT: &str = "media";
/// What scripts may change, and what a command that mends may set.
const SETTINGS: [&str; 7] = [
    "AWS_REGION",
    "CLDSYNC_BUCKET",
    "CLDSYNC_DEAD_LETTER_QUEUE_URL",
    "CLDSYNC_FOLDER_MODE",
    "CLDSYNC_QUEUE_URL",
    "CLDSYNC_TRANSFER",
    "CLOUDINARY_URL",
];
/// Between a script's own output and its variables.
const MARK: &str = "--- variables ---";
const PATIENCE: Duration = Duration::from_secs(30);

/// Where AWS is, and the AWS CLI.
pub(super) struct Place {
    endpoint: String,
    aws_cli: Option<PathBuf>,
}

/// A bucket, a queue and a Cloudinary, with the variables of a worker for them.
pub(super) struct Installation {
    pub(super) variables: Variables,
    binaries: Binaries,
    aws_cli: PathBuf,
    _cloudinary: Program,
}

/// What the doctor found.
#[derive(Debug)]
pub(super) struct Diagnosis {
    code: Option<i32>,
    json: Value,
}

impl Place {
    /// The AWS CLI lies beside the interpreter that runs LocalStack.
    pub(super) fn with_aws_cli(endpoint: &str, suite: &str) -> Self {
        let python = environment::needed("CLDSYNC_TEST_LOCALSTACK_PYTHON", suite);
        Self {
            endpoint: endpoint.to_owned(),
            aws_cli: python.map(|python| Path::new(&python).with_file_name("aws")),
        }
    }
}

impl Installation {
    /// A bucket, a queue that nobody knows of, and an account.
    pub(super) async fn bare(binaries: Binaries, place: Place) -> Option<Self> {
        let options = Variables::from([
            ("CLOUDINARY_EMULATOR_API_SECRET", SECRET.to_owned()),
            ("RUST_LOG", "warn".to_owned()),
        ]);
        let emulator = binaries.path("cloudinary-emulator");
        let mut cloudinary = Program::start(&emulator, &["--listen", "127.0.0.1:0"], &options);
        let account = cloudinary.first_line().await;
        let mut installation = Self {
            variables: variables(&place.endpoint, &account, ""),
            binaries,
            aws_cli: place.aws_cli?,
            _cloudinary: cloudinary,
        };
        let make = format!(
            "aws s3api create-bucket --bucket {BUCKET}\n\
             url=$(aws sqs create-queue --queue-name cldsync --output text)\n\
             export CLDSYNC_QUEUE_URL=\"$url\""
        );
        installation.shell(&make).await;
        Some(installation)
    }

    /// Runs a script and keeps what it does to the worker's variables. Returns its output.
    pub(super) async fn shell(&mut self, script: &str) -> String {
        let mut variables = self.variables.clone();
        variables.insert("AWS_CLI", self.aws_cli.display().to_string());
        variables.insert("AWS_DEFAULT_REGION", REGION.to_owned());
        // Version 1 of the CLI has no variable for the endpoint of SQS.
        let whole = format!(
            "set -e\n\
             aws() {{ \"$AWS_CLI\" --endpoint-url \"$AWS_ENDPOINT_URL\" \"$@\"; }}\n\
             {script}\necho\necho '{MARK}'\nenv\n"
        );
        let mut shell = Program::start(Path::new("/bin/sh"), &["-c", &whole], &variables);
        let ended = shell.end().await;
        assert!(ended.success(), "{script}\n{}", shell.printed());
        let printed = shell.stdout();
        let (output, after) = printed.split_once(MARK).expect("the script's variables");
        for name in SETTINGS {
            let start = format!("{name}=");
            let value = after.lines().find_map(|line| line.strip_prefix(&start));
            match value {
                Some(value) => drop(self.variables.insert(name, value.to_owned())),
                None => drop(self.variables.remove(name)),
            }
        }
        output.to_owned()
    }

    /// Runs every command that the doctor printed.
    pub(super) async fn mend(&mut self, diagnosis: &Diagnosis) {
        let fixes: Vec<&str> = diagnosis
            .checks()
            .filter_map(|it| it["fix"].as_str())
            .collect();
        self.shell(&fixes.join("\n")).await;
    }

    pub(super) async fn diagnose(&self) -> Diagnosis {
        diagnose(&self.binaries, &self.variables).await
    }

    /// Asks until just these checks are no passes. What was set takes a moment to be seen.
    pub(super) async fn until(&self, wanted: &[(&str, &str)]) -> Diagnosis {
        let mut last = None;
        let found = patience::ask_until(PATIENCE, async || {
            let diagnosis = self.diagnose().await;
            if diagnosis.is_only(wanted) {
                return Some(diagnosis);
            }
            last = Some(diagnosis);
            None
        })
        .await;
        found.unwrap_or_else(|| {
            let others = last.as_ref().map(Diagnosis::others);
            panic!("wanted {wanted:?}, found {others:?}")
        })
    }
}

/// A worker's variables for these services.
pub(super) fn variables(endpoint: &str, account: &str, queue_url: &str) -> Variables {
    Variables::from([
        ("PATH", "/usr/bin:/bin".to_owned()),
        ("AWS_ENDPOINT_URL", endpoint.to_owned()),
        ("AWS_REGION", REGION.to_owned()),
        ("AWS_ACCESS_KEY_ID", "test".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "test".to_owned()),
        ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
        ("CLOUDINARY_URL", account.to_owned()),
        ("CLDSYNC_QUEUE_URL", queue_url.to_owned()),
        ("CLDSYNC_BUCKET", BUCKET.to_owned()),
        ("CLDSYNC_S3_SYNC_ROOT", ROOT.to_owned()),
    ])
}

/// Runs the doctor. Whatever it finds, it shows no secret, and its code follows from its findings.
pub(super) async fn diagnose(binaries: &Binaries, variables: &Variables) -> Diagnosis {
    let mut doctor = Program::start(&binaries.path("cldsync"), &["doctor", "--json"], variables);
    let code = doctor.end().await.code();
    let printed = doctor.printed();
    assert!(!printed.contains("hunter"), "a secret is shown: {printed}");
    let json: Value = serde_json::from_str(&doctor.stdout())
        .unwrap_or_else(|error| panic!("{error} in {printed}"));
    let diagnosis = Diagnosis { code, json };
    let failed = diagnosis.checks().any(|check| check["status"] == "failure");
    assert_eq!(diagnosis.json["ok"], !failed, "{diagnosis:?}");
    assert_eq!(diagnosis.code, Some(i32::from(failed)), "{diagnosis:?}");
    diagnosis
}

impl Diagnosis {
    /// Fails unless a check came out so.
    pub(super) fn assert(&self, id: &str, status: &str) {
        assert_eq!(self.check(id)["status"], status, "{}", self.check(id));
    }

    /// Fails unless a check of a subject came out so.
    pub(super) fn assert_of(&self, subject: &str, id: &str, status: &str) {
        let mut checks = self.checks();
        let found = checks.find(|check| check["subject"] == subject && check["id"] == id);
        let found = found.unwrap_or_else(|| panic!("no {id} of {subject} in {self:?}"));
        assert_eq!(found["status"], status, "{found}");
    }

    /// Fails unless just these checks are no passes.
    pub(super) fn assert_only(&self, wanted: &[(&str, &str)]) {
        assert!(
            self.is_only(wanted),
            "wanted {wanted:?}, found {:?}",
            self.others()
        );
    }

    /// What mends a check.
    pub(super) fn fix(&self, id: &str) -> String {
        self.check(id)["fix"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    fn is_only(&self, wanted: &[(&str, &str)]) -> bool {
        let others = self.others();
        others.len() == wanted.len()
            && wanted.iter().all(|(id, status)| {
                let mut others = others.iter();
                others.any(|check| check["id"] == *id && check["status"] == *status)
            })
    }

    /// Every check that is no pass.
    fn others(&self) -> Vec<&Value> {
        self.checks()
            .filter(|check| check["status"] != "pass")
            .collect()
    }

    fn check(&self, id: &str) -> &Value {
        let found = self.checks().find(|check| check["id"] == id);
        found.unwrap_or_else(|| panic!("no {id} in {self:?}"))
    }

    fn checks(&self) -> impl Iterator<Item = &Value> {
        self.json["checks"].as_array().into_iter().flatten()
    }
}
