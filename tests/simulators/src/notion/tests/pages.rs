//! Pages: creating, reading, changing, trashing.

use super::{Session, text};
use crate::{Fault, StandIn, faults::FaultKind, notion::NotionLimits};
use bytes::Bytes;
use http::Request;
use serde_json::{Value, json};

#[test]
fn a_ticket_reads_back_as_it_was_written() {
    let mut session = Session::new();
    let id = session.new_ticket("Checkout hangs");
    let page = session.get(&format!("pages/{id}")).ok();
    assert_eq!(page["created_time"], "2026-11-21T08:42:00.000Z");
    let hex = id.replace('-', "");
    assert_eq!(page["url"], format!("https://www.notion.so/Checkout-hangs-{hex}"));
    assert_eq!(page["properties"]["Priority"]["select"], Value::Null);
    let view = session.notion.pages("Product tickets").pop().unwrap();
    assert_eq!(view.title, "Checkout hangs");
    assert_eq!(
        (&view.properties["Ticket Type"], &view.properties["Status"]),
        (&json!("Bug"), &json!("Not started"))
    );
    let blocks: Vec<_> = view.blocks.iter().map(|block| (block.kind.as_str(), block.text.as_str())).collect();
    assert_eq!(blocks, [("heading_2", "Summary"), ("paragraph", "It breaks."), ("bookmark", "")]);
    assert_eq!(view.blocks[2].links, ["https://app.test/s/v1?t=3"]);
}

#[test]
fn properties_are_named_by_name_or_by_id_encoded_or_not() {
    let mut session = Session::new();
    let schema = session.get(&session.source("Product tickets")).ok();
    let id = schema["properties"]["Priority"]["id"].as_str().unwrap().to_owned();
    assert!(id.contains('%'));
    for key in [id.clone(), id.replace("%3A", ":")] {
        let mut ticket = session.ticket("By id");
        ticket["properties"] = json!({"title": {"title": text("By id")}, key: {"select": {"name": "High"}}});
        assert_eq!(session.post("pages", &ticket).ok()["properties"]["Priority"]["select"]["name"], "High");
    }
}

#[test]
fn an_unknown_property_and_a_wrong_type_are_refused_in_notions_words() {
    let mut session = Session::new();
    let mut with = |name: &str, value: Value| {
        let mut ticket = session.ticket("Wrong");
        ticket["properties"][name] = value;
        session.post("pages", &ticket).invalid().to_owned()
    };
    assert_eq!(
        with("Severity", json!({"select": {"name": "High"}})),
        "Severity is not a property that exists."
    );
    assert_eq!(with("Priority", json!({"rich_text": text("High")})), "Priority is expected to be select.");
    assert!(with("Priority", json!({"select": {"name": "High, very"}})).contains("commas not allowed"));
    assert!(with("Status", json!({"status": {"name": "Blocked"}})).contains("does not exist"));
    assert!(with("Created", json!({"created_time": "2026-11-21"})).contains("known type"));
    assert!(with("Priority", json!({"select": "High"})).contains("should be an object"));
    assert!(with("Priority", json!({"select": {"name": "High"}, "type": "status"})).contains("not present"));
    assert!(session.notion.pages("Product tickets").is_empty());
}

#[test]
fn an_unknown_option_of_a_select_joins_the_schema() {
    let mut session = Session::new();
    let mut ticket = session.ticket("New area");
    ticket["properties"]["Product Area"] = json!({"select": {"name": "Billing"}});
    session.post("pages", &ticket).ok();
    let schema = session.get(&session.source("Product tickets")).ok();
    let options = schema["properties"]["Product Area"]["select"]["options"].as_array().unwrap().clone();
    assert_eq!(options.last().unwrap()["name"], "Billing");
}

#[test]
fn what_the_grant_does_not_share_does_not_exist() {
    let mut session = Session::of("Bob", &["Ideas"]);
    let ticket = session.ticket("Hidden");
    let refused = session.post("pages", &ticket);
    assert_eq!((refused.refusal().0, refused.refusal().1), (404, "object_not_found"));
    assert!(session.notion.pages("Product tickets").is_empty());
}

#[test]
fn a_page_in_the_trash_cannot_be_edited_or_trashed_again_but_restored() {
    let mut session = Session::new();
    let path = format!("pages/{}", session.new_ticket("Old"));
    assert_eq!(session.patch(&path, &json!({"in_trash": true})).ok()["in_trash"], true);
    for body in [json!({"in_trash": true}), json!({"properties": {}})] {
        assert!(session.patch(&path, &body).invalid().starts_with("Can't edit block that is archived."));
    }
    let children = path.replace("pages", "blocks") + "/children";
    assert!(session.patch(&children, &json!({"children": []})).invalid().contains("archived"));
    assert_eq!(session.get(&path).ok()["in_trash"], true);
    assert_eq!(session.patch(&path, &json!({"in_trash": false})).ok()["in_trash"], false);
}

#[test]
fn the_parent_must_be_there_and_be_a_data_source_or_a_page() {
    let mut session = Session::new();
    let mut ticket = session.ticket("Where");
    let mut with = |parent: Value| {
        ticket["parent"] = parent;
        session.post("pages", &ticket).invalid().to_owned()
    };
    assert!(with(json!({"database_id": "0d9f6f4e8f3b4a3c9a630c0f5f6a1b2c"})).contains("data_source_id"));
    assert!(with(json!({"page_id": "home"})).contains("valid uuid"));
    assert!(with(json!({})).contains("Fix one"));
    ticket.as_object_mut().unwrap().remove("parent");
    assert!(session.post("pages", &ticket).invalid().contains("body.parent should be defined"));
}

#[test]
fn a_page_under_a_page_has_a_title_only_and_shows_among_its_blocks() {
    let mut session = Session::new();
    let wiki = session.notion.ids_titled("Team wiki")[0];
    let body = json!({"parent": {"page_id": wiki}, "properties": {"title": {"title": text("Plan")}}, "icon": {"emoji": "📘"}});
    let id = session.post("pages", &body).ok()["id"].clone();
    assert_eq!(session.get(&format!("blocks/{}", id.as_str().unwrap())).ok()["child_page"]["title"], "Plan");
    let body = json!({"parent": {"page_id": wiki}, "properties": {"Priority": {"select": {"name": "High"}}}});
    assert!(
        session.post("pages", &body).invalid().contains("body.properties.Priority should be not present")
    );
}

#[test]
fn a_page_goes_to_the_start_the_end_or_after_a_block_of_its_parent_page_only() {
    let mut session = Session::new();
    let notes = session.notion.ids_titled("Alice's notes")[0];
    let blocks = json!({"children": [super::paragraph("a"), super::paragraph("b")]});
    let made = session.patch(&format!("blocks/{notes}/children"), &blocks).ok()["results"].clone();
    let with = |session: &mut Session, title: &str, position: Value| {
        let properties = json!({"title": {"title": text(title)}});
        session.post(
            "pages",
            &json!({"parent": {"page_id": notes}, "properties": properties, "position": position}),
        )
    };
    let after = |id: &Value| json!({"type": "after_block", "after_block": {"id": id}});
    with(&mut session, "middle", after(&made[0]["id"])).ok();
    with(&mut session, "first", json!({"type": "page_start"})).ok();
    with(&mut session, "last", json!({"type": "page_end"})).ok();
    let listed = session.get(&format!("blocks/{notes}/children")).ok()["results"].clone();
    let kinds: Vec<_> =
        listed.as_array().unwrap().iter().map(|block| &block["child_page"]["title"]).collect();
    assert_eq!(json!(kinds), json!(["first", null, "middle", null, "last"]));
    session.send("DELETE", &format!("blocks/{}", made[1]["id"].as_str().unwrap()), None).ok();
    assert_eq!(with(&mut session, "x", after(&made[1]["id"])).refusal().1, "object_not_found");
    assert!(with(&mut session, "x", json!({"type": "start"})).invalid().contains("page_start"));
    assert!(with(&mut session, "x", json!({"type": "page_end", "after_block": {"id": notes}})).status == 400);
    let mut ticket = session.ticket("x");
    ticket["position"] = json!({"type": "page_end"});
    assert!(session.post("pages", &ticket).invalid().contains("body.position should be not present"));
}

#[test]
fn a_new_page_can_stay_out_of_queries_for_a_while() {
    let mut session = Session::new();
    session.notion.set_limits(NotionLimits { visibility_delay_ms: 5_000, ..NotionLimits::default() });
    let id = session.new_ticket("Slow to appear");
    let query = format!("{}/query", session.source("Product tickets"));
    assert_eq!(session.post(&query, &json!({})).ok()["results"], json!([]));
    session.get(&format!("pages/{id}")).ok();
    session.wait(5_000);
    assert_eq!(session.post(&query, &json!({})).ok()["results"][0]["id"], id.as_str());
}

#[test]
fn a_saved_write_that_fails_names_what_was_saved() {
    let session = Session::new();
    let ticket = session.ticket("Saved");
    let now = session.now;
    let request = Request::post("http://notion.test/v1/pages")
        .header("authorization", format!("Bearer {}", session.token))
        .header("notion-version", "2026-03-11")
        .header("content-type", "application/json")
        .body(Bytes::from(ticket.to_string()))
        .unwrap();
    let mut stand_in = StandIn::new(session.notion);
    stand_in.fail(Fault::new(FaultKind::ApplyThenStatus).on("POST", "/v1/pages$")).unwrap();
    let crate::Outcome::Answer(response) = stand_in.exchange(&request, now).outcome else {
        panic!("no answer")
    };
    let body: Value = serde_json::from_slice(response.body()).unwrap();
    assert_eq!((response.status().as_u16(), &body["code"]), (503, &json!("service_unavailable")));
    let pages = stand_in.simulator.pages("Product tickets");
    assert_eq!(pages.len(), 1);
    assert_eq!(body["additional_data"]["committed_resource_id"], json!(pages[0].id));
}
