//! What we know of Notion's objects.

use jiff::Timestamp;
use serde_json::Value;

/// A database: a place with one or more tables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Database {
    /// Its id.
    pub id: String,
    /// Its title.
    pub name: String,
    /// Where people see it.
    pub url: String,
    /// Whether a user threw it away.
    pub in_trash: bool,
    /// Its tables, first created first.
    pub data_sources: Vec<DataSourceName>,
}

/// A table of a database, by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataSourceName {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
}

/// A table with typed columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataSource {
    /// Its id.
    pub id: String,
    /// The database it belongs to.
    pub database_id: String,
    /// Its title.
    pub name: String,
    /// An emoji or the address of a picture.
    pub icon: Option<String>,
    /// Where people see it.
    pub url: String,
    /// Whether a user threw it away.
    pub in_trash: bool,
    /// To the minute.
    pub last_edited_at: Option<Timestamp>,
    /// Its columns.
    pub properties: Vec<Property>,
}

impl DataSource {
    /// Whether a column is called `name`, in any case. Adding one of the same name would change that column.
    pub fn has_property(&self, name: &str) -> bool {
        let name = name.to_lowercase();
        self.properties.iter().any(|property| property.name.trim().to_lowercase() == name)
    }
}

/// A column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Property {
    /// Stays the same when the column is renamed.
    pub id: String,
    /// As people see it.
    pub name: String,
    /// Notion's word for its type; new ones appear without notice.
    pub kind: String,
    /// The values a select, multi-select or status column offers.
    pub options: Vec<String>,
}

/// A page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Its id.
    pub id: String,
    /// Where people see it.
    pub url: String,
    /// Whether somebody threw it away.
    pub in_trash: bool,
    /// To the minute.
    pub created_at: Option<Timestamp>,
    /// To the minute.
    pub last_edited_at: Option<Timestamp>,
    /// The user or bot that created it.
    pub created_by: Option<String>,
    /// The user or bot that changed it last.
    pub last_edited_by: Option<String>,
    /// The values of its columns, as Notion writes them.
    pub properties: Value,
}

/// A piece of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// Its id.
    pub id: String,
    /// Notion's word for its type; new ones appear without notice.
    pub kind: String,
    /// Whether there are blocks inside.
    pub has_children: bool,
    /// Whether somebody threw it away.
    pub in_trash: bool,
    /// The whole block, as Notion writes it.
    pub raw: Value,
}

impl Page {
    /// Its title, without how it looks.
    pub fn title(&self) -> String {
        let values = self.properties.as_object().into_iter().flat_map(|properties| properties.values());
        let title = values.filter_map(|value| value["title"].as_array()).flatten();
        title.filter_map(|run| run["plain_text"].as_str()).collect()
    }
}

impl Block {
    /// The user or bot that made it.
    pub fn created_by(&self) -> Option<&str> {
        self.raw["created_by"]["id"].as_str()
    }

    /// To the minute.
    pub fn created_at(&self) -> Option<Timestamp> {
        self.raw["created_time"].as_str()?.parse().ok()
    }
}

/// Our bot in a workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Me {
    /// The author of what we write.
    pub bot_id: String,
    /// The bot's name.
    pub name: String,
    /// The workspace's name.
    pub workspace_name: Option<String>,
}
