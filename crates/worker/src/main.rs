//! `cldsync-worker`: one member of the fleet. Reads arguments and environment, and ends with a
//! documented exit code; everything between is in the library.

use std::net::SocketAddr;
use std::process::ExitCode as ProcessExitCode;
use std::time::Duration;

use clap::ArgMatches;
use telemetry::{LogTarget, Traces, error_chain, logs};
use tikv_jemallocator::Jemalloc;
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use worker::{Config, Environment, ExitCode, Flags, RunError, Signals, command_line, healthcheck};

/// An event is some thousand small allocations on several threads; see `docs/adr`.
#[global_allocator]
static ALLOCATOR: Jemalloc = Jemalloc;

/// How long `--healthcheck` waits; whoever runs it should allow a second more.
const HEALTHCHECK_PATIENCE: Duration = Duration::from_secs(3);

fn main() -> ProcessExitCode {
    let code = match command_line::command().try_get_matches() {
        Ok(matches) => start(&matches),
        Err(error) => {
            let code = if error.use_stderr() {
                ExitCode::Usage
            } else {
                ExitCode::Clean
            };
            command_line::print(&error);
            code
        }
    };
    code.into()
}

fn start(matches: &ArgMatches) -> ExitCode {
    if let Some(page) = command_line::page(matches) {
        print(&page);
        return ExitCode::Clean;
    }
    let flags = Flags::from_matches(matches);
    let code = if command_line::asks_for_health(matches) {
        Config::resolve_admin_addr(&flags, &environment()).map(ask_for_health)
    } else {
        Config::resolve(&flags, &environment()).map(run)
    };
    code.unwrap_or_else(|errors| {
        errors.iter().for_each(|error| complain(&error.to_string()));
        ExitCode::Config
    })
}

fn ask_for_health(admin_addr: SocketAddr) -> ExitCode {
    match healthcheck::ask(admin_addr, HEALTHCHECK_PATIENCE) {
        Ok(()) => ExitCode::Clean,
        Err(error) => {
            complain(&error_chain(&error).to_string());
            ExitCode::Unavailable
        }
    }
}

fn run(config: Config) -> ExitCode {
    let runtime = match one_thread() {
        Ok(runtime) => runtime,
        Err(error) => {
            complain(&format!("no runtime: {error}"));
            return ExitCode::Unavailable;
        }
    };
    let traces = match init_telemetry(&config, runtime.handle()) {
        Ok(traces) => traces,
        Err(error) => {
            complain(&error_chain(error.as_ref()).to_string());
            return ExitCode::Internal;
        }
    };
    // On the thread that all tasks share, not on this one: they wake each other without a detour.
    // Where it panicked, the panic has been printed.
    let worked = runtime.block_on(runtime.spawn(work(config)));
    let code = worked.unwrap_or(ExitCode::Internal);
    if let Some(traces) = traces {
        traces.flush();
    }
    code
}

/// One thread does all the work. It carries thousands of events a second, far more than Cloudinary
/// takes from an account; more threads would only pass tasks back and forth.
fn one_thread() -> std::io::Result<Runtime> {
    Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
}

/// Sets up logs, and traces where somebody takes them.
fn init_telemetry(
    config: &Config,
    runtime: &Handle,
) -> Result<Option<Traces>, Box<dyn std::error::Error>> {
    let (format, filter) = (config.log_format, &config.log_filter);
    let Some(endpoint) = &config.traces_endpoint else {
        logs::init(format, LogTarget::Stdout, filter)?;
        return Ok(None);
    };
    let tls = cloudinary_client::tls_config()?;
    let version = env!("CARGO_PKG_VERSION");
    let traces = Traces::export_to(endpoint, tls, version, runtime.clone())?;
    logs::init_with_traces(format, LogTarget::Stdout, filter, &traces)?;
    Ok(Some(traces))
}

async fn work(config: Config) -> ExitCode {
    let signals = match Signals::listen() {
        Ok(signals) => signals,
        Err(error) => {
            tracing::error!(%error, "Signals cannot be listened to");
            return ExitCode::Unavailable;
        }
    };
    let stop = CancellationToken::new();
    let mut tasks = JoinSet::new();
    tasks.spawn(signals.obey(stop.clone()));
    // In a task of its own, so that a panic is an exit code too.
    let worker = JoinSet::from_iter([worker::run(config, None, stop)])
        .join_next()
        .await;
    match worker {
        Some(Ok(Ok(_))) => ExitCode::Clean,
        Some(Ok(Err(error))) => refuse(&error),
        Some(Err(_)) | None => ExitCode::Internal,
    }
}

fn refuse(error: &RunError) -> ExitCode {
    complain(&error_chain(error).to_string());
    error.exit_code()
}

fn environment() -> Environment {
    let lossy = |text: std::ffi::OsString| text.to_string_lossy().into_owned();
    std::env::vars_os()
        .map(|(name, value)| (lossy(name), lossy(value)))
        .collect()
}

#[expect(clippy::print_stdout, reason = "the page is what was asked for")]
fn print(text: &str) {
    print!("{text}");
}

#[expect(
    clippy::print_stderr,
    reason = "for the person who starts it, before there are logs"
)]
fn complain(line: &str) {
    eprintln!("cldsync-worker: {line}");
}
