//! The published contract is made from the code of all functions. `make openapi` writes it; here it must be up to date.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;
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

/// The document, with the answers that every operation can give.
fn document() -> Value {
    let mut document = serde_json::to_value(Contract::openapi()).unwrap();
    for item in document["paths"].as_object_mut().unwrap().values_mut() {
        for operation in item.as_object_mut().unwrap().values_mut() {
            let open = operation["security"] == serde_json::json!([{}]);
            let responses = operation["responses"].as_object_mut().unwrap();
            let mut common = vec![("default", "Any other problem.")];
            if !open {
                common.push(("401", "`unauthenticated`, `invalid_token`"));
            }
            for (status, description) in common {
                responses.entry(status).or_insert_with(|| {
                    serde_json::json!({
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
