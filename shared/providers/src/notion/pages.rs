//! Pages: creating, finding, changing and trashing them.

use http::Method;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Notion, Page, path_id, wire};
use crate::error::Error;

impl Notion {
    /// Creates a page. Notion knows no idempotency key: after [`Error::Ambiguous`] look for the page before creating it
    /// again.
    pub async fn create_page(&self, body: &Value) -> Result<Page, Error> {
        self.once::<wire::Page>(Method::POST, "/v1/pages", body).await.map(Into::into)
    }

    /// A page, also one in the trash.
    pub async fn page(&self, id: &str) -> Result<Page, Error> {
        self.read::<wire::Page>(&format!("/v1/pages/{}", path_id(id)?)).await.map(Into::into)
    }

    /// Sets the values of columns. Safe to repeat; after [`Error::Ambiguous`] it may still arrive, and replace what was written
    /// later.
    pub async fn update_page(&self, id: &str, properties: &Value) -> Result<Page, Error> {
        let path = format!("/v1/pages/{}", path_id(id)?);
        self.once::<wire::Page>(Method::PATCH, &path, &json!({"properties": properties}))
            .await
            .map(Into::into)
    }

    /// Throws a page away. Safe to repeat; a page that is in the trash already stays there. After [`Error::Ambiguous`] it may still
    /// go.
    pub async fn trash_page(&self, id: &str) -> Result<(), Error> {
        let path = format!("/v1/pages/{}", path_id(id)?);
        match self.once::<wire::Page>(Method::PATCH, &path, &json!({"in_trash": true})).await {
            Err(error) if !is_about_trash(&error) => Err(error),
            _ => Ok(()),
        }
    }

    /// Takes a page out of the trash. Safe to repeat; after [`Error::Ambiguous`] it may still come back.
    pub async fn restore_page(&self, id: &str) -> Result<(), Error> {
        let path = format!("/v1/pages/{}", path_id(id)?);
        self.once::<wire::Page>(Method::PATCH, &path, &json!({"in_trash": false})).await.map(drop)
    }

    /// The pages whose column `property_id` holds exactly `text`, oldest first: either those in use or those in the trash.
    pub async fn pages_with_text(
        &self,
        data_source_id: &str,
        property_id: &str,
        text: &str,
        in_trash: bool,
    ) -> Result<Vec<Page>, Error> {
        let filter = json!({"property": property_id, "rich_text": {"equals": text}});
        self.query(data_source_id, filter, in_trash).await
    }

    /// The pages in use whose column `property_id` holds exactly one of at most 100 `texts`, oldest first.
    pub async fn pages_with_texts(
        &self,
        data_source_id: &str,
        property_id: &str,
        texts: &[String],
    ) -> Result<Vec<Page>, Error> {
        let one = |text: &String| json!({"property": property_id, "rich_text": {"equals": text}});
        let filter = json!({"or": texts.iter().map(one).collect::<Vec<_>>()});
        self.query(data_source_id, filter, false).await
    }

    /// The pages created at or after a moment, oldest first. Notion keeps times to the minute, so the moment is rounded
    /// down.
    pub async fn pages_created_since(
        &self,
        data_source_id: &str,
        since: Timestamp,
        in_trash: bool,
    ) -> Result<Vec<Page>, Error> {
        let minute = since.as_second().div_euclid(60) * 60;
        let since = Timestamp::from_second(minute).unwrap_or(since);
        let filter = json!({"timestamp": "created_time", "created_time": {"on_or_after": since.to_string()}});
        self.query(data_source_id, filter, in_trash).await
    }

    async fn query(&self, data_source_id: &str, filter: Value, in_trash: bool) -> Result<Vec<Page>, Error> {
        let path = format!("/v1/data_sources/{}/query", path_id(data_source_id)?);
        let mut body = json!({
            "filter": filter,
            "sorts": [{"timestamp": "created_time", "direction": "ascending"}],
            "result_type": "page",
        });
        if in_trash {
            body["in_trash"] = true.into();
        }
        let pages = self.all::<wire::Page>(&path, body).await?;
        Ok(pages.into_iter().map(Page::from).filter(|page| page.in_trash == in_trash).collect())
    }
}

/// Whether a write was refused because its target is in the trash. Notion has no code for this, only words.
pub fn is_about_trash(error: &Error) -> bool {
    let Error::Rejected { status: 400, message, .. } = error else { return false };
    let message = message.to_ascii_lowercase();
    ["archived", "in trash", "in_trash"].iter().any(|word| message.contains(word))
}
