//! The kinds of properties: what each may be configured with.

use super::{
    page_values::SELECT_COLOR,
    refusal::Refusal,
    shape::{Field, Shape, may, must},
};
use crate::Seed;
use serde_json::{Map, Value, json};

static OPTIONS: Shape = Shape::Object(&[may("options", &Shape::List(&Shape::Variants(OPTION), 100))]);
static OPTION: &[&[Field]] = &[
    &[must("name", &NAME), may("id", &NAME), may("color", &SELECT_COLOR), may("description", &DESCRIPTION)],
    &[must("id", &NAME), may("name", &NAME), may("color", &SELECT_COLOR), may("description", &DESCRIPTION)],
];
static NAME: Shape = Shape::Text(100);
/// The description of a property or an option.
pub(super) static DESCRIPTION: Shape = Shape::Nullable(&Shape::Text(280));
static NEW_OPTIONS: Shape = Shape::Object(&[may(
    "options",
    &Shape::List(
        &Shape::Object(&[must("name", &NAME), may("color", &SELECT_COLOR), may("description", &DESCRIPTION)]),
        100,
    ),
)]);
static NUMBER: Shape = Shape::Object(&[may("format", &NUMBER_FORMAT)]);
static NUMBER_FORMAT: Shape = Shape::Word(&[
    "argentine_peso",
    "australian_dollar",
    "baht",
    "canadian_dollar",
    "chilean_peso",
    "colombian_peso",
    "danish_krone",
    "dirham",
    "dollar",
    "euro",
    "forint",
    "franc",
    "hong_kong_dollar",
    "koruna",
    "krona",
    "leu",
    "lira",
    "mexican_peso",
    "new_taiwan_dollar",
    "new_zealand_dollar",
    "norwegian_krone",
    "number",
    "number_with_commas",
    "percent",
    "peruvian_sol",
    "philippine_peso",
    "pound",
    "rand",
    "real",
    "ringgit",
    "riyal",
    "ruble",
    "rupee",
    "rupiah",
    "shekel",
    "singapore_dollar",
    "uruguayan_peso",
    "won",
    "yen",
    "yuan",
    "zloty",
]);
static EMPTY: Shape = Shape::Empty;

/// The form of the configuration in a change.
pub(super) fn form_of(kind: &str) -> Option<&'static Shape> {
    Some(match kind {
        "select" | "multi_select" => &OPTIONS,
        "number" => &NUMBER,
        "title" | "rich_text" | "url" | "people" | "files" | "email" | "phone_number" | "date"
        | "checkbox" | "created_by" | "created_time" | "last_edited_by" | "last_edited_time" => &EMPTY,
        _ => return None,
    })
}

/// Kinds of the real service that this stand-in does not make.
const ABSENT: &[&str] = &["formula", "relation", "rollup", "unique_id", "status", "place"];

/// The form of the configuration in a new schema. A status can be made, but its options not changed.
pub(super) fn new_form_of(kind: &str) -> Option<&'static Shape> {
    match kind {
        "select" | "multi_select" | "status" => Some(&NEW_OPTIONS),
        other => form_of(other),
    }
}

/// Takes the configuration out of a property, and the type that names it.
pub(super) fn take_form(
    rest: &mut Map<String, Value>,
    path: &str,
    form_of: fn(&str) -> Option<&'static Shape>,
) -> Result<Option<(String, Value)>, Refusal> {
    if let Some(kind) = ABSENT.iter().find(|kind| rest.contains_key(**kind) && form_of(kind).is_none()) {
        return Err(Refusal::not_simulated(&format!("A property of the type {kind}")));
    }
    let kind = rest.keys().find(|key| form_of(key).is_some()).cloned();
    let Some(kind) = kind else { return Ok(None) };
    let config = rest.remove(&kind).unwrap_or_default();
    if let Some(form) = form_of(&kind) {
        form.check(&config, &format!("{path}.{kind}")).map_err(Refusal::body)?;
    }
    if rest.get("type").is_some_and(|named| *named == kind) {
        rest.remove("type");
    }
    let config = match kind.as_str() {
        "select" | "multi_select" => {
            json!({"options": config.get("options").cloned().unwrap_or_else(|| json!([]))})
        }
        "status" => {
            let usual = json!([
                {"name": "Not started", "color": "default"},
                {"name": "In progress", "color": "blue"},
                {"name": "Done", "color": "green"},
            ]);
            json!({"options": config.get("options").cloned().unwrap_or(usual)})
        }
        "number" => json!({"format": config.get("format").cloned().unwrap_or_else(|| json!("number"))}),
        _ => json!({}),
    };
    check_options(&config)?;
    Ok(Some((kind, config)))
}

fn check_options(config: &Value) -> Result<(), Refusal> {
    let options = config.get("options").and_then(Value::as_array).into_iter().flatten();
    let names: Vec<_> = options.filter_map(|option| option.get("name")?.as_str()).collect();
    for (at, name) in names.iter().enumerate() {
        if name.contains(',') {
            return Err(Refusal::malformed(format!("Invalid select option, commas not allowed: {name}")));
        }
        if names[..at].contains(name) {
            return Err(Refusal::malformed(format!("Select option names must be unique: {name}")));
        }
    }
    Ok(())
}

/// The three groups of a status. Options of other names than the usual ones are still to do.
pub(super) fn groups(seed: &mut Seed, options: &[Value]) -> Vec<Value> {
    let group_of = |option: &Value| match option.get("name").and_then(Value::as_str) {
        Some("In progress") => "In progress",
        Some("Done") => "Complete",
        _ => "To-do",
    };
    let group = |(name, color): (&str, &str)| {
        let ids: Vec<_> =
            options.iter().filter(|option| group_of(option) == name).map(|option| &option["id"]).collect();
        json!({"id": seed.uuid(), "name": name, "color": color, "option_ids": ids})
    };
    [("To-do", "gray"), ("In progress", "blue"), ("Complete", "green")].into_iter().map(group).collect()
}
