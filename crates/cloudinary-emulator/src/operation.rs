//! The names of what a client can ask for, as statistics and fault rules use them.

use std::fmt;

/// One kind of call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Operation {
    Upload,
    Destroy,
    Explicit,
    Rename,
    Tags,
    Context,
    Metadata,
    Ping,
    Usage,
    Config,
    Resources,
    Resource,
    Search,
    DeleteResources,
    UpdateResource,
    Delivery,
    Unknown,
}

impl Operation {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Upload => "upload",
            Self::Destroy => "destroy",
            Self::Explicit => "explicit",
            Self::Rename => "rename",
            Self::Tags => "tags",
            Self::Context => "context",
            Self::Metadata => "metadata",
            Self::Ping => "ping",
            Self::Usage => "usage",
            Self::Config => "config",
            Self::Resources => "resources",
            Self::Resource => "resource",
            Self::Search => "search",
            Self::DeleteResources => "delete_resources",
            Self::UpdateResource => "update_resource",
            Self::Delivery => "delivery",
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
