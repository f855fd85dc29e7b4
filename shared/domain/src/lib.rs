//! The vocabulary of the product: plain data and pure functions. No I/O, no clock, nothing a provider defines.

pub mod captions;
pub mod document;
pub mod extraction;
mod id;
pub mod markdown;
mod object;
mod provider_id;
mod ticket;
mod tier;
mod transcript;
pub mod webvtt;

pub use id::{JobId, MalformedId, UserId, VideoId};
pub use object::Object;
pub use provider_id::{ProviderId, UnknownProvider};
pub use ticket::{
    Draft, Evidence, FieldError, Priority, Source, TITLE_MAX_CHARS, Ticket, TicketType, UnknownWord,
    check_line,
};
pub use tier::{Tier, UnknownTier};
pub use transcript::{Cue, Transcript, Voice};
