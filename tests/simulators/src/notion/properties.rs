//! What a schema may say when it is made, and what a change of it: properties to add, rename, give another form, or
//! remove.

use super::{
    model::{DataSource, Property},
    property_forms::{DESCRIPTION, form_of, new_form_of, take_form},
    refusal::Refusal,
    shape::{Shape, fields, may, object},
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

/// Reads the schema of a new data source: the name, the kind and the configuration of each property.
pub(super) fn read_schema(source: Option<&Value>) -> Result<Vec<(String, String, Value)>, Refusal> {
    let path = "body.initial_data_source";
    let mut source = match source {
        Some(source) => object(source, path).map_err(Refusal::body)?.clone(),
        None => Map::new(),
    };
    let properties = source.remove("properties").unwrap_or_else(|| json!({}));
    fields(&source, &[], path).map_err(Refusal::body)?;
    let path = format!("{path}.properties");
    let mut schema = Vec::new();
    for (name, value) in object(&properties, &path).map_err(Refusal::body)? {
        let path = format!("{path}.{name}");
        let mut rest = object(value, &path).map_err(Refusal::body)?.clone();
        let form = take_form(&mut rest, &path, new_form_of)?;
        let unknown = || format!("{path} should have a known type, instead was `{value}`.");
        let (kind, config) = form.ok_or_else(|| Refusal::body(unknown()))?;
        if rest.contains_key("description") {
            return Err(Refusal::not_simulated("The description of a property"));
        }
        fields(&rest, &[], &path).map_err(Refusal::body)?;
        schema.push((name.clone(), kind, config));
    }
    match schema.iter().filter(|(_, kind, _)| kind == "title").count() {
        0 => Err(Refusal::malformed("Title is not provided")),
        1 => Ok(schema),
        _ => Err(Refusal::malformed("Cannot have two title properties.")),
    }
}

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
    let form = take_form(&mut rest, &path, form_of)?;
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
