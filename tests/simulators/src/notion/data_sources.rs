//! The endpoints of data sources, and changes to a schema.

use super::{
    Notion,
    model::{DataSource, Property, plain_text},
    properties::{Change, read_changes},
    property_forms::groups,
    refusal::Refusal,
    rich_text::RICH_TEXT,
    route::Call,
    shape::{fields, may},
};
use serde_json::Value;
use uuid::Uuid;

impl Notion {
    pub(super) fn data_source(&mut self, call: &Call, id: Uuid) -> Result<Value, Refusal> {
        call.only_parameters(&[])?;
        self.reach_source(call, id)?;
        Ok(self.render_source(id))
    }

    pub(super) fn update_data_source(&mut self, call: &Call, id: Uuid) -> Result<Value, Refusal> {
        call.only_parameters(&[])?;
        let source = self.reach_source(call, id)?.clone();
        if let Some(key) =
            ["icon", "in_trash", "archived", "parent"].into_iter().find(|key| call.body.get(*key).is_some())
        {
            return Err(Refusal::not_simulated(&format!("`{key}` of a data source")));
        }
        let body = super::blocks::without(&call.body, "properties");
        fields(&body, &[may("title", &RICH_TEXT)], "body").map_err(Refusal::body)?;
        let changes = read_changes(call.body.get("properties"), &source)?;
        if self.workspace.is_trashed(id) {
            return Err(Refusal::in_trash());
        }
        let locked = self.workspace.databases.get(&source.database).is_some_and(|database| database.locked);
        if locked && !changes.is_empty() {
            return Err(Refusal::restricted(
                "Insufficient permissions: the schema of this database is locked.",
            ));
        }
        let mut reformed = source;
        for change in changes {
            self.apply(&mut reformed, change)?;
        }
        if let Some(title) = body.get("title") {
            reformed.title = plain_text(Some(&self.rich_text(call.bot, title)?));
        }
        (reformed.stamp.edited, reformed.stamp.edited_by) = (call.now, call.bot);
        self.workspace.sources.insert(id, reformed);
        Ok(self.render_source(id))
    }

    fn apply(&mut self, source: &mut DataSource, change: Change) -> Result<(), Refusal> {
        match change {
            Change::Remove(id) => source.properties.retain(|property| property.id != id),
            Change::Rename(id, name) => {
                free(source, &name, Some(&id))?;
                if let Some(property) = source.properties.iter_mut().find(|property| property.id == id) {
                    property.name = name;
                }
            }
            Change::Reform(id, kind, config) => {
                let config = self.with_option_ids(config);
                if let Some(property) = source.properties.iter_mut().find(|property| property.id == id) {
                    (property.kind, property.config) = (kind, config);
                }
            }
            Change::Add(name, kind, config) => {
                free(source, &name, None)?;
                let property = self.property(name, kind, config);
                source.properties.push(property);
            }
        }
        Ok(())
    }

    /// A new column.
    pub(super) fn property(&mut self, name: String, kind: String, config: Value) -> Property {
        let id = if kind == "title" { kind.clone() } else { format!("{}%3B", self.seed.token(8)) };
        let mut config = self.with_option_ids(config);
        if kind == "status" {
            let options = config["options"].as_array().map(Vec::as_slice).unwrap_or_default();
            config["groups"] = Value::Array(groups(&mut self.seed, options));
        }
        Property { id, name, kind, config }
    }

    /// Options get an id and a colour when they come without.
    fn with_option_ids(&mut self, mut config: Value) -> Value {
        for option in config.get_mut("options").and_then(Value::as_array_mut).into_iter().flatten() {
            let id = self.seed.uuid().to_string();
            let Some(option) = option.as_object_mut() else { continue };
            option.entry("id").or_insert_with(|| id.into());
            option.entry("color").or_insert_with(|| "default".into());
            option.entry("description").or_insert(Value::Null);
        }
        config
    }
}

fn free(source: &DataSource, name: &str, but: Option<&str>) -> Result<(), Refusal> {
    let taken =
        source.properties.iter().any(|property| property.name == name && Some(property.id.as_str()) != but);
    if taken { Err(Refusal::unsuitable(format!("Cannot have two properties named {name}."))) } else { Ok(()) }
}
