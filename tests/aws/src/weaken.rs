//! Conditions on writes, for `tests/audit/conditions.py`: noted, or weakened by one of their parts.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::sync::OnceLock;

use serde_json::{Value, json};

/// What is to be done with conditions; read once from the environment.
#[derive(Default)]
struct Orders {
    /// The file in which every part of every condition is noted.
    note: Option<String>,
    /// The one part that always holds, in the form in which it was noted.
    weaken: Option<Value>,
}

fn orders() -> &'static Orders {
    static ORDERS: OnceLock<Orders> = OnceLock::new();
    ORDERS.get_or_init(|| Orders {
        note: variable("NOTE_CONDITIONS"),
        weaken: variable("WEAKEN_CONDITION").and_then(|part| serde_json::from_str(&part).ok()),
    })
}

#[expect(clippy::disallowed_methods, reason = "a test's own order, not configuration")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// The request with its conditions as ordered; nothing when there are no orders.
pub(crate) fn ordered(operation: &str, body: &Value) -> Option<Value> {
    let orders = orders();
    if orders.note.is_none() && orders.weaken.is_none() {
        return None;
    }
    let mut body = body.clone();
    match body.get_mut("TransactItems").and_then(Value::as_array_mut) {
        Some(items) => {
            for (kind, write) in items.iter_mut().filter_map(Value::as_object_mut).flatten() {
                obey(orders, kind, write);
            }
        }
        None => obey(orders, operation, &mut body),
    }
    Some(body)
}

fn obey(orders: &Orders, operation: &str, write: &mut Value) {
    let Some(condition) = write["ConditionExpression"].as_str().map(str::to_owned) else { return };
    let action =
        write["UpdateExpression"].as_str().map_or_else(|| what_is_written(operation, write), str::to_owned);
    let mut parts = parts(&condition);
    for part in &mut parts {
        let note = json!({"action": action, "condition": condition, "part": part});
        if let Some(file) = &orders.note {
            append(file, &note);
        }
        if orders.weaken.as_ref() == Some(&note) {
            // Names and values that occur nowhere would be refused.
            *part = format!("({part} OR NOT ({part}))");
        }
    }
    write["ConditionExpression"] = parts.join(" AND ").into();
}

/// What tells writes of whole items apart.
fn what_is_written(operation: &str, write: &Value) -> String {
    let key = write["Item"]["sk"]["S"].as_str().or(write["Key"]["sk"]["S"].as_str()).unwrap_or_default();
    format!("{operation} {}", key.split('#').next().unwrap_or_default())
}

fn append(file: &str, note: &Value) {
    if let Ok(mut file) = OpenOptions::new().create(true).append(true).open(file) {
        let _ = file.write_all(format!("{note}\n").as_bytes());
    }
}

/// What is joined by AND, outside of parentheses.
fn parts(condition: &str) -> Vec<String> {
    let (mut parts, mut depth) = (vec![String::new()], 0);
    for word in condition.split(' ').filter(|word| !word.is_empty()) {
        if word == "AND" && depth == 0 {
            parts.push(String::new());
            continue;
        }
        depth += word.matches('(').count();
        depth = depth.saturating_sub(word.matches(')').count());
        if let Some(part) = parts.last_mut() {
            if !part.is_empty() {
                part.push(' ');
            }
            part.push_str(word);
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_condition_falls_into_what_must_hold_together() {
        assert_eq!(parts("#a = :a"), ["#a = :a"]);
        assert_eq!(
            parts("#a IN (:x, :y)  AND (attribute_not_exists(#b) OR (#b <= :n AND #c = :c)) AND #d > :d"),
            ["#a IN (:x, :y)", "(attribute_not_exists(#b) OR (#b <= :n AND #c = :c))", "#d > :d"]
        );
    }
}
