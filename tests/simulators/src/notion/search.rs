//! Search over titles.

use super::{
    Notion,
    blocks::list,
    model::minute,
    query::{CURSOR, Slice},
    refusal::Refusal,
    route::Call,
    shape::{Shape, fields, may, must},
};
use serde_json::Value;
use uuid::Uuid;

static SORT: Shape = Shape::Variants(&[
    &[
        must("timestamp", &Shape::Word(&["last_edited_time"])),
        must("direction", &Shape::Word(&["ascending", "descending"])),
    ],
    &[must("property", &Shape::Word(&["relevance"]))],
]);
static FILTER: Shape = Shape::Variants(&[
    &[
        must("property", &Shape::Word(&["object"])),
        must("value", &Shape::Word(&["page", "data_source"])),
        may("in_trash", &Shape::Flag),
    ],
    &[must("in_trash", &Shape::Flag)],
]);

impl Notion {
    pub(super) fn search(&mut self, call: &Call) -> Result<Value, Refusal> {
        call.only_parameters(&[])?;
        let body = call.body.as_object().cloned().unwrap_or_default();
        let known = [
            may("sort", &SORT),
            may("query", &Shape::Text(2000)),
            may("start_cursor", &CURSOR),
            may("page_size", &Shape::Number),
            may("filter", &FILTER),
        ];
        fields(&body, &known, "body").map_err(Refusal::body)?;
        let slice = Slice::of_body(&call.body, self.config.limits.page_size)?;
        let mut found = self.found(call);
        found.sort_by(|(one, _), (other, _)| other.cmp(one));
        if body
            .get("sort")
            .and_then(|sort| sort.get("direction"))
            .is_some_and(|direction| direction == "ascending")
        {
            found.reverse();
        }
        let ids: Vec<_> = found.into_iter().map(|(_, id)| id).collect();
        let (ids, next) = slice.cut(&ids)?;
        let render = |id: &Uuid| {
            if self.workspace.sources.contains_key(id) {
                self.render_source(*id)
            } else {
                self.render_page(*id, None)
            }
        };
        let results: Vec<_> = ids.iter().map(render).collect();
        Ok(list("page_or_data_source", &results, next))
    }

    /// What matches, with the minute and the order of its last edit.
    fn found(&self, call: &Call) -> Vec<((String, u64), Uuid)> {
        let filter = call.body.get("filter");
        let kind = filter.and_then(|filter| filter.get("value")).and_then(Value::as_str);
        let trashed =
            filter.and_then(|filter| filter.get("in_trash")).and_then(Value::as_bool).unwrap_or_default();
        let words = call.body.get("query").and_then(Value::as_str).unwrap_or_default().to_lowercase();
        let fits = |id: Uuid, title: &str| {
            title.to_lowercase().contains(&words)
                && self.workspace.is_trashed(id) == trashed
                && self.sees(call.bot, id)
        };
        let pages = self.workspace.pages.iter().filter(|(id, page)| {
            kind != Some("data_source") && self.shows(call, &page.stamp) && fits(**id, &page.title())
        });
        let sources = self.workspace.sources.iter().filter(|(id, source)| {
            kind != Some("page") && self.shows(call, &source.stamp) && fits(**id, &source.title)
        });
        let pages = pages.map(|(id, page)| ((minute(page.stamp.edited), page.stamp.sequence), *id));
        let sources = sources.map(|(id, source)| ((minute(source.stamp.edited), source.stamp.sequence), *id));
        pages.chain(sources).collect()
    }
}
