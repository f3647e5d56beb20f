//! The findings as text for people: grouped by subject, aligned, with a summary line.

use super::finding::{Diagnosis, Finding, Status};

/// Whether escape sequences may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Palette {
    Plain,
    Colours,
}

/// Left of every message.
const WORD_WIDTH: usize = 7;

/// The whole page.
pub(crate) fn text(diagnosis: &Diagnosis, palette: Palette) -> String {
    let ids = diagnosis.checks.iter().map(|check| check.id.len());
    let width = ids.max().unwrap_or(0);
    let mut page = String::new();
    let mut subject = None;
    for check in &diagnosis.checks {
        if subject != Some(&check.subject) {
            if subject.is_some() {
                page.push('\n');
            }
            page += &palette.bold(&check.subject);
            page.push('\n');
            subject = Some(&check.subject);
        }
        page += &lines(check, width, palette);
    }
    page + "\n" + &summary(diagnosis) + "\n"
}

fn lines(check: &Finding, width: usize, palette: Palette) -> String {
    let word = palette.status(check.status);
    let first = format!("  {word}  {:<width$}  {}\n", check.id, check.message);
    let fix = check.fix.iter().flat_map(|fix| fix.lines());
    let fix = fix.map(|line| format!("  {:WORD_WIDTH$}  {}\n", "", palette.command(line)));
    std::iter::once(first).chain(fix).collect()
}

fn summary(diagnosis: &Diagnosis) -> String {
    let count = |status, one: &str, many: &str| {
        let count = diagnosis.count(status);
        format!("{count} {}", if count == 1 { one } else { many })
    };
    [
        count(Status::Pass, "passed", "passed"),
        count(Status::Warning, "warning", "warnings"),
        count(Status::Failure, "failure", "failures"),
        count(
            Status::Unknown,
            "could not be checked",
            "could not be checked",
        ),
    ]
    .join(", ")
}

impl Palette {
    fn status(self, status: Status) -> String {
        let (word, colour) = match status {
            Status::Pass => ("ok", "32"),
            Status::Warning => ("warning", "33"),
            Status::Failure => ("FAILURE", "31"),
            Status::Unknown => ("unknown", "35"),
        };
        self.paint(&format!("{word:<WORD_WIDTH$}"), colour)
    }

    fn bold(self, text: &str) -> String {
        self.paint(text, "1")
    }

    fn command(self, text: &str) -> String {
        self.paint(text, "36")
    }

    fn paint(self, text: &str, code: &str) -> String {
        match self {
            Self::Plain => text.to_owned(),
            Self::Colours => format!("\u{1b}[{code}m{text}\u{1b}[0m"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::finding::about;
    use super::*;

    fn diagnosis() -> Diagnosis {
        let queue = vec![
            Finding::pass("queue.reachable", "arn:q"),
            Finding::failure("queue.type", "FIFO", "aws one\naws two"),
        ];
        let cloud = vec![Finding::unknown("cloudinary.credits", "not told", "look")];
        Diagnosis::new([about("queue q", queue), about("cloud demo", cloud)].concat())
    }

    #[test]
    fn findings_stand_aligned_under_their_subject_with_their_commands() {
        assert_eq!(
            text(&diagnosis(), Palette::Plain),
            "queue q\n\
             \x20 ok       queue.reachable     arn:q\n\
             \x20 FAILURE  queue.type          FIFO\n\
             \x20          aws one\n\
             \x20          aws two\n\
             \n\
             cloud demo\n\
             \x20 unknown  cloudinary.credits  not told\n\
             \x20          look\n\
             \n\
             1 passed, 0 warnings, 1 failure, 1 could not be checked\n"
        );
    }

    #[test]
    fn colours_are_escape_sequences_around_the_same_text() {
        let coloured = text(&diagnosis(), Palette::Colours);
        assert!(
            coloured.contains("\u{1b}[31mFAILURE\u{1b}[0m"),
            "{coloured}"
        );
        let mut plain = coloured;
        for code in ["1", "31", "32", "35", "36", "0"] {
            plain = plain.replace(&format!("\u{1b}[{code}m"), "");
        }
        assert_eq!(plain, text(&diagnosis(), Palette::Plain));
    }
}
