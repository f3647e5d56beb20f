//! Which asset a call means: the service's rules for public IDs, prefixes and generated names.

use cloudinary_core::asset::is_refused_char;
use cloudinary_core::{AssetId, DeliveryType, PublicId, ResourceType};

use crate::body::Params;
use crate::options::FolderMode;
use crate::reply::Refusal;

/// Text from a client → public ID. Edge spaces and slashes are dropped, as the service does;
/// anything else it would not store as sent is refused, so that a client's mistake is seen.
pub(crate) fn public_id(text: &str) -> Result<PublicId, Refusal> {
    let trimmed = text.trim_matches(|c| c == '/' || c == ' ');
    PublicId::new(trimmed)
        .map_err(|reason| Refusal::bad_request(format!("public_id ({text}) is invalid: {reason}")))
}

/// The `type` parameter, or `parameter` by another name.
pub(crate) fn delivery_type(params: &Params, parameter: &str) -> Result<DeliveryType, Refusal> {
    params
        .get(parameter)
        .map_or(Ok(DeliveryType::Upload), |word| {
            word.parse().map_err(|_| {
                Refusal::bad_request(format!("Invalid value {word} for parameter {parameter}"))
            })
        })
}

/// The existing asset that `parameter` and `type` name.
pub(crate) fn named(
    params: &Params,
    parameter: &str,
    resource_type: ResourceType,
) -> Result<AssetId, Refusal> {
    Ok(AssetId {
        resource_type,
        delivery_type: delivery_type(params, "type")?,
        public_id: public_id(params.require(parameter)?)?,
    })
}

/// The name that an upload gets.
pub(crate) fn of_upload(
    params: &Params,
    mode: FolderMode,
    file_name: Option<&str>,
    resource_type: ResourceType,
) -> Result<AssetId, Refusal> {
    let mut name = match params.get("public_id") {
        Some(given) => given.trim_matches(|c| c == '/' || c == ' ').to_owned(),
        None => generated(params, file_name, resource_type),
    };
    for prefix in prefixes(params, mode) {
        name = format!("{}/{name}", prefix.trim_matches('/'));
    }
    Ok(AssetId {
        resource_type,
        delivery_type: delivery_type(params, "type")?,
        public_id: public_id(&name)?,
    })
}

/// `a/b.tar.gz` → (`b.tar`, `gz`).
pub(crate) fn stem_and_extension(file_name: &str) -> (&str, Option<&str>) {
    let base = file_name.rsplit('/').next().unwrap_or(file_name);
    match base.rsplit_once('.') {
        Some((stem, extension)) if !stem.is_empty() && !extension.is_empty() => {
            (stem, Some(extension))
        }
        _ => (base, None),
    }
}

fn prefixes(params: &Params, mode: FolderMode) -> Vec<&str> {
    let folder = match mode {
        FolderMode::Fixed => params.get("folder"),
        FolderMode::Dynamic => params
            .flag("use_asset_folder_as_public_id_prefix")
            .filter(|wanted| *wanted)
            .and_then(|_| params.get("asset_folder")),
    };
    [params.get("public_id_prefix"), folder]
        .into_iter()
        .flatten()
        .collect()
}

fn generated(params: &Params, file_name: Option<&str>, resource_type: ResourceType) -> String {
    let (stem, extension) = stem_and_extension(file_name.unwrap_or_default());
    let named = params.flag("use_filename") == Some(true) && !stem.is_empty();
    let unique = params.flag("unique_filename") != Some(false);
    let base = match (named, unique) {
        (true, true) => format!("{}_{}", safe(stem), random_text(6)),
        (true, false) => safe(stem),
        (false, _) => random_text(20),
    };
    match extension {
        // Only raw files carry their extension in the public ID.
        Some(extension) if resource_type == ResourceType::Raw => {
            format!("{base}.{}", safe(extension))
        }
        _ => base,
    }
}

fn safe(text: &str) -> String {
    text.trim().replace(is_refused_char, "_")
}

fn random_text(length: usize) -> String {
    let letter = |_| {
        if fastrand::bool() {
            fastrand::lowercase()
        } else {
            fastrand::digit(10)
        }
    };
    (0..length).map(letter).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn upload(pairs: &[(&str, &str)], mode: FolderMode, file: &str, kind: ResourceType) -> String {
        let mut params = Params::default();
        for (name, value) in pairs {
            params.push(name, (*value).to_owned());
        }
        of_upload(&params, mode, Some(file), kind)
            .expect("a valid name")
            .public_id
            .to_string()
    }

    #[test]
    fn a_folder_is_part_of_the_id_only_in_fixed_mode() {
        let pairs = [("public_id", "x"), ("folder", "f"), ("asset_folder", "g")];
        assert_eq!(
            upload(&pairs, FolderMode::Fixed, "a.jpg", ResourceType::Image),
            "f/x"
        );
        assert_eq!(
            upload(&pairs, FolderMode::Dynamic, "a.jpg", ResourceType::Image),
            "x"
        );
    }

    #[test]
    fn a_file_name_makes_a_name_that_raw_files_keep_the_extension_of() {
        let pairs = [("use_filename", "1"), ("unique_filename", "0")];
        let mode = FolderMode::Dynamic;
        assert_eq!(
            upload(&pairs, mode, "d/a b?.jpg", ResourceType::Image),
            "a b_"
        );
        assert_eq!(
            upload(&pairs, mode, "a.tar.gz", ResourceType::Raw),
            "a.tar.gz"
        );
        assert_eq!(upload(&[], mode, "a.jpg", ResourceType::Image).len(), 20);
        let unique = upload(&pairs[..1], mode, "a.jpg", ResourceType::Image);
        assert_eq!((unique.len(), &unique[..2]), (8, "a_"));
    }

    #[test]
    fn edges_are_trimmed_and_dot_segments_refused() {
        assert_eq!(
            public_id(" /a b/ ").map(|id| id.to_string()),
            Ok("a b".to_owned())
        );
        for text in ["a/../b", "..", "a#b", "a//b", "", "///"] {
            assert!(public_id(text).is_err(), "{text}");
        }
    }
}
