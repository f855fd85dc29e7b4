//! The JSON schema of an answer, in the subset that OpenAI's strict mode accepts.

use schemars::{JsonSchema, Schema, generate::SchemaSettings, transform::Transform};
use serde_json::Value;

/// The answer's shape; read as [`domain::extraction::Claims`].
#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its schema is used")]
struct Answer {
    title: String,
    ticket_type: Type,
    priority: Urgency,
    description: String,
    description_citations: Vec<Cited>,
    steps: Vec<Step>,
}

#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its schema is used")]
enum Type {
    Bug,
    Feature,
    Enhancement,
    Task,
}

#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its schema is used")]
enum Urgency {
    Low,
    Medium,
    High,
    Critical,
}

#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its schema is used")]
struct Step {
    text: String,
    citations: Vec<Cited>,
}

#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its schema is used")]
struct Cited {
    cue_id: String,
    quote: String,
}

/// Strict mode wants every field required, no other fields, and knows only a few keywords.
#[derive(Clone, Copy, Debug)]
struct Strict;

impl Transform for Strict {
    fn transform(&mut self, schema: &mut Schema) {
        schemars::transform::transform_subschemas(self, schema);
        let Some(object) = schema.as_object_mut() else { return };
        object.retain(|keyword, _| {
            ["type", "properties", "required", "items", "enum", "anyOf", "additionalProperties"]
                .contains(&keyword.as_str())
        });
        if let Some(properties) = object.get("properties").and_then(Value::as_object) {
            let names: Vec<Value> = properties.keys().map(|name| name.as_str().into()).collect();
            object.insert("required".to_owned(), names.into());
            object.insert("additionalProperties".to_owned(), false.into());
        }
    }
}

/// The schema that is sent with every request.
pub(super) fn claims_schema() -> Value {
    let mut settings = SchemaSettings::draft2020_12();
    settings.inline_subschemas = true;
    settings.meta_schema = None;
    settings.with_transform(Strict).into_generator().into_root_schema_for::<Answer>().to_value()
}
