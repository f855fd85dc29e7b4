//! Filters of a data source query: their form, and which pages pass.

use super::{
    compare::{holds, words},
    model::{DataSource, Page, Property, minute},
    moment::Moment,
    refusal::Refusal,
};
use serde_json::{Map, Value};

/// A filter that was checked against a data source.
#[derive(Debug)]
pub(super) enum Filter {
    All(Vec<Filter>),
    Any(Vec<Filter>),
    Leaf { subject: Subject, kind: String, operator: String, operand: Value },
}

/// What a leaf looks at.
#[derive(Debug)]
pub(super) enum Subject {
    Property(Property),
    CreatedTime,
    LastEditedTime,
}

const TEXT: &[&str] =
    &["equals", "does_not_equal", "contains", "does_not_contain", "starts_with", "ends_with"];
const NUMBER: &[&str] = &[
    "equals",
    "does_not_equal",
    "greater_than",
    "less_than",
    "greater_than_or_equal_to",
    "less_than_or_equal_to",
];
const CHOICE: &[&str] = &["equals", "does_not_equal"];
const MEMBER: &[&str] = &["contains", "does_not_contain"];
const DATE: &[&str] = &["equals", "before", "after", "on_or_before", "on_or_after"];

impl Filter {
    pub(super) fn read(
        given: &Value,
        source: &DataSource,
        path: &str,
        depth: usize,
    ) -> Result<Self, Refusal> {
        let wrong = |what: &str| Refusal::body(format!("{path} {what}, instead was `{given}`."));
        let object = given.as_object().ok_or_else(|| wrong("should be an object"))?;
        for (name, all) in [("and", true), ("or", false)] {
            let Some(parts) = object.get(name) else { continue };
            let parts = parts.as_array().filter(|parts| object.len() == 1 && parts.len() <= 100 && depth > 0);
            let parts = parts.ok_or_else(|| wrong("should be a compound filter of at most two levels"))?;
            let parts = parts
                .iter()
                .enumerate()
                .map(|(at, part)| Self::read(part, source, &format!("{path}.{name}[{at}]"), depth - 1));
            let parts = parts.collect::<Result<Vec<_>, _>>()?;
            return Ok(if all { Self::All(parts) } else { Self::Any(parts) });
        }
        if let Some(timestamp) = object.get("timestamp").and_then(Value::as_str) {
            return timestamp_filter(object, timestamp, path);
        }
        property_filter(object, source, path)
    }

    pub(super) fn passes(&self, page: &Page) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.passes(page)),
            Self::Any(parts) => parts.iter().any(|part| part.passes(page)),
            Self::Leaf { subject, kind, operator, operand } => {
                let value = match subject {
                    Subject::CreatedTime => Value::String(minute(page.stamp.created)),
                    Subject::LastEditedTime => Value::String(minute(page.stamp.edited)),
                    Subject::Property(property) => {
                        property.value_on(page).get(&property.kind).cloned().unwrap_or_default()
                    }
                };
                holds(kind, operator, operand, &value)
            }
        }
    }
}

fn timestamp_filter(object: &Map<String, Value>, timestamp: &str, path: &str) -> Result<Filter, Refusal> {
    let subject = match timestamp {
        "created_time" => Subject::CreatedTime,
        "last_edited_time" => Subject::LastEditedTime,
        _ => {
            return Err(Refusal::body(format!(
                "{path}.timestamp should be `created_time` or `last_edited_time`."
            )));
        }
    };
    let known = |key: &String| matches!(key.as_str(), "timestamp" | "type") || key == timestamp;
    let typed = object.get("type").is_none_or(|kind| kind == timestamp);
    if !typed || !object.keys().all(known) {
        return Err(Refusal::body(format!("{path} has keys that should be not present.")));
    }
    leaf(subject, "date", object.get(timestamp), &format!("{path}.{timestamp}"))
}

fn property_filter(object: &Map<String, Value>, source: &DataSource, path: &str) -> Result<Filter, Refusal> {
    let Some(name) = object.get("property").and_then(Value::as_str) else {
        return Err(Refusal::body(format!(
            "Fix one:\n{path}.or should be defined, instead was `undefined`.\n{path}.and should be defined, instead was `undefined`.\n{path}.property should be defined, instead was `undefined`.\n{path}.timestamp should be defined, instead was `undefined`."
        )));
    };
    let kinds: Vec<_> = object.keys().filter(|key| !matches!(key.as_str(), "property" | "type")).collect();
    let [kind] = kinds.as_slice() else {
        return Err(Refusal::body(format!("{path} should have exactly one condition.")));
    };
    if object.get("type").is_some_and(|named| named != kind.as_str()) {
        return Err(Refusal::body(format!("{path}.type should be `{kind}`.")));
    }
    let form = form_of(kind).ok_or_else(|| Refusal::body(format!("{path}.{kind} should be not present.")))?;
    let property = source.property(name);
    let property = property
        .ok_or_else(|| Refusal::unsuitable(format!("Could not find property with name or id: {name}")))?;
    if property.kind != **kind {
        let message = format!("database property {} does not match filter {kind}", property.kind);
        return Err(Refusal::unsuitable(message));
    }
    let filter =
        leaf(Subject::Property(property.clone()), form, object.get(*kind), &format!("{path}.{kind}"))?;
    options_exist(property, &filter)?;
    Ok(filter)
}

/// How a property of this kind is compared.
fn form_of(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "title" | "rich_text" | "url" | "email" | "phone_number" => "text",
        "number" => "number",
        "checkbox" => "checkbox",
        "select" | "status" => "choice",
        "multi_select" => "choices",
        "people" | "relation" | "created_by" | "last_edited_by" => "member",
        "files" => "files",
        "date" | "created_time" | "last_edited_time" => "date",
        _ => return None,
    })
}

fn leaf(subject: Subject, kind: &str, condition: Option<&Value>, path: &str) -> Result<Filter, Refusal> {
    let condition = condition.and_then(Value::as_object).filter(|condition| condition.len() == 1);
    let Some((operator, operand)) = condition.and_then(|condition| condition.iter().next()) else {
        return Err(Refusal::body(format!("{path} should be an object with one condition.")));
    };
    let strings = |value: &Value| {
        value.is_string() || value.as_array().is_some_and(|all| all.iter().all(Value::is_string))
    };
    let date = |value: &Value| value.as_str().is_some_and(|text| Moment::read(text).is_some());
    let (operators, fits): (&[&str], bool) = match kind {
        "text" => (TEXT, operand.is_string()),
        "number" => (NUMBER, operand.is_number()),
        "checkbox" => (CHOICE, operand.is_boolean()),
        "choice" => (CHOICE, strings(operand)),
        "choices" => (MEMBER, strings(operand)),
        "member" => (MEMBER, operand.as_str().is_some_and(|id| super::route::read_id(id).is_some())),
        "date" => (DATE, date(operand)),
        _ => (&[], false),
    };
    let existence = matches!(operator.as_str(), "is_empty" | "is_not_empty")
        && operand == &Value::Bool(true)
        && kind != "checkbox";
    let compares = operators.contains(&operator.as_str()) && fits;
    if !existence && !compares {
        return Err(Refusal::body(format!(
            "{path}.{operator} should be a condition of this type, instead was `{operand}`."
        )));
    }
    Ok(Filter::Leaf { subject, kind: kind.to_owned(), operator: operator.clone(), operand: operand.clone() })
}

/// Options are known by name; a filter for one that does not exist is refused.
fn options_exist(property: &Property, filter: &Filter) -> Result<(), Refusal> {
    let Filter::Leaf { kind, operand, .. } = filter else { return Ok(()) };
    if !matches!(kind.as_str(), "choice" | "choices") || operand.is_boolean() {
        return Ok(());
    }
    let known: Vec<_> = property
        .config
        .get("options")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|option| option.get("name"))
        .collect();
    match words(operand).into_iter().find(|wanted| !known.iter().any(|name| name.as_str() == Some(wanted))) {
        None => Ok(()),
        Some(wanted) => {
            let (kind, name) = (&property.kind, &property.name);
            Err(Refusal::unsuitable(format!("{kind} option \"{wanted}\" not found for property \"{name}\".")))
        }
    }
}
