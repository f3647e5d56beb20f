//! An HTTP answer written as text, so that seeds can be read and mutations mean something.
//!
//! ```text
//! 420
//! Retry-After: 30
//!
//! {"error":{"message":"Rate limit"}}
//! ```

/// The parts of an answer.
pub(crate) struct Answer<'a> {
    /// 200 where the first line is no status.
    pub(crate) status: u16,
    /// Names and values without the space around them.
    pub(crate) headers: Vec<(&'a str, &'a str)>,
    /// What follows the empty line: any bytes.
    pub(crate) body: &'a [u8],
}

impl<'a> Answer<'a> {
    /// Everything is an answer whose head is UTF-8, as the client hands over no other.
    pub(crate) fn read(input: &'a [u8]) -> Option<Self> {
        let empty_line = input.windows(2).position(|two| two == b"\n\n");
        let (head, body) = match empty_line {
            Some(at) => (&input[..at], &input[at + 2..]),
            None => (input, &[][..]),
        };
        let head = std::str::from_utf8(head).ok()?;
        let (status, headers) = head.split_once('\n').unwrap_or((head, ""));
        Some(Self {
            status: status.trim().parse().unwrap_or(200),
            headers: header_lines(headers),
            body,
        })
    }
}

/// `Name: value`, one on each line; other lines are left out.
pub(crate) fn header_lines(text: &str) -> Vec<(&str, &str)> {
    text.lines()
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.trim(), value.trim()))
        .collect()
}
