//! Looks at the bucket: which object, if any, shall the asset be equal to now?
//!
//! Before an upload a HEAD of the hinted keys is enough, as long as one of them is there. After a
//! write, before a destroy, and before bytes are compared instead of uploaded, every key that maps
//! to the asset counts: another worker may have been told of a sibling (`photo.png` beside
//! `photo.jpg`) that we have not heard of. The newest one owns the asset.

use event_mapper::{Mapping, ObjectRef};
use futures_util::future::join_all;
use time::OffsetDateTime;

use super::Run;
use super::decide::{Owner, Seen};
use crate::outcome::Outcome;
use crate::ports::{ListedObject, ObjectState, StoreError};
use crate::rights::Right;

/// What a look has shown, and whether it took a listing.
struct Looked {
    seen: Seen,
    has_listed: bool,
}

/// A look that failed, and what it asked for.
type Failed = (Right, StoreError);

impl Run<'_> {
    /// `None`: look again.
    pub(super) async fn observe(&mut self) -> Result<Option<Seen>, Outcome> {
        let began = self.patience.now();
        let looked = {
            let _permit = self.cx.looks.acquire().await;
            self.look().await
        };
        match looked {
            Ok(looked) => {
                self.patience.granted(Right::Head, began);
                if looked.has_listed {
                    self.patience.granted(Right::List, began);
                }
                Ok(Some(looked.seen))
            }
            Err((right, error)) => {
                self.patience.with_store(right, &error).await?;
                Ok(None)
            }
        }
    }

    async fn look(&self) -> Result<Looked, Failed> {
        let mut hinted = None;
        // An upload is followed by a look at all siblings; a comparison ends the run.
        let upload_follows = !self.cx.settings.skip_same_etag;
        if upload_follows && !self.has_written {
            match self.hinted().await? {
                (Some(owner), _) => return Ok(looked(Seen::Owner(owner), false)),
                absent => hinted = Some(absent),
            }
        }
        let siblings = self.list_siblings().await.map_err(not_listed)?;
        let has_listed = siblings.is_some();
        if let Some(owner) = self.newest_of(siblings.unwrap_or_default()).await? {
            return Ok(looked(Seen::Owner(owner), has_listed));
        }
        // Nothing is listed, or there is nothing to list. Only a 404 is evidence of absence.
        let hinted = match hinted {
            Some(hinted) => hinted,
            None => self.hinted().await?,
        };
        let seen = match hinted {
            (Some(owner), _) => Seen::Owner(owner),
            (None, true) => Seen::OnlyEmpty,
            (None, false) => Seen::Absent,
        };
        Ok(looked(seen, has_listed))
    }

    /// The newest of the hinted objects, and whether one of them is there with zero bytes.
    async fn hinted(&self) -> Result<(Option<Owner>, bool), Failed> {
        let heads = self
            .subject
            .objects
            .iter()
            .map(|object| self.cx.ports.store.head(object));
        let mut newest: Option<Owner> = None;
        let mut empty = false;
        for (object, state) in self.subject.objects.iter().zip(join_all(heads).await) {
            let Some(state) = state.map_err(not_told)? else {
                continue;
            };
            empty |= state.size == 0;
            let Some(owner) = self.owner(object, state) else {
                continue;
            };
            if newest
                .as_ref()
                .is_none_or(|other| rank(other) < rank(&owner))
            {
                newest = Some(owner);
            }
        }
        Ok((newest, empty))
    }

    /// The newest of the listed objects that is still there.
    async fn newest_of(&self, mut listed: Vec<ListedObject>) -> Result<Option<Owner>, Failed> {
        listed.sort_by(|a, b| (b.last_modified, &b.key).cmp(&(a.last_modified, &a.key)));
        for candidate in listed {
            let object = ObjectRef {
                bucket: self.bucket().to_owned(),
                key: candidate.key,
            };
            // Gone since it was listed: the next newest takes its place.
            let head = self.cx.ports.store.head(&object).await;
            let Some(state) = head.map_err(not_told)? else {
                continue;
            };
            if let Some(owner) = self.owner(&object, state) {
                return Ok(Some(owner));
            }
        }
        Ok(None)
    }

    /// Every listed object that maps to the asset; `None` when only the hinted one can.
    async fn list_siblings(&self) -> Result<Option<Vec<ListedObject>>, StoreError> {
        let rules = &self.cx.settings.rules;
        let first = self.subject.objects.first();
        let Some(prefix) = first.and_then(|object| rules.sibling_prefix(object)) else {
            return Ok(None);
        };
        let mut siblings = Vec::new();
        let mut token = None;
        loop {
            let page = self
                .cx
                .ports
                .store
                .list(self.bucket(), &prefix, token.as_deref())
                .await?;
            siblings.extend(
                page.objects
                    .into_iter()
                    .filter(|listed| self.is_sibling(listed)),
            );
            token = page.next;
            if token.is_none() {
                return Ok(Some(siblings));
            }
        }
    }

    fn is_sibling(&self, listed: &ListedObject) -> bool {
        let object = ObjectRef {
            bucket: self.bucket().to_owned(),
            key: listed.key.clone(),
        };
        let mapping = self.cx.settings.rules.map(&object, Some(listed.size));
        mapping.asset() == Some(&self.subject.mapped.asset)
    }

    /// The object as the asset's owner, unless the rules leave it out.
    fn owner(&self, object: &ObjectRef, state: ObjectState) -> Option<Owner> {
        match self.cx.settings.rules.map(object, Some(state.size)) {
            Mapping::Mapped(mapped) => Some(Owner {
                object: object.clone(),
                state,
                mapped,
            }),
            Mapping::Skipped(_) | Mapping::Rejected(_) => None,
        }
    }

    fn bucket(&self) -> &str {
        self.subject
            .objects
            .first()
            .map_or("", |object| object.bucket.as_str())
    }
}

fn looked(seen: Seen, has_listed: bool) -> Looked {
    Looked { seen, has_listed }
}

fn not_told(error: StoreError) -> Failed {
    (Right::Head, error)
}

fn not_listed(error: StoreError) -> Failed {
    (Right::List, error)
}

fn rank(owner: &Owner) -> (OffsetDateTime, &str) {
    (owner.state.last_modified, owner.object.key.as_str())
}
