//! The vocabulary of the product: plain data and pure functions. No I/O, no clock, nothing a provider defines.

pub mod captions;
mod check;
pub mod delta;
pub mod document;
pub mod extraction;
mod html;
mod id;
pub mod markdown;
mod object;
mod plan;
mod provider_id;
mod ticket;
mod tier;
mod transcript;
pub mod webvtt;

pub use check::{FieldError, check_line};
pub use id::{JobId, MalformedId, PlanId, UserId, VideoId};
pub use object::{Object, word};
pub use plan::{
    Layout, Module, Moment, PLAN_PAGE, Part, Plan, PlanEvent, PlanPage, PlanRow, Reminder, ReminderMethod,
    Resource, Schedule, Span, Task, TaskStatus, When, is_time_zone,
};
pub use provider_id::{ProviderId, UnknownProvider};
pub use ticket::{Draft, Evidence, Priority, Source, TITLE_MAX_CHARS, Ticket, TicketType, UnknownWord};
pub use tier::{Tier, UnknownTier};
pub use transcript::{Cue, Transcript, Voice};
