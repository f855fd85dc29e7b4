//! Rich text: what may be sent, and how it comes back.

use super::{
    Notion,
    refusal::Refusal,
    route::read_id,
    shape::{Field, Shape, may, must},
};
use serde_json::{Map, Value, json};
use uuid::Uuid;

/// An array of rich text items.
pub(super) static RICH_TEXT: Shape = Shape::List(&ITEM, 100);

/// The colours of text and blocks.
pub(super) static COLOR: Shape = Shape::Word(&[
    "default",
    "gray",
    "brown",
    "orange",
    "yellow",
    "green",
    "blue",
    "purple",
    "pink",
    "red",
    "default_background",
    "gray_background",
    "brown_background",
    "orange_background",
    "yellow_background",
    "green_background",
    "blue_background",
    "purple_background",
    "pink_background",
    "red_background",
]);

/// A date with an optional end.
pub(super) static DATE: Shape = Shape::Object(&[
    must("start", &Shape::Date),
    may("end", &Shape::Nullable(&Shape::Date)),
    may("time_zone", &Shape::Nullable(&Shape::Text(100))),
]);

static ITEM: Shape = Shape::Variants(&[
    &[may("type", &Shape::Word(&["text"])), must("text", &TEXT), may("annotations", &ANNOTATIONS)],
    &[may("type", &Shape::Word(&["mention"])), must("mention", &MENTION), may("annotations", &ANNOTATIONS)],
    &[
        may("type", &Shape::Word(&["equation"])),
        must("equation", &EQUATION),
        may("annotations", &ANNOTATIONS),
    ],
]);

static TEXT: Shape = Shape::Object(&[
    must("content", &Shape::Text(2000)),
    may("link", &Shape::Nullable(&Shape::Object(&[must("url", &Shape::Link)]))),
]);

static EQUATION: Shape = Shape::Object(&[must("expression", &Shape::Text(1000))]);

static MENTION: Shape = Shape::Variants(&[
    &[may("type", &Shape::Word(&["user"])), must("user", &Shape::Object(USER))],
    &[may("type", &Shape::Word(&["date"])), must("date", &DATE)],
    &[may("type", &Shape::Word(&["page"])), must("page", &Shape::Object(&[must("id", &Shape::Id)]))],
]);

/// A user as it is named in requests.
pub(super) static USER: &[Field] = &[must("id", &Shape::Id), may("object", &Shape::Word(&["user"]))];

static ANNOTATIONS: Shape = Shape::Object(&[
    may("bold", &Shape::Flag),
    may("italic", &Shape::Flag),
    may("strikethrough", &Shape::Flag),
    may("underline", &Shape::Flag),
    may("code", &Shape::Flag),
    may("color", &COLOR),
]);

/// Plain text as one item, and nothing as none.
pub(super) fn plain(content: &str) -> Value {
    if content.is_empty() {
        return json!([]);
    }
    json!([{
        "type": "text",
        "text": {"content": content, "link": null},
        "annotations": annotations(None),
        "plain_text": content,
        "href": null,
    }])
}

fn annotations(given: Option<&Value>) -> Value {
    let mut all = json!({
        "bold": false, "italic": false, "strikethrough": false, "underline": false, "code": false, "color": "default",
    });
    for (name, value) in given.and_then(Value::as_object).into_iter().flatten() {
        all[name.as_str()] = value.clone();
    }
    all
}

impl Notion {
    /// The items as answers carry them. They must already have the form [`RICH_TEXT`].
    pub(super) fn rich_text(&self, bot: Uuid, given: &Value) -> Result<Value, Refusal> {
        let items = given.as_array().map(Vec::as_slice).unwrap_or_default();
        items
            .iter()
            .map(|item| self.rich_text_item(bot, item))
            .collect::<Result<Vec<_>, _>>()
            .map(Value::Array)
    }

    fn rich_text_item(&self, bot: Uuid, item: &Value) -> Result<Value, Refusal> {
        let mut answer = Map::from_iter([("annotations".to_owned(), annotations(item.get("annotations")))]);
        if let Some(text) = item.get("text") {
            let content = text.get("content").cloned().unwrap_or_default();
            let link = text.get("link").cloned().unwrap_or_default();
            answer.insert("type".to_owned(), json!("text"));
            answer.insert("href".to_owned(), link.get("url").cloned().unwrap_or_default());
            answer.insert("plain_text".to_owned(), content.clone());
            answer.insert("text".to_owned(), json!({"content": content, "link": link}));
        } else if let Some(equation) = item.get("equation") {
            answer.insert("type".to_owned(), json!("equation"));
            answer.insert("href".to_owned(), Value::Null);
            answer.insert("plain_text".to_owned(), equation.get("expression").cloned().unwrap_or_default());
            answer.insert("equation".to_owned(), equation.clone());
        } else {
            let (mention, plain_text, href) =
                self.mention(bot, item.get("mention").unwrap_or(&Value::Null))?;
            answer.insert("type".to_owned(), json!("mention"));
            answer.insert("href".to_owned(), json!(href));
            answer.insert("plain_text".to_owned(), json!(plain_text));
            answer.insert("mention".to_owned(), mention);
        }
        Ok(Value::Object(answer))
    }

    fn mention(&self, bot: Uuid, mention: &Value) -> Result<(Value, String, Option<String>), Refusal> {
        let id_of = |kind: &str| mention.get(kind)?.get("id")?.as_str().and_then(read_id);
        if let Some(date) = mention.get("date") {
            let date = super::page_values::date(date)?;
            let start = date.get("start").and_then(Value::as_str).unwrap_or_default().to_owned();
            return Ok((json!({"type": "date", "date": date}), start, None));
        }
        if let Some(id) = id_of("user") {
            let person = self.workspace.people.iter().find(|person| person.id == id);
            let person = person.ok_or_else(|| Refusal::not_found("user", id))?;
            return Ok((
                json!({"type": "user", "user": super::model::partial_user(id)}),
                format!("@{}", person.name),
                None,
            ));
        }
        let id = id_of("page").unwrap_or_default();
        let page = self.workspace.pages.get(&id).filter(|_| self.sees(bot, id));
        let page = page.ok_or_else(|| Refusal::not_found("page", id))?;
        let title = page.title();
        Ok((json!({"type": "page", "page": {"id": id}}), title, Some(self.page_url(id))))
    }
}
