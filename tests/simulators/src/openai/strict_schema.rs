//! The subset of JSON Schema that strict structured output takes.

use serde_json::Value;

/// Objects within objects.
const MAX_DEPTH: usize = 5;
/// Properties of all objects together.
const MAX_PROPERTIES: usize = 100;
/// Values of all enumerations together.
const MAX_ENUM_VALUES: usize = 500;

const KEYWORDS: &[&str] = &[
    "$schema",
    "$defs",
    "definitions",
    "$ref",
    "type",
    "title",
    "description",
    "properties",
    "required",
    "additionalProperties",
    "items",
    "enum",
    "const",
    "anyOf",
    "pattern",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minItems",
    "maxItems",
];
const TYPES: &[&str] = &["string", "number", "integer", "boolean", "object", "array", "null"];

#[derive(Default)]
struct Totals {
    properties: usize,
    enum_values: usize,
}

/// Whether a schema may be sent; otherwise what is wrong, in the service's manner.
pub(super) fn check(schema: &Value) -> Result<(), String> {
    if schema.get("type").and_then(Value::as_str) != Some("object") || schema.get("anyOf").is_some() {
        return Err("schema must be a JSON Schema of 'type: \"object\"', got another type.".to_owned());
    }
    let mut totals = Totals::default();
    check_at(schema, schema, "()", 0, &mut totals)?;
    if totals.properties > MAX_PROPERTIES || totals.enum_values > MAX_ENUM_VALUES {
        return Err("the schema exceeds the number of properties or enum values.".to_owned());
    }
    Ok(())
}

fn check_at(
    root: &Value,
    schema: &Value,
    context: &str,
    depth: usize,
    totals: &mut Totals,
) -> Result<(), String> {
    let Some(object) = schema.as_object() else {
        return Err(format!("In context={context}, schema must be an object."));
    };
    if let Some(keyword) = object.keys().find(|key| !KEYWORDS.contains(&key.as_str())) {
        return Err(format!("In context={context}, '{keyword}' is not permitted."));
    }
    if let Some(reference) = object.get("$ref") {
        return check_reference(root, reference, context);
    }
    check_type(schema, context)?;
    totals.enum_values += object.get("enum").and_then(Value::as_array).map_or(0, Vec::len);
    for definitions in ["$defs", "definitions"] {
        for (name, definition) in object.get(definitions).and_then(Value::as_object).into_iter().flatten() {
            check_at(root, definition, &format!("('{definitions}', '{name}')"), depth, totals)?;
        }
    }
    if has_type(schema, "object") {
        check_object(root, schema, context, depth, totals)?;
    }
    if has_type(schema, "array") {
        let items = object
            .get("items")
            .ok_or_else(|| format!("In context={context}, array schema missing items."))?;
        check_at(root, items, &format!("{context} items"), depth, totals)?;
    }
    for (at, option) in object.get("anyOf").and_then(Value::as_array).into_iter().flatten().enumerate() {
        check_at(root, option, &format!("{context} anyOf {at}"), depth, totals)?;
    }
    Ok(())
}

fn check_reference(root: &Value, reference: &Value, context: &str) -> Result<(), String> {
    let pointer = reference.as_str().and_then(|text| text.strip_prefix('#'));
    let known = pointer.is_some_and(|pointer| root.pointer(pointer).is_some());
    if known {
        Ok(())
    } else {
        Err(format!("In context={context}, reference {reference} is not resolvable."))
    }
}

fn check_type(schema: &Value, context: &str) -> Result<(), String> {
    let known = |name: &Value| name.as_str().is_some_and(|name| TYPES.contains(&name));
    let typed = match schema.get("type") {
        Some(Value::Array(names)) => !names.is_empty() && names.iter().all(known),
        Some(name) => known(name),
        None => ["anyOf", "enum", "const"].iter().any(|key| schema.get(*key).is_some()),
    };
    if typed { Ok(()) } else { Err(format!("In context={context}, schema must have a 'type' key.")) }
}

fn check_object(
    root: &Value,
    schema: &Value,
    context: &str,
    depth: usize,
    totals: &mut Totals,
) -> Result<(), String> {
    if schema.get("additionalProperties") != Some(&Value::Bool(false)) {
        return Err(format!(
            "In context={context}, 'additionalProperties' is required to be supplied and to be false."
        ));
    }
    if depth >= MAX_DEPTH {
        return Err(format!("In context={context}, the schema is nested too deeply."));
    }
    let properties = schema.get("properties").and_then(Value::as_object).cloned().unwrap_or_default();
    let required = schema.get("required").and_then(Value::as_array).cloned().unwrap_or_default();
    let complete = properties.keys().all(|name| required.iter().any(|needed| needed.as_str() == Some(name)));
    if !complete || required.len() != properties.len() {
        return Err(format!(
            "In context={context}, 'required' is required to be supplied and to be an array including every key in properties."
        ));
    }
    totals.properties += properties.len();
    for (name, property) in &properties {
        check_at(root, property, &format!("('properties', '{name}')"), depth + 1, totals)?;
    }
    Ok(())
}

/// Whether a schema names this type, alone or among others.
pub(super) fn has_type(schema: &Value, name: &str) -> bool {
    match schema.get("type") {
        Some(Value::Array(names)) => names.iter().any(|known| known == name),
        Some(known) => known == name,
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn object(properties: &Value) -> Value {
        let required: Vec<_> = properties.as_object().unwrap().keys().cloned().collect();
        json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false})
    }

    #[test]
    fn a_complete_closed_schema_is_taken() {
        let step = object(&json!({"text": {"type": "string"}, "note": {"type": ["string", "null"]}}));
        let schema =
            object(&json!({"kind": {"enum": ["a", "b"]}, "steps": {"type": "array", "items": step}}));
        assert_eq!(check(&schema), Ok(()));
    }

    #[test]
    fn open_objects_optional_properties_and_unknown_keywords_are_refused() {
        let mut open = object(&json!({"a": {"type": "string"}}));
        open["additionalProperties"] = json!(true);
        assert!(check(&open).unwrap_err().contains("additionalProperties"));
        let mut optional = object(&json!({"a": {"type": "string"}}));
        optional["required"] = json!([]);
        assert!(check(&optional).unwrap_err().contains("required"));
        assert!(
            check(&object(&json!({"a": {"type": "string", "maxLength": 80}})))
                .unwrap_err()
                .contains("maxLength")
        );
        assert!(
            check(&object(&json!({"a": {"type": "string", "format": "uint32"}})))
                .unwrap_err()
                .contains("format")
        );
        assert!(check(&object(&json!({"a": {}}))).unwrap_err().contains("type"));
        assert!(check(&object(&json!({"a": {"type": "array"}}))).unwrap_err().contains("items"));
        assert!(check(&object(&json!({"a": {"$ref": "#/$defs/none"}}))).unwrap_err().contains("resolvable"));
        assert!(check(&json!({"type": "array", "items": {"type": "string"}})).is_err());
        let deep = (0..6).fold(json!({"type": "string"}), |inner, _| object(&json!({"a": inner})));
        assert!(check(&deep).unwrap_err().contains("nested"));
    }
}
