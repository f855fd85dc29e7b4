//! Any ticket in any database: every call is taken, and the page holds the whole of it.

use std::sync::Arc;

use bytes::Bytes;
use domain::{Evidence, Priority, Ticket, TicketType, extraction::RecordingLink};
use http::{Request, Response};
use proptest::{collection::vec, option, prelude::*, sample::select};
use providers::{
    Error,
    notion::{
        Block, DataSource, EXTERNAL_ID_NAME, NewBlock, Notion as Client, PagePlan, Position, TicketSchema,
        plan_page, rich_text,
    },
    oauth::{self, Grant, OAuth},
    registry::{Endpoints, provider},
};
use serde_json::{Map, Value, json};
use simulators::{Notion, NotionConfig, OauthClient};
use uuid::Uuid;
use vendors::{assert_notion_answer, assert_notion_request};

use crate::{
    door::{Door, now, run},
    tickets::{text, ticket},
};

const CALLBACK: &str = "https://patchbay.test/v1/oauth/notion/callback";
const DATABASE: &str = "Product tickets";
/// The columns that take parts of a ticket.
const COLUMNS: [&str; 4] = ["Ticket Type", "Priority", "Product Area", EXTERNAL_ID_NAME];

fn hold(request: &Request<Bytes>, response: &Response<Bytes>) {
    assert_notion_request(request);
    assert_notion_answer(request, response);
}

/// A workspace in which one integration is registered.
pub(crate) fn workspace() -> Arc<Door<Notion>> {
    let registration = OauthClient {
        client_id: "client".into(),
        client_secret: "secret".into(),
        redirect_uris: vec![CALLBACK.into()],
    };
    Door::new(Notion::new(7, NotionConfig { clients: vec![registration], ..NotionConfig::default() }), hold)
}

/// Alice shares the database; tokens are bought, renewed, and at the end given back.
pub(crate) async fn connect(door: &Arc<Door<Notion>>) -> Grant {
    let code = door.simulator().consent("Alice", "client", CALLBACK, &[DATABASE], now()).unwrap();
    let (endpoints, client) = (Endpoints::default(), oauth_client());
    let oauth = OAuth::new(door.http(), provider(domain::ProviderId::Notion), &endpoints, &client);
    let grant = oauth.exchange_code(&code, CALLBACK, None).await.unwrap();
    oauth.refresh(grant.refresh.as_ref().unwrap()).await.unwrap()
}

async fn disconnect(door: &Arc<Door<Notion>>, grant: &Grant) {
    let (endpoints, client) = (Endpoints::default(), oauth_client());
    let oauth = OAuth::new(door.http(), provider(domain::ProviderId::Notion), &endpoints, &client);
    assert_eq!(oauth.revoke(&grant.access).await, Ok(()));
    let notion = Client::new(door.http(), &endpoints, grant.access.clone());
    assert_eq!(notion.me().await, Err(Error::Unauthorized));
}

fn oauth_client() -> oauth::Client {
    oauth::Client { id: "client".into(), secret: "secret".to_owned().into() }
}

/// What each of the columns is like; none for one that is not there.
fn columns() -> impl Strategy<Value = Vec<Option<&'static str>>> {
    let kinds = vec!["rich_text", "select", "select", "multi_select", "number", "people", "checkbox", "url"];
    vec(option::weighted(0.8, select(kinds)), COLUMNS.len())
}

/// Gives the database these columns, as a person would.
fn reform(door: &Door<Notion>, token: &str, columns: &[Option<&str>]) {
    let source = door.simulator().data_source_id(DATABASE).unwrap();
    let known = door.simulator().property_names(DATABASE);
    let mut properties = Map::new();
    for (name, kind) in COLUMNS.into_iter().zip(columns) {
        match kind {
            Some(kind) => drop(properties.insert(name.to_owned(), json!({*kind: {}}))),
            None if known.iter().any(|known| known == name) => {
                drop(properties.insert(name.to_owned(), Value::Null));
            }
            None => {}
        }
    }
    let request = Request::patch(format!("https://api.notion.com/v1/data_sources/{source}"))
        .header("authorization", format!("Bearer {token}"))
        .header("notion-version", "2026-03-11")
        .header("content-type", "application/json")
        .body(json!({"properties": properties}).to_string().into())
        .unwrap();
    assert_eq!(door.ask(&request).status(), 200);
}

/// The words on a page, block by block.
fn words<'a>(blocks: impl Iterator<Item = &'a Value>) -> Vec<String> {
    let content = |run: &Value| run["text"]["content"].as_str().unwrap().to_owned();
    let of_block = |block: &Value| {
        let inside = &block[block["type"].as_str().unwrap()];
        let runs = inside["rich_text"].as_array().map(Vec::as_slice).unwrap_or_default();
        runs.iter().map(content).collect::<String>() + inside["url"].as_str().unwrap_or_default()
    };
    blocks.map(of_block).collect()
}

fn planned(plan: &PagePlan) -> Vec<String> {
    let later: Vec<_> = plan.appends.iter().flatten().map(|block| json!(block)).collect();
    words(plan.create["children"].as_array().unwrap().iter().chain(&later))
}

fn written(blocks: &[Block]) -> Vec<String> {
    words(blocks.iter().map(|block| &block.raw))
}

/// Files the ticket as the product does; the plan and the page's id.
async fn file(notion: &Client, source: &DataSource, ticket: &Ticket, id: Uuid) -> (PagePlan, String) {
    let link = RecordingLink::new("https://app.example", "v1".parse().unwrap());
    let plan = plan_page(ticket, &TicketSchema::from_data_source(source, None).unwrap(), &link, id);
    let page = notion.create_page(&plan.create).await.unwrap();
    for children in &plan.appends {
        notion.append_children(&page.id, &Position::End, children).await.unwrap();
    }
    assert_eq!(written(&notion.list_children(&page.id, |_| true).await.unwrap()), planned(&plan));
    (plan, page.id)
}

/// Everything else that is done to a page and its blocks.
async fn edit(notion: &Client, page: &str, words: &str) {
    let title = json!({"title": {"title": rich_text(words, None)}});
    notion.update_page(page, &title).await.unwrap();
    let content = json!({"rich_text": rich_text("said", Some("https://app.example/s/v1?t=3"))});
    let paragraph = NewBlock { kind: "paragraph", content, children: Vec::new() };
    let first = notion.list_children(page, |_| true).await.unwrap()[0].id.clone();
    let added = notion
        .append_children(page, &Position::After(first.clone()), std::slice::from_ref(&paragraph))
        .await
        .unwrap();
    assert_eq!(notion.list_children(page, |_| true).await.unwrap()[1].id, added[0]);
    notion
        .update_block(&added[0], &json!({"paragraph": {"rich_text": rich_text(words, None)}}))
        .await
        .unwrap();
    for _ in 0..2 {
        assert_eq!(notion.delete_block(&added[0]).await, Ok(()));
    }
    for _ in 0..2 {
        assert_eq!(notion.trash_page(page).await, Ok(()));
    }
    assert!(notion.page(page).await.unwrap().in_trash);
}

async fn story(ticket: Ticket, columns: &[Option<&str>], words: String, id: Uuid) {
    let door = workspace();
    let grant = connect(&door).await;
    let token = door.simulator().valid_access_tokens(now()).remove(0);
    reform(&door, &token, columns);
    let notion = Client::new(door.http(), &Endpoints::default(), grant.access.clone());
    assert_eq!(notion.me().await.unwrap().workspace_name.as_deref(), Some("Acme"));
    notion.search_data_sources(Some(&words)).await.unwrap();
    let found = notion.search_data_sources(Some(DATABASE)).await.unwrap();
    let database = notion.database(&found[0].database_id).await.unwrap();
    let mut source = notion.data_source(&database.data_sources[0].id).await.unwrap();
    if !source.has_property(EXTERNAL_ID_NAME) {
        source = notion.add_external_id_property(&source.id).await.unwrap();
    }
    let (plan, page) = file(&notion, &source, &ticket, id).await;
    if let Some(column) = TicketSchema::from_data_source(&source, None).unwrap().external_id {
        let ours = notion.pages_with_text(&source.id, &column, &id.to_string(), false).await.unwrap();
        assert_eq!(ours[0].id, page);
        assert!(notion.pages_with_text(&source.id, &column, &words, true).await.unwrap().is_empty());
    }
    assert_eq!(notion.pages_created_since(&source.id, now(), false).await.unwrap()[0].id, page);
    assert!(plan.unmapped.len() <= COLUMNS.len());
    edit(&notion, &page, &words).await;
    disconnect(&door, &grant).await;
    assert_eq!(door.simulator().violations().to_vec(), Vec::<String>::new());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_ticket_is_filed_whole_in_any_database(ticket in ticket(), columns in columns(), words in text(300), id in any::<u128>()) {
        run(story(ticket, &columns, words, Uuid::from_u128(id)));
    }
}

#[test]
fn the_longest_ticket_is_filed_whole() {
    let evidence = |index: u64| Evidence {
        pointer: if index.is_multiple_of(2) { "/description".into() } else { "/steps_to_reproduce/0".into() },
        cue_ids: vec![],
        start_ms: index * 1_000,
        end_ms: index * 1_000,
        quote: String::new(),
        url: String::new(),
    };
    let ticket = Ticket {
        title: "🐞".repeat(80),
        ticket_type: TicketType::Bug,
        priority: Priority::Critical,
        description: "🐞".repeat(10_000),
        steps_to_reproduce: vec!["\u{1f469}\u{200d}\u{1f469}".repeat(333); 100],
        product_area: Some("🐞".repeat(100)),
        evidence: (0..500).map(evidence).collect(),
        source: None,
        warnings: vec![],
    };
    assert_eq!(ticket.validate(), []);
    for kind in ["select", "rich_text", "number"] {
        run(story(
            ticket.clone(),
            &[Some("number"), Some("multi_select"), Some(kind), None],
            "x".into(),
            Uuid::nil(),
        ));
    }
}
