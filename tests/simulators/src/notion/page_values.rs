//! Property values of pages: their form, whether the data source takes them, and how they come back.

use super::{
    Notion,
    media::EXTERNAL,
    model::{DataSource, Property, partial_user},
    moment::Moment,
    refusal::Refusal,
    rich_text::{DATE, RICH_TEXT, USER},
    route::read_id,
    shape::{Field, Shape, fields, may, must, object},
};
use serde_json::{Map, Value, json};
use uuid::Uuid;

static OPTION: Shape = Shape::Variants(OPTIONS);
static OPTIONS: &[&[Field]] = &[
    &[
        must("name", &NAME),
        may("id", &Shape::Text(100)),
        may("color", &SELECT_COLOR),
        may("description", &DESCRIPTION),
    ],
    &[
        must("id", &Shape::Text(100)),
        may("name", &NAME),
        may("color", &SELECT_COLOR),
        may("description", &DESCRIPTION),
    ],
];
static NAME: Shape = Shape::Text(100);
static DESCRIPTION: Shape = Shape::Nullable(&Shape::Text(280));

/// The colours of options.
pub(super) static SELECT_COLOR: Shape = Shape::Word(COLORS);
const COLORS: &[&str] =
    &["default", "gray", "brown", "orange", "yellow", "green", "blue", "purple", "pink", "red"];

/// The form of a value under the key of its kind.
fn form_of(kind: &str) -> Option<&'static Shape> {
    static NULLABLE_OPTION: Shape = Shape::Nullable(&OPTION);
    static MANY_OPTIONS: Shape = Shape::List(&OPTION, 100);
    static PEOPLE: Shape = Shape::List(&Shape::Object(USER), 100);
    static RELATION: Shape = Shape::List(&Shape::Object(&[must("id", &Shape::Id)]), 100);
    static FILES: Shape = Shape::List(
        &Shape::Object(&[
            may("type", &Shape::Word(&["external"])),
            must("external", &EXTERNAL),
            must("name", &NAME),
        ]),
        100,
    );
    static NULLABLE_DATE: Shape = Shape::Nullable(&DATE);
    Some(match kind {
        "title" | "rich_text" => &RICH_TEXT,
        "number" => &Shape::Nullable(&Shape::Number),
        "url" => &Shape::Nullable(&Shape::Text(2000)),
        "email" | "phone_number" => &Shape::Nullable(&Shape::Text(200)),
        "select" | "status" => &NULLABLE_OPTION,
        "multi_select" => &MANY_OPTIONS,
        "people" => &PEOPLE,
        "relation" => &RELATION,
        "files" => &FILES,
        "date" => &NULLABLE_DATE,
        "checkbox" => &Shape::Flag,
        _ => return None,
    })
}

/// Values that were checked, and the options they bring along.
#[derive(Debug, Default)]
pub(super) struct Values {
    /// By property id, in the form of answers without the id.
    pub(super) values: Vec<(String, Value)>,
    /// By property id: options that the data source gets first.
    pub(super) new_options: Vec<(String, Value)>,
}

impl Notion {
    /// Checks the `properties` of a page in a data source.
    pub(super) fn values(
        &mut self,
        bot: Uuid,
        source: &DataSource,
        given: &Value,
    ) -> Result<Values, Refusal> {
        let mut read = Values::default();
        for (key, value) in object(given, "body.properties").map_err(Refusal::body)? {
            let property = source
                .property(key)
                .ok_or_else(|| Refusal::unsuitable(format!("{key} is not a property that exists.")))?;
            let inner = inner_of(property, value, &format!("body.properties.{key}"))?;
            let settled = self.value(bot, property, inner, &mut read)?;
            if read.values.iter().any(|(id, _)| *id == property.id) {
                return Err(Refusal::malformed(format!("The property {} is given twice.", property.name)));
            }
            read.values.push((property.id.clone(), settled));
        }
        Ok(read)
    }

    fn value(
        &mut self,
        bot: Uuid,
        property: &Property,
        inner: &Value,
        read: &mut Values,
    ) -> Result<Value, Refusal> {
        let settled = match (property.kind.as_str(), inner) {
            (_, Value::Null) => Value::Null,
            ("title" | "rich_text", _) => self.rich_text(bot, inner)?,
            ("select" | "status", _) => self.option(property, inner, read)?,
            ("multi_select", Value::Array(options)) => Value::Array(
                options.iter().map(|option| self.option(property, option, read)).collect::<Result<_, _>>()?,
            ),
            ("date", _) => date(inner)?,
            ("people", Value::Array(people)) => {
                Value::Array(people.iter().map(|person| self.person(person)).collect::<Result<_, _>>()?)
            }
            ("relation", Value::Array(pages)) => {
                Value::Array(pages.iter().map(|page| self.related(bot, page)).collect::<Result<_, _>>()?)
            }
            ("files", Value::Array(files)) => Value::Array(files.iter().map(external_file).collect()),
            ("url", Value::String(text)) if text.is_empty() => Value::Null,
            _ => inner.clone(),
        };
        let mut value = json!({"type": property.kind});
        value[property.kind.as_str()] = settled;
        Ok(value)
    }

    /// An option by id or name. A select gets a new option for an unknown name; a status does not.
    fn option(&mut self, property: &Property, given: &Value, read: &mut Values) -> Result<Value, Refusal> {
        let text_of = |key: &str| given.get(key).and_then(Value::as_str);
        let known = property.config.get("options").and_then(Value::as_array).into_iter().flatten();
        let new = read.new_options.iter().filter(|(id, _)| *id == property.id).map(|(_, option)| option);
        let fits = |option: &&Value| match (text_of("id"), text_of("name")) {
            (Some(id), _) => option.get("id").and_then(Value::as_str) == Some(id),
            (None, name) => option.get("name").and_then(Value::as_str) == name,
        };
        if let Some(option) = known.chain(new).find(fits) {
            return Ok(json!({"id": option["id"], "name": option["name"], "color": option["color"]}));
        }
        let Some(name) = text_of("name").filter(|_| text_of("id").is_none()) else {
            let id = text_of("id").unwrap_or_default();
            return Err(Refusal::unsuitable(format!(
                "{} option with ID \"{id}\" does not exist.",
                property.name
            )));
        };
        if property.kind == "status" {
            let message = format!("Invalid status option. Status option \"{name}\" does not exist\".");
            return Err(Refusal::unsuitable(message));
        }
        if name.contains(',') || name.trim().is_empty() {
            let rule = if name.contains(',') { "commas not allowed" } else { "a name is needed" };
            return Err(Refusal::malformed(format!("Invalid {} option, {rule}: {name}", property.kind)));
        }
        let color = text_of("color").map_or_else(|| self.any_color(), str::to_owned);
        let option = json!({"id": self.seed.uuid(), "name": name, "color": color});
        read.new_options.push((property.id.clone(), option.clone()));
        Ok(option)
    }

    fn any_color(&mut self) -> String {
        let at = usize::try_from(self.seed.next_u64() % COLORS.len() as u64).unwrap_or_default();
        COLORS.get(at).copied().unwrap_or("default").to_owned()
    }

    fn person(&self, given: &Value) -> Result<Value, Refusal> {
        let id = given.get("id").and_then(Value::as_str).and_then(read_id).unwrap_or_default();
        let known = self.workspace.people.iter().any(|person| person.id == id);
        if known { Ok(partial_user(id)) } else { Err(Refusal::not_found("user", id)) }
    }

    fn related(&self, bot: Uuid, given: &Value) -> Result<Value, Refusal> {
        let id = given.get("id").and_then(Value::as_str).and_then(read_id).unwrap_or_default();
        let known = self.workspace.pages.contains_key(&id) && self.sees(bot, id);
        if known { Ok(json!({"id": id})) } else { Err(Refusal::not_found("page", id)) }
    }
}

/// What stands under the key of the property's kind.
fn inner_of<'a>(property: &Property, value: &'a Value, path: &str) -> Result<&'a Value, Refusal> {
    let given: &Map<String, Value> = object(value, path).map_err(Refusal::body)?;
    let kind = given.keys().find(|key| *key != "type" && form_of(key).is_some());
    let Some(kind) = kind else {
        return Err(Refusal::body(format!(
            "{path} should have a value of a known type, instead was `{value}`."
        )));
    };
    let inner = given.get(kind).unwrap_or(&Value::Null);
    if let Some(form) = form_of(kind) {
        form.check(inner, &format!("{path}.{kind}")).map_err(Refusal::body)?;
    }
    let mut rest = given.clone();
    rest.remove(kind);
    if rest.get("type").is_some_and(|named| named == kind) {
        rest.remove("type");
    }
    fields(&rest, &[], path).map_err(Refusal::body)?;
    if *kind != property.kind {
        return Err(Refusal::unsuitable(format!("{} is expected to be {}.", property.name, property.kind)));
    }
    Ok(inner)
}

/// A date as answers carry it: times get milliseconds and an offset.
pub(super) fn date(given: &Value) -> Result<Value, Refusal> {
    let read = |key: &str| given.get(key).and_then(Value::as_str).and_then(Moment::read);
    let zone = given.get("time_zone").cloned().unwrap_or_default();
    let (start, end) = (read("start"), read("end"));
    if let Some(zone) = zone.as_str() {
        let known = jiff::tz::TimeZone::get(zone).is_ok();
        if !known || start.as_ref().is_none_or(|start| start.is_day() || start.has_offset()) {
            return Err(Refusal::malformed(format!("date.time_zone cannot be applied: `{zone}`.")));
        }
    }
    if let (Some(start), Some(end)) = (&start, &end)
        && (start.is_day() != end.is_day() || end.instant() < start.instant())
    {
        return Err(Refusal::malformed("date.end must be of the form of date.start and not before it."));
    }
    let text = |moment: Option<Moment>| moment.map(|moment| moment.render(zone.is_null()));
    Ok(json!({"start": text(start), "end": text(end), "time_zone": zone}))
}

fn external_file(given: &Value) -> Value {
    json!({"type": "external", "external": given.get("external"), "name": given.get("name")})
}
