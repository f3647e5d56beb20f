//! Which parameter names the service knows per endpoint.
//!
//! Unknown names are left out of the string to sign and have no effect: a client that signs a
//! made-up parameter gets 401.

use crate::operation::Operation;

/// Whether the service puts this parameter into its own string to sign.
pub(crate) fn is_signed(operation: Operation, name: &str) -> bool {
    let known: &[&str] = match operation {
        Operation::Upload | Operation::Explicit => UPLOAD,
        Operation::Destroy => &[
            "asset_id",
            "batch_id",
            "invalidate",
            "notification_url",
            "public_id",
            "timestamp",
            "type",
        ],
        Operation::Rename => RENAME,
        // `notification_url` and `batch_id` are accepted here and not signed.
        Operation::Tags => &["command", "public_ids", "tag", "timestamp", "type"],
        Operation::Context => &["command", "context", "public_ids", "timestamp", "type"],
        Operation::Metadata => &[
            "clear_invalid",
            "metadata",
            "public_ids",
            "timestamp",
            "type",
        ],
        Operation::Ping
        | Operation::Usage
        | Operation::Config
        | Operation::Resources
        | Operation::Resource
        | Operation::Search
        | Operation::DeleteResources
        | Operation::UpdateResource
        | Operation::Delivery
        | Operation::Unknown => &[],
    };
    known.contains(&name)
}

/// Whether an unsigned upload may send this parameter.
pub(crate) fn is_allowed_unsigned(name: &str) -> bool {
    // Python sends its timestamp with unsigned uploads too.
    name == "timestamp" || UNSIGNED.contains(&name) || !UPLOAD.contains(&name)
}

/// `Access mode parameter is not allowed …`, word for word.
pub(crate) fn not_allowed_unsigned(name: &str) -> String {
    let mut words = name.replace('_', " ");
    if let Some(first) = words.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    format!(
        "{words} parameter is not allowed when using unsigned upload. Only upload_preset, callback, \
         public_id, folder, asset_folder, tags, context, metadata, face_coordinates, \
         custom_coordinates, source, filename_override, manifest_transformation, manifest_json, \
         template, template_vars, regions, public_id_prefix upload parameters are allowed."
    )
}

const UNSIGNED: &[&str] = &[
    "upload_preset",
    "callback",
    "public_id",
    "folder",
    "asset_folder",
    "tags",
    "context",
    "metadata",
    "face_coordinates",
    "custom_coordinates",
    "source",
    "filename_override",
    "manifest_transformation",
    "manifest_json",
    "template",
    "template_vars",
    "regions",
    "public_id_prefix",
];

const RENAME: &[&str] = &[
    "batch_id",
    "context",
    "from_public_id",
    "invalidate",
    "metadata",
    "notification_url",
    "overwrite",
    "timestamp",
    "to_public_id",
    "to_type",
    "type",
];

const UPLOAD: &[&str] = &[
    "access_control",
    "access_mode",
    "accessibility_analysis",
    "allowed_formats",
    "asset_folder",
    "async",
    "auto_chaptering",
    "auto_tagging",
    "auto_transcription",
    "auto_video_details",
    "background_removal",
    "backup",
    "batch_id",
    "callback",
    "categorization",
    "cinemagraph_analysis",
    "clear_invalid",
    "colors",
    "context",
    "custom_coordinates",
    "detection",
    "discard_original_filename",
    "display_name",
    "eager",
    "eager_async",
    "eager_notification_url",
    "eval",
    "exif",
    "face_coordinates",
    "faces",
    "filename_override",
    "folder",
    "format",
    "headers",
    "image_metadata",
    "invalidate",
    "manifest_json",
    "manifest_transformation",
    "media_metadata",
    "metadata",
    "moderation",
    "notification_url",
    "ocr",
    "on_success",
    "overwrite",
    "phash",
    "proxy",
    "public_id",
    "public_id_prefix",
    "public_ids",
    "quality_analysis",
    "quality_override",
    "raw_convert",
    "regions",
    "responsive_breakpoints",
    "return_delete_token",
    "similarity_search",
    "source",
    "tags",
    "template",
    "template_vars",
    "timestamp",
    "transformation",
    "type",
    "unique_display_name",
    "unique_filename",
    "upload_preset",
    "use_asset_folder_as_public_id_prefix",
    "use_filename",
    "use_filename_as_display_name",
    "visual_search",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notification_url_is_signed_for_destroy_and_not_for_tags() {
        assert!(is_signed(Operation::Destroy, "notification_url"));
        assert!(!is_signed(Operation::Tags, "notification_url"));
        assert!(!is_signed(Operation::Upload, "made_up"));
        assert!(!is_signed(Operation::Upload, "api_key"));
        assert!(!is_signed(Operation::Upload, "resource_type"));
    }

    #[test]
    fn an_unsigned_upload_names_the_parameter_it_may_not_send() {
        assert!(is_allowed_unsigned("public_id"));
        assert!(!is_allowed_unsigned("overwrite"));
        let text = not_allowed_unsigned("access_mode");
        assert!(
            text.starts_with("Access mode parameter is not allowed when using unsigned upload.")
        );
    }
}
