//! Search: an expression over the assets, sorted and cut into pages.

use std::cmp::Ordering;
use std::sync::Arc;

use axum::response::Response;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::expression::Expression;
use super::page::{self, Page};
use crate::asset::Asset;
use crate::body::Params;
use crate::describe;
use crate::options::FolderMode;
use crate::reply::{self, Refusal};
use crate::state::State;

const USUAL: usize = 50;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Query {
    expression: Option<String>,
    sort_by: Vec<Map<String, Value>>,
    max_results: Option<Value>,
    next_cursor: Option<String>,
    with_field: Option<Value>,
    fields: Option<Value>,
}

/// Answers a search from a JSON body or, without one, from parameters.
pub(crate) fn search(state: &State, params: &Params, body: &[u8]) -> Result<Response, Refusal> {
    let query = query(params, body)?;
    let size = query
        .max_results
        .as_ref()
        .map(|size| size.to_string().trim_matches('"').to_owned());
    let page = Page::new(size.as_deref(), query.next_cursor.as_deref(), USUAL)?;
    let expression = Expression::parse(query.expression.as_deref().unwrap_or_default())?;
    let orders = orders(&query.sort_by)?;
    let dynamic = state.options.folder_mode == FolderMode::Dynamic;
    let mut found: Vec<(Vec<String>, Arc<Asset>)> = state
        .store()
        .searchable()
        .into_iter()
        .filter(|asset| expression.matches(asset, dynamic))
        .map(|asset| (key(&orders, &asset), asset))
        .collect();
    found.sort_by(|(a, _), (b, _)| compare(&orders, a, b));
    let total = found.len();
    let start = page.after.as_deref().map_or(0, |after| {
        found.partition_point(|(key, _)| compare(&orders, key, after) != Ordering::Greater)
    });
    let shown = &found[start..(start + page.size).min(total)];
    let tags = asks_for(&query, "tags");
    let context = asks_for(&query, "context");
    let resources: Vec<_> = shown
        .iter()
        .map(|(_, asset)| describe::listed(state, asset, tags, context))
        .collect();
    let mut answer = json!({"total_count": total, "time": 1, "resources": resources});
    if start + shown.len() < total
        && let Some((last, _)) = shown.last()
    {
        answer["next_cursor"] = json!(page::cursor(last));
    }
    Ok(reply::ok(&answer))
}

fn query(params: &Params, body: &[u8]) -> Result<Query, Refusal> {
    if body.first() == Some(&b'{') {
        return serde_json::from_slice(body)
            .map_err(|error| Refusal::bad_request(format!("Invalid search: {error}")));
    }
    let text = |name: &str| params.get(name).map(str::to_owned);
    Ok(Query {
        expression: text("expression"),
        max_results: text("max_results").map(Value::from),
        next_cursor: text("next_cursor"),
        ..Query::default()
    })
}

fn asks_for(query: &Query, field: &str) -> bool {
    [&query.with_field, &query.fields]
        .into_iter()
        .flatten()
        .any(|wanted| match wanted {
            Value::Array(names) => names.iter().any(|name| name == field),
            Value::String(names) => names.split(',').any(|name| name.trim() == field),
            _ => false,
        })
}

/// One field of `sort_by`.
struct Order {
    field: String,
    descending: bool,
}

/// Newest first unless told otherwise.
fn orders(sort_by: &[Map<String, Value>]) -> Result<Vec<Order>, Refusal> {
    if sort_by.is_empty() {
        return Ok(vec![Order {
            field: "created_at".to_owned(),
            descending: true,
        }]);
    }
    let entries = sort_by.iter().flatten();
    entries
        .map(|(field, direction)| {
            let known = matches!(
                field.as_str(),
                "public_id" | "created_at" | "uploaded_at" | "bytes" | "resource_type" | "format"
            );
            let invalid = || Refusal::bad_request(format!("Invalid sort_by field {field}"));
            known
                .then(|| Order {
                    field: field.clone(),
                    descending: direction == "desc",
                })
                .ok_or_else(invalid)
        })
        .collect()
}

/// Values to sort by, as text that sorts like them; the asset's ID makes every key its own.
fn key(orders: &[Order], asset: &Asset) -> Vec<String> {
    let value = |order: &Order| match order.field.as_str() {
        "bytes" => format!("{:020}", asset.content.len),
        "created_at" | "uploaded_at" => format!("{:020}", asset.created_at),
        "resource_type" => asset.id.resource_type.to_string(),
        "format" => asset.details.format.clone().unwrap_or_default(),
        _ => asset.id.public_id.to_string(),
    };
    orders
        .iter()
        .map(value)
        .chain([asset.id.to_string()])
        .collect()
}

fn compare(orders: &[Order], a: &[String], b: &[String]) -> Ordering {
    let directed = orders.iter().map(|order| order.descending).chain([false]);
    let pairs = a.iter().zip(b).zip(directed);
    let differing = pairs.map(|((a, b), descending)| if descending { b.cmp(a) } else { a.cmp(b) });
    differing.fold(Ordering::Equal, Ordering::then)
}
