//! The endpoints of blocks: read, list, append, change, delete.

use super::{
    Notion,
    append::can_nest,
    content::{Kind, Nesting},
    model::{Parent, Stamp},
    query::Slice,
    refusal::Refusal,
    route::{Call, Version, read_id},
    shape::{Field, Shape, fields, may, missing, must, object},
};
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use uuid::Uuid;

static POSITION: Shape = Shape::Variants(&[
    &[
        must("type", &Shape::Word(&["after_block"])),
        must("after_block", &Shape::Object(&[must("id", &Shape::Id)])),
    ],
    &[must("type", &Shape::Word(&["start", "end"]))],
]);

impl Notion {
    pub(super) fn retrieve_block(&mut self, call: &Call, id: Uuid) -> Result<Value, Refusal> {
        call.only_parameters(&[])?;
        self.reach_block(call, id)?;
        Ok(self.render_block(id))
    }

    pub(super) fn list_children(&mut self, call: &Call, id: Uuid) -> Result<Value, Refusal> {
        call.only_parameters(&["start_cursor", "page_size"])?;
        self.reach_block(call, id)?;
        let slice = Slice::of_parameters(call, self.config.limits.page_size)?;
        if self.workspace.blocks.contains_key(&id) && self.workspace.is_trashed(id) {
            return Err(Refusal::in_trash());
        }
        let (ids, next) = slice.cut(&self.workspace.living_children(id))?;
        let results: Vec<_> = ids.iter().map(|id| self.render_block(*id)).collect();
        Ok(list("block", &results, next))
    }

    pub(super) fn append_children(&mut self, call: &Call, id: Uuid) -> Result<Value, Refusal> {
        call.only_parameters(&[])?;
        self.reach_block(call, id)?;
        let children = call.body.get("children").ok_or_else(|| Refusal::body(missing("body", "children")))?;
        let place_key: &[Field] = match call.version {
            Version::Positions => &[may("position", &POSITION)],
            Version::Sources => &[may("after", &Shape::Id)],
        };
        fields(&without(&call.body, "children"), place_key, "body").map_err(Refusal::body)?;
        let place = self.place(id)?;
        if self.workspace.is_trashed(id) {
            return Err(Refusal::in_trash());
        }
        let drafts = self.drafts(call.bot, children, "body.children", place)?;
        let position = self.position(id, &call.body)?;
        let stamp = self.stamp(call.bot, call.now);
        let parent =
            if self.workspace.pages.contains_key(&id) { Parent::Page(id) } else { Parent::Block(id) };
        let planted = self.plant(parent, position, drafts, stamp);
        self.touch(id, call.bot, call.now);
        let results: Vec<_> = planted.iter().map(|id| self.render_block(*id)).collect();
        Ok(list("block", &results, None))
    }

    /// What can be placed under this page or block.
    fn place(&self, id: Uuid) -> Result<Nesting, Refusal> {
        let Some(block) = self.workspace.blocks.get(&id) else { return Ok(Nesting::Blocks) };
        let nesting = Kind::named(&block.kind).map_or(Nesting::Nothing, |kind| kind.nesting);
        if !can_nest(nesting, &block.content) {
            return Err(Refusal::unsuitable("Block does not support children."));
        }
        Ok(nesting)
    }

    /// Where among the existing children, those in the trash included, new ones go.
    pub(super) fn position(&self, id: Uuid, body: &Value) -> Result<usize, Refusal> {
        let children = self.workspace.children(id);
        let position = body.get("position");
        let after =
            position.and_then(|position| position.get("after_block")?.get("id")).or(body.get("after"));
        if let Some(after) = after.and_then(Value::as_str).and_then(read_id) {
            let living = self.workspace.living_children(id).contains(&after);
            let at = children.iter().position(|child| *child == after).filter(|_| living);
            return at.map(|at| at + 1).ok_or_else(|| Refusal::not_found("block", after));
        }
        let start = position.and_then(|position| position.get("type"));
        let start = start.is_some_and(|kind| kind == "start" || kind == "page_start");
        Ok(if start { 0 } else { children.len() })
    }

    pub(super) fn update_block(&mut self, call: &Call, id: Uuid) -> Result<Value, Refusal> {
        call.only_parameters(&[])?;
        self.reach_block(call, id)?;
        let Some(block) = self.workspace.blocks.get(&id) else {
            return Err(Refusal::not_simulated("Changing a page or database through the block endpoint"));
        };
        let kind = Kind::named(&block.kind).ok_or_else(|| Refusal::not_simulated("Changing this block"))?;
        let mut rest = object(&call.body, "body").map_err(Refusal::body)?.clone();
        let inner = rest.remove(kind.name);
        let common: &[Field] = match call.version {
            Version::Positions => &[may("type", &Shape::Text(100)), may("in_trash", &Shape::Flag)],
            Version::Sources => &[
                may("type", &Shape::Text(100)),
                may("in_trash", &Shape::Flag),
                may("archived", &Shape::Flag),
            ],
        };
        fields(&rest, common, "body").map_err(Refusal::body)?;
        if rest.get("type").is_some_and(|named| inner.is_none() || named != kind.name) {
            return Err(Refusal::body(format!(
                "body.type should be `{}`: the type of a block cannot change.",
                kind.name
            )));
        }
        let to_trash = trash_of(&rest);
        if self.workspace.is_trashed(id) && to_trash != Some(false) {
            return Err(Refusal::in_trash());
        }
        let changes = inner.map(|inner| self.changes(call, kind, &inner)).transpose()?.unwrap_or_default();
        if let Some(block) = self.workspace.blocks.get_mut(&id) {
            block.content.extend(changes);
            block.in_trash = to_trash.unwrap_or(block.in_trash);
        }
        self.touch(id, call.bot, call.now);
        Ok(self.render_block(id))
    }

    /// The keys that replace those of the block; keys that are not given stay.
    fn changes(&self, call: &Call, kind: &Kind, inner: &Value) -> Result<Map<String, Value>, Refusal> {
        let path = format!("body.{}", kind.name);
        let given = object(inner, &path).map_err(Refusal::body)?;
        let known = kind.changed.ok_or_else(|| Refusal::body(format!("{path} should be not present.")))?;
        fields(given, known, &path).map_err(Refusal::body)?;
        let mut settled = self.settle(call.bot, kind, given.clone())?;
        settled.retain(|key, _| given.contains_key(key));
        Ok(settled)
    }

    pub(super) fn delete_block(&mut self, call: &Call, id: Uuid) -> Result<Value, Refusal> {
        call.only_parameters(&[])?;
        self.reach_block(call, id)?;
        if self.workspace.is_trashed(id) {
            return Err(Refusal::in_trash());
        }
        self.workspace.mark_trash(id, true);
        self.touch(id, call.bot, call.now);
        Ok(self.render_block(id))
    }

    fn reach_block(&self, call: &Call, id: Uuid) -> Result<(), Refusal> {
        let workspace = &self.workspace;
        let known = workspace.blocks.contains_key(&id)
            || workspace.pages.contains_key(&id)
            || workspace.databases.contains_key(&id);
        if known && self.sees(call.bot, id) { Ok(()) } else { Err(Refusal::not_found("block", id)) }
    }

    /// A stamp for something that a bot or person makes now.
    pub(super) fn stamp(&mut self, by: Uuid, now: Timestamp) -> Stamp {
        self.sequence += 1;
        Stamp { created: now, created_by: by, edited: now, edited_by: by, sequence: self.sequence }
    }

    /// Marks the object and the page or database it belongs to as edited now.
    pub(super) fn touch(&mut self, id: Uuid, by: Uuid, now: Timestamp) {
        for above in self.workspace.lineage(id) {
            if let Some(block) = self.workspace.blocks.get_mut(&above) {
                (block.stamp.edited, block.stamp.edited_by) = (now, by);
            }
            if let Some(page) = self.workspace.pages.get_mut(&above) {
                (page.stamp.edited, page.stamp.edited_by) = (now, by);
                return;
            }
            if let Some(database) = self.workspace.databases.get_mut(&above) {
                (database.stamp.edited, database.stamp.edited_by) = (now, by);
                return;
            }
        }
    }
}

/// The trash mark in a body, under either of its names.
pub(super) fn trash_of(body: &Map<String, Value>) -> Option<bool> {
    body.get("in_trash").or(body.get("archived")).and_then(Value::as_bool)
}

/// A body without one of its keys.
pub(super) fn without(body: &Value, key: &str) -> Map<String, Value> {
    let mut rest = body.as_object().cloned().unwrap_or_default();
    rest.remove(key);
    rest
}

/// A list as answers carry it.
pub(super) fn list(kind: &str, results: &[Value], next: Option<Uuid>) -> Value {
    let mut list = json!({
        "object": "list",
        "results": results,
        "next_cursor": next,
        "has_more": next.is_some(),
        "type": kind,
    });
    list[kind] = json!({});
    list
}
