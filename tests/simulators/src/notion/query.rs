//! Queries over a data source, and cutting lists into pages.

use super::{
    Notion,
    blocks::list,
    filter::Filter,
    model::{DataSource, Page, Parent, Stamp, minute},
    refusal::Refusal,
    route::{Call, Version, read_id},
    shape::{Field, Shape, fields, may, must, object},
};
use jiff::SignedDuration;
use serde_json::Value;
use std::cmp::Ordering;
use uuid::Uuid;

static SORTS: Shape = Shape::List(
    &Shape::Variants(&[
        &[must("property", &Shape::Text(2000)), must("direction", &DIRECTION)],
        &[
            must("timestamp", &Shape::Word(&["created_time", "last_edited_time"])),
            must("direction", &DIRECTION),
        ],
    ]),
    100,
);
static DIRECTION: Shape = Shape::Word(&["ascending", "descending"]);
pub(super) static CURSOR: Shape = Shape::Nullable(&Shape::Id);

/// One page of a list.
#[derive(Debug)]
pub(super) struct Slice {
    start: Option<Uuid>,
    size: usize,
}

impl Slice {
    pub(super) fn of_body(body: &Value, most: usize) -> Result<Self, Refusal> {
        let size = body.get("page_size").map(|size| (size.as_u64(), size.to_string()));
        let start = body.get("start_cursor").and_then(Value::as_str).and_then(read_id);
        Ok(Self { start, size: checked_size("body", size)?.min(most) })
    }

    pub(super) fn of_parameters(call: &Call, most: usize) -> Result<Self, Refusal> {
        let size = call.parameters("page_size").first().map(|size| (size.parse().ok(), (*size).to_owned()));
        let start = call.parameters("start_cursor").first().filter(|cursor| !cursor.is_empty()).map(|cursor| {
            let complaint = format!("query failed validation: query.start_cursor should be a valid uuid, instead was `\"{cursor}\"`.");
            read_id(cursor).ok_or_else(|| Refusal::malformed(complaint))
        });
        Ok(Self { start: start.transpose()?, size: checked_size("query", size)?.min(most) })
    }

    /// The part of the list that is meant, and where the next one starts.
    pub(super) fn cut(&self, all: &[Uuid]) -> Result<(Vec<Uuid>, Option<Uuid>), Refusal> {
        let from = match self.start {
            None => 0,
            Some(start) => all.iter().position(|id| *id == start).ok_or_else(|| {
                Refusal::unsuitable(format!("The start_cursor provided is invalid: {start}"))
            })?,
        };
        let until = from.saturating_add(self.size.max(1)).min(all.len());
        Ok((all.get(from..until).unwrap_or_default().to_vec(), all.get(until).copied()))
    }
}

fn checked_size(place: &str, given: Option<(Option<u64>, String)>) -> Result<usize, Refusal> {
    let Some((size, text)) = given else { return Ok(100) };
    let size = size.and_then(|size| usize::try_from(size).ok()).filter(|size| (1..=100).contains(size));
    size.ok_or_else(|| {
        let complaint =
            format!("{place}.page_size should be a number from `1` to `100`, instead was `{text}`.");
        Refusal::malformed(format!("{place} failed validation: {complaint}"))
    })
}

impl Notion {
    pub(super) fn query_data_source(&mut self, call: &Call, id: Uuid) -> Result<Value, Refusal> {
        call.only_parameters(&["filter_properties"])?;
        let source = self.reach_source(call, id)?.clone();
        let body = super::blocks::without(&call.body, "filter");
        fields(&body, query_keys(call.version), "body").map_err(Refusal::body)?;
        let slice = Slice::of_body(&call.body, self.config.limits.page_size)?;
        let filter = call
            .body
            .get("filter")
            .map(|filter| Filter::read(filter, &source, "body.filter", 2))
            .transpose()?;
        let sorts = Sort::all(call.body.get("sorts"), &source)?;
        let trashed = super::blocks::trash_of(&body).unwrap_or_default();
        let passes = |page: &Page| filter.as_ref().is_none_or(|filter| filter.passes(page));
        let pages = self.workspace.pages.iter().filter(|(page, found)| {
            found.parent == Parent::DataSource(id)
                && self.shows(call, &found.stamp)
                && self.workspace.is_trashed(**page) == trashed
                && passes(found)
        });
        let mut pages: Vec<_> = pages.collect();
        pages.sort_by(|(_, one), (_, other)| Sort::compare(&sorts, one, other));
        let ids: Vec<_> = pages.into_iter().map(|(id, _)| *id).collect();
        let (ids, next) = slice.cut(&ids)?;
        let only = call.parameters("filter_properties");
        let only = (!only.is_empty()).then_some(only.as_slice());
        let results: Vec<_> = ids.iter().map(|id| self.render_page(*id, only)).collect();
        Ok(list("page_or_data_source", &results, next))
    }

    /// Whether something has been there long enough to be found.
    pub(super) fn shows(&self, call: &Call, stamp: &Stamp) -> bool {
        let delay = SignedDuration::from_millis(self.config.limits.visibility_delay_ms);
        stamp.created.checked_add(delay).is_ok_and(|visible| visible <= call.now)
    }
}

fn query_keys(version: Version) -> &'static [Field] {
    static COMMON: &[Field] = &[
        may("sorts", &SORTS),
        may("start_cursor", &CURSOR),
        may("page_size", &Shape::Number),
        may("in_trash", &Shape::Flag),
        may("result_type", &Shape::Word(&["page"])),
    ];
    static WITH_ARCHIVED: &[Field] = &[
        may("sorts", &SORTS),
        may("start_cursor", &CURSOR),
        may("page_size", &Shape::Number),
        may("in_trash", &Shape::Flag),
        may("archived", &Shape::Flag),
        may("result_type", &Shape::Word(&["page"])),
    ];
    if version == Version::Positions { COMMON } else { WITH_ARCHIVED }
}

enum Key {
    Created,
    Edited,
    Property(super::model::Property),
}

struct Sort {
    key: Key,
    descending: bool,
}

impl Sort {
    fn all(given: Option<&Value>, source: &DataSource) -> Result<Vec<Self>, Refusal> {
        given.and_then(Value::as_array).into_iter().flatten().map(|sort| Self::read(sort, source)).collect()
    }

    fn read(given: &Value, source: &DataSource) -> Result<Self, Refusal> {
        let sort = object(given, "body.sorts").map_err(Refusal::body)?;
        let text_of = |key: &str| sort.get(key).and_then(Value::as_str);
        let key = match (text_of("timestamp"), text_of("property")) {
            (Some("created_time"), _) => Key::Created,
            (Some(_), _) => Key::Edited,
            (None, name) => {
                let name = name.unwrap_or_default();
                let property = source.property(name).cloned();
                let unknown =
                    || Refusal::unsuitable(format!("Could not find sort property with name or id: {name}"));
                Key::Property(property.ok_or_else(unknown)?)
            }
        };
        Ok(Self { key, descending: text_of("direction") == Some("descending") })
    }

    /// Times are rounded to the minute; pages of one minute have no order a caller may rely on, only a stable one.
    fn compare(sorts: &[Self], one: &Page, other: &Page) -> Ordering {
        let ordered = sorts.iter().map(|sort| {
            let order = sort.text(one).cmp(&sort.text(other));
            if sort.descending { order.reverse() } else { order }
        });
        ordered.fold(Ordering::Equal, Ordering::then).then(one.stamp.sequence.cmp(&other.stamp.sequence))
    }

    fn text(&self, page: &Page) -> String {
        let value = match &self.key {
            Key::Created => return minute(page.stamp.created),
            Key::Edited => return minute(page.stamp.edited),
            Key::Property(property) => {
                property.value_on(page).get(&property.kind).cloned().unwrap_or_default()
            }
        };
        match &value {
            Value::Null => String::new(),
            // Bits that sort like the number does.
            Value::Number(number) => {
                let bits = number.as_f64().unwrap_or_default().to_bits();
                let sortable = if bits >> 63 == 1 { !bits } else { bits | (1 << 63) };
                format!("{sortable:020}")
            }
            Value::Object(fields) => fields
                .get("name")
                .or(fields.get("start"))
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned(),
            other => other.as_str().map_or_else(|| super::model::plain_text(Some(other)), str::to_lowercase),
        }
    }
}
