//! One line for an error and everything that caused it.
//!
//! Errors of this workspace never repeat their source in their own text, so the chain is put
//! together here, where it is logged. Promises a single line whatever the sources contain.

use std::error::Error;
use std::fmt;

/// Shows `error` as `what failed: why: why that`.
pub fn error_chain<'a>(error: &'a (dyn Error + 'static)) -> ErrorChain<'a> {
    ErrorChain(error)
}

/// An error with its sources; made by [`error_chain()`].
#[derive(Debug, Clone, Copy)]
pub struct ErrorChain<'a>(&'a (dyn Error + 'static));

impl fmt::Display for ErrorChain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut previous = one_line(&self.0.to_string());
        f.write_str(&previous)?;
        let mut next = self.0.source();
        while let Some(source) = next {
            let text = one_line(&source.to_string());
            // Foreign errors often end with their source's text already.
            if !text.is_empty() && !previous.ends_with(&text) {
                write!(f, ": {text}")?;
            }
            previous = text;
            next = source.source();
        }
        Ok(())
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Link(&'static str, Option<Box<Link>>);

    impl fmt::Display for Link {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(self.0)
        }
    }

    impl Error for Link {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            self.1.as_deref().map(|link| link as _)
        }
    }

    fn chain(texts: &[&'static str]) -> Link {
        let (first, rest) = texts.split_first().expect("at least one link");
        Link(first, (!rest.is_empty()).then(|| Box::new(chain(rest))))
    }

    #[test]
    fn sources_follow_their_error_on_one_line() {
        let error = chain(&["upload of cat", "send request", "connection\n  refused"]);
        assert_eq!(
            error_chain(&error).to_string(),
            "upload of cat: send request: connection refused"
        );
    }

    #[test]
    fn a_source_that_its_error_already_tells_is_not_repeated() {
        let error = chain(&["dispatch failure: no route", "no route", "errno 113"]);
        assert_eq!(
            error_chain(&error).to_string(),
            "dispatch failure: no route: errno 113"
        );
    }
}
