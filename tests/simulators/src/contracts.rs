//! The vendors' own schemas, held against every exchange of a test.

use jsonschema::Validator;
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{Arc, Mutex, OnceLock},
};

/// A bundle of schemas; absent when the folder with the vendors' material is not beside the repository.
#[derive(Debug)]
pub(crate) struct Contract {
    bundle: Option<Value>,
    definitions: &'static str,
    /// Reading a definition costs more than using it.
    validators: Mutex<BTreeMap<String, Arc<Validator>>>,
}

impl Contract {
    fn read(file: &str, definitions: &'static str) -> Self {
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/contracts").join(file);
        let bundle = std::fs::read(&path).ok().map(|bytes| serde_json::from_slice(&bytes).unwrap());
        if bundle.is_none() {
            complain(&format!("skipped: {} is missing", path.display()));
        }
        Self { bundle, definitions, validators: Mutex::default() }
    }

    /// The requests of Notion.
    pub(crate) fn notion_requests() -> &'static Self {
        static CONTRACT: OnceLock<Contract> = OnceLock::new();
        CONTRACT.get_or_init(|| Self::read("notion/notion-5.26.0-requests.schema.json", "definitions"))
    }

    /// The answers of Notion.
    pub(crate) fn notion_responses() -> &'static Self {
        static CONTRACT: OnceLock<Contract> = OnceLock::new();
        CONTRACT.get_or_init(|| Self::read("notion/notion-5.26.0-responses.schema.json", "definitions"))
    }

    /// Chat completions.
    pub(crate) fn openai() -> &'static Self {
        static CONTRACT: OnceLock<Contract> = OnceLock::new();
        CONTRACT.get_or_init(|| Self::read("openai/openai-chat.schema.json", "$defs"))
    }

    /// Listening.
    pub(crate) fn deepgram() -> &'static Self {
        static CONTRACT: OnceLock<Contract> = OnceLock::new();
        CONTRACT.get_or_init(|| Self::read("deepgram/deepgram-listen.schema.json", "$defs"))
    }

    /// What is wrong with a value of the definition `name`; nothing without the vendor's material.
    pub(crate) fn complaints(&self, name: &str, value: &Value) -> Vec<String> {
        let Some(validator) = self.validator(name) else { return Vec::new() };
        validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect()
    }

    /// Whether a value fits the definition `name`; true without the vendor's material.
    pub(crate) fn fits(&self, name: &str, value: &Value) -> bool {
        self.complaints(name, value).is_empty()
    }

    fn validator(&self, name: &str) -> Option<Arc<Validator>> {
        let bundle = self.bundle.as_ref()?;
        let mut validators = self.validators.lock().unwrap();
        let read = || {
            let mut schema = bundle.clone();
            schema["$ref"] = json!(format!("#/{}/{name}", self.definitions));
            Arc::new(jsonschema::validator_for(&schema).unwrap())
        };
        Some(Arc::clone(validators.entry(name.to_owned()).or_insert_with(read)))
    }
}

#[expect(clippy::print_stderr, reason = "a check that was skipped must be seen")]
fn complain(line: &str) {
    eprintln!("{line}");
}

#[test]
fn the_vendors_schemas_refuse_what_is_not_theirs_when_they_are_there() {
    let contracts = [
        (Contract::notion_requests(), "CreatePageBodyParameters"),
        (Contract::notion_responses(), "CreatePageResponse"),
        (Contract::openai(), "CreateChatCompletionResponse"),
        (Contract::deepgram(), "ListenV1Response"),
    ];
    for (contract, name) in contracts {
        assert_eq!(contract.fits(name, &json!({"unexpected": 1})), contract.bundle.is_none(), "{name}");
    }
}
