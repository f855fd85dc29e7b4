//! The endpoints of pages: create, retrieve, update, trash.

use super::{
    Notion,
    blocks::{trash_of, without},
    content::Nesting,
    media::{COVER, ICON, settled},
    model::{DataSource, Page, Parent},
    page_values::Values,
    refusal::Refusal,
    rich_text::RICH_TEXT,
    route::{Call, Version, read_id},
    shape::{Field, Shape, fields, may, missing, must, object},
};
use serde_json::{Map, Value, json};
use uuid::Uuid;

static PARENT: Shape = Shape::Variants(&[
    &[may("type", &Shape::Word(&["page_id"])), must("page_id", &Shape::Id)],
    &[may("type", &Shape::Word(&["database_id"])), must("database_id", &Shape::Id)],
    &[may("type", &Shape::Word(&["data_source_id"])), must("data_source_id", &Shape::Id)],
    &[may("type", &Shape::Word(&["workspace"])), must("workspace", &Shape::True)],
]);
static POSITION: Shape = Shape::Variants(&[
    &[
        must("type", &Shape::Word(&["after_block"])),
        must("after_block", &Shape::Object(&[must("id", &Shape::Id)])),
    ],
    &[must("type", &Shape::Word(&["page_start", "page_end"]))],
]);
static NULLABLE_ICON: Shape = Shape::Nullable(&ICON);
static NULLABLE_COVER: Shape = Shape::Nullable(&COVER);

/// Keys of the real service that are not part of the stand-in.
const ABSENT: &[&str] =
    &["content", "markdown", "allow_async", "template", "is_locked", "erase_content", "is_archived"];

impl Notion {
    pub(super) fn create_page(&mut self, call: &Call) -> Result<Value, Refusal> {
        call.only_parameters(&[])?;
        not_absent(&call.body)?;
        let mut body = without(&call.body, "children");
        let properties = body.remove("properties").unwrap_or_else(|| json!({}));
        let known = [
            must("parent", &PARENT),
            may("icon", &NULLABLE_ICON),
            may("cover", &NULLABLE_COVER),
            may("position", &POSITION),
        ];
        fields(&body, &known, "body").map_err(Refusal::body)?;
        let children = call
            .body
            .get("children")
            .map(|children| self.drafts(call.bot, children, "body.children", Nesting::Blocks));
        let parent = self.parent_of_new_page(call, body.get("parent").unwrap_or(&Value::Null))?;
        let values = self.page_values(call, parent, &properties)?;
        let children = children.transpose()?.unwrap_or_default();
        let position = match parent {
            Parent::Page(above) => self.position(above, &call.body)?,
            _ if body.contains_key("position") => {
                let message = "body.position should be not present: the parent is not a page.";
                return Err(Refusal::body(message));
            }
            _ => 0,
        };

        let id = self.seed.uuid();
        let stamp = self.stamp(call.bot, call.now);
        self.add_options(parent, &values);
        let page = Page {
            parent,
            values: values.values.into_iter().collect(),
            icon: settled(body.get("icon").unwrap_or(&Value::Null)),
            cover: settled(body.get("cover").unwrap_or(&Value::Null)),
            children: Vec::new(),
            in_trash: false,
            stamp,
        };
        self.workspace.pages.insert(id, page);
        if let Parent::Page(above) = parent
            && let Some(siblings) = self.workspace.children_mut(above)
        {
            siblings.insert(position, id);
        }
        self.plant(Parent::Page(id), 0, children, stamp);
        Ok(self.render_page(id, None))
    }

    fn parent_of_new_page(&self, call: &Call, given: &Value) -> Result<Parent, Refusal> {
        let id_of = |key: &str| given.get(key).and_then(Value::as_str).and_then(read_id);
        let (parent, id) = if let Some(id) = id_of("data_source_id") {
            self.reach_source(call, id)?;
            (Parent::DataSource(id), id)
        } else if let Some(id) = id_of("page_id") {
            let known = self.workspace.pages.contains_key(&id) && self.sees(call.bot, id);
            if !known {
                return Err(Refusal::not_found("page", id));
            }
            (Parent::Page(id), id)
        } else if id_of("database_id").is_some() {
            let message = "The parent of a page in a database is one of its data sources: parent.data_source_id is needed.";
            return Err(Refusal::malformed(message));
        } else {
            return Err(Refusal::not_simulated("A page directly under the workspace"));
        };
        if self.workspace.is_trashed(id) {
            return Err(Refusal::in_trash());
        }
        Ok(parent)
    }

    fn page_values(&mut self, call: &Call, parent: Parent, given: &Value) -> Result<Values, Refusal> {
        match parent {
            Parent::DataSource(id) => match self.workspace.sources.get(&id).cloned() {
                Some(source) => self.values(call.bot, &source, given),
                None => Err(Refusal::not_found("data source", id)),
            },
            _ => self.only_title(call.bot, given),
        }
    }

    /// A page outside a data source has a title and nothing else.
    fn only_title(&self, bot: Uuid, given: &Value) -> Result<Values, Refusal> {
        static TITLE: Shape =
            Shape::Object(&[must("title", &RICH_TEXT), may("type", &Shape::Word(&["title"]))]);
        let properties = object(given, "body.properties").map_err(Refusal::body)?;
        fields(properties, &[may("title", &TITLE)], "body.properties").map_err(Refusal::body)?;
        let title = properties.get("title").and_then(|title| title.get("title"));
        let title = title.map(|title| self.rich_text(bot, title)).transpose()?;
        let value = title.map(|title| ("title".to_owned(), json!({"type": "title", "title": title})));
        Ok(Values { values: value.into_iter().collect(), new_options: Vec::new() })
    }

    fn add_options(&mut self, parent: Parent, values: &Values) {
        let Parent::DataSource(id) = parent else { return };
        let Some(source) = self.workspace.sources.get_mut(&id) else { return };
        for (property, option) in &values.new_options {
            let property = source.properties.iter_mut().find(|known| known.id == *property);
            let options = property.and_then(|property| property.config.get_mut("options")?.as_array_mut());
            if let Some(options) = options {
                let mut option = option.clone();
                option["description"] = Value::Null;
                options.push(option);
            }
        }
    }

    pub(super) fn retrieve_page(&mut self, call: &Call, id: Uuid) -> Result<Value, Refusal> {
        call.only_parameters(&["filter_properties"])?;
        self.reach_page(call, id)?;
        let only = call.parameters("filter_properties");
        Ok(self.render_page(id, (!only.is_empty()).then_some(only.as_slice())))
    }

    pub(super) fn update_page(&mut self, call: &Call, id: Uuid) -> Result<Value, Refusal> {
        call.only_parameters(&[])?;
        not_absent(&call.body)?;
        let page = self.reach_page(call, id)?;
        let parent = page.parent;
        let body = without(&call.body, "properties");
        fields(&body, update_keys(call.version), "body").map_err(Refusal::body)?;
        let to_trash = trash_of(&body);
        if self.workspace.is_trashed(id) && to_trash != Some(false) {
            return Err(Refusal::in_trash());
        }
        let given = call.body.get("properties").cloned().unwrap_or_else(|| json!({}));
        let values = self.page_values(call, parent, &given)?;
        self.add_options(parent, &values);
        if let Some(page) = self.workspace.pages.get_mut(&id) {
            page.values.extend(values.values);
            page.in_trash = to_trash.unwrap_or(page.in_trash);
            decorate(page, &body);
        }
        self.touch(id, call.bot, call.now);
        Ok(self.render_page(id, None))
    }

    pub(super) fn reach_page(&self, call: &Call, id: Uuid) -> Result<&Page, Refusal> {
        let page = self.workspace.pages.get(&id).filter(|_| self.sees(call.bot, id));
        page.ok_or_else(|| Refusal::not_found("page", id))
    }

    pub(super) fn reach_source(&self, call: &Call, id: Uuid) -> Result<&DataSource, Refusal> {
        let source = self.workspace.sources.get(&id).filter(|_| self.sees(call.bot, id));
        source.ok_or_else(|| Refusal::not_found("data source", id))
    }
}

fn decorate(page: &mut Page, body: &Map<String, Value>) {
    if let Some(icon) = body.get("icon") {
        page.icon = settled(icon);
    }
    if let Some(cover) = body.get("cover") {
        page.cover = settled(cover);
    }
}

fn not_absent(body: &Value) -> Result<(), Refusal> {
    match ABSENT.iter().find(|key| body.get(**key).is_some()) {
        Some(key) => Err(Refusal::not_simulated(&format!("`{key}` of a page"))),
        None if body.is_object() => Ok(()),
        None => Err(Refusal::body(missing("body", "parent"))),
    }
}

fn update_keys(version: Version) -> &'static [Field] {
    static COMMON: &[Field] =
        &[may("icon", &NULLABLE_ICON), may("cover", &NULLABLE_COVER), may("in_trash", &Shape::Flag)];
    static WITH_ARCHIVED: &[Field] = &[
        may("icon", &NULLABLE_ICON),
        may("cover", &NULLABLE_COVER),
        may("in_trash", &Shape::Flag),
        may("archived", &Shape::Flag),
    ];
    if version == Version::Positions { COMMON } else { WITH_ARCHIVED }
}
