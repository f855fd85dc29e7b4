//! What the types of Notion's own client say about an exchange.

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use serde_json::{Value, json};

use crate::json_of;
use crate::schema::NOTION;

/// Fails unless a request is to one of Notion's endpoints, with a body that it takes.
///
/// # Panics
/// When it is not. Bodies are not looked at where the schemas were not made.
pub fn assert_notion_request(request: &Request<Bytes>) {
    match NotionRoute::of(request).body {
        Some(name) => NOTION.assert_fits(name, &json_of(request.body())),
        None => assert!(request.body().is_empty(), "{} {} takes no body", request.method(), request.uri()),
    }
}

/// Fails unless an answer is what Notion says it is, or a refusal in the form and with a code that its own client knows.
///
/// # Panics
/// When it is not. Bodies are not looked at where the schemas were not made.
pub fn assert_notion_answer(request: &Request<Bytes>, answer: &Response<Bytes>) {
    let body = json_of(answer.body());
    if answer.status() == StatusCode::OK {
        return NOTION.assert_fits(NotionRoute::of(request).answer, &body);
    }
    if request.uri().path().starts_with("/v1/oauth/") && body["error"].is_string() {
        return;
    }
    assert_eq!((&body["object"], &body["status"]), (&json!("error"), &json!(answer.status().as_u16())));
    assert!(body["message"].is_string() && body["request_id"].is_string(), "{body}");
    // The client always sends a version and does not know what happens without one. Nor does it know the codes of OAuth.
    let beyond_the_client = ["missing_version", "invalid_grant", "invalid_client"];
    if !beyond_the_client.iter().any(|code| body["code"] == *code) {
        NOTION.assert_fits("APIErrorCode", &body["code"]);
    }
    for (name, value) in body["additional_data"].as_object().into_iter().flatten() {
        let texts = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
        assert!(texts.iter().all(Value::is_string), "{name}: {value}");
    }
}

/// The definitions for an endpoint.
struct NotionRoute {
    /// Of the body, where there is one.
    body: Option<&'static str>,
    /// Of a successful answer.
    answer: &'static str,
}

impl NotionRoute {
    fn of(request: &Request<Bytes>) -> Self {
        let (method, path) = (request.method().as_str(), request.uri().path());
        let segments: Vec<&str> =
            path.strip_prefix("/v1/").into_iter().flat_map(|path| path.split('/')).collect();
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
            _ => panic!("Notion has no {method} {path}"),
        };
        Self { body: (!body.is_empty()).then_some(body), answer }
    }
}
