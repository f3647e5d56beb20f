//! The client on the wire: exact requests seen by scripted servers on loopback, and what each kind
//! of answer, silence or broken connection is taken for.

mod calls;
mod failures;
mod server;
mod uploads;

use cloudinary_client::{Client, ClientSettings};
use cloudinary_core::{AssetId, DeliveryType, PublicId, ResourceType, UploadParams};

use crate::server::Server;

/// A client of the account `demo` at that server; `query` starts with `&` or is empty.
fn client(server: &Server, query: &str) -> Client {
    client_with(server, query, ClientSettings::default())
}

fn client_with(server: &Server, query: &str, settings: ClientSettings) -> Client {
    let url = format!(
        "cloudinary://key:secret@demo?upload_prefix=http://{}{query}",
        server.address
    );
    Client::new(url.parse().expect("valid account"), settings).expect("valid settings")
}

fn asset(resource_type: ResourceType, delivery_type: DeliveryType, id: &str) -> AssetId {
    AssetId {
        resource_type,
        delivery_type,
        public_id: PublicId::new(id).expect("valid id"),
    }
}

fn image() -> AssetId {
    asset(ResourceType::Image, DeliveryType::Upload, "a/b")
}

fn params(asset: &AssetId) -> UploadParams {
    UploadParams::new(asset.public_id.clone(), asset.delivery_type)
}
