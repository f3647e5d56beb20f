//! Method and path → which call it is. Knows the shape of Cloudinary's paths and nothing else.
//!
//! Paths are percent-decoded before they are cut, because SDKs send `resources%2Fsearch` and write
//! the slashes of public IDs both ways.

use axum::http::Method;
use cloudinary_core::{DeliveryType, ResourceType};
use percent_encoding::percent_decode_str;

use crate::operation::Operation;

/// What a request asks for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Call {
    /// `resource_type` is `None` for `auto`.
    UploadApi {
        cloud: String,
        operation: Operation,
        resource_type: Option<ResourceType>,
    },
    Admin {
        cloud: String,
        call: AdminCall,
    },
    /// The raw path below the cloud name, still percent-encoded.
    Delivery {
        cloud: String,
        path: String,
    },
    Control(String),
    Unknown,
}

/// A call of the Admin API.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum AdminCall {
    Ping,
    Usage,
    Config,
    List(Listing),
    Detail(Target),
    DetailByAssetId(String),
    Search,
    Delete(Listing),
    Update(Target),
}

/// Which assets a listing or a deletion is about; parameters narrow it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Listing {
    All,
    Kind(ResourceType, Option<DeliveryType>),
    Tag(ResourceType, String),
    ByAssetFolder,
    ByAssetIds,
}

/// One asset, named in a path. The public ID is not checked yet.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) resource_type: ResourceType,
    pub(crate) delivery_type: DeliveryType,
    pub(crate) public_id: String,
}

impl AdminCall {
    pub(crate) fn operation(&self) -> Operation {
        match self {
            Self::Ping => Operation::Ping,
            Self::Usage => Operation::Usage,
            Self::Config => Operation::Config,
            Self::List(_) => Operation::Resources,
            Self::Detail(_) | Self::DetailByAssetId(_) => Operation::Resource,
            Self::Search => Operation::Search,
            Self::Delete(_) => Operation::DeleteResources,
            Self::Update(_) => Operation::UpdateResource,
        }
    }
}

/// Finds out what a request asks for.
pub(crate) fn route(method: &Method, path: &str) -> Call {
    if let Some(control) = path.strip_prefix("/_emulator/") {
        return Call::Control(control.to_owned());
    }
    match path.strip_prefix("/v1_1/") {
        Some(api) => api_call(method, api),
        None => delivery(method, path),
    }
    .unwrap_or(Call::Unknown)
}

fn delivery(method: &Method, path: &str) -> Option<Call> {
    let (cloud, rest) = path.strip_prefix('/')?.split_once('/')?;
    let readable = method == Method::GET || method == Method::HEAD;
    readable.then(|| Call::Delivery {
        cloud: cloud.to_owned(),
        path: rest.to_owned(),
    })
}

fn api_call(method: &Method, path: &str) -> Option<Call> {
    let path = percent_decode_str(path).decode_utf8().ok()?;
    let (cloud, rest) = path.split_once('/')?;
    let segments: Vec<&str> = rest.split('/').collect();
    let upload_api = (method == Method::POST)
        .then(|| upload_call(&segments))
        .flatten();
    if let Some((operation, resource_type)) = upload_api {
        return Some(Call::UploadApi {
            cloud: cloud.to_owned(),
            operation,
            resource_type,
        });
    }
    let call = admin_call(method, &segments)?;
    Some(Call::Admin {
        cloud: cloud.to_owned(),
        call,
    })
}

fn upload_call(segments: &[&str]) -> Option<(Operation, Option<ResourceType>)> {
    let (kind, action) = match segments {
        ["upload" | "upload_chunked"] => ("auto", "upload"),
        [kind, action] => (*kind, *action),
        _ => return None,
    };
    let operation = match action {
        "upload" | "upload_chunked" => Operation::Upload,
        "destroy" => Operation::Destroy,
        "explicit" => Operation::Explicit,
        "rename" => Operation::Rename,
        "tags" => Operation::Tags,
        "context" => Operation::Context,
        "metadata" => Operation::Metadata,
        _ => return None,
    };
    let resource_type = match kind {
        "auto" if operation == Operation::Upload => None,
        named => Some(named.parse().ok()?),
    };
    Some((operation, resource_type))
}

fn admin_call(method: &Method, segments: &[&str]) -> Option<AdminCall> {
    match (method.as_str(), segments) {
        ("GET", ["ping"]) => Some(AdminCall::Ping),
        ("GET", ["usage"] | ["usage", _]) => Some(AdminCall::Usage),
        ("GET", ["config"]) => Some(AdminCall::Config),
        ("GET" | "POST", ["resources", "search"]) => Some(AdminCall::Search),
        ("GET", ["resources", id]) if is_asset_id(id) => {
            Some(AdminCall::DetailByAssetId((*id).to_owned()))
        }
        ("GET", ["resources", rest @ ..]) => match listing(rest) {
            Some(listing) => Some(AdminCall::List(listing)),
            None => target(rest).map(AdminCall::Detail),
        },
        ("DELETE", ["resources"]) => Some(AdminCall::Delete(Listing::ByAssetIds)),
        ("DELETE", ["resources", rest @ ..]) => listing(rest).map(AdminCall::Delete),
        ("POST" | "PUT", ["resources", rest @ ..]) => target(rest).map(AdminCall::Update),
        _ => None,
    }
}

fn listing(segments: &[&str]) -> Option<Listing> {
    match segments {
        [] => Some(Listing::All),
        ["by_asset_folder"] => Some(Listing::ByAssetFolder),
        ["by_asset_ids"] => Some(Listing::ByAssetIds),
        [kind] => Some(Listing::Kind(kind.parse().ok()?, None)),
        [kind, "tags", tag] => Some(Listing::Tag(kind.parse().ok()?, (*tag).to_owned())),
        [kind, delivery] => Some(Listing::Kind(
            kind.parse().ok()?,
            Some(delivery.parse().ok()?),
        )),
        _ => None,
    }
}

fn target(segments: &[&str]) -> Option<Target> {
    let [kind, delivery, id @ ..] = segments else {
        return None;
    };
    let public_id = id.join("/");
    (!public_id.is_empty()).then_some(())?;
    Some(Target {
        resource_type: kind.parse().ok()?,
        delivery_type: delivery.parse().ok()?,
        public_id,
    })
}

fn is_asset_id(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|b| b.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admin(method: &Method, path: &str) -> Option<AdminCall> {
        match route(method, path) {
            Call::Admin { call, .. } => Some(call),
            _ => None,
        }
    }

    #[test]
    fn upload_without_a_resource_type_means_auto() {
        let auto = Call::UploadApi {
            cloud: "demo".to_owned(),
            operation: Operation::Upload,
            resource_type: None,
        };
        assert_eq!(route(&Method::POST, "/v1_1/demo/upload"), auto);
        assert_eq!(route(&Method::POST, "/v1_1/demo/auto/upload"), auto);
        assert_eq!(
            route(&Method::POST, "/v1_1/demo/auto/destroy"),
            Call::Unknown
        );
        assert_eq!(
            route(&Method::GET, "/v1_1/demo/image/upload"),
            Call::Unknown
        );
    }

    #[test]
    fn an_escaped_slash_is_a_slash() {
        assert_eq!(
            admin(&Method::POST, "/v1_1/demo/resources%2Fsearch"),
            Some(AdminCall::Search)
        );
        for path in [
            "/v1_1/demo/resources/raw/upload/a/b.c",
            "/v1_1/demo/resources/raw/upload/a%2Fb.c",
        ] {
            let Some(AdminCall::Detail(target)) = admin(&Method::GET, path) else {
                panic!("{path}")
            };
            assert_eq!(target.public_id, "a/b.c");
        }
    }

    #[test]
    fn listings_and_single_assets_are_told_apart() {
        let image = ResourceType::Image;
        let list = |path| admin(&Method::GET, path);
        assert_eq!(
            list("/v1_1/demo/resources"),
            Some(AdminCall::List(Listing::All))
        );
        assert_eq!(
            list("/v1_1/demo/resources/image"),
            Some(AdminCall::List(Listing::Kind(image, None)))
        );
        assert_eq!(
            list("/v1_1/demo/resources/image/tags/a"),
            Some(AdminCall::List(Listing::Tag(image, "a".to_owned())))
        );
        let id = "0123456789abcdef0123456789abcdef";
        assert_eq!(
            list(&format!("/v1_1/demo/resources/{id}")),
            Some(AdminCall::DetailByAssetId(id.to_owned()))
        );
    }

    #[test]
    fn everything_else_is_delivery_or_unknown() {
        let delivery = Call::Delivery {
            cloud: "demo".to_owned(),
            path: "image/upload/v1/a%20b".to_owned(),
        };
        assert_eq!(
            route(&Method::HEAD, "/demo/image/upload/v1/a%20b"),
            delivery
        );
        assert_eq!(
            route(&Method::POST, "/demo/image/upload/v1/a"),
            Call::Unknown
        );
        assert_eq!(route(&Method::GET, "/v1_1/demo/%ff"), Call::Unknown);
        assert_eq!(route(&Method::GET, "/"), Call::Unknown);
    }
}
