//! What people do in the workspace without asking any integration. Nobody but the first member edits pages.

use super::{
    Notion,
    content::Kind,
    model::{Block, Page, Parent},
    rich_text::plain,
};
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use uuid::Uuid;

impl Notion {
    /// A person consents, without the page: the code that the redirect would carry. `None` when the request is one
    /// that the page would refuse, or nobody has this name. `shared` are titles; an unknown one is ignored.
    pub fn consent(
        &mut self,
        person: &str,
        client_id: &str,
        redirect_uri: &str,
        shared: &[&str],
        now: Timestamp,
    ) -> Option<String> {
        let person = self.workspace.people.iter().find(|found| found.name.eq_ignore_ascii_case(person))?;
        let shared = person
            .roots
            .iter()
            .copied()
            .filter(|root| shared.contains(&self.title_of(*root).as_str()))
            .collect();
        let person = person.id;
        self.client_redirects_to(client_id, redirect_uri)
            .then(|| self.issue_code(person, client_id, redirect_uri, shared, now))
    }

    /// A person removes every connection of theirs: all its tokens end.
    pub fn person_disconnects(&mut self, person: &str) {
        if let Some(person) =
            self.workspace.people.iter().find(|found| found.name.eq_ignore_ascii_case(person))
        {
            self.grants.end_all_of(person.id);
        }
    }

    /// A person takes a database or page, by title, out of what all connections see.
    pub fn person_unshares(&mut self, title: &str) {
        for id in self.ids_titled(title) {
            self.grants.unshare(id);
        }
    }

    /// Everybody who has this database or page at hand shares it, by title, with all their connections.
    pub fn person_shares(&mut self, title: &str) {
        for id in self.ids_titled(title) {
            let people = self.workspace.people.iter().filter(|person| person.roots.contains(&id));
            let people = people.map(|person| person.id).collect();
            self.grants.share(id, &people);
        }
    }

    /// A person moves a page or database to the trash or takes it out again.
    pub fn person_trashes(&mut self, id: Uuid, in_trash: bool) {
        self.workspace.mark_trash(id, in_trash);
    }

    /// A person deletes what is in the trash for ever.
    pub fn person_deletes_for_ever(&mut self, id: Uuid) {
        self.workspace.delete(id);
    }

    /// A person renames a property of a database. `false` when there is no such property, or another of that name.
    pub fn person_renames_property(&mut self, database: &str, property: &str, name: &str) -> bool {
        let source = self.data_source_id(database).and_then(|id| self.workspace.sources.get_mut(&id));
        let Some(source) = source.filter(|it| it.properties.iter().all(|found| found.name != name)) else {
            return false;
        };
        let found = source.properties.iter_mut().find(|found| found.name == property);
        found.map(|found| name.clone_into(&mut found.name)).is_some()
    }

    /// A person removes a property of a database. `false` when there is no such property.
    pub fn person_removes_property(&mut self, database: &str, property: &str) -> bool {
        let source = self.data_source_id(database).and_then(|id| self.workspace.sources.get_mut(&id));
        source.is_some_and(|source| {
            let before = source.properties.len();
            source.properties.retain(|found| found.name != property);
            source.properties.len() < before
        })
    }

    /// A person allows or forbids changes to the schema of a database.
    pub fn person_locks(&mut self, database: &str, locked: bool) {
        for found in self.workspace.databases.values_mut().filter(|found| found.title == database) {
            found.locked = locked;
        }
    }

    /// A person writes another text into a block. `false` when there is no such block, or none that has text.
    pub fn person_edits_block(&mut self, id: Uuid, text: &str, now: Timestamp) -> bool {
        self.person_sets(id, "rich_text", plain(text), now)
    }

    /// A person ticks a to-do, or takes the tick away. `false` when there is no such to-do.
    pub fn person_checks_todo(&mut self, id: Uuid, checked: bool, now: Timestamp) -> bool {
        self.person_sets(id, "checked", json!(checked), now)
    }

    /// A person gives a page or row another title. `false` when there is no such page.
    pub fn person_renames_page(&mut self, id: Uuid, title: &str, now: Timestamp) -> bool {
        let known = (!self.workspace.is_trashed(id)).then(|| self.workspace.pages.get_mut(&id)).flatten();
        let Some(known) =
            known.and_then(|page| page.values.values_mut().find(|value| value["type"] == "title"))
        else {
            return false;
        };
        known["title"] = plain(title);
        self.touch(id, self.editor(), now);
        true
    }

    fn person_sets(&mut self, id: Uuid, key: &str, value: Value, now: Timestamp) -> bool {
        let known = (!self.workspace.is_trashed(id)).then(|| self.workspace.blocks.get_mut(&id)).flatten();
        let Some(known) = known.and_then(|block| block.content.get_mut(key)) else { return false };
        *known = value;
        self.touch(id, self.editor(), now);
        true
    }

    /// A person writes a paragraph under a page or block: after one of its children, or at its end. Its id; `None` when
    /// there is no such place.
    pub fn person_adds_block(
        &mut self,
        parent: Uuid,
        after: Option<Uuid>,
        text: &str,
        now: Timestamp,
    ) -> Option<Uuid> {
        let children = self.workspace.children(parent);
        let position = match after {
            Some(after) => children.iter().position(|child| *child == after)? + 1,
            None => children.len(),
        };
        let above = if self.workspace.pages.contains_key(&parent) { Parent::Page } else { Parent::Block };
        let mut content = Map::from_iter([("rich_text".to_owned(), plain(text))]);
        Kind::named("paragraph")?.fill(&mut content);
        let (id, stamp) = (self.seed.uuid(), self.stamp(self.editor(), now));
        self.workspace.children_mut(parent)?.insert(position, id);
        let kind = "paragraph".to_owned();
        let block =
            Block { parent: above(parent), kind, content, children: Vec::new(), in_trash: false, stamp };
        self.workspace.blocks.insert(id, block);
        self.touch(parent, self.editor(), now);
        Some(id)
    }

    /// A person drags a block below another, on the same page or elsewhere. `false` when there is no such block, or the other is
    /// inside it.
    pub fn person_moves_block(&mut self, id: Uuid, after: Uuid, now: Timestamp) -> bool {
        let parent = |id: Uuid| self.workspace.blocks.get(&id).map(|block| block.parent);
        let (Some(from), Some(to)) = (parent(id), parent(after)) else { return false };
        if self.workspace.is_trashed(id)
            || self.workspace.is_trashed(after)
            || self.workspace.lineage(after).contains(&id)
        {
            return false;
        }
        let (Parent::Page(old) | Parent::Block(old), Parent::Page(new) | Parent::Block(new)) = (from, to)
        else {
            return false;
        };
        if let Some(children) = self.workspace.children_mut(old) {
            children.retain(|child| *child != id);
        }
        if let Some(children) = self.workspace.children_mut(new) {
            let at = children.iter().position(|child| *child == after).map_or(0, |at| at + 1);
            children.insert(at, id);
        }
        if let Some(block) = self.workspace.blocks.get_mut(&id) {
            block.parent = to;
        }
        self.touch(id, self.editor(), now);
        true
    }

    /// A person deletes a block with all that is nested in it. `false` when there is no such block.
    pub fn person_deletes_block(&mut self, id: Uuid, now: Timestamp) -> bool {
        let deleted = self.workspace.blocks.contains_key(&id) && self.workspace.mark_trash(id, true);
        if deleted {
            self.touch(id, self.editor(), now);
        }
        deleted
    }

    /// A person makes an empty page at the end of another. Its id; `None` when there is no such page.
    pub fn person_adds_page(&mut self, under: Uuid, title: &str, now: Timestamp) -> Option<Uuid> {
        let (id, stamp) = (self.seed.uuid(), self.stamp(self.editor(), now));
        self.workspace.pages.get_mut(&under)?.children.push(id);
        let title = json!({"type": "title", "title": plain(title)});
        let page = Page {
            parent: Parent::Page(under),
            values: BTreeMap::from([("title".to_owned(), title)]),
            icon: Value::Null,
            cover: Value::Null,
            children: Vec::new(),
            in_trash: false,
            stamp,
        };
        self.workspace.pages.insert(id, page);
        Some(id)
    }

    fn editor(&self) -> Uuid {
        self.workspace.people.first().map(|person| person.id).unwrap_or_default()
    }
}
