//! Drafts already made, so that the same transcript is not paid for twice.

use domain::UserId;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::key::Key;
use crate::row::{self, THIRTY_DAYS, json_text};
use crate::write::Write;
use crate::{Error, Store};

const WHAT: &str = "draft";

#[derive(Serialize, Deserialize)]
struct Row {
    #[serde(with = "json_text")]
    draft: Value,
    /// Seconds.
    expires_at: i64,
}

impl Store {
    /// The draft kept under this content hash, for 30 days after it was made.
    pub async fn cached_draft(
        &self,
        user: &UserId,
        content_hash: &str,
        now: Timestamp,
    ) -> Result<Option<Value>, Error> {
        let Some(item) = self.get(&Key::draft(user, content_hash)).await? else { return Ok(None) };
        let row: Row = row::read(WHAT, item)?;
        Ok(Some(row.draft).filter(|_| row.expires_at > now.as_second()))
    }

    /// Keeps a draft under its content hash; the latest one counts.
    pub async fn cache_draft(
        &self,
        user: &UserId,
        content_hash: &str,
        draft: &Value,
        now: Timestamp,
    ) -> Result<(), Error> {
        let row = Row { draft: draft.clone(), expires_at: row::later(now, THIRTY_DAYS).as_second() };
        let put = Write::put(Key::draft(user, content_hash), row::item(WHAT, &row)?);
        self.write(put).await.map(drop)
    }
}
