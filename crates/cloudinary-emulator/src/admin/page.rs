//! Pages: how many, and from where on.
//!
//! A cursor holds the sort key of the last item shown, so a page is right even when items before
//! it were deleted meanwhile.

use crate::body::Params;
use crate::reply::Refusal;

const MOST: usize = 500;

/// Which part of a sorted list is wanted.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Page {
    pub(crate) size: usize,
    /// The sort key of the last item that the client has.
    pub(crate) after: Option<Vec<String>>,
}

impl Page {
    pub(crate) fn of(params: &Params, usual: usize) -> Result<Self, Refusal> {
        Self::new(params.get("max_results"), params.get("next_cursor"), usual)
    }

    /// A page from the text of its two parameters.
    pub(crate) fn new(
        size: Option<&str>,
        cursor: Option<&str>,
        usual: usize,
    ) -> Result<Self, Refusal> {
        let size = size.map_or(Ok(usual), |text| {
            let invalid =
                || Refusal::bad_request(format!("Invalid value {text} for parameter max_results"));
            text.parse()
                .ok()
                .filter(|size| *size > 0)
                .ok_or_else(invalid)
        })?;
        let after = cursor.map(|text| {
            decoded(text)
                .ok_or_else(|| Refusal::bad_request("Invalid value for parameter next_cursor"))
        });
        Ok(Self {
            size: size.min(MOST),
            after: after.transpose()?,
        })
    }
}

/// The cursor behind an item with this sort key.
pub(crate) fn cursor(key: &[String]) -> String {
    hex::encode(serde_json::to_vec(key).unwrap_or_default())
}

fn decoded(cursor: &str) -> Option<Vec<String>> {
    serde_json::from_slice(&hex::decode(cursor).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_comes_back_as_the_key_it_was_made_of() {
        let key = vec!["a/b".to_owned(), "é".to_owned()];
        let page = Page::new(Some("9999"), Some(&cursor(&key)), 10);
        assert_eq!(
            page,
            Ok(Page {
                size: 500,
                after: Some(key)
            })
        );
        assert!(Page::new(Some("0"), None, 10).is_err());
        assert!(Page::new(None, Some("zz"), 10).is_err());
    }
}
