//! Reads access policies: whether one lets somebody do something, and how it would.
//!
//! A small part of AWS's evaluation, exact where it can be and honest where it cannot: whatever
//! is not understood (`NotAction`, conditions on things unknown here) makes the answer unclear
//! and never a yes or a no. Pure.

mod condition;

use serde_json::{Map, Value, json};

/// Who wants to do what to which resource, and what is known of the request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Request<'a> {
    pub(crate) principal: Principal<'a>,
    pub(crate) action: &'a str,
    pub(crate) resource: &'a str,
    /// Condition keys in lower case with their values.
    pub(crate) context: &'a [(&'a str, &'a str)],
}

/// Who asks.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Principal<'a> {
    /// A service of AWS, such as `s3.amazonaws.com`.
    Service(&'a str),
    /// An account as a whole.
    Account(&'a str),
}

/// What a policy says to a request. Names are those of statements.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    Allowed,
    /// Nothing allows it.
    NotAllowed,
    /// A statement forbids it, whatever others allow.
    Denied(String),
    /// It depends on something that is not known here.
    Unclear(String),
}

/// Whether something applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Applies {
    No,
    Maybe,
    Yes,
}

/// What a policy says to a request.
pub(crate) fn evaluate(policy: &str, request: &Request<'_>) -> Verdict {
    let Ok(policy) = serde_json::from_str::<Value>(policy) else {
        return Verdict::Unclear("a policy that is no JSON".to_owned());
    };
    let statements = statements(&policy);
    let strongest = |effect: &str| {
        let of_effect = statements.iter().filter(|it| it["Effect"] == effect);
        of_effect
            .map(|statement| (applies(statement, request), name(statement)))
            .max_by_key(|(applies, _)| *applies)
    };
    match (strongest("Deny"), strongest("Allow")) {
        (Some((Applies::Yes, name)), _) => Verdict::Denied(name),
        (Some((Applies::Maybe, name)), Some((Applies::Yes | Applies::Maybe, _)))
        | (_, Some((Applies::Maybe, name))) => Verdict::Unclear(name),
        (_, Some((Applies::Yes, _))) => Verdict::Allowed,
        _ => Verdict::NotAllowed,
    }
}

/// The policy with one more statement, in place of an earlier one of the same name.
pub(crate) fn with_statement(policy: Option<&str>, statement: Value) -> String {
    let parsed = policy.and_then(|text| serde_json::from_str(text).ok());
    let mut policy: Map<String, Value> = parsed.unwrap_or_default();
    let mut statements: Vec<Value> = match policy.remove("Statement") {
        Some(Value::Array(statements)) => statements,
        Some(single) => vec![single],
        None => Vec::new(),
    };
    statements.retain(|it| it["Sid"] != statement["Sid"]);
    statements.push(statement);
    policy
        .entry("Version")
        .or_insert_with(|| json!("2012-10-17"));
    policy.insert("Statement".to_owned(), Value::Array(statements));
    Value::Object(policy).to_string()
}

/// A statement name that both services take: letters and digits.
pub(crate) fn statement_name(start: &str, rest: &str) -> String {
    let rest = rest.chars().filter(char::is_ascii_alphanumeric);
    start.chars().chain(rest).collect()
}

fn statements(policy: &Value) -> Vec<&Value> {
    match &policy["Statement"] {
        Value::Array(statements) => statements.iter().collect(),
        Value::Null => Vec::new(),
        single => vec![single],
    }
}

fn name(statement: &Value) -> String {
    match statement["Sid"].as_str() {
        Some(name) if !name.is_empty() => format!("statement {name}"),
        _ => "a statement without a name".to_owned(),
    }
}

/// All parts of a statement must apply.
fn applies(statement: &Value, request: &Request<'_>) -> Applies {
    let parts = [
        named(statement, "Principal", |value| {
            principal(value, request.principal)
        }),
        named(statement, "Action", |value| {
            any_action(value, request.action)
        }),
        named(statement, "Resource", |value| {
            any_resource(value, request.resource)
        }),
        condition::applies(&statement["Condition"], request.context),
    ];
    parts.into_iter().min().unwrap_or(Applies::No)
}

/// Applies a part; its negation (`NotAction` and so on) is not understood.
fn named(statement: &Value, name: &str, applies: impl FnOnce(&Value) -> bool) -> Applies {
    match statement.get(name) {
        Some(value) if applies(value) => Applies::Yes,
        None if statement.get(format!("Not{name}")).is_some() => Applies::Maybe,
        Some(_) | None => Applies::No,
    }
}

fn principal(value: &Value, asked: Principal<'_>) -> bool {
    if value == "*" {
        return true;
    }
    let anyone = texts(&value["AWS"]).any(|text| text == "*");
    anyone
        || match asked {
            Principal::Service(service) => texts(&value["Service"]).any(|text| text == service),
            Principal::Account(account) => {
                let root = format!(":iam::{account}:root");
                texts(&value["AWS"]).any(|text| text == account || text.ends_with(&root))
            }
        }
}

/// Actions are compared in any case, and SQS also knows them under its upper-case name.
fn any_action(value: &Value, asked: &str) -> bool {
    let asked = asked.to_ascii_lowercase();
    texts(value).any(|pattern| matches(&pattern.to_ascii_lowercase(), &asked))
}

fn any_resource(value: &Value, asked: &str) -> bool {
    texts(value).any(|pattern| matches(pattern, asked))
}

/// A text, or the texts of a list.
fn texts(value: &Value) -> impl Iterator<Item = &str> {
    let list = value.as_array().map(Vec::as_slice);
    let list = list.unwrap_or(std::slice::from_ref(value));
    list.iter().filter_map(Value::as_str)
}

/// `*` stands for any text and `?` for any character.
fn matches(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => starts(pattern, text).is_some_and(str::is_empty),
        Some((start, rest)) => starts(start, text).is_some_and(|tail| {
            let ends = tail.char_indices().map(|(at, _)| at);
            ends.chain([tail.len()])
                .any(|at| matches(rest, &tail[at..]))
        }),
    }
}

/// What follows `start`, in which `?` stands for any character.
fn starts<'a>(start: &str, text: &'a str) -> Option<&'a str> {
    let mut rest = text.chars();
    for wanted in start.chars() {
        let found = rest.next()?;
        if wanted != '?' && wanted != found {
            return None;
        }
    }
    Some(rest.as_str())
}

#[cfg(test)]
mod tests;
