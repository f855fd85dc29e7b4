//! The workspace "Acme" that every stand-in starts with.

use super::model::{DataSource, Database, Page, Parent, Person, Property, Stamp, Workspace};
use super::property_forms::groups;
use super::rich_text::plain;
use crate::Seed;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use uuid::Uuid;

/// How many pages lie under the team's wiki: more than fit on one page of results.
const WIKI_PAGES: u64 = 120;
/// When the workspace was set up: 2026-01-05, in epoch seconds.
const SET_UP: i64 = 1_767_603_600;

struct Builder<'a> {
    seed: &'a mut Seed,
    workspace: Workspace,
    sequence: u64,
    by: Uuid,
}

/// The workspace and the last sequence number used in it.
pub(super) fn acme(seed: &mut Seed) -> (Workspace, u64) {
    let by = seed.uuid();
    let workspace = Workspace {
        id: seed.uuid(),
        name: "Acme".to_owned(),
        people: Vec::new(),
        databases: BTreeMap::new(),
        sources: BTreeMap::new(),
        pages: BTreeMap::new(),
        blocks: BTreeMap::new(),
    };
    let mut builder = Builder { seed, workspace, sequence: 0, by };
    let tickets = builder.database("Product tickets", ticket_properties(true), false);
    let ideas = builder.database("Ideas", ticket_properties(false), false);
    let locked = builder.database("Locked board", ticket_properties(true), true);
    let wiki = builder.page(Parent::Workspace, "Team wiki");
    for number in 1..=WIKI_PAGES {
        builder.page(Parent::Page(wiki), &format!("Wiki page {number:03}"));
    }
    for (at, name) in ["Alice", "Bob"].into_iter().enumerate() {
        let notes = builder.page(Parent::Workspace, &format!("{name}'s notes"));
        let id = if at == 0 { by } else { builder.seed.uuid() };
        let email = format!("{}@acme.test", name.to_lowercase());
        let roots = vec![tickets, ideas, locked, wiki, notes];
        builder.workspace.people.push(Person { id, name: name.to_owned(), email, roots });
    }
    (builder.workspace, builder.sequence)
}

/// Name, kind and configuration of the columns of a ticket board.
fn ticket_properties(with_priority: bool) -> Vec<(&'static str, &'static str, Value)> {
    let mut properties = vec![
        ("Name", "title", json!({})),
        ("Ticket Type", "select", json!({"options": ["Bug", "Feature", "Enhancement", "Task"]})),
        ("Priority", "select", json!({"options": ["Low", "Medium", "High", "Critical"]})),
        ("Product Area", "select", json!({"options": ["Checkout", "Dashboard", "Mobile app"]})),
        ("Status", "status", json!({"options": ["Not started", "In progress", "Done"]})),
        ("Created", "created_time", json!({})),
    ];
    properties.retain(|(name, ..)| with_priority || *name != "Priority");
    properties
}

impl Builder<'_> {
    fn stamp(&mut self) -> Stamp {
        self.sequence += 1;
        let seconds = SET_UP + 60 * i64::try_from(self.sequence).unwrap_or_default();
        let at = Timestamp::from_second(seconds).unwrap_or_default();
        Stamp { created: at, created_by: self.by, edited: at, edited_by: self.by, sequence: self.sequence }
    }

    fn page(&mut self, parent: Parent, title: &str) -> Uuid {
        let id = self.seed.uuid();
        let title = json!({"type": "title", "title": plain(title)});
        let values = BTreeMap::from([("title".to_owned(), title)]);
        let stamp = self.stamp();
        let page = Page {
            parent,
            values,
            icon: Value::Null,
            cover: Value::Null,
            children: Vec::new(),
            in_trash: false,
            stamp,
        };
        self.workspace.pages.insert(id, page);
        if let Parent::Page(above) = parent
            && let Some(siblings) = self.workspace.children_mut(above)
        {
            siblings.push(id);
        }
        id
    }

    fn database(
        &mut self,
        title: &str,
        columns: Vec<(&'static str, &'static str, Value)>,
        locked: bool,
    ) -> Uuid {
        let (id, source) = (self.seed.uuid(), self.seed.uuid());
        let stamp = self.stamp();
        let properties =
            columns.into_iter().map(|(name, kind, config)| self.property(name, kind, &config)).collect();
        let title = title.to_owned();
        self.workspace
            .sources
            .insert(source, DataSource { database: id, title: title.clone(), properties, stamp });
        let database = Database {
            title,
            description: json!([]),
            icon: Value::Null,
            cover: Value::Null,
            is_inline: false,
            parent: Parent::Workspace,
            sources: vec![source],
            locked,
            in_trash: false,
            stamp,
        };
        self.workspace.databases.insert(id, database);
        id
    }

    /// A column. Ids are percent-encoded text, as Notion's are, except that of the title.
    fn property(&mut self, name: &str, kind: &str, config: &Value) -> Property {
        let id = if kind == "title" { "title".to_owned() } else { format!("{}%3A", self.seed.token(8)) };
        let colors = ["gray", "blue", "green", "red"];
        let names = config.get("options").and_then(Value::as_array).cloned().unwrap_or_default();
        let options: Vec<Value> = names
            .iter()
            .zip(colors)
            .map(|(name, color)| json!({"id": self.seed.token(4), "name": name, "color": color, "description": null}))
            .collect();
        let config = match kind {
            "select" => json!({"options": options}),
            "status" => json!({"groups": groups(self.seed, &options), "options": options}),
            _ => json!({}),
        };
        Property { id, name: name.to_owned(), kind: kind.to_owned(), config }
    }
}
