//! Drafts already made, so that the same transcript is not paid for twice.

use domain::UserId;
use jiff::Timestamp;
use serde_json::Value;

use crate::{Error, Store};

impl Store {
    /// The draft kept under this content hash, for 30 days after it was made.
    pub async fn cached_draft(
        &self,
        user: &UserId,
        content_hash: &str,
        now: Timestamp,
    ) -> Result<Option<Value>, Error> {
        unimplemented!()
    }

    /// Keeps a draft under its content hash; the latest one counts.
    pub async fn cache_draft(
        &self,
        user: &UserId,
        content_hash: &str,
        draft: &Value,
        now: Timestamp,
    ) -> Result<(), Error> {
        unimplemented!()
    }
}
