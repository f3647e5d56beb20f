//! Which keys go where, and the proof that no two routes can meet.
//!
//! Prefixes and roots end at a folder boundary, however many slashes they are written with.
//! Two routes are refused when their Cloudinary roots are equal or one inside the other, because
//! then two objects could get one public ID. The exception is a route that says for a folder
//! what the route of the folder above it says anyway.

use std::fmt;

use cloudinary_core::PublicId;

use super::{Characters, RulesError, characters};
use crate::ObjectRef;

/// Keys under a prefix, and the folder they go to. The default is everything, to the root.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Route {
    /// Only this bucket; without it, whichever bucket a notification names. A queue that several
    /// buckets feed needs one route for each, or equal keys become one asset.
    pub bucket: Option<String>,
    /// Only keys below this folder. Empty is the whole bucket.
    pub prefix: String,
    /// What the prefix becomes in public IDs. Empty is the root.
    pub cloudinary_root: String,
}

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bucket = self.bucket.as_deref().unwrap_or("*");
        write!(
            f,
            "s3://{bucket}/{} -> /{}",
            trim(&self.prefix),
            trim(&self.cloudinary_root)
        )
    }
}

/// A route whose texts can simply be cut off and put on.
#[derive(Debug, Clone)]
pub(super) struct CheckedRoute {
    bucket: Option<String>,
    /// Empty, or ends with a slash.
    pub(super) prefix: String,
    /// Empty, or ends with a slash.
    pub(super) root: String,
    /// Length of the shortest prefix among the routes that may name the same assets: its own,
    /// or that of a route above which says the same.
    pub(super) family: usize,
}

impl CheckedRoute {
    /// The key below the prefix, if the object is on this route.
    pub(super) fn below<'a>(&self, object: &'a ObjectRef) -> Option<&'a str> {
        if self
            .bucket
            .as_ref()
            .is_some_and(|bucket| *bucket != object.bucket)
        {
            return None;
        }
        object.key.strip_prefix(&self.prefix)
    }

    fn new(route: &Route) -> Result<Self, RulesError> {
        let root = trim(&route.cloudinary_root);
        if !root.is_empty() {
            PublicId::new(root).map_err(|source| RulesError::InvalidRoot {
                route: route.to_string(),
                source,
            })?;
        }
        let prefix = folder(trim(&route.prefix));
        Ok(Self {
            bucket: route.bucket.clone(),
            family: prefix.len(),
            prefix,
            root: folder(root),
        })
    }

    fn same_keys(&self, other: &Self) -> bool {
        self.bucket == other.bucket && self.prefix == other.prefix
    }

    fn shares_ids(&self, other: &Self) -> bool {
        self.root.starts_with(&other.root) || other.root.starts_with(&self.root)
    }

    /// Whether this route says for its folder what the other says for the folder above.
    fn repeats(&self, above: &Self, policy: Characters) -> bool {
        let tails = (
            self.prefix.strip_prefix(&above.prefix),
            self.root.strip_prefix(&above.root),
        );
        match tails {
            (Some(keys), Some(ids)) if self.bucket == above.bucket => {
                folder(&characters::encode(trim_end(keys), policy)) == ids
            }
            _ => false,
        }
    }
}

/// Checks each route and every pair, and puts the longest prefix first.
pub(super) fn check(
    routes: &[Route],
    characters: Characters,
) -> Result<Vec<CheckedRoute>, RulesError> {
    if routes.is_empty() {
        return Err(RulesError::NoRoutes);
    }
    let mut checked = routes
        .iter()
        .map(CheckedRoute::new)
        .collect::<Result<Vec<_>, _>>()?;
    for second in 1..checked.len() {
        for first in 0..second {
            let family = check_pair(&checked[first], &checked[second], characters)
                .map_err(|clash| clash(routes[first].to_string(), routes[second].to_string()))?;
            if let Some(family) = family {
                for member in [first, second] {
                    checked[member].family = checked[member].family.min(family);
                }
            }
        }
    }
    // A named bucket goes before any bucket.
    checked.sort_by_key(|route| {
        (
            std::cmp::Reverse(route.prefix.len()),
            route.bucket.is_none(),
        )
    });
    Ok(checked)
}

/// Makes the error of a pair of routes.
type Clash = fn(String, String) -> RulesError;

/// The length of the shorter prefix, if the two routes are of one family.
fn check_pair(
    first: &CheckedRoute,
    second: &CheckedRoute,
    characters: Characters,
) -> Result<Option<usize>, Clash> {
    if first.same_keys(second) {
        return Err(RulesError::SameKeys);
    }
    if !first.shares_ids(second) {
        return Ok(None);
    }
    if first.repeats(second, characters) || second.repeats(first, characters) {
        return Ok(Some(first.prefix.len().min(second.prefix.len())));
    }
    Err(RulesError::SharedIds)
}

fn trim(path: &str) -> &str {
    path.trim_matches('/')
}

fn trim_end(path: &str) -> &str {
    path.trim_end_matches('/')
}

fn folder(path: &str) -> String {
    if path.is_empty() {
        String::new()
    } else {
        format!("{path}/")
    }
}
