//! `cldsync check-config`: the worker's settings as they come out, without starting it.
//!
//! Resolving, redacting and probing are the worker's own code, so that this cannot promise what
//! the worker does not keep. Here the results are printed.

use serde::Serialize;
use tokio::runtime::Runtime;
use worker::config::EffectiveSetting;
use worker::{Config, ProbeResult};

use crate::command_line::CheckConfig;
use crate::exit_code::ExitCode;
use crate::{output, settings};

/// Resolves the settings, asks the services if that is wanted, and prints both.
pub(crate) fn run(arguments: &CheckConfig) -> ExitCode {
    let config = match settings::config(&arguments.worker.0) {
        Ok(config) => config,
        Err(code) => return code,
    };
    let probes = match arguments.probe.then(|| probe(&config)).transpose() {
        Ok(probes) => probes,
        Err(error) => return output::fail(ExitCode::Software, "start a runtime", &error),
    };
    let checked = Checked {
        settings: &config.effective,
        probes,
    };
    let printed = if arguments.json {
        output::print_json(&checked)
    } else {
        output::print(&checked.text())
    };
    match printed {
        ExitCode::Success if checked.is_refused() => ExitCode::Unavailable,
        printed => printed,
    }
}

fn probe(config: &Config) -> std::io::Result<Vec<ProbeResult>> {
    Ok(Runtime::new()?.block_on(config.probe(None)))
}

/// What is printed; the members are a contract with scripts.
#[derive(Serialize)]
struct Checked<'a> {
    settings: &'a [EffectiveSetting],
    /// Null when nobody was asked.
    probes: Option<Vec<ProbeResult>>,
}

impl Checked<'_> {
    fn is_refused(&self) -> bool {
        self.probes.iter().flatten().any(|probe| !probe.ok)
    }

    fn text(&self) -> String {
        let width = self
            .settings
            .iter()
            .map(|setting| setting.name.len())
            .max()
            .unwrap_or(0);
        let settings = self.settings.iter().map(|setting| {
            format!(
                "{:<width$}  {}  ({})\n",
                setting.name, setting.value, setting.origin
            )
        });
        let probes = self.probes.iter().flatten().map(|probe| {
            let verdict = if probe.ok { "ok" } else { "FAILED" };
            format!("{:<width$}  {verdict}: {}\n", probe.target, probe.detail)
        });
        settings.chain(probes).collect()
    }
}
