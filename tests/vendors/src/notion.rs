//! Which definitions of Notion's speak about which endpoint.

use bytes::Bytes;
use http::Request;

use crate::json_of;
use crate::schema::NOTION;

/// Fails unless a request is to one of Notion's endpoints, with a body that it takes.
///
/// # Panics
/// When it is not. Bodies are not looked at where the schemas were not made.
pub fn assert_notion_request(request: &Request<Bytes>) {
    let (method, path) = (request.method().as_str(), request.uri().path());
    let Some(route) = NotionRoute::of(method, path) else { panic!("Notion has no {method} {path}") };
    match route.body {
        Some(name) => NOTION.assert_fits(name, &json_of(request.body())),
        None => assert!(request.body().is_empty(), "{method} {path} takes no body"),
    }
}

/// The definitions for an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotionRoute {
    /// Of the body, where there is one.
    pub body: Option<&'static str>,
    /// Of a successful answer.
    pub answer: &'static str,
}

impl NotionRoute {
    /// The endpoint at `path`, which begins with `/v1/` and may have a query; `None` for one that is not known here.
    pub fn of(method: &str, path: &str) -> Option<Self> {
        let path = path.split('?').next()?.strip_prefix("/v1/")?;
        let segments: Vec<&str> = path.split('/').collect();
        let (body, answer) = match (method, segments.as_slice()) {
            ("GET", ["users", "me"]) => ("", "GetSelfResponse"),
            ("POST", ["search"]) => ("SearchBodyParameters", "SearchResponse"),
            ("POST", ["databases"]) => ("CreateDatabaseBodyParameters", "CreateDatabaseResponse"),
            ("GET", ["databases", _]) => ("", "GetDatabaseResponse"),
            ("PATCH", ["databases", _]) => ("UpdateDatabaseBodyParameters", "UpdateDatabaseResponse"),
            ("GET", ["data_sources", _]) => ("", "GetDataSourceResponse"),
            ("PATCH", ["data_sources", _]) => ("UpdateDataSourceBodyParameters", "UpdateDataSourceResponse"),
            ("POST", ["data_sources", _, "query"]) => {
                ("QueryDataSourceBodyParameters", "QueryDataSourceResponse")
            }
            ("POST", ["pages"]) => ("CreatePageBodyParameters", "CreatePageResponse"),
            ("GET", ["pages", _]) => ("", "GetPageResponse"),
            ("PATCH", ["pages", _]) => ("UpdatePageBodyParameters", "UpdatePageResponse"),
            ("GET", ["blocks", _]) => ("", "GetBlockResponse"),
            ("PATCH", ["blocks", _]) => ("UpdateBlockBodyParameters", "UpdateBlockResponse"),
            ("DELETE", ["blocks", _]) => ("", "DeleteBlockResponse"),
            ("GET", ["blocks", _, "children"]) => ("", "ListBlockChildrenResponse"),
            ("PATCH", ["blocks", _, "children"]) => {
                ("AppendBlockChildrenBodyParameters", "AppendBlockChildrenResponse")
            }
            ("POST", ["oauth", "token"]) => ("OauthTokenBodyParameters", "OauthTokenResponse"),
            ("POST", ["oauth", "revoke"]) => ("OauthRevokeBodyParameters", "OauthRevokeResponse"),
            ("POST", ["oauth", "introspect"]) => ("OauthIntrospectBodyParameters", "OauthIntrospectResponse"),
            _ => return None,
        };
        Some(Self { body: (!body.is_empty()).then_some(body), answer })
    }
}
