//! Which completion requests are valid, and the words for those that are not.

use super::strict_schema;
use crate::answer_json;
use bytes::Bytes;
use http::{Request, Response, StatusCode, header};
use serde_json::{Map, Value, json};

/// Why a request is not answered.
#[derive(Debug)]
pub(super) struct Complaint {
    pub(super) status: StatusCode,
    kind: &'static str,
    code: Option<&'static str>,
    param: Option<String>,
    pub(super) message: String,
}

impl Complaint {
    fn new(
        status: StatusCode,
        kind: &'static str,
        code: Option<&'static str>,
        message: impl Into<String>,
    ) -> Self {
        Self { status, kind, code, param: None, message: message.into() }
    }

    pub(super) fn invalid(param: &str, message: impl Into<String>) -> Self {
        let param = Some(param.to_owned());
        Self { param, ..Self::new(StatusCode::BAD_REQUEST, "invalid_request_error", None, message) }
    }

    pub(super) fn not_found(message: String) -> Self {
        Self::new(StatusCode::NOT_FOUND, "invalid_request_error", None, message)
    }

    pub(super) fn unauthorized(message: &str) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "invalid_request_error", Some("invalid_api_key"), message)
    }

    pub(super) fn rate_limited() -> Self {
        let message = "Rate limit reached for requests. Please try again later.";
        Self::new(StatusCode::TOO_MANY_REQUESTS, "requests", Some("rate_limit_exceeded"), message)
    }

    pub(super) fn quota() -> Self {
        let message = "You exceeded your current quota, please check your plan and billing details.";
        Self::new(StatusCode::TOO_MANY_REQUESTS, "insufficient_quota", Some("insufficient_quota"), message)
    }

    pub(super) fn server() -> Self {
        let message = "The server had an error while processing your request.";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "server_error", None, message)
    }

    pub(super) fn overloaded() -> Self {
        let message = "The engine is currently overloaded, please try again later.";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "server_error", None, message)
    }

    pub(super) fn respond(&self) -> Response<Bytes> {
        let Self { status, kind, code, param, message } = self;
        answer_json(
            *status,
            &json!({"error": {"message": message, "type": kind, "param": param, "code": code}}),
        )
    }
}

/// A valid completion request.
#[derive(Debug)]
pub(super) struct Completion {
    pub(super) body: Value,
    pub(super) model: String,
    /// The text of all user messages.
    pub(super) user_text: String,
    /// How many words all messages have.
    pub(super) words: usize,
    /// The schema the answer must have.
    pub(super) schema: Option<Value>,
}

/// Known arguments that this stand-in does not act on; it refuses rather than ignores them.
const ABSENT: &[&str] = &[
    "stream",
    "stream_options",
    "tools",
    "tool_choice",
    "parallel_tool_calls",
    "functions",
    "function_call",
    "audio",
    "modalities",
    "prediction",
    "web_search_options",
    "logprobs",
    "top_logprobs",
    "logit_bias",
    "moderation",
];
/// Whether a value fits an argument.
type Fits = fn(&Value) -> bool;

/// Known arguments, with whether a value fits.
const KNOWN: &[(&str, Fits)] = &[
    ("model", Value::is_string),
    ("messages", Value::is_array),
    ("response_format", Value::is_object),
    ("temperature", |value| within(value, 0.0, 2.0)),
    ("top_p", |value| within(value, 0.0, 1.0)),
    ("frequency_penalty", |value| within(value, -2.0, 2.0)),
    ("presence_penalty", |value| within(value, -2.0, 2.0)),
    ("max_tokens", |value| value.as_u64().is_some_and(|tokens| tokens > 0)),
    ("max_completion_tokens", |value| value.as_u64().is_some_and(|tokens| tokens > 0)),
    ("n", |value| value == 1),
    ("seed", Value::is_i64),
    ("user", Value::is_string),
    ("safety_identifier", Value::is_string),
    ("prompt_cache_key", Value::is_string),
    ("store", Value::is_boolean),
    ("stop", Value::is_string),
    ("metadata", |value| {
        value.as_object().is_some_and(|pairs| pairs.len() <= 16 && pairs.values().all(Value::is_string))
    }),
    ("service_tier", |value| {
        value.as_str().is_some_and(|tier| matches!(tier, "auto" | "default" | "flex" | "priority"))
    }),
];

fn within(value: &Value, least: f64, most: f64) -> bool {
    value.as_f64().is_some_and(|number| (least..=most).contains(&number))
}

impl Completion {
    pub(super) fn read(request: &Request<Bytes>, models: &[String]) -> Result<Self, Complaint> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let unparsed = || Complaint::invalid("body", "We could not parse the JSON body of your request.");
        let body: Value = serde_json::from_slice(request.body()).map_err(|_| unparsed())?;
        let object =
            body.as_object().filter(|_| kind.is_some_and(|kind| kind.starts_with("application/json")));
        let object = object.ok_or_else(unparsed)?;
        check_arguments(object)?;
        let model = object.get("model").and_then(Value::as_str).unwrap_or_default().to_owned();
        if !models.contains(&model) {
            let message = format!("The model `{model}` does not exist or you do not have access to it.");
            return Err(Complaint { code: Some("model_not_found"), ..Complaint::not_found(message) });
        }
        let messages =
            object.get("messages").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        if messages.is_empty() {
            return Err(Complaint::invalid(
                "messages",
                "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead.",
            ));
        }
        let mut user_text = String::new();
        let mut words = 0;
        for (at, message) in messages.iter().enumerate() {
            let (role, text) = read_message(message, at)?;
            words += text.split_whitespace().count();
            if role == "user" {
                user_text.push_str(&text);
                user_text.push('\n');
            }
        }
        let schema = object.get("response_format").map(schema_of).transpose()?.flatten();
        Ok(Self { body, model, user_text, words, schema })
    }
}

fn check_arguments(object: &Map<String, Value>) -> Result<(), Complaint> {
    for needed in ["model", "messages"] {
        if !object.contains_key(needed) {
            return Err(Complaint::invalid(needed, format!("Missing required parameter: '{needed}'.")));
        }
    }
    for (name, value) in object {
        if ABSENT.contains(&name.as_str()) {
            return Err(Complaint::invalid(name, format!("'{name}' is not part of this stand-in.")));
        }
        let Some((_, fits)) = KNOWN.iter().find(|(known, _)| known == name) else {
            return Err(Complaint::invalid(name, format!("Unrecognized request argument supplied: {name}")));
        };
        if !fits(value) {
            return Err(Complaint::invalid(name, format!("Invalid value for '{name}': {value}.")));
        }
    }
    Ok(())
}

/// The role and the text of a message. Content is a string or an array of text parts.
fn read_message(message: &Value, at: usize) -> Result<(String, String), Complaint> {
    let wrong = |what: &str| {
        Complaint::invalid(&format!("messages[{at}]"), format!("Invalid 'messages[{at}]': {what}."))
    };
    let object = message.as_object().ok_or_else(|| wrong("expected an object"))?;
    if let Some(name) = object.keys().find(|key| !matches!(key.as_str(), "role" | "content" | "name")) {
        return Err(wrong(&format!("unexpected '{name}'")));
    }
    let role = object.get("role").and_then(Value::as_str).unwrap_or_default();
    if !matches!(role, "system" | "developer" | "user" | "assistant") {
        return Err(wrong(&format!("role '{role}' is not supported")));
    }
    if object.get("name").is_some_and(|name| !name.is_string()) {
        return Err(wrong("name should be a string"));
    }
    let text = match object.get("content") {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(parts)) if !parts.is_empty() => {
            let texts = parts
                .iter()
                .map(|part| part_text(part).ok_or_else(|| wrong("only text parts are supported")));
            texts.collect::<Result<Vec<_>, _>>()?.join("\n")
        }
        _ => return Err(wrong("content should be a string or an array of parts")),
    };
    Ok((role.to_owned(), text))
}

fn part_text(part: &Value) -> Option<String> {
    let object = part.as_object().filter(|object| object.len() == 2)?;
    (object.get("type")? == "text").then(|| object.get("text")?.as_str().map(str::to_owned)).flatten()
}

fn schema_of(format: &Value) -> Result<Option<Value>, Complaint> {
    let wrong = |message: String| Complaint::invalid("response_format", message);
    let only = |object: &Value, known: &[&str]| {
        let unknown =
            object.as_object().into_iter().flatten().find(|(key, _)| !known.contains(&key.as_str()));
        unknown.map_or(Ok(()), |(key, _)| Err(wrong(format!("Unknown parameter: 'response_format.{key}'."))))
    };
    match format.get("type").and_then(Value::as_str) {
        Some("text") => only(format, &["type"]).map(|()| None),
        Some("json_schema") => {
            only(format, &["type", "json_schema"])?;
            let inner = format.get("json_schema").filter(|inner| inner.is_object());
            let inner = inner.ok_or_else(|| {
                wrong("Missing required parameter: 'response_format.json_schema'.".to_owned())
            })?;
            only(inner, &["name", "description", "schema", "strict"])?;
            let name = inner.get("name").and_then(Value::as_str).unwrap_or_default();
            let letters = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-');
            if name.is_empty() || name.len() > 64 || !name.chars().all(letters) {
                return Err(wrong("Invalid 'response_format.json_schema.name': expected 1 to 64 letters, digits, '_' or '-'.".to_owned()));
            }
            if inner.get("strict") != Some(&Value::Bool(true)) {
                return Err(wrong("Only strict schemas are part of this stand-in.".to_owned()));
            }
            let schema = inner.get("schema").unwrap_or(&Value::Null);
            strict_schema::check(schema).map_err(|complaint| {
                wrong(format!("Invalid schema for response_format '{name}': {complaint}"))
            })?;
            Ok(Some(schema.clone()))
        }
        other => Err(wrong(format!("response_format of the type {other:?} is not part of this stand-in."))),
    }
}
