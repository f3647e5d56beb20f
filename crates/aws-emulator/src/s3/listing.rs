//! Listings: keys, common prefixes and versions in order, one page at a time.
//!
//! Pure, over a bucket's sorted keys. A page costs its own length: with a delimiter a whole common
//! prefix is stepped over at once.

use std::ops::Bound;

use crate::s3::bucket::{Bucket, Version};

/// What a listing is asked for.
#[derive(Debug, Clone, Default)]
pub(crate) struct Query {
    pub(crate) prefix: String,
    pub(crate) delimiter: Option<String>,
    /// Keys up to this one were listed before.
    pub(crate) after: String,
    pub(crate) max: usize,
}

/// One page of a listing of keys.
#[derive(Debug)]
pub(crate) struct Page<'a> {
    pub(crate) objects: Vec<(&'a str, &'a Version)>,
    pub(crate) common_prefixes: Vec<String>,
    /// Where the next page starts, if there is one.
    pub(crate) next: Option<String>,
}

/// One page of a listing of versions.
#[derive(Debug, Default)]
pub(crate) struct VersionPage<'a> {
    /// Key, version, whether it is the newest.
    pub(crate) versions: Vec<(&'a str, &'a Version, bool)>,
    pub(crate) common_prefixes: Vec<String>,
    /// Key and version id of the last entry, if there are more.
    pub(crate) next: Option<(String, Option<String>)>,
}

/// Lists what readers without a version id can see.
pub(crate) fn objects<'a>(bucket: &'a Bucket, query: &Query) -> Page<'a> {
    let mut page = Page {
        objects: Vec::new(),
        common_prefixes: Vec::new(),
        next: None,
    };
    let mut last = String::new();
    let mut walk = Walk::new(bucket, query);
    while let Some((key, _)) = walk.next_key() {
        let Some(version) = bucket.current(key) else {
            continue;
        };
        if page.objects.len() + page.common_prefixes.len() >= query.max {
            page.next = (query.max > 0).then_some(last);
            break;
        }
        if let Some(common) = common_prefix(key, query) {
            walk.skip_prefix(common);
            // The page after this one starts behind everything the prefix stands for.
            last = format!("{common}{LAST}");
            page.common_prefixes.push(common.to_owned());
        } else {
            key.clone_into(&mut last);
            page.objects.push((key, version));
        }
    }
    page
}

/// Lists every version and marker, newest of a key first. `marker` continues within a key.
pub(crate) fn versions<'a>(
    bucket: &'a Bucket,
    query: &Query,
    marker: Option<&str>,
) -> VersionPage<'a> {
    let mut page = VersionPage::default();
    if let Some(id) = marker {
        let rest = bucket
            .keys
            .get_key_value(&query.after)
            .into_iter()
            .flat_map(|(key, versions)| newest_first(key, versions));
        let rest = rest
            .skip_while(|(_, version, _)| version.shown_id() != id)
            .skip(1);
        if !page.extend(rest, query.max) {
            return page;
        }
    }
    let mut walk = Walk::new(bucket, query);
    while let Some((key, versions)) = walk.next_key() {
        let Some(common) = common_prefix(key, query) else {
            if page.extend(newest_first(key, versions), query.max) {
                continue;
            }
            return page;
        };
        if page.len() >= query.max {
            page.end();
            return page;
        }
        walk.skip_prefix(common);
        page.common_prefixes.push(common.to_owned());
    }
    page
}

/// Sorts after everything that starts with the same prefix: no key contains it alone at that place.
const LAST: char = char::MAX;

/// A walk over keys with a prefix, in order, that can jump.
struct Walk<'a, 'q> {
    bucket: &'a Bucket,
    prefix: &'q str,
    from: Bound<String>,
}

impl<'a, 'q> Walk<'a, 'q> {
    fn new(bucket: &'a Bucket, query: &'q Query) -> Self {
        let from = if query.after.as_str() >= query.prefix.as_str() && !query.after.is_empty() {
            Bound::Excluded(query.after.clone())
        } else {
            Bound::Included(query.prefix.clone())
        };
        Self {
            bucket,
            prefix: &query.prefix,
            from,
        }
    }

    fn next_key(&mut self) -> Option<(&'a str, &'a [Version])> {
        let (key, versions) = self
            .bucket
            .keys
            .range((self.from.clone(), Bound::Unbounded))
            .next()?;
        if !key.starts_with(self.prefix) {
            return None;
        }
        self.from = Bound::Excluded(key.clone());
        Some((key, versions))
    }

    fn skip_prefix(&mut self, common: &str) {
        self.from = Bound::Excluded(format!("{common}{LAST}"));
    }
}

impl<'a> VersionPage<'a> {
    fn len(&self) -> usize {
        self.versions.len() + self.common_prefixes.len()
    }

    /// Takes entries while there is room; false when there was more than that.
    fn extend(
        &mut self,
        entries: impl Iterator<Item = (&'a str, &'a Version, bool)>,
        max: usize,
    ) -> bool {
        for entry in entries {
            if self.len() >= max {
                self.end();
                return false;
            }
            self.versions.push(entry);
        }
        true
    }

    fn end(&mut self) {
        let version = self
            .versions
            .last()
            .map(|(key, version, _)| ((*key).to_owned(), Some(version.shown_id())));
        let prefix = self
            .common_prefixes
            .last()
            .map(|prefix| (format!("{prefix}{LAST}"), None));
        self.next = version.max(prefix);
    }
}

fn newest_first<'a>(
    key: &'a str,
    versions: &'a [Version],
) -> impl Iterator<Item = (&'a str, &'a Version, bool)> {
    versions
        .iter()
        .rev()
        .enumerate()
        .map(move |(age, version)| (key, version, age == 0))
}

/// The part of a key up to and with the first delimiter after the prefix.
fn common_prefix<'k>(key: &'k str, query: &Query) -> Option<&'k str> {
    let delimiter = query
        .delimiter
        .as_deref()
        .filter(|delimiter| !delimiter.is_empty())?;
    let at = key[query.prefix.len()..].find(delimiter)?;
    Some(&key[..query.prefix.len() + at + delimiter.len()])
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use bytes::Bytes;
    use time::OffsetDateTime;

    use super::*;
    use crate::s3::bucket::Versioning;
    use crate::s3::object::{Object, Properties};

    fn bucket(keys: &[&str]) -> Bucket {
        let mut bucket = Bucket::new(OffsetDateTime::UNIX_EPOCH);
        put(&mut bucket, keys);
        bucket
    }

    fn put(bucket: &mut Bucket, keys: &[&str]) {
        for key in keys {
            let object = Arc::new(Object::new(Bytes::new(), Properties::default()));
            bucket.put(key, object, OffsetDateTime::UNIX_EPOCH);
        }
    }

    /// Every page of a listing, as text: keys as they are, prefixes in brackets.
    fn pages(bucket: &Bucket, mut query: Query) -> Vec<Vec<String>> {
        let mut pages = Vec::new();
        loop {
            let page = objects(bucket, &query);
            let keys = page.objects.iter().map(|(key, _)| (*key).to_owned());
            pages.push(
                keys.chain(page.common_prefixes.iter().map(|p| format!("[{p}]")))
                    .collect(),
            );
            let Some(next) = page.next else { return pages };
            query.after = next;
        }
    }

    #[test]
    fn pages_together_hold_every_key_once() {
        let bucket = bucket(&["a", "b", "c", "d", "e"]);
        let query = Query {
            max: 2,
            ..Query::default()
        };
        assert_eq!(
            pages(&bucket, query),
            [vec!["a", "b"], vec!["c", "d"], vec!["e"]]
        );
    }

    #[test]
    fn a_delimiter_folds_keys_and_pages_do_not_repeat_a_prefix() {
        let bucket = bucket(&["a/1", "a/2", "b", "c/1", "c/2", "d"]);
        let query = Query {
            delimiter: Some("/".to_owned()),
            max: 1,
            ..Query::default()
        };
        assert_eq!(
            pages(&bucket, query),
            [vec!["[a/]"], vec!["b"], vec!["[c/]"], vec!["d"]]
        );
    }

    #[test]
    fn a_prefix_and_a_start_bound_the_listing() {
        let bucket = bucket(&["a", "p/1", "p/2", "p/3", "q"]);
        let query = Query {
            prefix: "p/".to_owned(),
            after: "p/1".to_owned(),
            max: 10,
            ..Query::default()
        };
        assert_eq!(pages(&bucket, query), [vec!["p/2", "p/3"]]);
        let early = Query {
            prefix: "p/".to_owned(),
            after: "b".to_owned(),
            max: 10,
            ..Query::default()
        };
        assert_eq!(pages(&bucket, early), [vec!["p/1", "p/2", "p/3"]]);
    }

    #[test]
    fn a_key_hidden_by_a_marker_is_not_listed() {
        let mut bucket = bucket(&["a", "b"]);
        bucket.versioning = Some(Versioning::Enabled);
        bucket.delete("a", OffsetDateTime::UNIX_EPOCH);
        assert_eq!(
            pages(
                &bucket,
                Query {
                    max: 10,
                    ..Query::default()
                }
            ),
            [vec!["b"]]
        );
    }

    #[test]
    fn versions_continue_within_a_key() {
        let mut bucket = bucket(&[]);
        bucket.versioning = Some(Versioning::Enabled);
        put(&mut bucket, &["a", "a", "a", "b"]);
        let mut query = Query {
            max: 2,
            ..Query::default()
        };
        let first = versions(&bucket, &query, None);
        assert_eq!(
            first
                .versions
                .iter()
                .map(|(key, _, newest)| (*key, *newest))
                .collect::<Vec<_>>(),
            [("a", true), ("a", false)]
        );
        let (key, id) = first.next.unwrap();
        query.after = key;
        let second = versions(&bucket, &query, id.as_deref());
        assert_eq!(
            second
                .versions
                .iter()
                .map(|(key, _, newest)| (*key, *newest))
                .collect::<Vec<_>>(),
            [("a", false), ("b", true)]
        );
        assert_eq!(second.next, None);
    }
}
