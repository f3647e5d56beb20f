//! Which assets exist. State only: no I/O, and the caller passes the time of day in.
//!
//! Promises: versions of one asset strictly increase, an overwrite keeps the asset's immutable ID,
//! the bytes held never exceed the limit (an asset over it keeps its size and `ETag` only), and
//! search learns of changes in the order they happened.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use cloudinary_core::{AssetId, DeliveryType, PublicId, ResourceType};

use crate::asset::{Asset, Content, Details};
use crate::search_index::SearchIndex;

/// The assets of one cloud.
#[derive(Debug)]
pub(crate) struct Store {
    assets: BTreeMap<AssetId, Arc<Asset>>,
    by_asset_id: HashMap<String, AssetId>,
    index: SearchIndex,
    held: u64,
    limit: u64,
}

/// What became of an upload.
#[derive(Debug)]
pub(crate) enum Put {
    Created(Arc<Asset>),
    Overwritten(Arc<Asset>),
    /// Overwriting was not allowed; this is the asset that was there.
    Existing(Arc<Asset>),
}

/// Why a rename is refused.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum RenameRefused {
    Missing,
    Taken,
}

impl Store {
    pub(crate) fn new(limit: u64, index: SearchIndex) -> Self {
        Self {
            assets: BTreeMap::new(),
            by_asset_id: HashMap::new(),
            index,
            held: 0,
            limit,
        }
    }

    pub(crate) fn put(
        &mut self,
        id: AssetId,
        content: Content,
        details: Details,
        overwrite: bool,
        now: u64,
    ) -> Put {
        let before = self.assets.get(&id).map(Arc::clone);
        match before {
            Some(before) if !overwrite => Put::Existing(before),
            Some(before) => {
                self.forget(&before);
                Put::Overwritten(self.insert(successor(&before, content, details, now)))
            }
            None => Put::Created(self.insert(newcomer(id, content, details, now))),
        }
    }

    pub(crate) fn get(&self, id: &AssetId) -> Option<Arc<Asset>> {
        self.assets.get(id).map(Arc::clone)
    }

    pub(crate) fn by_asset_id(&self, asset_id: &str) -> Option<Arc<Asset>> {
        self.get(self.by_asset_id.get(asset_id)?)
    }

    pub(crate) fn destroy(&mut self, id: &AssetId) -> Option<Arc<Asset>> {
        let asset = self.get(id)?;
        self.forget(&asset);
        Some(asset)
    }

    pub(crate) fn rename(
        &mut self,
        from: &AssetId,
        to: AssetId,
        overwrite: bool,
        now: u64,
    ) -> Result<Arc<Asset>, RenameRefused> {
        let asset = self.get(from).ok_or(RenameRefused::Missing)?;
        let taken = self.get(&to).filter(|_| to != *from);
        if taken.is_some() && !overwrite {
            return Err(RenameRefused::Taken);
        }
        let version = taken
            .as_ref()
            .map_or(0, |taken| taken.version)
            .max(asset.version);
        taken
            .iter()
            .chain([&asset])
            .for_each(|gone| self.forget(gone));
        let version = now.max(version + 1);
        Ok(self.insert(Asset {
            id: to,
            version,
            version_id: random_id(),
            ..(*asset).clone()
        }))
    }

    /// Changes what is known of an asset; its content and version stay.
    pub(crate) fn update(
        &mut self,
        id: &AssetId,
        change: impl FnOnce(&mut Details),
    ) -> Option<Arc<Asset>> {
        let slot = self.assets.get_mut(id)?;
        let mut changed = (**slot).clone();
        change(&mut changed.details);
        *slot = Arc::new(changed);
        self.index.record(id, Some(slot));
        Some(Arc::clone(slot))
    }

    /// All assets, by resource type, delivery type and public ID.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Arc<Asset>> {
        self.assets.values()
    }

    /// The assets that search sees.
    pub(crate) fn searchable(&mut self) -> Vec<Arc<Asset>> {
        let lagging = self.index.visible();
        lagging.unwrap_or_else(|| self.assets.values().map(Arc::clone).collect())
    }

    /// Assets of one kind, by public ID.
    pub(crate) fn of_kind(
        &self,
        resource_type: ResourceType,
        delivery_type: DeliveryType,
    ) -> impl Iterator<Item = &Arc<Asset>> {
        // "!" sorts before every character that can start a public ID and is not itself refused.
        let first = PublicId::new("!").map(|public_id| AssetId {
            resource_type,
            delivery_type,
            public_id,
        });
        let range = first
            .into_iter()
            .flat_map(|first| self.assets.range(first..));
        range.map(|(_, asset)| asset).take_while(move |a| {
            (a.id.resource_type, a.id.delivery_type) == (resource_type, delivery_type)
        })
    }

    pub(crate) fn len(&self) -> usize {
        self.assets.len()
    }

    pub(crate) fn clear(&mut self) {
        *self = Self::new(self.limit, self.index.emptied());
    }

    fn insert(&mut self, mut asset: Asset) -> Arc<Asset> {
        if self.held + asset.content.held() > self.limit {
            asset.content.bytes = None;
        }
        self.held += asset.content.held();
        self.by_asset_id
            .insert(asset.asset_id.clone(), asset.id.clone());
        let asset = Arc::new(asset);
        self.index.record(&asset.id, Some(&asset));
        self.assets.insert(asset.id.clone(), Arc::clone(&asset));
        asset
    }

    fn forget(&mut self, asset: &Asset) {
        self.held -= asset.content.held();
        self.index.record(&asset.id, None);
        self.by_asset_id.remove(&asset.asset_id);
        self.assets.remove(&asset.id);
    }
}

/// 32 random hex digits.
pub(crate) fn random_id() -> String {
    format!("{:032x}", fastrand::u128(..))
}

fn newcomer(id: AssetId, content: Content, details: Details, now: u64) -> Asset {
    Asset {
        id,
        asset_id: random_id(),
        version: now,
        version_id: random_id(),
        created_at: now,
        content,
        details,
    }
}

fn successor(before: &Asset, content: Content, details: Details, now: u64) -> Asset {
    let asset_folder = details
        .asset_folder
        .or_else(|| before.details.asset_folder.clone());
    let display_name = details
        .display_name
        .or_else(|| before.details.display_name.clone());
    Asset {
        id: before.id.clone(),
        asset_id: before.asset_id.clone(),
        version: now.max(before.version + 1),
        version_id: random_id(),
        created_at: before.created_at,
        content,
        details: Details {
            asset_folder,
            display_name,
            ..details
        },
    }
}

#[cfg(test)]
mod tests;
