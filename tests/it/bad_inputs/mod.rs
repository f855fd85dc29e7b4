//! What strangers send, row by row: each is refused as the contract says, and nothing is stored, queued or asked of others.

mod bodies;
mod calendar_syncs;
mod doors;
mod events;
mod exports;
mod hints;
mod lists;
mod oauth;
mod plans;
mod recordings;
mod row;
mod schedules;
mod settings;
mod tickets;
mod versions;

use std::collections::BTreeMap;

use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::openapi::tells;
use crate::support::requests::well_formed;
use crate::support::world::QUEUES;
use crate::support::{Answer, Browser, World, get, send_json};
use row::{Expected, Row};

/// No route has fewer rows.
const ROWS_PER_ROUTE: usize = 12;

/// Every row of every table.
fn rows() -> Vec<Row> {
    let tables: [fn() -> Vec<Row>; 13] = [
        doors::rows,
        bodies::rows,
        calendar_syncs::rows,
        exports::rows,
        hints::rows,
        lists::rows,
        oauth::rows,
        plans::rows,
        recordings::rows,
        schedules::rows,
        settings::rows,
        tickets::rows,
        versions::rows,
    ];
    tables.into_iter().flat_map(|table| table()).collect()
}

/// Alice with two recordings and a plan, connected, with a database chosen, a transcription on its way, and keys that she used.
async fn ready() -> World {
    let world = World::calm();
    let good = async |routes, method: Method, path: &str, key: Option<&str>, body: Value| {
        let answer = world.send(routes, send_json(&world, "alice", method, path, key, &body)).await;
        assert!(answer.status.is_success(), "{path}: {answer:?}");
        answer
    };
    let transcript = "WEBVTT\n\n00:00.000 --> 00:02.000\nThe export is broken, it crashes.";
    let first = json!({"name": "a", "transcript": transcript});
    good(api::routes, Method::PUT, "/v1/videos/rec-1", None, first).await;
    let second = json!({"name": "b", "media_url": "https://media.example.com/b.mp4"});
    good(api::routes, Method::PUT, "/v1/videos/rec-2", None, second).await;
    good(api::routes, Method::PUT, "/v1/plans/plan-1", None, json!({"title": "a"})).await;
    Browser::default().connect(&world, "alice").await;
    let found =
        world.send(api::routes, get(&world, "alice", "/v1/connections/notion/databases")).await.json();
    let choice = json!({"settings": {"database_id": found["items"][0]["id"]}});
    good(api::routes, Method::PATCH, "/v1/connections/notion", None, choice).await;
    let used = Some("used");
    good(api::routes, Method::POST, "/v1/connect-sessions", used, json!({"provider": "notion"})).await;
    good(notion_export::routes, Method::POST, "/v1/videos/rec-1/tickets", used, json!({"title": "a"})).await;
    let transcription = "/v1/videos/rec-2/transcription";
    good(ticket_extraction::routes, Method::POST, transcription, None, json!({})).await;
    world
}

/// Everything that a request could leave behind, and what was asked of others.
#[derive(Debug, PartialEq)]
struct Traces {
    items: Vec<serde_json::Map<String, Value>>,
    objects: BTreeMap<(String, String), Vec<u8>>,
    messages: Vec<String>,
    asked: Vec<String>,
}

fn traces(world: &World) -> Traces {
    // The issuer's keys are read by every new instance.
    let ours = ["Dynamo ", "Kms ", "S3 ", "Sqs ", "Secrets ", "id.example.com "];
    let log = world.fate.log().into_iter();
    Traces {
        items: world.aws.items(),
        objects: world.aws.objects(),
        messages: QUEUES.map(|queue| world.aws.bodies(queue)).concat(),
        asked: log.filter(|line| !ours.iter().any(|prefix| line.starts_with(prefix))).collect(),
    }
}

/// What is wrong with an answer to a row, if anything is.
fn mistake(row: &Row, answer: &Answer) -> Option<String> {
    let location = answer.location();
    match &row.expected {
        Expected::SentBack(error) => {
            let back = format!("https://api.patchbay.example/integrations?error={error}");
            (answer.status != StatusCode::SEE_OTHER || location != back)
                .then(|| format!("{} {location}, not {back}", answer.status))
        }
        Expected::Problem(status, code, pointer) => {
            if answer.status.as_u16() < 400 {
                return Some(format!("{} {location} instead of {status} {code}", answer.status));
            }
            let problem = answer.json();
            let is_named = |pointer: &String| {
                problem["errors"]
                    .as_array()
                    .is_some_and(|errors| errors.iter().any(|it| it["pointer"] == **pointer))
            };
            let right = answer.status.as_u16() == *status
                && problem["code"] == *code
                && pointer.as_ref().is_none_or(is_named);
            (!right).then(|| format!("{problem}, not {status} {code} {pointer:?}"))
        }
    }
}

#[tokio::test(start_paused = true)]
async fn every_row_is_refused_and_leaves_nothing_behind() {
    let world = ready().await;
    let before = traces(&world);
    let mut mistakes = Vec::new();
    for row in rows() {
        let what = format!("{}: {}", row.route, row.what);
        let answer = world.send(row.function(), row.request(&world)).await;
        well_formed(&answer, &what);
        mistakes.extend(mistake(&row, &answer).map(|mistake| format!("{what}\n    {mistake}")));
        let after = traces(&world);
        assert_eq!(after, before, "{what}");
    }
    assert!(mistakes.is_empty(), "{} rows:\n{}", mistakes.len(), mistakes.join("\n"));
}

#[test]
fn every_route_of_the_contract_has_rows_of_its_own() {
    let contract: Value = serde_json::from_str(api::OPENAPI).unwrap();
    let routes = contract["paths"].as_object().unwrap().iter().flat_map(|(path, operations)| {
        let methods = operations.as_object().unwrap().keys();
        methods.map(move |method| format!("{} {path}", method.to_uppercase()))
    });
    let mut counted: BTreeMap<String, usize> = routes.map(|route| (route, 0)).collect();
    let mut at_the_door = doors::ROUTES.map(|(route, _)| route);
    at_the_door.sort_unstable();
    assert_eq!(at_the_door.to_vec(), counted.keys().collect::<Vec<_>>());
    let rows = rows();
    assert!(rows.len() >= 500, "{} rows", rows.len());
    let mut untold = Vec::new();
    for row in &rows {
        if let Expected::Problem(status, ..) = row.expected
            // Those of other paths and methods are answers of no operation.
            && ![404, 405].contains(&status)
            && !tells(row.route, status)
        {
            untold.push(format!("{} {status}: {}", row.route, row.what));
        }
        *counted.get_mut(row.route).unwrap_or_else(|| panic!("{} is no route", row.route)) += 1;
    }
    for (route, count) in counted {
        assert!(count >= ROWS_PER_ROUTE, "{route} has {count} rows");
    }
    assert!(untold.is_empty(), "the contract does not tell of:\n{}", untold.join("\n"));
}
