//! The configuration file: settings by their key, and `[[route]]` tables.
//!
//! ```toml
//! transfer = "presigned"
//! tags = ["from-s3"]
//!
//! [[route]]
//! bucket = "shop-images"
//! prefix = "products"
//! cloudinary_root = "shop"
//! ```

use std::collections::BTreeMap;
use std::fs;

use toml::{Table, Value};

use super::did_you_mean::did_you_mean;
use super::error::ConfigError;
use super::settings::{self, Setting};
use super::sources::{Given, Origin, Written};

const ROUTE: &str = "route";
const ROUTE_KEYS: [&str; 3] = ["bucket", "prefix", "cloudinary_root"];

/// What the file gives.
#[derive(Debug, Default)]
pub(super) struct File {
    given: BTreeMap<String, Given>,
    pub(super) routes: Vec<FileRoute>,
}

/// One `[[route]]`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct FileRoute {
    pub(super) bucket: Option<String>,
    pub(super) prefix: String,
    pub(super) cloudinary_root: String,
}

impl File {
    /// Reads the file that `setting` names, as far as it can be read.
    pub(super) fn read(setting: &Setting, given: &Given) -> (Self, Vec<ConfigError>) {
        let Written::Text(path) = &given.value else {
            return (
                Self::default(),
                vec![ConfigError::not_allowed(setting, given)],
            );
        };
        let failed = |why: String| {
            (
                Self::default(),
                vec![ConfigError::wrong(setting, given, &why)],
            )
        };
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) => return failed(format!("the file cannot be read: {error}")),
        };
        match text.parse::<Table>() {
            Ok(table) => Self::from_table(table, path),
            Err(error) => failed(syntax_error(&text, &error)),
        }
    }

    /// Takes the value of a setting out.
    pub(super) fn take(&mut self, setting: &Setting) -> Option<Given> {
        self.given.remove(&setting.file_key()?)
    }

    fn from_table(table: Table, path: &str) -> (Self, Vec<ConfigError>) {
        let mut file = Self::default();
        let mut errors = Vec::new();
        for (key, value) in table {
            let read = if key == ROUTE {
                file.add_routes(value, path)
            } else {
                file.add_setting(key, value, path)
            };
            errors.extend(read.err());
        }
        (file, errors)
    }

    fn add_setting(&mut self, key: String, value: Value, path: &str) -> Result<(), ConfigError> {
        let setting = find(&key, path)?;
        let written = written(value).ok_or_else(|| {
            ConfigError::new(format!(
                "`{key}` in {path} is of a type that is not allowed; \
                allowed: {}",
                setting.kind
            ))
        })?;
        self.given.insert(
            key,
            Given {
                value: written,
                origin: Origin::File(path.to_owned()),
            },
        );
        Ok(())
    }

    fn add_routes(&mut self, value: Value, path: &str) -> Result<(), ConfigError> {
        let Value::Array(routes) = value else {
            return Err(ConfigError::new(format!(
                "`{ROUTE}` in {path} is no list of tables; each route begins with `[[{ROUTE}]]`"
            )));
        };
        for (index, route) in routes.into_iter().enumerate() {
            self.routes.push(read_route(route, index + 1, path)?);
        }
        Ok(())
    }
}

fn find(key: &str, path: &str) -> Result<&'static Setting, ConfigError> {
    if let Some(setting) = settings::all().find(|s| s.file_key().as_deref() == Some(key)) {
        return Ok(setting);
    }
    if key == "cloudinary_url" {
        return Err(ConfigError::new(format!(
            "`{key}` in {path} is not allowed, because it holds a secret; set CLOUDINARY_URL, or \
             `cloudinary_url_file` to the path of a file that holds it"
        )));
    }
    let keys: Vec<_> = settings::all().filter_map(Setting::file_key).collect();
    let known = keys.iter().map(String::as_str).chain([ROUTE]);
    let meant = did_you_mean(key, known).map(|meant| format!("`{meant}`"));
    Err(ConfigError::unknown(
        &format!("`{key}`"),
        &format!("in {path}"),
        meant,
    ))
}

fn written(value: Value) -> Option<Written> {
    Some(match value {
        Value::String(text) => Written::Text(text),
        Value::Integer(number) => Written::Text(number.to_string()),
        Value::Boolean(choice) => Written::Text(choice.to_string()),
        Value::Array(items) => Written::List(
            items
                .into_iter()
                .map(|item| item.as_str().map(str::to_owned))
                .collect::<Option<_>>()?,
        ),
        Value::Float(_) | Value::Datetime(_) | Value::Table(_) => return None,
    })
}

fn read_route(value: Value, number: usize, path: &str) -> Result<FileRoute, ConfigError> {
    let place = format!("in {ROUTE} {number} of {path}");
    let Value::Table(table) = value else {
        return Err(ConfigError::new(format!(
            "{ROUTE} {number} of {path} is no table; each route begins with `[[{ROUTE}]]`"
        )));
    };
    let mut route = FileRoute::default();
    for (key, value) in table {
        let Value::String(text) = value else {
            return Err(ConfigError::new(format!(
                "`{key}` {place} is not text; allowed: text"
            )));
        };
        match key.as_str() {
            "bucket" => route.bucket = Some(text),
            "prefix" => route.prefix = text,
            "cloudinary_root" => route.cloudinary_root = text,
            _ => {
                let meant = did_you_mean(&key, ROUTE_KEYS).map(|meant| format!("`{meant}`"));
                return Err(ConfigError::unknown(&format!("`{key}`"), &place, meant));
            }
        }
    }
    Ok(route)
}

fn syntax_error(text: &str, error: &toml::de::Error) -> String {
    let before = error
        .span()
        .and_then(|span| text.get(..span.start))
        .unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    let message = error
        .message()
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    format!("line {line} of the file is not TOML: {message}")
}
