//! Input from a file or from standard input, read whole.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use crate::exit_code::ExitCode;
use crate::output;

/// Larger than any queue message (1 MiB) and any set of request parameters.
const LIMIT: u64 = 16 * 1024 * 1024;

/// Reads a file; `-` or none is standard input. A failure has been told when this returns.
pub(crate) fn read(file: Option<&Path>) -> Result<Vec<u8>, ExitCode> {
    let name = file.unwrap_or(Path::new("-"));
    let what = || match name.to_str() {
        Some("-") => "cannot read standard input".to_owned(),
        _ => format!("cannot read {}", name.display()),
    };
    read_limited(name).map_err(|error| output::fail(ExitCode::NoInput, &what(), &error))
}

fn read_limited(name: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let source: &mut dyn Read = if name == Path::new("-") {
        &mut io::stdin().lock()
    } else {
        &mut File::open(name)?
    };
    source.take(LIMIT + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LIMIT {
        return Err(io::Error::other(format!("more than {LIMIT} bytes")));
    }
    Ok(bytes)
}
