//! One fault at a time, and what a user notices of it. `docs/FAULTS.md` lists the faults and where each is tested.

mod aws;
mod grants;
mod limits;
pub(crate) mod outcomes;

use http::{Method, StatusCode};
use serde_json::{Value, json};
use simulators::Fault;
use simulators::faults::FaultKind;

use crate::support::World;
use crate::support::world::JOBS_QUEUE;
use crate::tickets::{create, fault, ticket};

const PAGES: &str = "/v1/pages$";
const SEARCH: &str = "/v1/search";

/// A refusal in Notion's form.
fn refusal(status: u16, code: &str, additional: &Value) -> Fault {
    let body = json!({"object": "error", "status": status, "code": code, "message": "m", "additional_data": additional});
    Fault::new(FaultKind::Status).answering(status, body)
}

/// How often a page was asked for.
fn sent(world: &World) -> usize {
    world.providers.lock().unwrap().notion.records.count(&Method::POST, "/v1/pages")
}

/// How often tokens were asked for.
fn token_requests(world: &World) -> usize {
    world.providers.lock().unwrap().notion.simulator.token_requests().len()
}

/// A ticket is sent, and nobody learns whether it was made: the answer is lost, and so are those to the look for it.
async fn leave_open(world: &World) {
    fault(world, Fault::new(FaultKind::LoseAnswer).on("POST", PAGES));
    fault(world, refusal(500, "internal_server_error", &json!({})).on("POST", "/v1/data_sources/").times(9));
    assert_eq!(create(world, "k", &ticket()).await.status, StatusCode::SERVICE_UNAVAILABLE);
    world.providers.lock().unwrap().notion.faults.clear();
    assert_eq!(open_outcomes(world), 1);
}

/// Writes of which nobody knows yet whether they were applied.
fn open_outcomes(world: &World) -> usize {
    world.aws.items().iter().filter(|item| item.get("state") == Some(&json!("sending"))).count()
}

/// No message waits or was put aside.
fn queue_is_empty(world: &World) {
    assert_eq!(world.aws.bodies(JOBS_QUEUE), Vec::<String>::new());
    assert_eq!(world.aws.dead_messages(JOBS_QUEUE), []);
}
