//! The published contract is made from the code of all functions. `make openapi` writes it; here it must be up to date.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::LazyLock;

use serde_json::{Value, json};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Patchbay",
        description = "Connects the users of a product to Notion, Google, Airtable, Mailchimp and Zoom, and turns their \
                       screen recordings into Notion tickets. Errors are problem+json (RFC 9457) with a stable `code`.",
        license(name = "MIT", identifier = "MIT"),
    ),
    paths(
        api::health,
        api::openapi,
        api::providers_list::list,
        api::connect_sessions::create,
        oauth_start::start,
        oauth_callback::callback,
        api::connections::list,
        api::connections::show,
        api::connections::change,
        api::connections::disconnect,
        api::databases::list,
        api::videos::list,
        api::videos::show,
        api::videos::put,
        ticket_extraction::transcription::request,
        ticket_extraction::draft::create,
        notion_export::tickets::create,
        api::plans::list,
        api::plans::show,
        api::plans::put,
        api::plans::delete,
        notion_export::export::request::create,
        calendar_sync::request::create,
        api::jobs::list,
        api::jobs::show,
        api::jobs::cancel,
        api::jobs::undo,
        api::usage::show,
        ticket_extraction::callback::receive,
        provider_push::google_calendar::receive,
    ),
    modifiers(&EverywhereTheSame),
    security(("access_token" = [])),
)]
struct Contract;

/// What holds for every operation and is not repeated at each.
struct EverywhereTheSame;

impl Modify for EverywhereTheSame {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build();
        let components = document.components.get_or_insert_with(Default::default);
        components.add_security_scheme("access_token", SecurityScheme::Http(scheme));
    }
}

/// Operations that call a provider before they answer.
const PROVIDERS_CALLED: [&str; 5] = [
    "GET /v1/connections/notion/databases",
    "PATCH /v1/connections/{provider}",
    "POST /v1/videos/{id}/tickets",
    "POST /v1/plans/{id}/exports",
    "POST /v1/plans/{id}/calendar-syncs",
];

/// What operations of a kind answer when something is wrong, where they do not tell more about that themselves.
fn problems(route: &str, operation: &Value) -> Vec<(&'static str, &'static str)> {
    let parameters = operation["parameters"].as_array().map(Vec::as_slice).unwrap_or_default();
    let has = |place: &str| parameters.iter().any(|parameter| parameter["in"] == place);
    let takes_key = parameters.iter().any(|parameter| parameter["name"] == "Idempotency-Key");
    let takes_body = operation.get("requestBody").is_some();
    let is_open = operation["security"] == json!([{}]);
    // Whatever is wrong with a callback, its browser is sent on.
    let sends_back = route.ends_with("/callback");
    let is_called_by_others = route.contains("/v1/hooks/");
    let calls_provider = PROVIDERS_CALLED.contains(&route);
    let kinds: [(bool, &[(&str, &str)]); 7] = [
        (
            true,
            &[
                ("429", "`rate_limited`"),
                ("500", "`internal`"),
                ("503", "`storage_unavailable`, `crypto_unavailable`"),
            ],
        ),
        (!is_open, &[("401", "`unauthenticated`, `invalid_token`")]),
        (has("path"), &[("404", "`not_found`")]),
        (
            has("query") && !sends_back || takes_key,
            &[("400", "`invalid_parameter`, `duplicate_parameter`, `invalid_idempotency_key`")],
        ),
        (takes_key, &[("409", "`in_progress`"), ("422", "`idempotency_key_reused`")]),
        (
            takes_body,
            &[
                ("400", "`invalid_json`, `invalid_idempotency_key`"),
                ("413", "`payload_too_large`"),
                ("415", "`unsupported_media_type`"),
                ("422", "`validation_failed`"),
            ],
        ),
        (
            calls_provider,
            &[
                ("409", "`not_connected`, `needs_reauth`"),
                ("502", "`provider_failed`, `provider_bad_response`"),
            ],
        ),
    ];
    // A report is whatever its sender says it is.
    let is_other = |status: &str| is_called_by_others && ["400", "415", "422"].contains(&status);
    let of_its_kinds =
        kinds.into_iter().filter(|(is_of, _)| *is_of).flat_map(|(_, answers)| answers.iter().copied());
    of_its_kinds.filter(|(status, _)| !is_other(status)).collect()
}

/// The document, with the answers that operations of a kind have in common. There is no other answer.
fn document() -> Value {
    let mut document = serde_json::to_value(Contract::openapi()).unwrap();
    for (path, item) in document["paths"].as_object_mut().unwrap() {
        for (method, operation) in item.as_object_mut().unwrap() {
            let common = problems(&format!("{} {path}", method.to_uppercase()), operation);
            let responses = operation["responses"].as_object_mut().unwrap();
            for (status, description) in common {
                responses.entry(status).or_insert_with(|| {
                    json!({
                        "description": description,
                        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
                    })
                });
            }
        }
    }
    document
}

#[test]
fn the_published_contract_is_made_from_the_code() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../functions/api/src/openapi.json");
    let made = format!("{:#}\n", document());
    if std::env::var_os("WRITE_OPENAPI").is_some() {
        std::fs::write(&file, &made).unwrap();
    }
    let published = std::fs::read_to_string(&file).unwrap();
    assert!(published == made, "run `make openapi` and commit the result");
}

/// Whether the contract tells that an operation may answer with a status.
pub(crate) fn tells(route: &str, status: u16) -> bool {
    static CONTRACT: LazyLock<Value> = LazyLock::new(|| serde_json::from_str(api::OPENAPI).unwrap());
    let (method, path) = route.split_once(' ').unwrap();
    CONTRACT["paths"][path][method.to_lowercase()]["responses"].get(status.to_string()).is_some()
}

#[test]
fn every_reference_in_the_contract_leads_somewhere() {
    let document = document();
    let mut references = BTreeSet::new();
    collect(&document, &mut references);
    assert!(!references.is_empty());
    for reference in references {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
}

fn collect(value: &Value, references: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => {
            references.extend(object.get("$ref").and_then(Value::as_str).map(str::to_owned));
            object.values().for_each(|value| collect(value, references));
        }
        Value::Array(items) => items.iter().for_each(|value| collect(value, references)),
        _ => {}
    }
}
