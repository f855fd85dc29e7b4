//! Filters of a data source query: their form, and which pages pass.

use super::{
    model::{DataSource, Page, Property, minute},
    refusal::Refusal,
};
use jiff::{Timestamp, civil, tz::TimeZone};
use serde_json::{Map, Value};

/// A date, or a date and time with or without an offset, as ISO 8601 writes them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Moment {
    Day(civil::Date),
    Local(civil::DateTime),
    Instant(Timestamp, civil::DateTime, String),
}

impl Moment {
    pub(super) fn read(text: &str) -> Option<Self> {
        if text.len() == 10 {
            return text.parse().ok().map(Self::Day);
        }
        if text.as_bytes().get(10) != Some(&b'T') {
            return None;
        }
        let (local, offset) = match text.find(['Z', '+']).or_else(|| text.rfind('-').filter(|at| *at > 10)) {
            Some(at) => text.split_at_checked(at)?,
            None => (text, ""),
        };
        let local: civil::DateTime = local.parse().ok()?;
        if offset.is_empty() {
            return Some(Self::Local(local));
        }
        let offset = if offset == "Z" { "+00:00" } else { offset };
        text.parse().ok().map(|instant| Self::Instant(instant, local, offset.to_owned()))
    }

    pub(super) fn is_day(&self) -> bool {
        matches!(self, Self::Day(_))
    }

    pub(super) fn has_offset(&self) -> bool {
        matches!(self, Self::Instant(..))
    }

    /// The instant meant, days and local times taken in UTC.
    pub(super) fn instant(&self) -> Timestamp {
        let utc = |local: civil::DateTime| {
            local.to_zoned(TimeZone::UTC).map(|zoned| zoned.timestamp()).unwrap_or_default()
        };
        match self {
            Self::Day(day) => utc(day.to_datetime(civil::Time::midnight())),
            Self::Local(local) => utc(*local),
            Self::Instant(instant, ..) => *instant,
        }
    }

    /// As answers carry it.
    pub(super) fn render(&self, with_offset: bool) -> String {
        match self {
            Self::Day(day) => day.to_string(),
            Self::Local(local) if with_offset => format!("{}+00:00", local.strftime("%Y-%m-%dT%H:%M:%S.000")),
            Self::Local(local) => local.strftime("%Y-%m-%dT%H:%M:%S.000").to_string(),
            Self::Instant(_, local, offset) => format!("{}{offset}", local.strftime("%Y-%m-%dT%H:%M:%S.000")),
        }
    }
}

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

fn words(operand: &Value) -> Vec<&str> {
    match operand {
        Value::String(word) => vec![word],
        other => other.as_array().into_iter().flatten().filter_map(Value::as_str).collect(),
    }
}

fn holds(kind: &str, operator: &str, operand: &Value, value: &Value) -> bool {
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
    value.as_str().map_or_else(|| super::model::plain_text(Some(value)), str::to_owned)
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
    fn moments_are_dates_or_times_and_nothing_else() {
        for text in
            ["2026-11-21", "2026-11-21T08:00", "2026-11-21T08:00:00Z", "2026-11-21T08:00:00.000-05:00"]
        {
            assert!(Moment::read(text).is_some(), "{text}");
        }
        for text in ["", "tomorrow", "21.11.2026", "2026-13-01", "2026-11-21 08:00", "2026-11-21T25:00:00Z"] {
            assert!(Moment::read(text).is_none(), "{text}");
        }
        assert_eq!(
            Moment::read("2026-11-21T08:00:00Z").unwrap().render(true),
            "2026-11-21T08:00:00.000+00:00"
        );
    }

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
