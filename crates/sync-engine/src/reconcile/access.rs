//! One run among refusals that may be ours: whether it has to wait, whether it is the probe of a
//! pause, and whether what was refused to it is granted to others.

use cloudinary_core::AssetId;

use crate::context::Context;
use crate::pause::Probe;
use crate::rights::{Right, Tick};

/// What a run knows of its own access.
pub(super) struct Access<'a> {
    cx: &'a Context,
    asset: &'a AssetId,
    /// Held while this run is the one that goes on during a pause.
    probe: Option<Probe<'a>>,
    /// When a write of this run was last refused as if our access were wrong.
    refused_at: Option<Tick>,
    /// How often that happened while others were granted the same.
    refused_alone: u32,
}

impl<'a> Access<'a> {
    pub(super) fn new(cx: &'a Context, asset: &'a AssetId) -> Self {
        Self {
            cx,
            asset,
            probe: None,
            refused_at: None,
            refused_alone: 0,
        }
    }

    /// Whether a pause is on that this run has to wait for.
    pub(super) fn is_closed(&self) -> bool {
        self.probe.is_none() && self.cx.pause.is_on()
    }

    /// Waits until this run may go on: the pause is over, or it is the probe.
    pub(super) async fn open(&mut self) {
        self.probe = self.cx.pause.pass().await;
    }

    /// The present moment, for a call that begins now.
    pub(super) fn now(&self) -> Tick {
        self.cx.rights().now()
    }

    /// A call that began then was granted. If it was the probe's, that may end the pause.
    pub(super) fn granted(&mut self, right: Right, began: Tick) {
        let mut rights = self.cx.rights();
        rights.granted(right, began);
        let probe = self.probe.take();
        self.probe = probe.and_then(|it| it.granted(|missing| rights.clears(right, missing)));
    }

    /// This was refused, and it is ours: everybody waits.
    pub(super) fn pause(&mut self, right: Right, why: String) {
        tracing::debug!(asset = %self.asset, error = why, "Our access is refused");
        self.cx.pause.begin(right, why);
        self.probe = None;
    }

    /// This was refused, be it to this asset or to all. `true`: to all, and everybody waits.
    pub(super) fn is_ours(&mut self, right: Right, why: &str) -> bool {
        let is_missing = {
            let mut rights = self.cx.rights();
            rights.refused(right, self.asset);
            rights.is_missing(right)
        };
        if is_missing {
            self.pause(right, why.to_owned());
        }
        is_missing
    }

    /// A write was refused as if our access were wrong. Unless others were granted the same since
    /// the last refusal, everybody waits. Returns how often it was this asset alone.
    ///
    /// The account can be at fault and one asset can: a signature that does not match is the
    /// answer to a wrong secret, and to one parameter that was changed on its way.
    pub(super) fn refused_alone(&mut self, right: Right, why: &str) -> Option<u32> {
        let (is_alone, at) = {
            let mut rights = self.cx.rights();
            let at = rights.refused(right, self.asset);
            let since = |then| rights.was_granted_since(right, then);
            (self.refused_at.is_some_and(since), at)
        };
        self.refused_at = Some(at);
        if !is_alone {
            self.pause(right, why.to_owned());
            return None;
        }
        self.probe = None;
        self.refused_alone += 1;
        Some(self.refused_alone)
    }
}
