//! The calls: addresses, bodies, answers, refusals and repeats.

use std::sync::Arc;

use http::Response;
use jiff::Timestamp;
use serde_json::{Value, json};
use vendors::NOTION;

use super::{super::*, ID, column, data_source, data_source_json, list, page_json};
use crate::Limit;
use crate::{
    error::{Committed, Error},
    registry::Endpoints,
    stub::{Stub, answer, limited, lost, ok, text},
};

fn notion(stub: &Arc<Stub>) -> Notion {
    Notion::new(stub.http(), &Endpoints::default(), "canary".to_owned().into())
}

#[tokio::test(start_paused = true)]
async fn every_page_of_a_search_is_read_newest_first() {
    let first = data_source_json("Product tickets", &json!({}));
    let second = data_source_json("Ideas", &json!({}));
    let stub = Stub::new([ok(&list(&[first], Some("c1"))), text(503, ""), ok(&list(&[second], None))]);
    let found = notion(&stub).search_data_sources(Some("t")).await.unwrap();

    assert_eq!(
        found.iter().map(|source| source.name.as_str()).collect::<Vec<_>>(),
        ["Product tickets", "Ideas"]
    );
    assert_eq!(found[0].database_id, "248104cd-477e-80fd-b757-e945d38000bd");
    assert_eq!(found[0].icon.as_deref(), Some("🎫"));
    let (asked, body) = stub.asked(0);
    assert_eq!(asked, "POST /v1/search");
    assert_eq!(body["sort"], json!({"timestamp": "last_edited_time", "direction": "descending"}));
    assert!(body.get("start_cursor").is_none());
    assert_eq!(stub.asked(2).1["start_cursor"], "c1");
    NOTION.assert_fits("SearchBodyParameters", &stub.asked(2).1);
    assert_eq!(stub.header(0, "notion-version"), "2026-03-11");
    assert_eq!(stub.header(0, "authorization"), "Bearer canary");
    assert!(!format!("{:?} {:?}", notion(&stub), stub.request(0).headers()).contains("canary"));
}

#[tokio::test(start_paused = true)]
async fn a_cursor_that_comes_back_ends_the_search() {
    let page = || ok(&list(&[], Some("c1")));
    let stub = Stub::new([page(), page(), page()]);
    assert_eq!(notion(&stub).search_data_sources(None).await, Err(Error::BadResponse));
    let stub = Stub::new([page(), page(), page()]);
    assert_eq!(notion(&stub).list_children(ID, |_| true).await, Err(Error::BadResponse));
}

#[tokio::test(start_paused = true)]
async fn a_database_tells_its_data_sources() {
    let stub = Stub::new([ok(&json!({
        "object": "database", "id": ID, "title": [{"plain_text": "Product "}, {"plain_text": "tickets"}],
        "data_sources": [{"id": "a", "name": "Open"}, {"id": "b", "name": "Done"}], "in_trash": true, "new": {},
    }))]);
    let database = notion(&stub).database(ID).await.unwrap();
    assert_eq!(stub.asked(0).0, format!("GET /v1/databases/{ID}"));
    assert_eq!((database.name.as_str(), database.in_trash), ("Product tickets", true));
    assert_eq!(database.data_sources[1], DataSourceName { id: "b".into(), name: "Done".into() });
}

#[tokio::test(start_paused = true)]
async fn the_column_for_our_id_is_added_as_text() {
    let source = data_source_json("T", &json!({"Patchbay ID": column("x", "Patchbay ID", "rich_text", &[])}));
    let stub = Stub::new([ok(&source)]);
    let source = notion(&stub).add_external_id_property(ID).await.unwrap();
    let (asked, body) = stub.asked(0);
    assert_eq!(asked, format!("PATCH /v1/data_sources/{ID}"));
    assert_eq!(body, json!({"properties": {"Patchbay ID": {"rich_text": {}}}}));
    NOTION.assert_fits("UpdateDataSourceBodyParameters", &body);
    assert!(source.has_property("patchbay id") && !source.has_property("Priority"));
}

#[tokio::test(start_paused = true)]
async fn a_page_is_created_once_whatever_the_answer() {
    let body = json!({"parent": {"data_source_id": ID}});
    let stub = Stub::new([limited("1"), ok(&page_json())]);
    let page = notion(&stub).create_page(&body).await.unwrap();
    assert_eq!(page.url, "https://www.notion.so/Broken-2f26");
    assert_eq!(page.created_by.as_deref(), Some(ID));

    for doubt in [lost(), text(500, ""), text(504, "<html>"), text(200, "<html>")] {
        let stub = Stub::new([doubt]);
        let outcome = notion(&stub).create_page(&body).await;
        assert_eq!(outcome, Err(Error::Ambiguous { committed: None }));
    }
}

#[tokio::test(start_paused = true)]
async fn what_notion_saved_in_spite_of_its_failure_is_told() {
    let refusal = |data: Value| {
        answer(503, &json!({"object": "error", "code": "service_unavailable", "additional_data": data}))
    };
    let stub = Stub::new([refusal(json!({"retry_guidance": "…", "committed_resource_id": ID}))]);
    let committed = Committed { resource_id: Some(ID.into()), child_ids: vec![] };
    assert_eq!(
        notion(&stub).create_page(&json!({})).await,
        Err(Error::Ambiguous { committed: Some(committed) })
    );

    let stub = Stub::new([refusal(json!({"committed_child_ids": ["a", "b"]}))]);
    let committed = Committed { resource_id: None, child_ids: vec!["a".into(), "b".into()] };
    let outcome = notion(&stub).append_children(ID, &Position::End, &[]).await;
    assert_eq!(outcome, Err(Error::Ambiguous { committed: Some(committed) }));
}

#[tokio::test(start_paused = true)]
async fn limits_say_whether_waiting_helps() {
    let refusal = |data: Value| answer(429, &json!({"code": "rate_limited", "additional_data": data}));
    let stub = Stub::new([refusal(json!({"rate_limit_reason": "public_api_request_blocked"}))]);
    assert_eq!(notion(&stub).page(ID).await, Err(Error::Blocked));
    let strange = json!({"rate_limit_reason": "public_api_request_blocked", "retry_after": [], "committed_child_ids": 7});
    assert_eq!(notion(&Stub::new([refusal(strange)])).page(ID).await, Err(Error::Blocked));
    let stub = Stub::new([refusal(
        json!({"retry_after": "90", "rate_limit_reason": "public_api_space_request_rate_limit"}),
    )]);
    let wait = std::time::Duration::from_secs(90);
    assert_eq!(notion(&stub).page(ID).await, Err(Error::RateLimited { retry_after: wait }));
    let stub = Stub::new([refusal(json!({"retry_after": -5})), ok(&page_json())]);
    assert!(notion(&stub).page(ID).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn refusals_say_what_to_do() {
    for (status, code, expected) in [
        (401, "unauthorized", Error::Unauthorized),
        (403, "restricted_resource", Error::Forbidden { code: "restricted_resource".into() }),
        (404, "object_not_found", Error::NotFound),
    ] {
        let stub = Stub::new([answer(
            status,
            &json!({"object": "error", "status": status, "code": code, "message": "m"}),
        )]);
        assert_eq!(notion(&stub).create_page(&json!({})).await, Err(expected));
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_that_meets_somebody_elses_is_made_five_times_and_not_more() {
    let conflict = || answer(409, &json!({"object": "error", "status": 409, "code": "conflict_error"}));
    let stub = Stub::new([conflict(), conflict(), conflict(), conflict(), ok(&page_json())]);
    assert!(notion(&stub).create_page(&json!({})).await.is_ok());
    let stub = Stub::new([conflict(), conflict(), conflict(), conflict(), conflict()]);
    assert_eq!(notion(&stub).create_page(&json!({})).await, Err(Error::Conflict));
}

#[test]
fn a_limit_names_everybody_whom_it_concerns() {
    let limit_of = |status: u16, header: Option<&str>, data: Value| {
        let body = json!({"additional_data": data}).to_string();
        let mut response = Response::builder().status(status);
        if let Some(header) = header {
            response = response.header("retry-after", header);
        }
        limit(&response.body(body.into()).unwrap())
    };
    let seconds = std::time::Duration::from_secs;
    let space = json!({"rate_limit_reason": "public_api_space_request_rate_limit", "retry_after": 90});
    assert_eq!(limit_of(429, None, space.clone()), Some(Limit::Workspace(seconds(90))));
    assert_eq!(limit_of(529, Some("7"), space.clone()), Some(Limit::Workspace(seconds(7))));
    assert_eq!(limit_of(429, Some("soon"), space), Some(Limit::Workspace(seconds(90))));
    for own in ["public_api_request_rate_limit", "public_api_endpoint_rate_limit", "something new"] {
        let data = json!({"rate_limit_reason": own, "retry_after": 1e12});
        assert_eq!(limit_of(429, None, data), Some(Limit::Connection(seconds(86_400))), "{own}");
    }
    let blocked = json!({"rate_limit_reason": "public_api_request_blocked", "retry_after": 1});
    assert_eq!(limit_of(429, Some("1"), blocked.clone()), Some(Limit::Blocked));
    assert_eq!(limit_of(503, Some("1"), blocked), None);
    assert_eq!(limit_of(429, None, json!({"retry_after": "3"})), Some(Limit::Connection(seconds(3))));
    assert_eq!(limit_of(529, None, json!("odd")), Some(Limit::Connection(seconds(1))));
}

#[tokio::test(start_paused = true)]
async fn pages_are_found_by_our_id_and_by_time() {
    let stub =
        Stub::new([ok(&list(&[page_json()], None)), ok(&list(&[], None)), ok(&list(&[page_json()], None))]);
    let notion = notion(&stub);
    assert_eq!(notion.pages_with_text(ID, "a%3Ab", "our id", false).await.unwrap().len(), 1);
    assert!(notion.pages_with_text(ID, "a%3Ab", "our id", true).await.unwrap().is_empty());
    let since: Timestamp = "2026-11-21T08:41:59.999Z".parse().unwrap();
    assert_eq!(notion.pages_created_since(ID, since, false).await.unwrap().len(), 1);

    for index in 0..3 {
        assert_eq!(stub.asked(index).0, format!("POST /v1/data_sources/{ID}/query"));
        NOTION.assert_fits("QueryDataSourceBodyParameters", &stub.asked(index).1);
    }
    assert_eq!(stub.asked(0).1["filter"], json!({"property": "a%3Ab", "rich_text": {"equals": "our id"}}));
    assert_eq!((stub.asked(0).1.get("in_trash"), &stub.asked(1).1["in_trash"]), (None, &json!(true)));
    let by_time =
        json!({"timestamp": "created_time", "created_time": {"on_or_after": "2026-11-21T08:41:00Z"}});
    assert_eq!(stub.asked(2).1["filter"], by_time);
}

#[tokio::test(start_paused = true)]
async fn trashing_twice_is_trashing_once() {
    let refusal = |message: &str| answer(400, &json!({"code": "validation_error", "message": message}));
    let archived = "Can't edit block that is archived. You must unarchive the block before editing.";
    let stub = Stub::new([text(500, ""), ok(&page_json()), refusal(archived), refusal("title is wrong")]);
    let notion = notion(&stub);
    assert_eq!(notion.trash_page(ID).await, Err(Error::Ambiguous { committed: None }), "it may still go");
    assert_eq!(notion.trash_page(ID).await, Ok(()));
    assert_eq!(stub.asked(1), (format!("PATCH /v1/pages/{ID}"), json!({"in_trash": true})));
    NOTION.assert_fits("UpdatePageBodyParameters", &stub.asked(1).1);
    assert_eq!(notion.trash_page(ID).await, Ok(()));
    assert!(matches!(notion.trash_page(ID).await, Err(Error::Rejected { status: 400, .. })));
}

#[tokio::test(start_paused = true)]
async fn blocks_are_appended_listed_changed_and_deleted() {
    let block = json!({"object": "block", "id": "b1", "type": "hologram", "has_children": true, "hologram": {"depth": 3}});
    let stub = Stub::new([
        ok(&list(std::slice::from_ref(&block), None)),
        ok(&list(std::slice::from_ref(&block), Some(ID))),
        ok(&list(&[], None)),
        ok(&block),
        answer(404, &json!({})),
    ]);
    let notion = notion(&stub);
    let content = json!({"rich_text": rich_text("Hi", None)});
    let paragraph = NewBlock { kind: "paragraph", content, children: Vec::new() };
    assert_eq!(notion.append_children(ID, &Position::End, &[paragraph]).await.unwrap(), ["b1"]);
    NOTION.assert_fits("AppendBlockChildrenBodyParameters", &stub.asked(0).1);
    assert!(stub.asked(0).1.get("after").is_none());

    let found = notion.list_children(ID, |_| true).await.unwrap();
    assert_eq!((found[0].kind.as_str(), found[0].has_children), ("hologram", true));
    assert_eq!(found[0].raw, block, "a type nobody knows is kept as it came");
    assert_eq!(stub.asked(2).0, format!("GET /v1/blocks/{ID}/children?page_size=100&start_cursor={ID}"));

    notion.update_block("b1", &json!({"paragraph": {"rich_text": rich_text("Ho", None)}})).await.unwrap();
    NOTION.assert_fits("UpdateBlockBodyParameters", &stub.asked(3).1);
    assert_eq!(notion.delete_block("b1").await, Err(Error::NotFound), "gone, or not shared");
}

#[tokio::test(start_paused = true)]
async fn a_list_is_read_anew_whose_next_page_began_with_what_was_thrown_away() {
    let block = |id: &str| json!({"object": "block", "id": id, "type": "divider", "has_children": false, "divider": {}});
    let message = format!("The start_cursor provided is invalid: {ID}");
    let error = json!({"object": "error", "status": 400, "code": "validation_error", "message": message});
    let began = || ok(&list(&[block("b1"), block("b2")], Some(ID)));
    let stub =
        Stub::new([began(), answer(400, &error), began(), ok(&list(&[block("b1"), block("b3")], None))]);
    let found = notion(&stub).list_children(ID, |_| true).await.unwrap();
    let ids: Vec<_> = found.iter().map(|block| block.id.as_str()).collect();
    assert_eq!(ids, ["b1", "b2", "b3"], "one that was dragged meanwhile is there once");
    let stub = Stub::new((0..6).map(|call| if call % 2 == 0 { began() } else { answer(400, &error) }));
    assert_eq!(
        notion(&stub).list_children(ID, |_| true).await,
        Err(Error::Unavailable),
        "it may be read later"
    );
    assert!(matches!(
        notion(&Stub::new([answer(400, &error)])).list_children(ID, |_| true).await,
        Err(Error::Rejected { .. })
    ));
}

#[tokio::test(start_paused = true)]
async fn a_list_of_several_pages_that_may_not_be_complete_is_read_until_it_is_the_same_twice() {
    let block = |id: &str| json!({"object": "block", "id": id, "type": "divider", "has_children": false, "divider": {}});
    let reading = |last: &str| [ok(&list(&[block("b1")], Some(ID))), ok(&list(&[block(last)], None))];
    for (lasts, complete, expected) in [
        (&["b2"][..], true, Ok("b2")),
        (&["b2", "b2"], false, Ok("b2")),
        (&["b2", "b3", "b3"], false, Ok("b3")),
        (&["b2", "b3", "b2"], false, Err(Error::Unavailable)),
    ] {
        let stub = Stub::new(lasts.iter().flat_map(|last| reading(last)));
        let found = notion(&stub).list_children(ID, |_| complete).await;
        assert_eq!(found.map(|blocks| blocks[1].id.clone()), expected.map(str::to_owned), "{lasts:?}");
        assert_eq!(stub.calls(), 2 * lasts.len(), "{lasts:?}");
    }
    let stub = Stub::new([ok(&list(&[block("b1")], None))]);
    assert_eq!(
        notion(&stub).list_children(ID, |_| false).await.unwrap().len(),
        1,
        "nobody can drag within one page"
    );
}

#[tokio::test(start_paused = true)]
async fn who_we_are_is_told() {
    let stub = Stub::new([ok(&json!({
        "object": "user", "id": "bot-1", "type": "bot", "name": "Patchbay", "avatar_url": null,
        "bot": {"owner": {"type": "workspace", "workspace": true}, "workspace_name": "Acme", "workspace_id": "w"},
    }))]);
    let me = notion(&stub).me().await.unwrap();
    assert_eq!(
        me,
        Me { bot_id: "bot-1".into(), name: "Patchbay".into(), workspace_name: Some("Acme".into()) }
    );
}

#[tokio::test(start_paused = true)]
async fn an_id_cannot_lead_to_another_address() {
    for id in ["", "..", "a/b", "a?b", "a#b", "a%2fb", "ä", "../users/me"] {
        assert_eq!(notion(&Stub::new([])).page(id).await, Err(Error::NotFound), "{id}");
    }
}

#[test]
fn columns_of_unknown_types_are_kept() {
    let source = serde_json::from_value::<wire::DataSource>(json!({
        "id": ID, "properties": {"Future": {"id": "f", "type": "hologram"}, "Broken": 7},
    }));
    let source = DataSource::from(source.unwrap());
    let future = Property { id: "f".into(), name: "Future".into(), kind: "hologram".into(), options: vec![] };
    assert_eq!(source.properties, [future]);
    assert_eq!(data_source(&json!({})).properties, []);
}
