//! The endpoints of databases: create, retrieve, update, trash.

use super::{
    Notion,
    blocks::without,
    media::{COVER, ICON, settled},
    model::{DataSource, Database, Parent, plain_text},
    properties::read_schema,
    refusal::Refusal,
    rich_text::RICH_TEXT,
    route::{Call, Version, read_id},
    shape::{Field, Shape, fields, may, missing, must},
};
use serde_json::{Map, Value, json};
use uuid::Uuid;

static PARENT: Shape = Shape::Variants(&[
    &[must("type", &Shape::Word(&["page_id"])), must("page_id", &Shape::Id)],
    &[must("type", &Shape::Word(&["workspace"])), must("workspace", &Shape::True)],
]);
/// What can be given when a database is made and when it is changed.
static DECORATION: &[Field] = &[
    may("title", &RICH_TEXT),
    may("description", &RICH_TEXT),
    may("is_inline", &Shape::Flag),
    may("icon", &ICON),
    may("cover", &COVER),
];

impl Notion {
    /// Makes a database at the end of a page, with its first data source.
    pub(super) fn create_database(&mut self, call: &Call) -> Result<Value, Refusal> {
        call.only_parameters(&[])?;
        let mut body = without(&call.body, "initial_data_source");
        let parent = body.remove("parent").ok_or_else(|| Refusal::body(missing("body", "parent")))?;
        PARENT.check(&parent, "body.parent").map_err(Refusal::body)?;
        fields(&body, DECORATION, "body").map_err(Refusal::body)?;
        let columns = read_schema(call.body.get("initial_data_source"))?;
        let page = parent.get("page_id").and_then(Value::as_str).and_then(read_id);
        let page = page.ok_or_else(|| Refusal::not_simulated("A database directly under the workspace"))?;
        self.reach_page(call, page)?;
        if self.workspace.is_trashed(page) {
            return Err(Refusal::in_trash());
        }
        let (id, source) = (self.seed.uuid(), self.seed.uuid());
        let stamp = self.stamp(call.bot, call.now);
        let mut database = Database {
            title: String::new(),
            description: json!([]),
            icon: Value::Null,
            cover: Value::Null,
            is_inline: false,
            parent: Parent::Page(page),
            sources: vec![source],
            locked: false,
            in_trash: false,
            stamp,
        };
        self.decorate(call, &mut database, &body)?;
        let properties =
            columns.into_iter().map(|(name, kind, config)| self.property(name, kind, config)).collect();
        let title = database.title.clone();
        self.workspace.sources.insert(source, DataSource { database: id, title, properties, stamp });
        self.workspace.databases.insert(id, database);
        if let Some(siblings) = self.workspace.children_mut(page) {
            siblings.push(id);
        }
        Ok(self.render_database(id))
    }

    pub(super) fn database(&mut self, call: &Call, id: Uuid) -> Result<Value, Refusal> {
        call.only_parameters(&[])?;
        self.reach_database(call, id)?;
        Ok(self.render_database(id))
    }

    pub(super) fn update_database(&mut self, call: &Call, id: Uuid) -> Result<Value, Refusal> {
        call.only_parameters(&[])?;
        let mut database = self.reach_database(call, id)?.clone();
        if let Some(key) = ["parent", "is_locked"].into_iter().find(|key| call.body.get(*key).is_some()) {
            return Err(Refusal::not_simulated(&format!("`{key}` of a database")));
        }
        let mut body = without(&call.body, "in_trash");
        let mut mark = call.body.get("in_trash").cloned();
        if call.version == Version::Sources {
            mark = mark.or_else(|| body.remove("archived"));
        }
        fields(&body, DECORATION, "body").map_err(Refusal::body)?;
        mark.iter().try_for_each(|mark| Shape::Flag.check(mark, "body.in_trash")).map_err(Refusal::body)?;
        let to_trash = mark.and_then(|mark| mark.as_bool());
        if self.workspace.is_trashed(id) && to_trash != Some(false) {
            return Err(Refusal::in_trash());
        }
        self.decorate(call, &mut database, &body)?;
        database.in_trash = to_trash.unwrap_or(database.in_trash);
        self.workspace.databases.insert(id, database);
        self.touch(id, call.bot, call.now);
        Ok(self.render_database(id))
    }

    /// Sets what the body, which must have the form of [`DECORATION`], gives.
    fn decorate(
        &self,
        call: &Call,
        database: &mut Database,
        body: &Map<String, Value>,
    ) -> Result<(), Refusal> {
        if let Some(title) = body.get("title") {
            database.title = plain_text(Some(&self.rich_text(call.bot, title)?));
        }
        if let Some(description) = body.get("description") {
            database.description = self.rich_text(call.bot, description)?;
        }
        if let Some(icon) = body.get("icon") {
            database.icon = settled(icon);
        }
        if let Some(cover) = body.get("cover") {
            database.cover = settled(cover);
        }
        database.is_inline = body.get("is_inline").and_then(Value::as_bool).unwrap_or(database.is_inline);
        Ok(())
    }

    fn reach_database(&self, call: &Call, id: Uuid) -> Result<&Database, Refusal> {
        let database = self.workspace.databases.get(&id).filter(|_| self.sees(call.bot, id));
        database.ok_or_else(|| Refusal::not_found("database", id))
    }
}
