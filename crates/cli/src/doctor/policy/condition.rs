//! The conditions of a statement, as far as they are about what is known of a request.

use serde_json::Value;

use super::{Applies, matches, texts};

/// All conditions must hold; one about something unknown leaves it open.
pub(super) fn applies(conditions: &Value, context: &[(&str, &str)]) -> Applies {
    let operators = conditions.as_object().into_iter().flatten();
    let each = operators.flat_map(|(operator, keys)| {
        let keys = keys.as_object().into_iter().flatten();
        keys.map(move |(key, wanted)| one(operator, key, wanted, context))
    });
    each.min().unwrap_or(Applies::Yes)
}

fn one(operator: &str, key: &str, wanted: &Value, context: &[(&str, &str)]) -> Applies {
    let key = key.to_ascii_lowercase();
    // Both services always use TLS.
    if key == "aws:securetransport" {
        return yes_or_no(texts(wanted).any(|text| text == "true") || *wanted == true);
    }
    let Some((_, given)) = context.iter().find(|(known, _)| *known == key) else {
        return Applies::Maybe;
    };
    let operator = operator.to_ascii_lowercase();
    let any = |same: fn(&str, &str) -> bool| texts(wanted).any(|text| same(text, given));
    match operator.trim_end_matches("ifexists") {
        "stringequals" => yes_or_no(any(|text, given| text == given)),
        "stringequalsignorecase" => yes_or_no(any(str::eq_ignore_ascii_case)),
        "stringlike" | "arnequals" | "arnlike" => yes_or_no(any(matches)),
        "stringnotequals" => yes_or_no(!any(|text, given| text == given)),
        "stringnotlike" | "arnnotequals" | "arnnotlike" => yes_or_no(!any(matches)),
        _ => Applies::Maybe,
    }
}

fn yes_or_no(holds: bool) -> Applies {
    if holds { Applies::Yes } else { Applies::No }
}
