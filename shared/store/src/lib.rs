//! The table and the keys: what Patchbay remembers, one file per kind of thing.
//!
//! Every method says what the caller intends and is safe to replay. Rows and keys never leave this crate; a call that
//! concerns a user takes their [`domain::UserId`], never a key. Every write that could lose a race is conditional, and an
//! expiry is checked on read, because DynamoDB deletes what expired hours late.

mod account;
mod channel;
mod connect;
mod connect_session;
mod connection;
mod counted_job;
mod data_keys;
mod disconnect;
mod draft_cache;
mod due;
mod error;
mod idempotency;
mod intent;
mod intent_outcome;
mod job;
mod key;
mod lease;
mod oauth_state;
mod once;
mod pace;
mod page;
mod plan;
mod plan_body;
mod quota;
mod refresh;
mod retry;
mod row;
mod scheduled_sync;
mod sealing;
mod sync;
mod table;
mod transact;
mod transcription;
mod vault;
mod video;
mod write;

pub use account::Account;
pub use channel::Listener;
pub use connect::{NewConnection, PutConnection};
pub use connect_session::ConnectSession;
pub use connection::{Connection, ConnectionStatus, ExternalAccount};
pub use counted_job::CountedJob;
pub use due::{Due, FORGOTTEN};
pub use error::{BoxError, Error};
pub use idempotency::{Begin, Claim, IdempotencyKey, StoredResponse};
pub use intent::{Intent, IntentState, NewIntent, PutSending};
pub use intent_outcome::Remote;
pub use job::{Job, JobError, JobStatus, NewJob, PATIENCE, Progress};
pub use lease::{Acquire, Lease, LeaseName};
pub use oauth_state::OauthState;
pub use once::Taken;
pub use pace::{Admit, Class, PaceKey, PacePolicy};
pub use page::Page;
pub use plan::{Expected, PlanSummary, PutPlan};
pub use plan_body::{NewPlan, StoredPlan};
pub use quota::{Metric, Period, Usage};
pub use refresh::{REFRESH_LEASE_MS, Refresh, RefreshTicket};
pub use scheduled_sync::{Channel, ScheduledSync};
pub use sync::{SYNC_ROWS, Sync};
pub use table::Store;
pub use transcription::{Accept, Attempt, TranscriptionOwner};
pub use vault::{Opened, SealedTokens, Tokens, Vault};
pub use video::{NewVideo, TranscriptionStatus, Video};
