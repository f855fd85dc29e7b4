//! `/_control/…`: how a test or a demo arranges and inspects a running stand-in.

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode, header};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use simulators::{
    Deepgram, Fault, Notion, OauthClient, OpenAi, Simulator, StandIn, deepgram::Media, notion::NotionLimits,
    openai::ScriptedAnswer,
};

/// What went wrong with a control request, or its answer.
pub(crate) type Controls = Result<Value, (StatusCode, String)>;

/// A simulator with controls of its own.
pub(crate) trait Controlled: Simulator {
    /// Answers a control request that is not common to all; `None` when there is no such control.
    fn control(&mut self, method: &Method, path: &str, request: &Request<Bytes>) -> Option<Controls>;
}

/// Answers a control request.
pub(crate) fn answer<S: Controlled>(
    stand_in: &mut StandIn<S>,
    path: &str,
    request: &Request<Bytes>,
) -> Response<Bytes> {
    let controls = common(stand_in, path, request)
        .or_else(|| stand_in.simulator.control(request.method(), path, request))
        .unwrap_or_else(|| {
            Err((StatusCode::NOT_FOUND, format!("{} /_control/{path} is not known", request.method())))
        });
    let (status, body) = match controls {
        Ok(body) => (StatusCode::OK, body),
        Err((status, detail)) => (status, json!({"error": detail})),
    };
    let mut response = Response::new(Bytes::from(format!("{body}\n")));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static("application/json"));
    response
}

fn common<S: Controlled>(
    stand_in: &mut StandIn<S>,
    path: &str,
    request: &Request<Bytes>,
) -> Option<Controls> {
    match (request.method(), path) {
        (&Method::GET, "health") => Some(done()),
        (&Method::POST, "faults") => Some(one_or_many::<Fault>(request).and_then(|faults| {
            let ordered = faults.into_iter().try_for_each(|fault| stand_in.fail(fault));
            ordered.map_err(bad).and_then(|()| done())
        })),
        (&Method::GET, "faults") => Some(Ok(json!(stand_in.faults.waiting()))),
        (&Method::DELETE, "faults") => {
            stand_in.faults.clear();
            Some(done())
        }
        (&Method::GET, "requests") => Some(Ok(json!(stand_in.records.all()))),
        (&Method::DELETE, "requests") => {
            stand_in.records.clear();
            Some(done())
        }
        _ => None,
    }
}

impl Controlled for Notion {
    fn control(&mut self, method: &Method, path: &str, request: &Request<Bytes>) -> Option<Controls> {
        match (method, path) {
            (&Method::GET, "pages") => Some(match parameter(request, "database") {
                Some(title) if self.data_source_id(&title).is_some() => Ok(json!(self.pages(&title))),
                Some(title) => Err((StatusCode::NOT_FOUND, format!("there is no database {title}"))),
                None => Err(bad("the parameter database is missing".to_owned())),
            }),
            (&Method::GET, "page") => {
                Some(match parameter(request, "title").map(|title| self.page_titled(&title)) {
                    Some(Some(page)) => {
                        let (below, databases) = (self.children_of(page.id), self.databases_under(page.id));
                        Ok(json!({"page": page, "below": below, "databases": databases}))
                    }
                    Some(None) => Err((StatusCode::NOT_FOUND, "there is no such page".to_owned())),
                    None => Err(bad("the parameter title is missing".to_owned())),
                })
            }
            (&Method::GET, "databases") => Some(Ok(json!(self.databases()))),
            (&Method::GET, "violations") => Some(Ok(json!(self.violations()))),
            (&Method::DELETE, "violations") => {
                self.clear_violations();
                Some(done())
            }
            (&Method::GET, "tokens") => Some(Ok(json!(self.token_requests()))),
            (&Method::POST, "clients") => Some(one_or_many::<OauthClient>(request).and_then(|clients| {
                for client in clients {
                    self.register(client);
                }
                done()
            })),
            (&Method::GET, "limits") => Some(Ok(json!(self.limits()))),
            (&Method::POST, "limits") => {
                Some(changed(self.limits(), request).and_then(|limits: NotionLimits| {
                    self.set_limits(limits);
                    done()
                }))
            }
            (&Method::POST, "people") => Some(body::<Value>(request).and_then(|order| people(self, &order))),
            _ => None,
        }
    }
}

/// What a person does: `{"person":"Alice","does":"disconnects"}`, `{"does":"shares"|"unshares","title":…}`,
/// `{"does":"trashes"|"restores","page":id}`, `{"does":"locks"|"unlocks","title":…}`,
/// `{"does":"renames_property","title":…,"property":…,"name":…}`, `{"does":"edits","block":id,"text":…}`.
fn people(notion: &mut Notion, order: &Value) -> Controls {
    let text_of = |key: &str| {
        let found = order.get(key).and_then(Value::as_str);
        found.ok_or_else(|| bad(format!("{key} is missing")))
    };
    match text_of("does")? {
        "disconnects" => notion.person_disconnects(text_of("person")?),
        "shares" => notion.person_shares(text_of("title")?),
        "unshares" => notion.person_unshares(text_of("title")?),
        does @ ("trashes" | "restores") => {
            let page = text_of("page")?.parse().map_err(|_| bad("page is not an id".to_owned()))?;
            notion.person_trashes(page, does == "trashes");
        }
        does @ ("locks" | "unlocks") => notion.person_locks(text_of("title")?, does == "locks"),
        "edits" => {
            let block = text_of("block")?.parse().map_err(|_| bad("block is not an id".to_owned()))?;
            if !notion.person_edits_block(block, text_of("text")?, super::now()) {
                return Err(bad("there is no such block".to_owned()));
            }
        }
        "renames_property" => {
            if !notion.person_renames_property(text_of("title")?, text_of("property")?, text_of("name")?) {
                return Err(bad("there is no such property".to_owned()));
            }
        }
        other => return Err(bad(format!("nobody {other}"))),
    }
    done()
}

impl Controlled for OpenAi {
    fn control(&mut self, method: &Method, path: &str, request: &Request<Bytes>) -> Option<Controls> {
        match (method, path) {
            (&Method::POST, "answers") => Some(one_or_many::<ScriptedAnswer>(request).and_then(|answers| {
                for answer in answers {
                    self.script(answer);
                }
                done()
            })),
            (&Method::DELETE, "answers") => {
                self.clear_script();
                Some(done())
            }
            (&Method::POST, "down") => Some(body::<Value>(request).and_then(|order| {
                let down = order
                    .get("down")
                    .and_then(Value::as_bool)
                    .ok_or_else(|| bad("down is missing".to_owned()))?;
                self.set_down(down);
                done()
            })),
            (&Method::GET, "completions") => Some(Ok(json!(self.completions()))),
            (&Method::GET, "violations") => Some(Ok(json!(self.violations()))),
            _ => None,
        }
    }
}

impl Controlled for Deepgram {
    fn control(&mut self, method: &Method, path: &str, request: &Request<Bytes>) -> Option<Controls> {
        match (method, path) {
            // {"url":…,"kind":"said","utterances":[{"speaker":0,"text":…}]} or another kind of medium.
            (&Method::POST, "media") => Some(body::<Value>(request).and_then(|mut order| {
                let url = order.as_object_mut().and_then(|fields| fields.remove("url"));
                let url =
                    url.as_ref().and_then(Value::as_str).ok_or_else(|| bad("url is missing".to_owned()))?;
                let media: Media = serde_json::from_value(order).map_err(|error| bad(error.to_string()))?;
                self.set_media(url, media);
                done()
            })),
            (&Method::POST, "processing") => Some(body::<Value>(request).and_then(|order| {
                let ms = order.get("processing_ms").and_then(Value::as_i64);
                self.set_processing_ms(ms.ok_or_else(|| bad("processing_ms is missing".to_owned()))?);
                done()
            })),
            (&Method::POST, "limits") => Some(body::<Value>(request).and_then(|order| {
                let most = order.get("concurrency").and_then(Value::as_u64).map(usize::try_from);
                let most =
                    most.and_then(Result::ok).ok_or_else(|| bad("concurrency is missing".to_owned()))?;
                self.set_concurrency(most);
                done()
            })),
            (&Method::GET, "jobs") => Some(Ok(json!(self.jobs()))),
            (&Method::GET, "violations") => Some(Ok(json!(self.violations()))),
            _ => None,
        }
    }
}

#[expect(clippy::unnecessary_wraps, reason = "every control ends with it")]
pub(super) fn done() -> Controls {
    Ok(json!({"ok": true}))
}

pub(super) fn bad(detail: String) -> (StatusCode, String) {
    (StatusCode::BAD_REQUEST, detail)
}

pub(super) fn body<T: DeserializeOwned>(request: &Request<Bytes>) -> Result<T, (StatusCode, String)> {
    serde_json::from_slice(request.body()).map_err(|error| bad(error.to_string()))
}

/// A list, or one thing alone.
pub(super) fn one_or_many<T: DeserializeOwned>(
    request: &Request<Bytes>,
) -> Result<Vec<T>, (StatusCode, String)> {
    let given: Value = body(request)?;
    let many = if given.is_array() { given } else { json!([given]) };
    serde_json::from_value(many).map_err(|error| bad(error.to_string()))
}

/// Settings with the given ones replaced.
pub(super) fn changed<T: serde::Serialize + DeserializeOwned>(
    settings: &T,
    request: &Request<Bytes>,
) -> Result<T, (StatusCode, String)> {
    let given: Value = body(request)?;
    let mut settings = serde_json::to_value(settings).map_err(|error| bad(error.to_string()))?;
    for (name, value) in given.as_object().into_iter().flatten() {
        settings[name.as_str()] = value.clone();
    }
    serde_json::from_value(settings).map_err(|error| bad(error.to_string()))
}

pub(super) fn parameter(request: &Request<Bytes>, name: &str) -> Option<String> {
    let query = request.uri().query().unwrap_or_default();
    url::form_urlencoded::parse(query.as_bytes())
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
}
