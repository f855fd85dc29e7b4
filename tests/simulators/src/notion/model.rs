//! What a workspace holds: people, databases with their data sources, pages and blocks.

use jiff::{Timestamp, tz::TimeZone};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use uuid::Uuid;

/// A member of the workspace.
#[derive(Clone, Debug)]
pub(super) struct Person {
    pub(super) id: Uuid,
    pub(super) name: String,
    pub(super) email: String,
    /// What this person can share with an integration, in the order of the picker.
    pub(super) roots: Vec<Uuid>,
}

/// Where something hangs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Parent {
    Workspace,
    Page(Uuid),
    Block(Uuid),
    Database(Uuid),
    DataSource(Uuid),
}

/// Who made and last touched something, and when.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stamp {
    pub(super) created: Timestamp,
    pub(super) created_by: Uuid,
    pub(super) edited: Timestamp,
    pub(super) edited_by: Uuid,
    /// Orders what happened within one minute.
    pub(super) sequence: u64,
}

/// A database: the container of data sources.
#[derive(Clone, Debug)]
pub(super) struct Database {
    pub(super) title: String,
    /// Rich text, in the form of answers.
    pub(super) description: Value,
    pub(super) icon: Value,
    pub(super) cover: Value,
    pub(super) is_inline: bool,
    pub(super) parent: Parent,
    pub(super) sources: Vec<Uuid>,
    /// Its schema may not be changed through the API.
    pub(super) locked: bool,
    pub(super) in_trash: bool,
    pub(super) stamp: Stamp,
}

/// One column of a data source.
#[derive(Clone, Debug)]
pub(super) struct Property {
    /// As the API gives it: percent-encoded.
    pub(super) id: String,
    pub(super) name: String,
    /// `title`, `select`, …
    pub(super) kind: String,
    /// What stands under the key `kind` in the schema.
    pub(super) config: Value,
}

/// A table of pages.
#[derive(Clone, Debug)]
pub(super) struct DataSource {
    pub(super) database: Uuid,
    pub(super) title: String,
    pub(super) properties: Vec<Property>,
    pub(super) stamp: Stamp,
}

/// A page, in a data source or elsewhere.
#[derive(Clone, Debug)]
pub(super) struct Page {
    pub(super) parent: Parent,
    /// Values by property id, in the form of answers, without the id.
    pub(super) values: BTreeMap<String, Value>,
    pub(super) icon: Value,
    pub(super) cover: Value,
    pub(super) children: Vec<Uuid>,
    pub(super) in_trash: bool,
    pub(super) stamp: Stamp,
}

/// A block of a page.
#[derive(Clone, Debug)]
pub(super) struct Block {
    pub(super) parent: Parent,
    pub(super) kind: String,
    /// What stands under the key `kind`, in the form of answers.
    pub(super) content: Map<String, Value>,
    pub(super) children: Vec<Uuid>,
    pub(super) in_trash: bool,
    pub(super) stamp: Stamp,
}

/// Everything there is.
#[derive(Clone, Debug)]
pub(super) struct Workspace {
    pub(super) id: Uuid,
    pub(super) name: String,
    pub(super) people: Vec<Person>,
    pub(super) databases: BTreeMap<Uuid, Database>,
    pub(super) sources: BTreeMap<Uuid, DataSource>,
    pub(super) pages: BTreeMap<Uuid, Page>,
    pub(super) blocks: BTreeMap<Uuid, Block>,
}

/// Notion rounds its times down to the minute.
pub(super) fn minute(at: Timestamp) -> String {
    at.to_zoned(TimeZone::UTC).strftime("%Y-%m-%dT%H:%M:00.000Z").to_string()
}

/// A user in its short form.
pub(super) fn partial_user(id: Uuid) -> Value {
    json!({"object": "user", "id": id})
}

impl DataSource {
    /// The property with this name or id; ids are taken encoded and decoded.
    pub(super) fn property(&self, key: &str) -> Option<&Property> {
        let with_id = || self.properties.iter().find(|property| property.has_id(key));
        self.properties.iter().find(|property| property.name == key).or_else(with_id)
    }
}

impl Page {
    /// Its plain title.
    pub(super) fn title(&self) -> String {
        self.values.get("title").map(|value| plain_text(value.get("title"))).unwrap_or_default()
    }
}

impl Property {
    pub(super) fn has_id(&self, key: &str) -> bool {
        self.id == key
            || url::form_urlencoded::parse(self.id.as_bytes()).next().is_some_and(|(id, _)| id == key)
    }
}

impl Workspace {
    /// What this id's owner hangs from, if the id exists.
    pub(super) fn parent(&self, id: Uuid) -> Option<Parent> {
        if let Some(block) = self.blocks.get(&id) {
            return Some(block.parent);
        }
        if let Some(page) = self.pages.get(&id) {
            return Some(page.parent);
        }
        if let Some(source) = self.sources.get(&id) {
            return Some(Parent::Database(source.database));
        }
        self.databases.get(&id).map(|database| database.parent)
    }

    /// The id and everything above it, from the inside out.
    pub(super) fn lineage(&self, id: Uuid) -> Vec<Uuid> {
        let mut line = vec![id];
        let mut at = id;
        while let Some(Parent::Page(up) | Parent::Block(up) | Parent::Database(up) | Parent::DataSource(up)) =
            self.parent(at)
        {
            line.push(up);
            at = up;
        }
        line
    }

    /// Whether the object or anything above it lies in the trash.
    pub(super) fn is_trashed(&self, id: Uuid) -> bool {
        self.lineage(id).into_iter().any(|id| self.is_marked_trash(id))
    }

    /// Whether the object itself was moved to the trash.
    pub(super) fn is_marked_trash(&self, id: Uuid) -> bool {
        self.blocks.get(&id).is_some_and(|block| block.in_trash)
            || self.pages.get(&id).is_some_and(|page| page.in_trash)
            || self.databases.get(&id).is_some_and(|database| database.in_trash)
    }

    /// Moves a block, page or database to the trash or takes it out again. `false` when there is none.
    pub(super) fn mark_trash(&mut self, id: Uuid, in_trash: bool) -> bool {
        let mark = (self.blocks.get_mut(&id).map(|block| &mut block.in_trash))
            .or_else(|| self.pages.get_mut(&id).map(|page| &mut page.in_trash))
            .or_else(|| self.databases.get_mut(&id).map(|database| &mut database.in_trash));
        mark.map(|mark| *mark = in_trash).is_some()
    }

    /// Deletes a block, page or database for ever, and whatever is in it.
    pub(super) fn delete(&mut self, id: Uuid) {
        if let Some(Parent::Page(around) | Parent::Block(around)) = self.parent(id)
            && let Some(children) = self.children_mut(around)
        {
            children.retain(|child| *child != id);
        }
        let (blocks, pages) = (self.blocks.keys(), self.pages.keys());
        let all = blocks.chain(pages).chain(self.databases.keys()).chain(self.sources.keys());
        let inside: Vec<_> = all.copied().filter(|inner| self.lineage(*inner).contains(&id)).collect();
        for id in inside {
            self.blocks.remove(&id);
            self.pages.remove(&id);
            self.databases.remove(&id);
            self.sources.remove(&id);
        }
    }

    /// What is directly under a page or block, in order, what is in the trash included.
    pub(super) fn children(&self, id: Uuid) -> &[Uuid] {
        let children = self.pages.get(&id).map(|page| &page.children);
        let children = children.or_else(|| self.blocks.get(&id).map(|block| &block.children));
        children.map(Vec::as_slice).unwrap_or_default()
    }

    /// The same, to change it.
    pub(super) fn children_mut(&mut self, id: Uuid) -> Option<&mut Vec<Uuid>> {
        if let Some(page) = self.pages.get_mut(&id) {
            return Some(&mut page.children);
        }
        self.blocks.get_mut(&id).map(|block| &mut block.children)
    }

    /// The blocks, pages and databases directly under a page or block that are not in the trash.
    pub(super) fn living_children(&self, id: Uuid) -> Vec<Uuid> {
        self.children(id).iter().copied().filter(|id| !self.is_marked_trash(*id)).collect()
    }
}

/// The text of an array of rich text items.
pub(super) fn plain_text(rich_text: Option<&Value>) -> String {
    let items = rich_text.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    items.iter().filter_map(|item| item.get("plain_text")?.as_str()).collect()
}
