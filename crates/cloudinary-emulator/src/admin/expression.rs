//! The search language, as far as clients of asset stores use it.
//!
//! `field:value` and `field=value`, both also with a trailing `*`, joined with AND, OR, NOT and
//! parentheses. `=` is the whole value, `:` also one of its words. Text in quotes is literal; a
//! backslash makes the next character literal.

use crate::asset::Asset;
use crate::reply::Refusal;

/// A parsed expression.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Expression {
    Everything,
    Term(Term),
    Not(Box<Expression>),
    And(Vec<Expression>),
    Or(Vec<Expression>),
}

/// One condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Term {
    field: String,
    exact: bool,
    value: String,
    prefix: bool,
}

const DEEPEST: usize = 32;

impl Expression {
    pub(crate) fn parse(text: &str) -> Result<Self, Refusal> {
        let tokens = tokens(text)?;
        if tokens.is_empty() {
            return Ok(Self::Everything);
        }
        let mut parser = Parser {
            tokens: &tokens,
            at: 0,
            depth: 0,
        };
        let expression = parser.any_of()?;
        match parser.tokens.get(parser.at) {
            None => Ok(expression),
            Some(token) => Err(error(token.position)),
        }
    }

    /// Whether an asset is meant.
    pub(crate) fn matches(&self, asset: &Asset, dynamic_folders: bool) -> bool {
        match self {
            Self::Everything => true,
            Self::Term(term) => term.matches(asset, dynamic_folders),
            Self::Not(inner) => !inner.matches(asset, dynamic_folders),
            Self::And(all) => all.iter().all(|one| one.matches(asset, dynamic_folders)),
            Self::Or(any) => any.iter().any(|one| one.matches(asset, dynamic_folders)),
        }
    }
}

impl Term {
    fn matches(&self, asset: &Asset, dynamic_folders: bool) -> bool {
        let id = asset.id.public_id.as_str();
        let (folder, name) = id.rsplit_once('/').unwrap_or(("", id));
        match self.field.as_str() {
            "public_id" => self.is(id),
            "asset_id" => self.is(&asset.asset_id),
            "resource_type" => self.is(asset.id.resource_type.as_str()),
            "type" => self.is(asset.id.delivery_type.as_str()),
            "format" => asset
                .details
                .format
                .as_deref()
                .is_some_and(|format| self.is(format)),
            "etag" => self.is(&asset.content.etag),
            "filename" => self.is(name),
            "display_name" => self.is(asset.display_name()),
            "asset_folder" => self.is_folder(asset.folder()),
            // The service finds nothing by `folder` in dynamic folder mode.
            "folder" => !dynamic_folders && self.is_folder(folder),
            "tags" => asset.details.tags.iter().any(|tag| self.is(tag)),
            "" => self.is(id) || asset.details.tags.iter().any(|tag| self.is(tag)),
            other => other.strip_prefix("context.").is_some_and(|key| {
                asset
                    .details
                    .context
                    .get(key)
                    .is_some_and(|value| self.is(value))
            }),
        }
    }

    fn is(&self, text: &str) -> bool {
        if self.prefix {
            return text.starts_with(&self.value);
        }
        let word = |text: &str| {
            text.split(['/', ' ', '_', '-', '.'])
                .any(|word| word == self.value)
        };
        text == self.value || (!self.exact && word(text))
    }

    /// `a/*` is everything below `a`.
    fn is_folder(&self, folder: &str) -> bool {
        let below = self.prefix && self.value.strip_suffix('/') == Some(folder);
        below
            || if self.prefix {
                folder.starts_with(&self.value)
            } else {
                folder == self.value
            }
    }
}

#[derive(Debug, PartialEq, Eq)]
struct Token {
    kind: Kind,
    position: usize,
}

#[derive(Debug, PartialEq, Eq)]
enum Kind {
    Open,
    Close,
    And,
    Or,
    Not,
    Term(Term),
}

struct Parser<'a> {
    tokens: &'a [Token],
    at: usize,
    depth: usize,
}

impl Parser<'_> {
    fn any_of(&mut self) -> Result<Expression, Refusal> {
        let mut any = vec![self.all_of()?];
        while self.take(&Kind::Or) {
            any.push(self.all_of()?);
        }
        Ok(one_or(any, Expression::Or))
    }

    fn all_of(&mut self) -> Result<Expression, Refusal> {
        let mut all = vec![self.single()?];
        while self.take(&Kind::And) {
            all.push(self.single()?);
        }
        Ok(one_or(all, Expression::And))
    }

    fn single(&mut self) -> Result<Expression, Refusal> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(Refusal::bad_request("Query Error (nested too deep)"));
        }
        let expression = self.nested();
        self.depth -= 1;
        expression
    }

    fn nested(&mut self) -> Result<Expression, Refusal> {
        if self.take(&Kind::Not) {
            return Ok(Expression::Not(Box::new(self.single()?)));
        }
        if self.take(&Kind::Open) {
            let inner = self.any_of()?;
            return if self.take(&Kind::Close) {
                Ok(inner)
            } else {
                Err(self.unexpected())
            };
        }
        match self.tokens.get(self.at).map(|token| &token.kind) {
            Some(Kind::Term(term)) => {
                self.at += 1;
                Ok(Expression::Term(term.clone()))
            }
            _ => Err(self.unexpected()),
        }
    }

    fn take(&mut self, kind: &Kind) -> bool {
        let found = self
            .tokens
            .get(self.at)
            .is_some_and(|token| token.kind == *kind);
        self.at += usize::from(found);
        found
    }

    fn unexpected(&self) -> Refusal {
        let end = self.tokens.last().map_or(0, |token| token.position);
        error(self.tokens.get(self.at).map_or(end, |token| token.position))
    }
}

fn one_or(mut many: Vec<Expression>, join: fn(Vec<Expression>) -> Expression) -> Expression {
    match many.len() {
        1 => many.remove(0),
        _ => join(many),
    }
}

fn error(position: usize) -> Refusal {
    Refusal::bad_request(format!("Query Error (at position {position})"))
}

fn tokens(text: &str) -> Result<Vec<Token>, Refusal> {
    let characters: Vec<char> = text.chars().collect();
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(character) = characters.get(at) {
        let position = at + 1;
        let kind = match character {
            ' ' | '\t' | '\n' => {
                at += 1;
                continue;
            }
            '(' => Kind::Open,
            ')' => Kind::Close,
            _ => {
                let (kind, next) = word(&characters, at)?;
                at = next;
                tokens.push(Token { kind, position });
                continue;
            }
        };
        at += 1;
        tokens.push(Token { kind, position });
    }
    Ok(tokens)
}

/// `AND`, `field:value`, `field="a value"`, or a value alone. Returns where it ends.
fn word(characters: &[char], start: usize) -> Result<(Kind, usize), Refusal> {
    let mut field = None;
    let (mut text, mut prefix, mut literal) = (String::new(), false, false);
    let mut at = start;
    while let Some(character) = characters.get(at) {
        match character {
            ' ' | '\t' | '\n' | '(' | ')' => break,
            ':' | '=' if field.is_none() => {
                field = Some((std::mem::take(&mut text), *character == '='));
            }
            '"' => {
                at = quoted(characters, at + 1, &mut text)?;
                literal = true;
            }
            '\\' => {
                at += 1;
                text.extend(characters.get(at));
            }
            '*' if text.is_empty() && !literal => return Err(error(at + 1)),
            '*' => prefix = true,
            other => text.push(*other),
        }
        at += 1;
    }
    let kind = match (field, text.as_str()) {
        (None, "AND") => Kind::And,
        (None, "OR") => Kind::Or,
        (None, "NOT") => Kind::Not,
        (field, _) => {
            let (field, exact) = field.unwrap_or_default();
            Kind::Term(Term {
                field,
                exact,
                value: text,
                prefix,
            })
        }
    };
    Ok((kind, at))
}

/// Text up to the closing quote; returns where that is.
fn quoted(characters: &[char], start: usize, text: &mut String) -> Result<usize, Refusal> {
    let mut at = start;
    loop {
        match characters.get(at) {
            None => return Err(error(at)),
            Some('"') => return Ok(at),
            Some('\\') => {
                at += 1;
                text.extend(characters.get(at));
            }
            Some(other) => text.push(*other),
        }
        at += 1;
    }
}

#[cfg(test)]
mod tests;
