//! What oracles may look at.

use super::{
    Notion,
    model::{Parent, plain_text},
};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

/// A page as a person would describe it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PageView {
    /// Its id.
    pub id: Uuid,
    /// Its address.
    pub url: String,
    /// Its title.
    pub title: String,
    /// The names of the properties that have a value, with it as plain JSON: text, number, list of names.
    pub properties: Map<String, Value>,
    /// Its blocks, without those in the trash.
    pub blocks: Vec<BlockView>,
    /// Whether it is in the trash.
    pub in_trash: bool,
    /// When it was made, unrounded.
    pub created_at: Timestamp,
    /// The bot or person that made it.
    pub created_by: Uuid,
}

/// A block as a person would describe it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BlockView {
    /// Its id.
    pub id: Uuid,
    /// `paragraph`, `bookmark`, …
    #[serde(rename = "type")]
    pub kind: String,
    /// Its text.
    pub text: String,
    /// Whether it is done; only of a to-do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checked: Option<bool>,
    /// The bot or person that changed it last.
    pub edited_by: Uuid,
    /// Its address, and those its text links to.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<String>,
    /// What is nested in it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub children: Vec<BlockView>,
}

/// A database below a page, with its first data source.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DatabaseView {
    /// Its id.
    pub id: Uuid,
    /// Its title.
    pub title: String,
    /// The id of its data source.
    pub data_source_id: Uuid,
    /// The pages in it, oldest first, without those in the trash.
    pub rows: Vec<PageView>,
}

/// One call of the token endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TokenRequest {
    /// `authorization_code` or `refresh_token`.
    pub grant_type: String,
    /// Whether tokens were issued.
    pub issued: bool,
}

impl Notion {
    /// All pages in the database of this title, oldest first, those in the trash included.
    pub fn pages(&self, database: &str) -> Vec<PageView> {
        self.rows(&self.sources(database)).into_iter().filter_map(|id| self.page(id)).collect()
    }

    /// The youngest page in the database of this title, also one in the trash.
    pub fn newest_page(&self, database: &str) -> Option<Uuid> {
        self.rows(&self.sources(database)).pop()
    }

    fn sources(&self, database: &str) -> Vec<Uuid> {
        let titled = self.workspace.databases.values().filter(|found| found.title == database);
        titled.flat_map(|found| found.sources.iter().copied()).collect()
    }

    /// The pages in these data sources, oldest first.
    fn rows(&self, sources: &[Uuid]) -> Vec<Uuid> {
        let is_row = |parent| matches!(parent, Parent::DataSource(source) if sources.contains(&source));
        let mut found: Vec<_> = self.workspace.pages.iter().filter(|(_, page)| is_row(page.parent)).collect();
        found.sort_by_key(|(_, page)| page.stamp.sequence);
        found.into_iter().map(|(id, _)| *id).collect()
    }

    /// The pages directly under a page, in order, without those in the trash.
    pub fn children_of(&self, page: Uuid) -> Vec<PageView> {
        self.workspace.living_children(page).into_iter().filter_map(|id| self.page(id)).collect()
    }

    /// The databases directly under a page, in order, without those in the trash.
    pub fn databases_under(&self, page: Uuid) -> Vec<DatabaseView> {
        let view = |id| {
            let database = self.workspace.databases.get(&id)?;
            let source = *database.sources.first()?;
            let rows = self.rows(&[source]).into_iter().filter_map(|id| self.page(id));
            let rows = rows.filter(|row| !row.in_trash).collect();
            Some(DatabaseView { id, title: database.title.clone(), data_source_id: source, rows })
        };
        self.workspace.living_children(page).into_iter().filter_map(view).collect()
    }

    /// One page.
    pub fn page(&self, id: Uuid) -> Option<PageView> {
        let page = self.workspace.pages.get(&id)?;
        Some(PageView {
            id,
            url: self.page_url(id),
            title: page.title(),
            properties: self.readable_properties(id),
            blocks: self.block_views(id),
            in_trash: self.workspace.is_trashed(id),
            created_at: page.stamp.created,
            created_by: page.stamp.created_by,
        })
    }

    /// The first page of this title.
    pub fn page_titled(&self, title: &str) -> Option<PageView> {
        self.ids_titled(title).into_iter().find_map(|id| self.page(id))
    }

    /// The titles of all databases.
    pub fn databases(&self) -> Vec<String> {
        self.workspace.databases.values().map(|database| database.title.clone()).collect()
    }

    /// The id of the first data source of the database of this title.
    pub fn data_source_id(&self, database: &str) -> Option<Uuid> {
        self.workspace.databases.values().find(|found| found.title == database)?.sources.first().copied()
    }

    /// The names of the properties of the database of this title.
    pub fn property_names(&self, database: &str) -> Vec<String> {
        let source = self.data_source_id(database).and_then(|id| self.workspace.sources.get(&id));
        source
            .map(|source| source.properties.iter().map(|property| property.name.clone()).collect())
            .unwrap_or_default()
    }

    /// Whether requests with this access token would be let in.
    pub fn access_token_is_valid(&self, token: &str, now: Timestamp) -> bool {
        self.grants.bot_of(token, now).is_some()
    }

    /// The access tokens that would be let in.
    pub fn valid_access_tokens(&self, now: Timestamp) -> Vec<String> {
        self.grants.valid_access_tokens(now)
    }

    /// Every access and refresh token ever issued.
    pub fn issued_tokens(&self) -> Vec<String> {
        self.grants.issued_tokens()
    }

    /// The calls of the token endpoint, in order.
    pub fn token_requests(&self) -> &[TokenRequest] {
        &self.token_requests
    }

    /// What no correct client would have sent: every request that was refused as malformed, in words.
    pub fn violations(&self) -> &[String] {
        &self.violations
    }

    /// Forgets the violations.
    pub fn clear_violations(&mut self) {
        self.violations.clear();
    }

    fn readable_properties(&self, id: Uuid) -> Map<String, Value> {
        let rendered = self.render_page(id, None);
        let properties = rendered.get("properties").and_then(Value::as_object).cloned().unwrap_or_default();
        properties
            .into_iter()
            .map(|(name, value)| (name, readable(&value)))
            .filter(|(_, value)| !value.is_null())
            .collect()
    }

    fn block_views(&self, parent: Uuid) -> Vec<BlockView> {
        let children = self.workspace.living_children(parent);
        children.into_iter().filter_map(|id| self.block_view(id)).collect()
    }

    fn block_view(&self, id: Uuid) -> Option<BlockView> {
        let block = self.workspace.blocks.get(&id)?;
        let content = &block.content;
        let own = [content.get("url"), content.get("external").and_then(|external| external.get("url"))];
        let text = content.get("rich_text").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let linked = text.iter().map(|item| item.get("href"));
        let cells = content.get("cells").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let cells: Vec<_> = cells.iter().map(|cell| plain_text(Some(cell))).collect();
        Some(BlockView {
            id,
            kind: block.kind.clone(),
            text: if cells.is_empty() { plain_text(content.get("rich_text")) } else { cells.join(" | ") },
            checked: content.get("checked").and_then(Value::as_bool),
            edited_by: block.stamp.edited_by,
            links: own
                .into_iter()
                .chain(linked)
                .flatten()
                .filter_map(|url| url.as_str().map(str::to_owned))
                .collect(),
            children: self.block_views(id),
        })
    }
}

/// A property value without Notion's wrapping; null when it is empty.
fn readable(value: &Value) -> Value {
    let kind = value.get("type").and_then(Value::as_str).unwrap_or_default();
    let inner = value.get(kind).cloned().unwrap_or_default();
    let names = |items: &[Value]| {
        items.iter().map(|item| item.get("name").or(item.get("id")).cloned().unwrap_or_default()).collect()
    };
    match (kind, &inner) {
        ("title" | "rich_text", _) => match plain_text(Some(&inner)) {
            text if text.is_empty() => Value::Null,
            text => json!(text),
        },
        ("select" | "status" | "created_by" | "last_edited_by", _) => {
            inner.get("name").or(inner.get("id")).cloned().unwrap_or_default()
        }
        (_, Value::Array(items)) if items.is_empty() => Value::Null,
        (_, Value::Array(items)) => Value::Array(names(items)),
        _ => inner,
    }
}
