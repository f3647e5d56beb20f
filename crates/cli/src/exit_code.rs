//! What `cldsync` tells its caller when it ends. Scripts rely on the numbers.

/// How a command ended. The numbers above 63 are those of `sysexits.h`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ExitCode {
    Success,
    /// What was compared or checked is not as it should be.
    Different,
    Usage,
    Data,
    NoInput,
    Unavailable,
    Software,
    Config,
    Interrupted,
}

impl ExitCode {
    /// Every code, in the order of the numbers.
    pub(crate) const ALL: [Self; 9] = [
        Self::Success,
        Self::Different,
        Self::Usage,
        Self::Data,
        Self::NoInput,
        Self::Unavailable,
        Self::Software,
        Self::Config,
        Self::Interrupted,
    ];

    /// The number.
    pub(crate) fn number(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::Different => 1,
            Self::Usage => 64,
            Self::Data => 65,
            Self::NoInput => 66,
            Self::Unavailable => 69,
            Self::Software => 70,
            Self::Config => 78,
            Self::Interrupted => 130,
        }
    }

    /// What the number means, as the documentation says it.
    pub(crate) fn meaning(self) -> &'static str {
        match self {
            Self::Success => "The command did what was asked.",
            Self::Different => {
                "`demo`: Cloudinary did not become equal to S3. `doctor`: a check failed."
            }
            Self::Usage => "The command line is wrong.",
            Self::Data => "The input is malformed.",
            Self::NoInput => "The input cannot be read.",
            Self::Unavailable => "`check-config --probe`: AWS or Cloudinary does not accept us.",
            Self::Software => "Something in this machine or program failed.",
            Self::Config => "The settings are wrong.",
            Self::Interrupted => "Ctrl-C ended the command before it was done.",
        }
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
    fn every_code_has_its_documented_number_and_sentence() {
        let documented = [
            (0, "The command did what was asked."),
            (
                1,
                "`demo`: Cloudinary did not become equal to S3. `doctor`: a check failed.",
            ),
            (64, "The command line is wrong."),
            (65, "The input is malformed."),
            (66, "The input cannot be read."),
            (
                69,
                "`check-config --probe`: AWS or Cloudinary does not accept us.",
            ),
            (70, "Something in this machine or program failed."),
            (78, "The settings are wrong."),
            (130, "Ctrl-C ended the command before it was done."),
        ];
        assert_eq!(
            ExitCode::ALL.map(|code| (code.number(), code.meaning())),
            documented
        );
    }
}
