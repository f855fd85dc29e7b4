//! Objects as answers carry them, and who may see which.

use super::{
    Notion,
    model::{DataSource, Page, Parent, Property, Stamp, minute, partial_user},
    refusal::Refusal,
    rich_text::plain,
};
use serde_json::{Map, Value, json};
use uuid::Uuid;

impl Notion {
    /// Whether the connection of `bot` reaches this object: it, or something above it, is shared.
    pub(super) fn sees(&self, bot: Uuid, id: Uuid) -> bool {
        let Some(bot) = self.grants.bots.get(&bot) else { return false };
        self.workspace.lineage(id).iter().any(|above| bot.shared.contains(above))
    }

    /// The title of a database or page.
    pub(super) fn title_of(&self, id: Uuid) -> String {
        if let Some(database) = self.workspace.databases.get(&id) {
            return database.title.clone();
        }
        self.workspace.pages.get(&id).map(Page::title).unwrap_or_default()
    }

    /// The databases and pages with this title.
    pub(super) fn ids_titled(&self, title: &str) -> Vec<Uuid> {
        let ids = self.workspace.databases.keys().chain(self.workspace.pages.keys());
        ids.copied().filter(|id| self.title_of(*id) == title).collect()
    }

    /// `https://www.notion.so/Title-<32 hex>`
    pub(super) fn page_url(&self, id: Uuid) -> String {
        let words = self.title_of(id);
        let words: Vec<_> = words
            .split(|letter: char| !letter.is_ascii_alphanumeric())
            .filter(|word| !word.is_empty())
            .collect();
        let dash = if words.is_empty() { "" } else { "-" };
        format!("https://www.notion.so/{}{dash}{}", words.join("-"), id.simple())
    }

    pub(super) fn me(&self, bot: Uuid) -> Result<Value, Refusal> {
        let person = self
            .grants
            .bots
            .get(&bot)
            .and_then(|bot| self.workspace.people.iter().find(|person| person.id == bot.person));
        let person = person.ok_or_else(Refusal::unauthorized)?;
        Ok(json!({
            "object": "user",
            "id": bot,
            "name": "Patchbay",
            "avatar_url": null,
            "type": "bot",
            "bot": {
                "owner": {"type": "user", "user": person.full()},
                "workspace_id": self.workspace.id,
                "workspace_limits": {"max_file_upload_size_in_bytes": 5_242_880},
                "workspace_name": self.workspace.name,
            },
        }))
    }

    /// A page; only the properties with these ids when some are given.
    pub(super) fn render_page(&self, id: Uuid, only: Option<&[&str]>) -> Value {
        let Some(page) = self.workspace.pages.get(&id) else { return Value::Null };
        let mut answer = Map::from_iter([
            ("object".to_owned(), json!("page")),
            ("id".to_owned(), json!(id)),
            ("parent".to_owned(), self.parent(page.parent)),
            ("properties".to_owned(), Value::Object(self.page_properties(page, only))),
            ("icon".to_owned(), page.icon.clone()),
            ("cover".to_owned(), page.cover.clone()),
            ("url".to_owned(), json!(self.page_url(id))),
            ("public_url".to_owned(), Value::Null),
            ("is_locked".to_owned(), json!(false)),
            ("is_archived".to_owned(), json!(false)),
        ]);
        stamped(&mut answer, &page.stamp, self.workspace.is_trashed(id));
        Value::Object(answer)
    }

    fn page_properties(&self, page: &Page, only: Option<&[&str]>) -> Map<String, Value> {
        let source = match page.parent {
            Parent::DataSource(id) => self.workspace.sources.get(&id),
            _ => None,
        };
        let Some(source) = source else {
            let title =
                page.values.get("title").cloned().unwrap_or_else(|| json!({"type": "title", "title": []}));
            return Map::from_iter([("title".to_owned(), identified("title", title))]);
        };
        let wanted = |property: &&Property| only.is_none_or(|ids| ids.iter().any(|id| property.has_id(id)));
        let value =
            |property: &Property| (property.name.clone(), identified(&property.id, property.value_on(page)));
        source.properties.iter().filter(wanted).map(value).collect()
    }

    /// A block; a page or database that hangs among blocks is shown as one.
    pub(super) fn render_block(&self, id: Uuid) -> Value {
        if let Some(page) = self.workspace.pages.get(&id) {
            let kind = ("child_page", json!({"title": self.title_of(id)}));
            return self.block_of(id, page.parent, kind, &page.stamp);
        }
        if let Some(database) = self.workspace.databases.get(&id) {
            let kind = ("child_database", json!({"title": database.title}));
            return self.block_of(id, database.parent, kind, &database.stamp);
        }
        let Some(block) = self.workspace.blocks.get(&id) else { return Value::Null };
        self.block_of(id, block.parent, (&block.kind, Value::Object(block.content.clone())), &block.stamp)
    }

    fn block_of(&self, id: Uuid, parent: Parent, (kind, content): (&str, Value), stamp: &Stamp) -> Value {
        let mut answer = Map::from_iter([
            ("object".to_owned(), json!("block")),
            ("id".to_owned(), json!(id)),
            ("parent".to_owned(), self.parent(parent)),
            ("has_children".to_owned(), json!(!self.workspace.living_children(id).is_empty())),
            ("type".to_owned(), json!(kind)),
            (kind.to_owned(), content),
        ]);
        stamped(&mut answer, stamp, self.workspace.is_trashed(id));
        Value::Object(answer)
    }

    pub(super) fn render_database(&self, id: Uuid) -> Value {
        let Some(database) = self.workspace.databases.get(&id) else { return Value::Null };
        let reference = |id: &Uuid| Some(json!({"id": id, "name": self.workspace.sources.get(id)?.title}));
        let in_trash = self.workspace.is_trashed(id);
        json!({
            "object": "database",
            "id": id,
            "title": plain(&database.title),
            "description": database.description,
            "parent": self.parent(database.parent),
            "is_inline": database.is_inline,
            "in_trash": in_trash,
            "archived": in_trash,
            "is_locked": database.locked,
            "created_time": minute(database.stamp.created),
            "last_edited_time": minute(database.stamp.edited),
            "data_sources": database.sources.iter().filter_map(reference).collect::<Vec<_>>(),
            "icon": database.icon,
            "cover": database.cover,
            "url": format!("https://www.notion.so/{}", id.simple()),
            "public_url": null,
        })
    }

    pub(super) fn render_source(&self, id: Uuid) -> Value {
        let Some(source) = self.workspace.sources.get(&id) else { return Value::Null };
        let Some(database) = self.workspace.databases.get(&source.database) else { return Value::Null };
        let mut answer = Map::from_iter([
            ("object".to_owned(), json!("data_source")),
            ("id".to_owned(), json!(id)),
            ("title".to_owned(), plain(&source.title)),
            ("description".to_owned(), json!([])),
            ("parent".to_owned(), self.parent(Parent::Database(source.database))),
            ("database_parent".to_owned(), self.parent(database.parent)),
            ("is_inline".to_owned(), json!(database.is_inline)),
            ("properties".to_owned(), source.schema()),
            ("icon".to_owned(), Value::Null),
            ("cover".to_owned(), Value::Null),
            ("url".to_owned(), json!(format!("https://www.notion.so/{}", source.database.simple()))),
            ("public_url".to_owned(), Value::Null),
        ]);
        stamped(&mut answer, &source.stamp, self.workspace.is_trashed(id));
        Value::Object(answer)
    }

    fn parent(&self, parent: Parent) -> Value {
        match parent {
            Parent::Workspace => json!({"type": "workspace", "workspace": true}),
            Parent::Page(id) => json!({"type": "page_id", "page_id": id}),
            Parent::Block(id) => json!({"type": "block_id", "block_id": id}),
            Parent::Database(id) => json!({"type": "database_id", "database_id": id}),
            Parent::DataSource(id) => {
                let database = self.workspace.sources.get(&id).map(|source| source.database);
                json!({"type": "data_source_id", "data_source_id": id, "database_id": database})
            }
        }
    }
}

impl super::model::Person {
    pub(super) fn full(&self) -> Value {
        json!({
            "object": "user",
            "id": self.id,
            "name": self.name,
            "avatar_url": null,
            "type": "person",
            "person": {"email": self.email},
        })
    }
}

impl DataSource {
    fn schema(&self) -> Value {
        let config = |property: &Property| {
            let mut config =
                json!({"id": property.id, "name": property.name, "description": null, "type": property.kind});
            config[property.kind.as_str()] = property.config.clone();
            (property.name.clone(), config)
        };
        Value::Object(self.properties.iter().map(config).collect())
    }
}

impl Property {
    /// The value of this property on a page, in the form of answers without the id.
    pub(super) fn value_on(&self, page: &Page) -> Value {
        let computed = match self.kind.as_str() {
            "created_time" => json!(minute(page.stamp.created)),
            "last_edited_time" => json!(minute(page.stamp.edited)),
            "created_by" => partial_user(page.stamp.created_by),
            "last_edited_by" => partial_user(page.stamp.edited_by),
            "unique_id" => json!({"prefix": self.config.get("prefix"), "number": page.stamp.sequence}),
            kind => match page.values.get(&self.id) {
                Some(value) => return value.clone(),
                None if matches!(
                    kind,
                    "title" | "rich_text" | "multi_select" | "people" | "relation" | "files"
                ) =>
                {
                    json!([])
                }
                None if kind == "checkbox" => json!(false),
                None => Value::Null,
            },
        };
        let mut value = json!({"type": self.kind});
        value[self.kind.as_str()] = computed;
        value
    }
}

fn identified(id: &str, mut value: Value) -> Value {
    value["id"] = json!(id);
    value
}

fn stamped(answer: &mut Map<String, Value>, stamp: &Stamp, in_trash: bool) {
    answer.insert("created_time".to_owned(), json!(minute(stamp.created)));
    answer.insert("last_edited_time".to_owned(), json!(minute(stamp.edited)));
    answer.insert("created_by".to_owned(), partial_user(stamp.created_by));
    answer.insert("last_edited_by".to_owned(), partial_user(stamp.edited_by));
    answer.insert("in_trash".to_owned(), json!(in_trash));
    answer.insert("archived".to_owned(), json!(in_trash));
}
