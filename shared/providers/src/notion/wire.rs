//! Notion's JSON, as far as it is read. Unknown fields, property types and block types pass.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::model;

/// One page of results.
#[derive(Deserialize)]
pub(super) struct List<T> {
    pub(super) results: Vec<T>,
    #[serde(default)]
    pub(super) has_more: bool,
    #[serde(default)]
    pub(super) next_cursor: Option<String>,
}

/// Styled text; only its words matter here.
#[derive(Deserialize)]
pub(super) struct RichText {
    #[serde(default)]
    plain_text: String,
}

fn plain(text: &[RichText]) -> String {
    text.iter().map(|run| run.plain_text.as_str()).collect()
}

#[derive(Deserialize)]
pub(super) struct Parent {
    database_id: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct User {
    id: String,
}

#[derive(Deserialize)]
pub(super) struct Database {
    id: String,
    #[serde(default)]
    title: Vec<RichText>,
    #[serde(default)]
    url: String,
    #[serde(default)]
    in_trash: bool,
    #[serde(default)]
    data_sources: Vec<DataSourceName>,
}

#[derive(Deserialize)]
pub(super) struct DataSourceName {
    id: String,
    #[serde(default)]
    name: String,
}

impl From<Database> for model::Database {
    fn from(database: Database) -> Self {
        let Database { id, title, url, in_trash, data_sources } = database;
        let sources = data_sources.into_iter();
        let data_sources =
            sources.map(|DataSourceName { id, name }| model::DataSourceName { id, name }).collect();
        Self { id, name: plain(&title), url, in_trash, data_sources }
    }
}

#[derive(Deserialize)]
pub(super) struct DataSource {
    id: String,
    #[serde(default)]
    title: Vec<RichText>,
    parent: Option<Parent>,
    icon: Option<Value>,
    #[serde(default)]
    url: String,
    #[serde(default)]
    in_trash: bool,
    last_edited_time: Option<Timestamp>,
    #[serde(default)]
    properties: Map<String, Value>,
}

impl From<DataSource> for model::DataSource {
    fn from(source: DataSource) -> Self {
        let DataSource { id, title, parent, icon, url, in_trash, last_edited_time, properties } = source;
        Self {
            id,
            database_id: parent.and_then(|parent| parent.database_id).unwrap_or_default(),
            name: plain(&title),
            icon: icon.as_ref().and_then(icon_text),
            url,
            in_trash,
            last_edited_at: last_edited_time,
            properties: properties.iter().filter_map(|(name, value)| property(name, value)).collect(),
        }
    }
}

/// An emoji, or the address of a picture.
fn icon_text(icon: &Value) -> Option<String> {
    let kind = icon["type"].as_str()?;
    let text = match kind {
        "emoji" => icon["emoji"].as_str(),
        _ => icon[kind]["url"].as_str(),
    };
    text.map(str::to_owned)
}

fn property(name: &str, value: &Value) -> Option<model::Property> {
    let kind = value["type"].as_str()?;
    let options = value[kind]["options"].as_array().map(Vec::as_slice).unwrap_or_default();
    Some(model::Property {
        id: value["id"].as_str()?.to_owned(),
        name: name.to_owned(),
        kind: kind.to_owned(),
        options: options.iter().filter_map(|option| option["name"].as_str()).map(str::to_owned).collect(),
    })
}

#[derive(Deserialize)]
pub(super) struct Page {
    id: String,
    #[serde(default)]
    url: String,
    #[serde(default)]
    in_trash: bool,
    created_time: Option<Timestamp>,
    last_edited_time: Option<Timestamp>,
    created_by: Option<User>,
    last_edited_by: Option<User>,
    #[serde(default)]
    properties: Value,
}

impl From<Page> for model::Page {
    fn from(page: Page) -> Self {
        let Page {
            id,
            url,
            in_trash,
            created_time,
            last_edited_time,
            created_by,
            last_edited_by,
            properties,
        } = page;
        Self {
            id,
            url,
            in_trash,
            created_at: created_time,
            last_edited_at: last_edited_time,
            created_by: created_by.map(|user| user.id),
            last_edited_by: last_edited_by.map(|user| user.id),
            properties,
        }
    }
}

/// The head of a block; the whole of it is kept as it came.
pub(super) fn block(raw: Value) -> Option<model::Block> {
    Some(model::Block {
        id: raw["id"].as_str()?.to_owned(),
        kind: raw["type"].as_str().unwrap_or("unsupported").to_owned(),
        has_children: raw["has_children"].as_bool().unwrap_or_default(),
        in_trash: raw["in_trash"].as_bool().unwrap_or_default(),
        raw,
    })
}

#[derive(Deserialize)]
pub(super) struct Me {
    id: String,
    name: Option<String>,
    bot: Option<Bot>,
}

#[derive(Deserialize)]
struct Bot {
    workspace_name: Option<String>,
}

impl From<Me> for model::Me {
    fn from(me: Me) -> Self {
        let Me { id, name, bot } = me;
        Self {
            bot_id: id,
            name: name.unwrap_or_default(),
            workspace_name: bot.and_then(|bot| bot.workspace_name),
        }
    }
}
