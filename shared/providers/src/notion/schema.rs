//! Which column of a data source takes which part of a ticket.

use serde::{Deserialize, Serialize};

use super::{DataSource, Property};

/// The column that holds our id of a page.
pub const EXTERNAL_ID_NAME: &str = "Patchbay ID";

/// What is remembered of a data source that takes tickets. Columns are kept by id: renaming one changes nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketSchema {
    /// The database.
    pub database_id: String,
    /// Its data source.
    pub data_source_id: String,
    /// The id of the title column; every data source has one.
    pub title: String,
    /// Takes the ticket's type.
    pub ticket_type: Option<Field>,
    /// Takes the priority.
    pub priority: Option<Field>,
    /// Takes the product area.
    pub product_area: Option<Field>,
    /// The id of the column that holds our id of the page. Without it the recording's link carries our id.
    pub external_id: Option<String>,
}

/// A column that can hold a word.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// The column's id.
    pub id: String,
    /// How the word is written.
    pub kind: FieldKind,
    /// The words it offers already.
    #[serde(default)]
    pub options: Vec<String>,
}

/// The types of columns that can hold a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldKind {
    /// Free text.
    RichText,
    /// One of a list that grows.
    Select,
    /// Some of a list that grows.
    MultiSelect,
    /// One of a list that only people change.
    Status,
}

impl TicketSchema {
    /// The schema of a data source; `None` for one without a title column, which Notion does not make.
    pub fn from_data_source(source: &DataSource) -> Option<Self> {
        let title = source.properties.iter().find(|property| property.kind == "title")?;
        let external = named(source, EXTERNAL_ID_NAME).find(|property| property.kind == "rich_text");
        Some(Self {
            database_id: source.database_id.clone(),
            data_source_id: source.id.clone(),
            title: title.id.clone(),
            ticket_type: field(source, "Ticket Type"),
            priority: field(source, "Priority"),
            product_area: field(source, "Product Area"),
            external_id: external.map(|property| property.id.clone()),
        })
    }

    /// The same, with every word in the body: for a data source that refuses a value which its schema seems to take.
    #[must_use]
    pub fn title_only(self) -> Self {
        Self { ticket_type: None, priority: None, product_area: None, ..self }
    }
}

fn named<'a>(source: &'a DataSource, name: &'a str) -> impl Iterator<Item = &'a Property> {
    let name = name.to_lowercase();
    source.properties.iter().filter(move |property| property.name.trim().to_lowercase() == name)
}

fn field(source: &DataSource, name: &str) -> Option<Field> {
    named(source, name).find_map(|property| {
        let kind = match property.kind.as_str() {
            "rich_text" => FieldKind::RichText,
            "select" => FieldKind::Select,
            "multi_select" => FieldKind::MultiSelect,
            "status" => FieldKind::Status,
            _ => return None,
        };
        Some(Field { id: property.id.clone(), kind, options: property.options.clone() })
    })
}
