//! Reads the settings that say which object becomes which asset.

use cloudinary_core::DeliveryType;
use event_mapper::{FolderMode, Route, Rules, RulesConfig, RulesError};
use telemetry::error_chain;

use super::error::ConfigError;
use super::file::FileRoute;
use super::reader::{Bad, Reader};
use super::settings as s;

/// How folders and public IDs relate, before Cloudinary was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FolderModeChoice {
    /// As Cloudinary says.
    Auto,
    /// As the configuration says.
    Is(FolderMode),
}

impl std::str::FromStr for FolderModeChoice {
    type Err = event_mapper::UnknownPolicy;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        if word == "auto" {
            Ok(Self::Auto)
        } else {
            word.parse().map(Self::Is)
        }
    }
}

/// The rules with their folder mode still open; they are known to be free of contradictions.
pub(super) fn read_rules(r: &mut Reader) -> Result<(RulesConfig, FolderModeChoice), Bad> {
    let routes = read_routes(r);
    let delivery_type: Result<DeliveryType, Bad> = r.parsed(&s::DELIVERY_TYPE);
    let choice = r.parsed(&s::FOLDER_MODE);
    let extension_table = r.parsed(&s::EXTENSION_TABLE);
    let characters = r.parsed(&s::CHARACTERS);
    let collisions = r.parsed(&s::COLLISIONS);
    let choice = choice?;
    let config = RulesConfig {
        routes: routes?,
        include: r.list(&s::INCLUDE),
        exclude: r.list(&s::EXCLUDE),
        delivery_type: delivery_type?,
        folder_mode: match choice {
            FolderModeChoice::Auto => FolderMode::default(),
            FolderModeChoice::Is(mode) => mode,
        },
        extension_table: extension_table?,
        characters: characters?,
        collisions: collisions?,
        tags_mapped: false,
    };
    match Rules::new(&config) {
        Ok(_) => Ok((config, choice)),
        Err(error) => Err(refuse(r, &config, &error)),
    }
}

fn read_routes(r: &mut Reader) -> Result<Vec<Route>, Bad> {
    let bucket = r.optional_text(&s::BUCKET);
    let prefix = r.text(&s::S3_SYNC_ROOT);
    let cloudinary_root = r.text(&s::CLD_SYNC_ROOT);
    if r.routes().is_empty() {
        return Ok(vec![Route {
            bucket: bucket?,
            prefix: prefix?,
            cloudinary_root: cloudinary_root?,
        }]);
    }
    for setting in [&s::BUCKET, &s::S3_SYNC_ROOT, &s::CLD_SYNC_ROOT] {
        if r.is_set(setting) {
            let place = r.place(setting);
            return Err(r.note(ConfigError::new(format!(
                "{place} is set beside `[[route]]` of the configuration file; allowed: one of them"
            ))));
        }
    }
    Ok(r.routes().iter().cloned().map(Route::from).collect())
}

fn refuse(r: &mut Reader, config: &RulesConfig, error: &RulesError) -> Bad {
    let setting = match error {
        RulesError::InvalidPattern { pattern, .. } if config.include.contains(pattern) => {
            &s::INCLUDE
        }
        RulesError::InvalidPattern { .. } => &s::EXCLUDE,
        RulesError::InvalidRoot { .. }
        | RulesError::NoRoutes
        | RulesError::SameKeys(..)
        | RulesError::SharedIds(..) => &s::CLD_SYNC_ROOT,
    };
    let why = error_chain(error).to_string();
    let wrong = match r.given(setting) {
        Some(given) => ConfigError::wrong(setting, given, &why),
        None => ConfigError::new(format!(
            "the routes of the configuration file are wrong: {why}"
        )),
    };
    r.note(wrong)
}

impl From<FileRoute> for Route {
    fn from(route: FileRoute) -> Self {
        let FileRoute {
            bucket,
            prefix,
            cloudinary_root,
        } = route;
        Self {
            bucket,
            prefix,
            cloudinary_root,
        }
    }
}
