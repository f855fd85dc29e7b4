//! JSON Schemas, one bundle per vendor, and what is wrong with a value.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use jsonschema::Validator;
use serde_json::{Map, Value, json};

use crate::made;

/// Notion's bodies, answers and error codes.
pub static NOTION: Schema = Schema::new(".tools/schemas/notion.json");
/// Chat completions.
pub static OPENAI: Schema = Schema::new(".tools/schemas/openai.json");
/// Listening to recordings.
pub static DEEPGRAM: Schema = Schema::new(".tools/schemas/deepgram.json");

/// The Calendar API.
pub static GOOGLE: Schema = Schema::new(".tools/schemas/google.json");

/// The definitions of one vendor.
#[derive(Debug)]
pub struct Schema {
    path: &'static str,
    bundle: OnceLock<Option<Value>>,
    /// Reading a definition costs more than using it.
    validators: Mutex<BTreeMap<String, Arc<Validator>>>,
}

impl Schema {
    const fn new(path: &'static str) -> Self {
        Self { path, bundle: OnceLock::new(), validators: Mutex::new(BTreeMap::new()) }
    }

    /// What is wrong with a value of the definition `name`; nothing where the schemas were not made.
    ///
    /// # Panics
    /// When there is no such definition.
    pub fn complaints(&self, name: &str, value: &Value) -> Vec<String> {
        let Some(validator) = self.validator(name) else { return Vec::new() };
        // Takes a fraction of the time of finding every mistake.
        if validator.is_valid(value) {
            return Vec::new();
        }
        validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect()
    }

    /// Fails unless a value is what the definition `name` says.
    ///
    /// # Panics
    /// When it is not, or when there is no such definition.
    pub fn assert_fits(&self, name: &str, value: &Value) {
        let complaints = self.complaints(name, value);
        let shown = || format!("{value:#}").chars().take(4_000).collect::<String>();
        assert!(complaints.is_empty(), "not a {name}: {complaints:#?}\n{}", shown());
    }

    /// A query as the object `name` declares: flags and numbers are no longer text, repeated parameters are arrays.
    pub fn object_from_query(&self, name: &str, query: &str) -> Value {
        let mut object = Map::new();
        for (key, text) in url::form_urlencoded::parse(query.as_bytes()) {
            let kind = self.bundle().map_or(&Value::Null, |bundle| {
                &bundle["definitions"][name]["properties"][key.as_ref()]["type"]
            });
            let value = match kind.as_str() {
                Some("boolean" | "number" | "integer") => {
                    serde_json::from_str(&text).unwrap_or_else(|_| json!(text))
                }
                Some("array") => json!([text]),
                _ => json!(text),
            };
            match object.remove(key.as_ref()) {
                None => object.insert(key.into_owned(), value),
                Some(Value::Array(mut values)) => {
                    match value {
                        Value::Array(more) => values.extend(more),
                        value => values.push(value),
                    }
                    object.insert(key.into_owned(), Value::Array(values))
                }
                Some(first) => object.insert(key.into_owned(), json!([first, value])),
            };
        }
        Value::Object(object)
    }

    fn validator(&self, name: &str) -> Option<Arc<Validator>> {
        let bundle = self.bundle()?;
        let mut validators = self.validators.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(validator) = validators.get(name) {
            return Some(Arc::clone(validator));
        }
        assert!(bundle["definitions"].get(name).is_some(), "{} has no {name}", self.path);
        let mut schema = bundle.clone();
        schema["$ref"] = json!(format!("#/definitions/{name}"));
        let validator = match jsonschema::validator_for(&schema) {
            Ok(validator) => Arc::new(validator),
            Err(error) => panic!("{} {name}: {error}", self.path),
        };
        validators.insert(name.to_owned(), Arc::clone(&validator));
        Some(validator)
    }

    pub(crate) fn bundle(&self) -> Option<&Value> {
        let read = || {
            let file = made(self.path)?;
            match std::fs::read(&file).map(|bytes| serde_json::from_slice(&bytes)) {
                Ok(Ok(bundle)) => Some(bundle),
                wrong => panic!("{}: {wrong:?}", file.display()),
            }
        };
        self.bundle.get_or_init(read).as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_the_vendors_is_refused() {
        for (schema, name) in [
            (&NOTION, "CreatePageBodyParameters"),
            (&NOTION, "GetPageResponse"),
            (&NOTION, "QueryDataSourceBodyParameters"),
            (&OPENAI, "ChatCompletionCreateParamsNonStreaming"),
            (&OPENAI, "ChatCompletion"),
            (&OPENAI, "ErrorObject"),
            (&DEEPGRAM, "ListenV1RequestUrl"),
            (&DEEPGRAM, "ListenV1Response"),
            (&DEEPGRAM, "ListenV1AcceptedResponse"),
            (&DEEPGRAM, "ErrorResponseLegacyError"),
            (&GOOGLE, "calendar.events.insert.body"),
            (&GOOGLE, "calendar.events.list.query"),
            (&GOOGLE, "Events"),
        ] {
            let made = schema.bundle().is_some();
            assert_eq!(schema.complaints(name, &json!({"unexpected": 1})).is_empty(), !made, "{name}");
        }
    }

    #[test]
    fn queries_are_read_by_the_types_they_are_declared_with() {
        let query = |text| DEEPGRAM.object_from_query("ListenV1RequestUrl", text);
        if DEEPGRAM.bundle().is_some() {
            let read = query("model=nova-3&diarize=true&utt_split=0.8&keyterm=a&keyterm=b&tag=1");
            let expected = json!({"model": "nova-3", "diarize": true, "utt_split": 0.8, "keyterm": ["a", "b"], "tag": "1"});
            assert_eq!(read, expected);
            for wrong in [
                "diarize=yes",
                "modle=nova-3",
                "model=nova-99",
                "utt_split=long",
                "url=x&tag=a&model=a&model=b",
            ] {
                let mut object = query(wrong);
                object["url"] = json!("https://media.test/a.mp4");
                assert!(!DEEPGRAM.complaints("ListenV1RequestUrl", &object).is_empty(), "{wrong}");
            }
        }
    }
}
