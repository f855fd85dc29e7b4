//! What a schema change may say: properties to add, rename, give another form, or remove.

use super::{
    model::{DataSource, Property},
    page_values::SELECT_COLOR,
    refusal::Refusal,
    shape::{Field, Shape, fields, may, must, object},
};
use serde_json::{Map, Value, json};

/// One change of a schema; properties are named by their id.
#[derive(Debug)]
pub(super) enum Change {
    Remove(String),
    Rename(String, String),
    /// The id, the kind and its configuration.
    Reform(String, String, Value),
    /// The name, the kind and its configuration.
    Add(String, String, Value),
}

static OPTIONS: Shape = Shape::Object(&[may("options", &Shape::List(&Shape::Variants(OPTION), 100))]);
static OPTION: &[&[Field]] = &[
    &[must("name", &NAME), may("id", &NAME), may("color", &SELECT_COLOR), may("description", &DESCRIPTION)],
    &[must("id", &NAME), may("name", &NAME), may("color", &SELECT_COLOR), may("description", &DESCRIPTION)],
];
static NAME: Shape = Shape::Text(100);
static DESCRIPTION: Shape = Shape::Nullable(&Shape::Text(280));
static NUMBER: Shape = Shape::Object(&[may("format", &Shape::Text(40))]);
static EMPTY: Shape = Shape::Empty;

fn form_of(kind: &str) -> Option<&'static Shape> {
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

/// Reads the `properties` of a schema change.
pub(super) fn read_changes(given: Option<&Value>, source: &DataSource) -> Result<Vec<Change>, Refusal> {
    let Some(given) = given else { return Ok(Vec::new()) };
    let given = object(given, "body.properties").map_err(Refusal::body)?;
    let mut changes = Vec::new();
    for (key, value) in given {
        read_change(key, value, source.property(key), &mut changes)?;
    }
    Ok(changes)
}

fn read_change(
    key: &str,
    value: &Value,
    known: Option<&Property>,
    changes: &mut Vec<Change>,
) -> Result<(), Refusal> {
    let path = format!("body.properties.{key}");
    if value.is_null() {
        let property =
            known.ok_or_else(|| Refusal::unsuitable(format!("{key} is not a property that exists.")))?;
        if property.kind == "title" {
            return Err(Refusal::unsuitable("Cannot delete the title property."));
        }
        changes.push(Change::Remove(property.id.clone()));
        return Ok(());
    }
    let mut rest = object(value, &path).map_err(Refusal::body)?.clone();
    let form = take_form(&mut rest, &path)?;
    let named = [may("name", &Shape::Text(2000)), may("description", &DESCRIPTION)];
    fields(&rest, &named, &path).map_err(Refusal::body)?;
    let name = rest.get("name").and_then(Value::as_str).map(str::to_owned);
    match (known, form) {
        (None, None) => return Err(Refusal::unsuitable(format!("{key} is not a property that exists."))),
        (None, Some((kind, _))) if kind == "title" => {
            return Err(Refusal::unsuitable("Cannot have two title properties."));
        }
        (None, Some((kind, config))) => {
            changes.push(Change::Add(name.unwrap_or_else(|| key.to_owned()), kind, config));
        }
        (Some(property), form) => {
            if let Some((kind, config)) = form {
                changes.push(reform(property, kind, config)?);
            } else if name.is_none() {
                return Err(Refusal::body(format!(
                    "{path}.name should be defined, instead was `undefined`."
                )));
            }
            changes.extend(name.map(|name| Change::Rename(property.id.clone(), name)));
        }
    }
    Ok(())
}

/// Takes the configuration out of a property, and the type that names it.
fn take_form(rest: &mut Map<String, Value>, path: &str) -> Result<Option<(String, Value)>, Refusal> {
    if let Some(kind) = ABSENT.iter().find(|kind| rest.contains_key(**kind)) {
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
        "number" => json!({"format": config.get("format").cloned().unwrap_or_else(|| json!("number"))}),
        _ => json!({}),
    };
    commas(&config)?;
    Ok(Some((kind, config)))
}

fn commas(config: &Value) -> Result<(), Refusal> {
    let options = config.get("options").and_then(Value::as_array).into_iter().flatten();
    let mut names = options.filter_map(|option| option.get("name")?.as_str());
    match names.find(|name| name.contains(',')) {
        Some(name) => Err(Refusal::malformed(format!("Invalid select option, commas not allowed: {name}"))),
        None => Ok(()),
    }
}

fn reform(property: &Property, kind: String, config: Value) -> Result<Change, Refusal> {
    let fixed = |kind: &str| matches!(kind, "title" | "status");
    if kind != property.kind && (fixed(&kind) || fixed(&property.kind)) {
        return Err(Refusal::unsuitable(format!(
            "The type of {} cannot be changed to {kind}.",
            property.name
        )));
    }
    Ok(Change::Reform(property.id.clone(), kind, config))
}
