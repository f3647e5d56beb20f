//! The product's binaries as the operating system runs them, for suites that need whole
//! processes: chaos, poison, secrets.
//!
//! Programs get an environment of their own and write into files; nothing is inherited. A program
//! that is dropped, as by a panic, is killed and the end of what it printed is shown. What a
//! suite does with the programs is its own business.

pub(crate) mod aws;
pub(crate) mod control;
mod program;
mod services;

use std::path::PathBuf;

pub(crate) use self::program::{Program, Variables};
pub(crate) use self::services::Services;
use crate::world::environment;

/// The directory with the binaries that were built for the tests.
#[derive(Debug, Clone)]
pub(crate) struct Binaries(PathBuf);

impl Binaries {
    /// Finds them, or says that `suite` is skipped without them.
    pub(crate) fn find(suite: &str) -> Option<Self> {
        environment::needed("CLDSYNC_TEST_BIN_DIR", suite).map(|path| Self(PathBuf::from(path)))
    }

    /// The path of one of them.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}
