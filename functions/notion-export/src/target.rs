//! What an intent says about the page it stands for: enough to find the page and to finish it without the request.

use domain::extraction::RecordingLink;
use domain::{Ticket, VideoId};
use providers::notion::{PagePlan, TicketSchema, plan_page};
use runtime::{App, Code, Problem};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::{Connection, Intent};
use uuid::Uuid;

/// DynamoDB keeps up to 400 KB in an item.
const MAX_BYTES: usize = 350_000;

/// Of the evidence, a page shows the moments only.
fn only_what_is_shown(mut ticket: Ticket) -> Ticket {
    ticket.warnings.clear();
    for evidence in &mut ticket.evidence {
        evidence.cue_ids.clear();
        evidence.quote.clear();
        evidence.url.clear();
    }
    ticket
}

/// A ticket and where it goes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Target {
    /// The recording.
    pub(crate) video: VideoId,
    /// The ticket as it was posted.
    pub(crate) ticket: Ticket,
    /// The data source, with its columns as they were when the page was sent.
    pub(crate) schema: TicketSchema,
}

impl Target {
    /// The target for a new page: the database the user chose.
    pub(crate) fn new(connection: &Connection, video: VideoId, ticket: Ticket) -> Result<Self, Problem> {
        let schema = serde_json::from_value(connection.settings["ticket_schema"].clone());
        let schema = schema.map_err(|_| {
            Problem::new(Code::DatabaseNotSelected, "Choose the Notion database that takes tickets first.")
        })?;
        let target = Self { video, ticket: only_what_is_shown(ticket), schema };
        if target.to_value().to_string().len() > MAX_BYTES {
            return Err(Problem::new(Code::PayloadTooLarge, "The ticket is too long."));
        }
        Ok(target)
    }

    /// The target of an intent that was written down before.
    pub(crate) fn of(intent: &Intent) -> Result<Self, Problem> {
        serde_json::from_value(intent.target.clone())
            .map_err(|error| Problem::new(Code::Internal, "Something went wrong on our side.").because(error))
    }

    /// As it is written down.
    pub(crate) fn to_value(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }

    /// How the page is found again after a lost answer.
    pub(crate) fn strategy(&self) -> &'static str {
        if self.schema.external_id.is_some() { "property" } else { "link" }
    }

    /// The calls that make the page.
    pub(crate) fn plan(&self, app: &App, external_id: Uuid) -> PagePlan {
        let link = RecordingLink::new(&app.config.app_url, self.video.clone());
        plan_page(&self.ticket, &self.schema, &link, external_id)
    }
}
