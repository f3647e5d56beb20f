//! Looks at the bucket: which object, if any, shall the asset be equal to now?
//!
//! Before an upload a HEAD of the hinted keys is enough, as long as one of them is there. After a
//! write, before a destroy, and before bytes are compared instead of uploaded, every key that maps
//! to the asset counts: another worker may have been told of a sibling (`photo.png` beside
//! `photo.jpg`) that we have not heard of. The newest one owns the asset.
//!
//! A listing is as good a read as a HEAD. Where it agrees with our last write, it is the proof;
//! where it does not, or cannot tell, a HEAD says what there is to write.

use event_mapper::{Mapping, ObjectRef};
use futures_util::future::join_all;
use time::OffsetDateTime;

use super::Run;
use super::decide::{Owner, Seen, Written};
use crate::outcome::Outcome;
use crate::ports::{ListedObject, ObjectState, StoreError};
use crate::rights::Right;

/// What a look has shown, and what was granted for it.
struct Looked {
    seen: Seen,
    granted: &'static [Right],
}

/// Every key that may map to the asset.
struct Listing {
    /// The objects that do, the newest first.
    siblings: Vec<ListedObject>,
    /// A hinted key is there as well, though by its size the rules leave it out.
    has_other_hinted: bool,
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
                for right in looked.granted {
                    self.patience.granted(*right, began);
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
                (Some(owner), _) => return Ok(looked(Seen::Owner(owner), &[Right::Head])),
                absent => hinted = Some(absent),
            }
        }
        let mut granted: &'static [Right] = &[Right::Head];
        if let Some(listing) = self.list_siblings().await.map_err(not_listed)? {
            if let Some(seen) = self.is_still_as_written(&listing) {
                return Ok(looked(seen, &[Right::List]));
            }
            granted = &[Right::Head, Right::List];
            if let Some(owner) = self.newest_of(listing.siblings).await? {
                return Ok(looked(Seen::Owner(owner), granted));
            }
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
        Ok(looked(seen, granted))
    }

    /// What a listing made after our last write shows, if that is what we wrote.
    ///
    /// An absence is believed here only because our destroy had its 404 before.
    fn is_still_as_written(&self, listing: &Listing) -> Option<Seen> {
        match self.written.as_ref()? {
            Written::Upload { owner, .. } => {
                let newest = listing.siblings.first()?;
                let is_same = newest.key == owner.object.key && owner.state.is_shown_by(newest);
                is_same.then(|| Seen::Owner(owner.clone()))
            }
            Written::Destroy => {
                let is_void = listing.siblings.is_empty() && !listing.has_other_hinted;
                is_void.then_some(Seen::Absent)
            }
        }
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

    /// The first of these that is still there.
    async fn newest_of(&self, siblings: Vec<ListedObject>) -> Result<Option<Owner>, Failed> {
        for candidate in siblings {
            let object = self.object(candidate.key);
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

    /// Lists what may map to the asset; `None` when only the hinted object can.
    async fn list_siblings(&self) -> Result<Option<Listing>, StoreError> {
        let rules = &self.cx.settings.rules;
        let first = self.subject.objects.first();
        let Some(prefix) = first.and_then(|object| rules.sibling_prefix(object)) else {
            return Ok(None);
        };
        let mut listing = Listing {
            siblings: Vec::new(),
            has_other_hinted: false,
        };
        let mut token = None;
        loop {
            let page = self
                .cx
                .ports
                .store
                .list(self.bucket(), &prefix, token.as_deref())
                .await?;
            for listed in page.objects {
                self.add(listed, &mut listing);
            }
            token = page.next;
            if token.is_none() {
                let newest_first = |a: &ListedObject, b: &ListedObject| {
                    (b.last_modified, &b.key).cmp(&(a.last_modified, &a.key))
                };
                listing.siblings.sort_by(newest_first);
                return Ok(Some(listing));
            }
        }
    }

    fn add(&self, listed: ListedObject, listing: &mut Listing) {
        let object = self.object(listed.key.clone());
        let mapping = self.cx.settings.rules.map(&object, Some(listed.size));
        if mapping.asset() == Some(&self.subject.mapped.asset) {
            listing.siblings.push(listed);
        } else {
            listing.has_other_hinted |= self.subject.objects.contains(&object);
        }
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

    fn object(&self, key: String) -> ObjectRef {
        let bucket = self.bucket().to_owned();
        ObjectRef { bucket, key }
    }

    fn bucket(&self) -> &str {
        self.subject
            .objects
            .first()
            .map_or("", |object| object.bucket.as_str())
    }
}

fn looked(seen: Seen, granted: &'static [Right]) -> Looked {
    Looked { seen, granted }
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
