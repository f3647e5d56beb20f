//! Exit codes: what a supervisor may conclude from the end of the process. From `sysexits.h`
//! where it has one.

/// How the process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum ExitCode {
    /// Done or stopped in order.
    Clean = 0,
    /// The command line is wrong.
    Usage = 64,
    /// Something outside is not there.
    Unavailable = 69,
    /// A mistake of ours.
    Internal = 70,
    /// The configuration is wrong.
    Config = 78,
    /// A second signal.
    Interrupted = 130,
}

impl ExitCode {
    /// Every code, in order.
    pub const ALL: [Self; 6] = [
        Self::Clean,
        Self::Usage,
        Self::Unavailable,
        Self::Internal,
        Self::Config,
        Self::Interrupted,
    ];

    /// One sentence for people.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Clean => {
                "Done, or stopped by a signal with everything finished or given back to the queue."
            }
            Self::Usage => "The command line is wrong; starting again does not help.",
            Self::Unavailable => {
                "Something the process needs is not there, such as its port; starting again may help."
            }
            Self::Internal => {
                "The process found a mistake in itself; starting again may help, a report would."
            }
            Self::Config => "The configuration is wrong; starting again does not help.",
            Self::Interrupted => {
                "A second signal ended the process at once; what it held comes back to the queue."
            }
        }
    }

    /// The number.
    pub fn number(self) -> u8 {
        self as u8
    }
}

impl From<ExitCode> for std::process::ExitCode {
    fn from(code: ExitCode) -> Self {
        Self::from(code.number())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_are_those_that_scripts_rely_on() {
        assert_eq!(
            ExitCode::ALL.map(ExitCode::number),
            [0, 64, 69, 70, 78, 130]
        );
    }
}
