//! A Notion: one workspace, its people, and the API and OAuth endpoints integrations reach it by.

mod append;
mod authorize;
mod blocks;
mod compare;
mod config;
mod consent;
mod content;
mod data_sources;
mod databases;
mod filter;
mod grants;
mod inspect;
mod media;
mod model;
mod moment;
mod oauth;
mod page_values;
mod pages;
mod people;
mod properties;
mod property_forms;
mod query;
mod rate;
mod refusal;
mod render;
mod rich_text;
mod route;
mod search;
mod shape;
#[cfg(test)]
mod tests;
mod workspace;

pub use config::{NotionConfig, NotionLimits, OauthErrors};
pub use inspect::{BlockView, DatabaseView, PageView, TokenRequest};

use crate::{OauthClient, Seed, Simulator, answer_json, with_header};
use bytes::Bytes;
use grants::Grants;
use http::{Method, Request, Response, StatusCode};
use jiff::Timestamp;
use model::Workspace;
use rate::Rate;
use refusal::Refusal;
use route::{Call, Route};
use serde_json::{Value, json};
use uuid::Uuid;

/// The stand-in for Notion, with the workspace "Acme" (see [`Notion::new`]).
#[derive(Clone, Debug)]
pub struct Notion {
    config: NotionConfig,
    workspace: Workspace,
    grants: Grants,
    rate: Rate,
    seed: Seed,
    sequence: u64,
    token_requests: Vec<TokenRequest>,
    violations: Vec<String>,
}

impl Notion {
    /// The workspace "Acme" of Alice and Bob. Both can share the databases "Product tickets", "Ideas" (it has no
    /// `Priority`) and "Locked board" (its schema may not be changed) and the page "Team wiki" with 120 pages under it;
    /// each also has a private notes page of their own.
    pub fn new(seed: u64, config: NotionConfig) -> Self {
        let mut seed = Seed::new(seed);
        let (workspace, sequence) = workspace::acme(&mut seed);
        Self {
            config,
            workspace,
            grants: Grants::default(),
            rate: Rate::default(),
            seed,
            sequence,
            token_requests: Vec::new(),
            violations: Vec::new(),
        }
    }

    /// Registers an integration, or replaces the one with the same `client_id`.
    pub fn register(&mut self, client: OauthClient) {
        self.config.clients.retain(|known| known.client_id != client.client_id);
        self.config.clients.push(client);
    }

    /// The limits in force.
    pub fn limits(&self) -> &NotionLimits {
        &self.config.limits
    }

    /// Changes the limits from now on.
    pub fn set_limits(&mut self, limits: NotionLimits) {
        self.config.limits = limits;
    }

    fn api(&mut self, request: &Request<Bytes>, now: Timestamp) -> Result<Value, Refusal> {
        let route = Route::of(request.method(), request.uri().path())?;
        let bot = self.authenticate(request, now)?;
        let call = Call::read(request, bot, now)?;
        self.rate.admit(bot, now, self.config.limits.requests_per_minute).map_err(Refusal::rate_limited)?;
        match route {
            Route::Me => self.me(bot),
            Route::Search => self.search(&call),
            Route::CreateDatabase => self.create_database(&call),
            Route::Database(id) => self.database(&call, id),
            Route::UpdateDatabase(id) => self.update_database(&call, id),
            Route::DataSource(id) => self.data_source(&call, id),
            Route::UpdateDataSource(id) => self.update_data_source(&call, id),
            Route::QueryDataSource(id) => self.query_data_source(&call, id),
            Route::CreatePage => self.create_page(&call),
            Route::Page(id) => self.retrieve_page(&call, id),
            Route::UpdatePage(id) => self.update_page(&call, id),
            Route::Block(id) => self.retrieve_block(&call, id),
            Route::UpdateBlock(id) => self.update_block(&call, id),
            Route::DeleteBlock(id) => self.delete_block(&call, id),
            Route::Children(id) => self.list_children(&call, id),
            Route::Append(id) => self.append_children(&call, id),
        }
    }

    fn authenticate(&self, request: &Request<Bytes>, now: Timestamp) -> Result<Uuid, Refusal> {
        let header = request.headers().get(http::header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let token =
            header.and_then(|value| value.strip_prefix("Bearer ")).ok_or_else(Refusal::unauthorized)?;
        self.grants.bot_of(token, now).ok_or_else(Refusal::unauthorized)
    }

    fn refuse(&mut self, request: &Request<Bytes>, refusal: &Refusal, request_id: &str) -> Response<Bytes> {
        if refusal.malformed {
            let line = format!("{} {}: {}", request.method(), request.uri().path(), refusal.message);
            self.violations.push(line);
        }
        refusal.respond(request_id)
    }
}

impl Simulator for Notion {
    fn answer(&mut self, request: &Request<Bytes>, now: Timestamp) -> Response<Bytes> {
        let request_id = self.seed.uuid().to_string();
        let response = if request.uri().path().starts_with("/v1/oauth/") {
            self.oauth(request, &request_id, now)
        } else {
            match self.api(request, now) {
                Ok(body) => answer_json(StatusCode::OK, &body),
                Err(refusal) => self.refuse(request, &refusal, &request_id),
            }
        };
        with_header(response, "x-notion-request-id", &request_id)
    }

    /// The documented 503 of a write that was saved: the ids of what was saved are in `additional_data`.
    fn applied_but_failed(
        &mut self,
        request: &Request<Bytes>,
        applied: &Response<Bytes>,
        status: StatusCode,
    ) -> Response<Bytes> {
        let applied: Value = serde_json::from_slice(applied.body()).unwrap_or_default();
        let mut additional = json!({
            "retry_guidance": "The change was saved, but the response could not be built. Do not repeat the request.",
        });
        let appended = request.method() == Method::PATCH && request.uri().path().ends_with("/children");
        if appended {
            let blocks = applied.get("results").and_then(Value::as_array).cloned().unwrap_or_default();
            let ids: Vec<_> = blocks.iter().filter_map(|block| block.get("id").cloned()).collect();
            additional["committed_child_ids"] = Value::Array(ids);
        } else if let Some(id) = applied.get("id") {
            additional["committed_resource_id"] = id.clone();
        }
        let code = match status {
            StatusCode::INTERNAL_SERVER_ERROR => "internal_server_error",
            StatusCode::GATEWAY_TIMEOUT => "gateway_timeout",
            _ => "service_unavailable",
        };
        let body = json!({
            "object": "error",
            "status": status.as_u16(),
            "code": code,
            "message": "Notion is unavailable, please try again later.",
            "additional_data": additional,
            "request_id": self.seed.uuid(),
        });
        answer_json(status, &body)
    }
}
