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
    /// The schema of a data source; `None` for one without a title column, which Notion does not make. A column that is `known`
    /// is taken by its id, whatever it is called by now, and any other by its name.
    pub fn from_data_source(source: &DataSource, known: Option<&Self>) -> Option<Self> {
        let title = source.properties.iter().find(|property| property.kind == "title")?;
        let known = known.filter(|known| known.data_source_id == source.id);
        let fields = known.map(|known| [&known.ticket_type, &known.priority, &known.product_area]);
        let [ticket_type, priority, product_area] = fields
            .map_or([None; 3], |fields| fields.map(|field| field.as_ref().map(|field| field.id.as_str())));
        let external_id = known.and_then(|known| known.external_id.as_deref());
        let taken = [ticket_type, priority, product_area, external_id];
        let columns = |id: Option<&str>, name: &str| {
            let by_id = source.properties.iter().filter(|property| Some(property.id.as_str()) == id);
            let by_name = named(source, name).filter(|property| !taken.contains(&Some(property.id.as_str())));
            by_id.chain(by_name).collect::<Vec<_>>()
        };
        let external = columns(external_id, EXTERNAL_ID_NAME).into_iter().find(|it| it.kind == "rich_text");
        Some(Self {
            database_id: source.database_id.clone(),
            data_source_id: source.id.clone(),
            title: title.id.clone(),
            ticket_type: field(&columns(ticket_type, "Ticket Type")),
            priority: field(&columns(priority, "Priority")),
            product_area: field(&columns(product_area, "Product Area")),
            external_id: external.map(|property| property.id.clone()),
        })
    }

    /// The same, with every word in the body: for a data source that refuses a value which its schema seems to take.
    #[must_use]
    pub fn title_only(self) -> Self {
        Self { ticket_type: None, priority: None, product_area: None, ..self }
    }
}

fn named<'a>(source: &'a DataSource, name: &str) -> impl Iterator<Item = &'a Property> + use<'a> {
    let name = name.to_lowercase();
    source.properties.iter().filter(move |property| property.name.trim().to_lowercase() == name)
}

/// The first of these columns that can hold a word.
fn field(columns: &[&Property]) -> Option<Field> {
    columns.iter().find_map(|property| {
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
