//! Whether a property value passes one condition of a filter.

use super::{model::plain_text, moment::Moment};
use serde_json::Value;

/// The options a condition names.
pub(super) fn words(operand: &Value) -> Vec<&str> {
    match operand {
        Value::String(word) => vec![word],
        other => other.as_array().into_iter().flatten().filter_map(Value::as_str).collect(),
    }
}

/// Whether a value passes a condition of this kind.
pub(super) fn holds(kind: &str, operator: &str, operand: &Value, value: &Value) -> bool {
    match operator {
        "is_empty" => is_empty(kind, value),
        "is_not_empty" => !is_empty(kind, value),
        _ => match kind {
            "text" => text_holds(operator, operand.as_str().unwrap_or_default(), &text_of(value)),
            "number" => number_holds(operator, operand.as_f64(), value.as_f64()),
            "checkbox" => (value == operand) == (operator == "equals"),
            "date" => date_holds(operator, operand, value),
            _ => {
                let ids = ["name", "id"].map(|key| value.get(key));
                let many = value
                    .as_array()
                    .into_iter()
                    .flatten()
                    .flat_map(|item| [item.get("name"), item.get("id")]);
                let found: Vec<_> = ids.into_iter().chain(many).flatten().filter_map(Value::as_str).collect();
                let any = words(operand).iter().any(|wanted| found.contains(wanted));
                any == matches!(operator, "equals" | "contains")
            }
        },
    }
}

fn text_of(value: &Value) -> String {
    value.as_str().map_or_else(|| plain_text(Some(value)), str::to_owned)
}

fn is_empty(kind: &str, value: &Value) -> bool {
    value.is_null()
        || value.as_array().is_some_and(Vec::is_empty)
        || (kind == "text" && text_of(value).is_empty())
}

/// `contains` and its like ignore case, equality does not.
fn text_holds(operator: &str, operand: &str, value: &str) -> bool {
    let (low_operand, low) = (operand.to_lowercase(), value.to_lowercase());
    match operator {
        "equals" => value == operand,
        "does_not_equal" => value != operand,
        "contains" => low.contains(&low_operand),
        "does_not_contain" => !low.contains(&low_operand),
        "starts_with" => low.starts_with(&low_operand),
        _ => low.ends_with(&low_operand),
    }
}

fn number_holds(operator: &str, operand: Option<f64>, value: Option<f64>) -> bool {
    let order = value.zip(operand).and_then(|(value, operand)| value.partial_cmp(&operand));
    match (operator, order) {
        ("does_not_equal", None) => true,
        (_, None) => false,
        ("equals", Some(order)) => order.is_eq(),
        ("does_not_equal", Some(order)) => order.is_ne(),
        ("greater_than", Some(order)) => order.is_gt(),
        ("less_than", Some(order)) => order.is_lt(),
        ("greater_than_or_equal_to", Some(order)) => order.is_ge(),
        (_, Some(order)) => order.is_le(),
    }
}

/// A day as operand means the whole day in UTC. Times in pages are rounded down to the minute, the operand is not:
/// a page made at 08:42:45 is not `on_or_after` 08:42:30.
fn date_holds(operator: &str, operand: &Value, value: &Value) -> bool {
    const DAY_MS: i64 = 86_400_000;
    let start = value.get("start").unwrap_or(value).as_str().and_then(Moment::read);
    let (Some(value), Some(operand)) = (start, operand.as_str().and_then(Moment::read)) else { return false };
    let at = value.instant().as_millisecond();
    let first = operand.instant().as_millisecond();
    let last = if operand.is_day() { first.saturating_add(DAY_MS - 1) } else { first };
    match operator {
        "equals" => first <= at && at <= last,
        "before" => at < first,
        "after" => at > last,
        "on_or_before" => at <= last,
        _ => at >= first,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_time_is_compared_exactly_and_a_day_as_a_whole() {
        let created = json!("2026-11-21T08:42:00.000Z");
        assert!(date_holds("on_or_after", &json!("2026-11-21T08:42:00Z"), &created));
        assert!(!date_holds("on_or_after", &json!("2026-11-21T08:42:30Z"), &created));
        assert!(date_holds("equals", &json!("2026-11-21"), &created));
        assert!(!date_holds("after", &json!("2026-11-21"), &created));
        assert!(date_holds("before", &json!("2026-11-22"), &created));
        assert!(!date_holds("on_or_after", &json!("2026-11-21T08:43:00Z"), &created));
    }
}
