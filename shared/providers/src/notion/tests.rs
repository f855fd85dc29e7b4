//! Notion's client and mappers: what is sent, what is read, and the limits that are kept.

mod calls;
mod pages;
mod sizes;

use serde_json::{Value, json};

use vendors::NOTION;

use super::{DataSource, wire};

const ID: &str = "2f26ee68-df30-4251-aad4-8ddc420cba3d";

fn text(content: &str) -> Value {
    json!([{"type": "text", "text": {"content": content, "link": null}, "annotations": {
        "bold": false, "italic": false, "strikethrough": false, "underline": false, "code": false, "color": "default",
    }, "plain_text": content, "href": null}])
}

fn user() -> Value {
    json!({"object": "user", "id": ID})
}

/// A data source as Notion writes it.
fn data_source_json(name: &str, properties: &Value) -> Value {
    let source = json!({
        "object": "data_source", "id": ID, "title": text(name), "description": [],
        "parent": {"type": "database_id", "database_id": "248104cd-477e-80fd-b757-e945d38000bd"},
        "database_parent": {"type": "workspace", "workspace": true},
        "is_inline": false, "in_trash": false, "archived": false,
        "created_time": "2026-11-21T08:00:00.000Z", "last_edited_time": "2026-11-21T08:41:00.000Z",
        "created_by": user(), "last_edited_by": user(), "properties": properties,
        "icon": {"type": "emoji", "emoji": "🎫"}, "cover": null, "url": "https://www.notion.so/x", "public_url": null,
    });
    NOTION.assert_fits("DataSourceObjectResponse", &source);
    source
}

fn data_source(properties: &Value) -> DataSource {
    serde_json::from_value::<wire::DataSource>(data_source_json("Tickets", properties)).unwrap().into()
}

fn column(id: &str, name: &str, kind: &str, options: &[&str]) -> Value {
    let options: Vec<_> = options
        .iter()
        .map(|name| json!({"id": name, "name": name, "color": "default", "description": null}))
        .collect();
    let inside = match kind {
        "select" | "multi_select" => json!({"options": options}),
        "status" => json!({"options": options, "groups": []}),
        "number" => json!({"format": "number"}),
        _ => json!({}),
    };
    json!({"id": id, "name": name, "type": kind, "description": null, kind: inside})
}

fn page_json() -> Value {
    let page = json!({
        "object": "page", "id": ID, "created_time": "2026-11-21T08:41:00.000Z",
        "last_edited_time": "2026-11-21T08:42:00.000Z", "in_trash": false, "archived": false, "is_archived": false,
        "is_locked": false, "url": "https://www.notion.so/Broken-2f26", "public_url": null,
        "parent": {"type": "data_source_id", "data_source_id": ID, "database_id": ID},
        "properties": {}, "icon": null, "cover": null, "created_by": user(), "last_edited_by": user(),
    });
    NOTION.assert_fits("PageObjectResponse", &page);
    page
}

fn list(results: &[Value], next_cursor: Option<&str>) -> Value {
    json!({"object": "list", "results": results, "has_more": next_cursor.is_some(), "next_cursor": next_cursor})
}
