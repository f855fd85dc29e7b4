//! The columns of a plan's database, and the values that rows and pages have in them.

use std::collections::BTreeMap;

use domain::PlanRow;
use jiff::Timestamp;
use providers::notion::{DataSource, EXTERNAL_ID_NAME, Property, rich_text};
use serde_json::{Map, Value, json};

/// What is said of a row or a page, by the name of the column.
pub(super) type Values = BTreeMap<String, Value>;

/// The title of a page outside of a database.
pub(super) const TITLE: &str = "title";
/// The column by which rows are sorted.
pub(super) const ORDER: &str = "Order";
/// Notion's limit on the name of an option, in UTF-16 units.
const MAX_OPTION_UNITS: usize = 100;

/// A kind of column.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Title,
    Text,
    Option,
    Number,
    Date,
}

impl Kind {
    /// Notion's word for it.
    fn word(self) -> &'static str {
        match self {
            Self::Title => "title",
            Self::Text => "rich_text",
            Self::Option => "select",
            Self::Number => "number",
            Self::Date => "date",
        }
    }
}

const COLUMNS: [(&str, Kind); 8] = [
    ("Task", Kind::Title),
    ("Status", Kind::Option),
    ("Module", Kind::Option),
    ("When", Kind::Date),
    ("Minutes", Kind::Number),
    (ORDER, Kind::Number),
    ("Reminders", Kind::Text),
    (EXTERNAL_ID_NAME, Kind::Text),
];

/// The columns of a new database.
pub(super) fn columns() -> Value {
    let options = |names: &[(&str, &str)]| {
        let options = names.iter().map(|(name, color)| json!({"name": name, "color": color}));
        json!({"options": options.collect::<Vec<_>>()})
    };
    let column = |(name, kind): (&str, Kind)| {
        let settings = match (name, kind) {
            ("Status", _) => options(&[("To do", "gray"), ("In progress", "blue"), ("Done", "green")]),
            (_, Kind::Option) => options(&[]),
            (_, Kind::Number) => json!({"format": "number"}),
            (_, Kind::Title | Kind::Text | Kind::Date) => json!({}),
        };
        (name.to_owned(), json!({kind.word(): settings}))
    };
    COLUMNS.into_iter().map(column).collect::<Map<_, _>>().into()
}

/// The ids of the columns of a database that are ours. They stay the same when somebody renames a column. Before they are known, a
/// column is found by its name, or, where somebody was quicker, as the only one of its kind that has no name of ours.
pub(super) fn column_ids(source: &DataSource, known: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let exists = |id: &String| source.properties.iter().any(|property| property.id == *id);
    let named = |name: &str| source.properties.iter().find(|property| property.name == name);
    let renamed = |kind: Kind| {
        let missing = COLUMNS.iter().filter(|(name, other)| *other == kind && named(name).is_none());
        let is_ours = |property: &Property| COLUMNS.iter().any(|(name, _)| property.name == *name);
        let mut others =
            source.properties.iter().filter(|property| property.kind == kind.word() && !is_ours(property));
        let first = others.next().filter(|_| missing.count() == 1)?;
        others.next().is_none().then_some(first)
    };
    let id = |name: &str, kind: Kind| match known.get(name) {
        Some(id) => Some(id.clone()).filter(exists),
        None if known.is_empty() => named(name).or_else(|| renamed(kind)).map(|it| it.id.clone()),
        None => None,
    };
    COLUMNS.into_iter().filter_map(|(name, kind)| Some((name.to_owned(), id(name, kind)?))).collect()
}

/// The title among values.
pub(super) fn title_of(values: &Values) -> &str {
    values.get(TITLE).or(values.get("Task")).and_then(Value::as_str).unwrap_or_default()
}

/// What a row says.
pub(super) fn values_of_row(row: &PlanRow) -> Values {
    let PlanRow { title, status, module, minutes, when, reminders, .. } = row;
    let when = when.as_ref().map(|(start, end)| json!({"start": start, "end": end}));
    let values = [
        ("Task", json!(title)),
        ("Status", json!(status)),
        ("Module", json!(option(module))),
        ("When", json!(when)),
        ("Minutes", json!(minutes)),
        ("Reminders", json!(reminders)),
    ];
    values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// Notion separates options by commas when people type them, and refuses one that holds a comma.
fn option(name: &str) -> String {
    let mut units = 0;
    let fits = |c: &char| {
        units += c.len_utf16();
        units <= MAX_OPTION_UNITS
    };
    name.replace(',', ";").chars().take_while(fits).collect()
}

fn kind(name: &str) -> Kind {
    COLUMNS.into_iter().find(|(column, _)| *column == name).map_or(Kind::Title, |(_, kind)| kind)
}

/// A value as Notion takes it.
pub(super) fn written(name: &str, value: &Value) -> Value {
    let text = value.as_str().unwrap_or_default();
    match kind(name) {
        Kind::Title => json!({"title": rich_text(text, None)}),
        Kind::Text => json!({"rich_text": rich_text(text, None)}),
        Kind::Option if text.is_empty() => json!({"select": null}),
        Kind::Option => json!({"select": {"name": text}}),
        Kind::Number => json!({ "number": value }),
        Kind::Date => json!({ "date": value }),
    }
}

/// Whether what Notion shows is this value.
pub(super) fn shows(name: &str, shown: &Value, value: &Value) -> bool {
    let words = |runs: &Value| -> String {
        runs.as_array().into_iter().flatten().filter_map(|run| run["plain_text"].as_str()).collect()
    };
    match kind(name) {
        Kind::Title => words(&shown["title"]) == value.as_str().unwrap_or_default(),
        Kind::Text => words(&shown["rich_text"]) == value.as_str().unwrap_or_default(),
        Kind::Option => {
            shown["select"]["name"].as_str().unwrap_or_default() == value.as_str().unwrap_or_default()
        }
        Kind::Number => shown["number"].as_f64() == value.as_f64(),
        Kind::Date => ["start", "end"].iter().all(|part| is_same_time(&shown["date"][*part], &value[*part])),
    }
}

fn is_same_time(one: &Value, other: &Value) -> bool {
    let instant = |value: &Value| value.as_str()?.parse::<Timestamp>().ok();
    match (instant(one), instant(other)) {
        (Some(one), Some(other)) => one == other,
        _ => one.as_str() == other.as_str(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_the_same_however_it_is_written() {
        let shown =
            json!({"date": {"start": "2026-11-23T09:00:00.000+01:00", "end": null, "time_zone": null}});
        assert!(shows("When", &shown, &json!({"start": "2026-11-23T08:00:00Z", "end": null})));
        assert!(!shows("When", &shown, &json!({"start": "2026-11-23T09:00:00Z", "end": null})));
        assert!(!shows("When", &shown, &json!({"start": "2026-11-23", "end": null})));
        assert!(shows("When", &json!({"date": null}), &Value::Null));
    }

    #[test]
    fn an_option_has_no_comma_and_fits() {
        assert_eq!(option("Read, write"), "Read; write");
        assert_eq!(option(&"💩".repeat(60)).encode_utf16().count(), 100);
    }

    #[test]
    fn a_renamed_column_is_the_same_column_and_one_that_is_gone_is_not_replaced() {
        let property = |id: &str, name: &str| providers::notion::Property {
            id: id.to_owned(),
            name: name.to_owned(),
            kind: "number".to_owned(),
            options: Vec::new(),
        };
        let mut source = DataSource {
            id: String::new(),
            database_id: String::new(),
            name: String::new(),
            icon: None,
            url: String::new(),
            in_trash: false,
            last_edited_at: None,
            properties: vec![property("a", "Minutes"), property("b", "Order")],
        };
        let first = column_ids(&source, &BTreeMap::new());
        source.properties = vec![property("a", "Duration"), property("c", "Order")];
        let again = column_ids(&source, &first);
        assert_eq!(again, BTreeMap::from([("Minutes".to_owned(), "a".to_owned())]));
    }
}
