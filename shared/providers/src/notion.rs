//! Notion: finding databases, reading schemas, writing pages and blocks. API version 2026-03-11.

mod blocks;
mod databases;
mod document;
mod limits;
mod map;
mod model;
mod packing;
mod pages;
mod refusals;
mod schema;
#[cfg(test)]
mod tests;
mod wire;

use bytes::Bytes;
use http::{HeaderValue, Method, Request};
use secrecy::SecretString;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use tokio::time::sleep;

pub use self::{
    blocks::Position,
    document::{BlockTree, Fingerprint, blocks_from_document, document_from_blocks},
    limits::{rich_text, split_text},
    map::{PagePlan, plan_page},
    model::{Block, DataSource, DataSourceName, Database, Me, Page, Property},
    packing::{Append, NewBlock, Packing, Parent, pack},
    pages::is_about_trash,
    refusals::limit,
    schema::{EXTERNAL_ID_NAME, Field, FieldKind, TicketSchema},
};
use crate::{
    error::Error,
    http::{Http, Json, Repeat, bearer, get, json},
    registry::{ApiRoot, Endpoints},
};

const VERSION: &str = "2026-03-11";
/// Notion ends queries at 10,000 results.
const MAX_PAGES: usize = 100;
/// How often a list is begun with that changes while it is read.
const MAX_READINGS: usize = 3;
/// How often a call is made again that meets somebody else's each time.
const MAX_CONFLICTS: u32 = 4;

/// Notion with one connection's token.
#[derive(Clone, Debug)]
pub struct Notion {
    http: Http,
    root: String,
    token: SecretString,
}

impl Notion {
    /// Notion as the holder of `token` sees it.
    pub fn new(http: Http, endpoints: &Endpoints, token: SecretString) -> Self {
        let root = endpoints.api_root(ApiRoot::Notion).to_owned();
        Self { http: http.with_classification(refusals::classify), root, token }
    }

    /// Who we are in this workspace; also tells whether the token works.
    pub async fn me(&self) -> Result<Me, Error> {
        self.read::<wire::Me>("/v1/users/me").await.map(Into::into)
    }

    async fn read<T: DeserializeOwned>(&self, path: &str) -> Result<T, Error> {
        let request = get(&format!("{}{path}", self.root), bearer(&self.token)?)?;
        let Json(answer) = self.http.send_idempotent(versioned(request)).await?;
        Ok(answer)
    }

    /// A write: whether it was applied, or still will be, is the caller's to find out if there is no answer.
    async fn once<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: &impl Serialize,
    ) -> Result<T, Error> {
        let request = self.request(method, path, body)?;
        self.against_others(request, Repeat::Never).await
    }

    /// Makes a call again that met somebody else's: Notion then applies nothing and asks to try again.
    async fn against_others<T: DeserializeOwned>(
        &self,
        request: Request<Bytes>,
        repeat: Repeat,
    ) -> Result<T, Error> {
        let mut conflicts = 0;
        loop {
            let Json(answer) = match self.http.send(request.clone(), repeat).await {
                Err(Error::Conflict) if conflicts < MAX_CONFLICTS => {
                    conflicts += 1;
                    sleep(self.http.backoff(conflicts)).await;
                    continue;
                }
                outcome => outcome?,
            };
            return Ok(answer);
        }
    }

    fn request(&self, method: Method, path: &str, body: &impl Serialize) -> Result<Request<Bytes>, Error> {
        let url = format!("{}{path}", self.root);
        json(method, &url, bearer(&self.token)?, body).map(versioned)
    }

    /// Every result of a question that is answered in pages.
    async fn all<T: DeserializeOwned>(&self, path: &str, mut body: Value) -> Result<Vec<T>, Error> {
        body["page_size"] = 100.into();
        let ask = |cursor: Option<&str>| {
            let mut body = body.clone();
            if let Some(cursor) = cursor {
                body["start_cursor"] = cursor.into();
            }
            self.request(Method::POST, path, &body)
        };
        Ok(self.list(ask).await?.entries)
    }

    /// A list that is answered in pages. A page begins where the one before said; if that entry is thrown away meanwhile, the list
    /// is read anew.
    async fn list<T: DeserializeOwned>(
        &self,
        ask: impl Fn(Option<&str>) -> Result<Request<Bytes>, Error>,
    ) -> Result<Listed<T>, Error> {
        'anew: for _ in 0..MAX_READINGS {
            let (mut entries, mut cursors) = (Vec::new(), Vec::<String>::new());
            for _ in 0..MAX_PAGES {
                let cursor = cursors.last().map(String::as_str);
                let page: wire::List<T> = match self.against_others(ask(cursor)?, Repeat::Safe).await {
                    Err(error) if cursor.is_some() && is_about_cursor(&error) => continue 'anew,
                    page => page?,
                };
                entries.extend(page.results);
                let Some(next) = page.next_cursor.filter(|_| page.has_more) else {
                    return Ok(Listed { entries, pages: cursors.len() + 1, is_whole: true });
                };
                if cursors.contains(&next) {
                    return Err(Error::BadResponse);
                }
                cursors.push(next);
            }
            return Ok(Listed { entries, pages: MAX_PAGES, is_whole: false });
        }
        Err(Error::Unavailable)
    }
}

/// A list that was answered in pages.
struct Listed<T> {
    entries: Vec<T>,
    pages: usize,
    /// Whether there is nothing more.
    is_whole: bool,
}

/// Whether a list was refused since it does not have the entry any more with which its next page was to begin. Notion has no
/// code for this, only words.
fn is_about_cursor(error: &Error) -> bool {
    matches!(error, Error::Rejected { status: 400, message, .. } if message.contains("start_cursor"))
}

fn versioned(mut request: Request<Bytes>) -> Request<Bytes> {
    request.headers_mut().insert("notion-version", HeaderValue::from_static(VERSION));
    request
}

/// An id as a part of a path. Whatever is no id names nothing.
fn path_id(id: &str) -> Result<&str, Error> {
    let valid = (1..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    valid.then_some(id).ok_or(Error::NotFound)
}
