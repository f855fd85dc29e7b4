//! What a user chooses for a connection, per provider: checked where it can be checked, and shown without our own notes.

use domain::{Object, ProviderId};
use providers::Error;
use providers::notion::{DataSource, EXTERNAL_ID_NAME, Notion, TicketSchema};
use runtime::{Access, App, Code, Invocation, Problem};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use store::{Class, Connection};
use uuid::Uuid;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NotionChoice {
    database_id: String,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct SheetsChoice {
    spreadsheet_id: String,
    sheet_name: String,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct AirtableChoice {
    base_id: String,
    table_id: String,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct CalendarChoice {
    calendar_id: String,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct MailchimpChoice {
    list_id: String,
}

/// The settings without what only we need.
pub(crate) fn shown(provider: ProviderId, settings: &Value) -> Value {
    let mut shown = settings.as_object().cloned().unwrap_or_default();
    if provider == ProviderId::Notion
        && let Some(schema) = shown.remove("ticket_schema")
    {
        // Which of two ways finds a page again after a lost answer.
        let by_property = schema["external_id"].is_string();
        shown.insert("pages_found_by".into(), if by_property { "property" } else { "link" }.into());
    }
    Value::Object(shown)
}

/// `chosen` as settings to be stored.
pub(crate) async fn resolve(
    app: &App,
    invocation: &Invocation,
    connection: &Connection,
    chosen: Value,
) -> Result<Value, Problem> {
    match connection.provider {
        ProviderId::Notion => notion(app, invocation, connection, read(&chosen)?).await,
        ProviderId::GoogleSheets => stored(&read::<SheetsChoice>(&chosen)?),
        ProviderId::Airtable => stored(&read::<AirtableChoice>(&chosen)?),
        ProviderId::GoogleCalendar => stored(&read::<CalendarChoice>(&chosen)?),
        ProviderId::Mailchimp => stored(&read::<MailchimpChoice>(&chosen)?),
        ProviderId::Gmail | ProviderId::Zoom => {
            read::<Map<String, Value>>(&chosen).and_then(|chosen| match chosen.keys().next() {
                Some(key) => Err(Problem::field(
                    &format!("/settings/{key}"),
                    "unknown_field",
                    "There is nothing to set.",
                )),
                None => Ok(json!({})),
            })
        }
    }
}

#[derive(Deserialize)]
#[serde(bound = "T: Deserialize<'de>")]
struct Outer<T> {
    settings: Object<T>,
}

/// Read again inside its field, so that mistakes are pointed at from the top of the body.
fn read<T: DeserializeOwned>(chosen: &Value) -> Result<T, Problem> {
    let bytes = serde_json::to_vec(&json!({ "settings": chosen })).unwrap_or_default();
    runtime::json::parse::<Outer<T>>(&bytes).map(|Outer { settings: Object(settings) }| settings)
}

fn stored(choice: &impl Serialize) -> Result<Value, Problem> {
    let value = serde_json::to_value(choice).map_err(|error| Problem::internal().because(error))?;
    for (name, text) in value.as_object().into_iter().flatten() {
        if text.as_str().is_none_or(|text| text.trim().is_empty() || text.len() > 500) {
            return Err(Problem::field(&format!("/settings/{name}"), "length", "1 to 500 characters."));
        }
    }
    Ok(value)
}

/// Looks at the chosen database and remembers its columns by id. A column for our id of each page is added once, so that a
/// page can be found again; where the schema may not be changed, the page's link back to the recording carries the id.
async fn notion(
    app: &App,
    invocation: &Invocation,
    connection: &Connection,
    choice: NotionChoice,
) -> Result<Value, Problem> {
    let id = Uuid::parse_str(choice.database_id.trim())
        .map_err(|_| Problem::field("/settings/database_id", "invalid", "A Notion database id is a UUID."))?;
    let mut access =
        Access::open(app, &connection.user, ProviderId::Notion, invocation.deadline, Class::Interactive)
            .await?;
    let id = &id.to_string();
    let known: Option<TicketSchema> =
        serde_json::from_value(connection.settings["ticket_schema"].clone()).ok();
    let known = known.as_ref();
    let (source, name) = access
        .call(|http, token| async move {
            let notion = Notion::new(http, &app.config.endpoints, token);
            let database = notion.database(id).await?;
            let first =
                database.data_sources.first().filter(|_| !database.in_trash).ok_or(Error::NotFound)?;
            let source = notion.data_source(&first.id).await?;
            Ok((with_external_id(&notion, source, known).await?, database.name))
        })
        .await?;
    let schema = TicketSchema::from_data_source(&source, known)
        .ok_or_else(|| Problem::new(Code::MappingPropertyMissing, "The database has no title property."))?;
    Ok(json!({
        "database_id": schema.database_id,
        "data_source_id": schema.data_source_id,
        "name": name,
        "ticket_schema": schema,
    }))
}

async fn with_external_id(
    notion: &Notion,
    source: DataSource,
    known: Option<&TicketSchema>,
) -> Result<DataSource, Error> {
    let has_it = |source: &DataSource| {
        TicketSchema::from_data_source(source, known).is_some_and(|it| it.external_id.is_some())
    };
    // A property of that name and another type is somebody else's: it must not be turned into ours.
    if has_it(&source) || source.has_property(EXTERNAL_ID_NAME) {
        return Ok(source);
    }
    match notion.add_external_id_property(&source.id).await {
        Ok(changed) => Ok(changed),
        Err(Error::Ambiguous { .. }) => {
            let again = notion.data_source(&source.id).await?;
            if has_it(&again) { Ok(again) } else { Err(Error::Unavailable) }
        }
        Err(Error::Forbidden { .. } | Error::Rejected { .. }) => Ok(source),
        Err(error) => Err(error),
    }
}
