//! `/_control/…` of the Google stand-in.

use super::{
    control::{Controlled, Controls, bad, body, changed, done, one_or_many, parameter},
    now,
};
use bytes::Bytes;
use http::{Method, Request, StatusCode};
use serde_json::{Value, json};
use simulators::{Google, OauthClient, google::GoogleLimits};

impl Controlled for Google {
    fn control(&mut self, method: &Method, path: &str, request: &Request<Bytes>) -> Option<Controls> {
        match (method, path) {
            (&Method::GET, "calendars") => Some(match parameter(request, "person") {
                Some(person) => Ok(json!(self.calendars_of(&person))),
                None => Err(bad("the parameter person is missing".to_owned())),
            }),
            // The deleted ones too with `all=true`. The calendar is named by its id.
            (&Method::GET, "events") => Some(match parameter(request, "calendar") {
                Some(id) if parameter(request, "all").is_some() => Ok(json!(self.all_events(&id))),
                Some(id) => Ok(json!(self.events(&id))),
                None => Err(bad("the parameter calendar is missing".to_owned())),
            }),
            (&Method::GET, "channels") => Some(Ok(json!(self.channels(now())))),
            (&Method::GET, "calls") => Some(Ok(json!(self.calls()))),
            (&Method::DELETE, "calls") => {
                self.clear_calls();
                Some(done())
            }
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
            (&Method::POST, "code") => Some(body::<Value>(request).and_then(|order| code(self, &order))),
            (&Method::GET, "limits") => Some(Ok(json!(self.limits()))),
            (&Method::POST, "limits") => {
                Some(changed(self.limits(), request).and_then(|limits: GoogleLimits| {
                    self.set_limits(limits);
                    done()
                }))
            }
            (&Method::POST, "people") => Some(body::<Value>(request).and_then(|order| people(self, &order))),
            _ => None,
        }
    }
}

fn text<'a>(order: &'a Value, key: &str) -> Result<&'a str, (StatusCode, String)> {
    order.get(key).and_then(Value::as_str).ok_or_else(|| bad(format!("{key} is missing")))
}

/// A code without the consent page: `{"person","client_id","redirect_uri","scopes":[…]}`.
fn code(google: &mut Google, order: &Value) -> Controls {
    let scopes: Vec<&str> = order
        .get("scopes")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let (person, client_id) = (text(order, "person")?, text(order, "client_id")?);
    let code = google.consent(person, client_id, text(order, "redirect_uri")?, &scopes, now());
    code.map(|code| json!({"code": code})).ok_or_else(|| bad("there is no such person or client".to_owned()))
}

/// What a person does: `{"does":"adds","calendar","event"}`, `{"does":"edits","calendar","event":id,"patch"}`,
/// `{"does":"deletes"|"restores","calendar","event":id}`, `{"does":"adds_calendar","person","summary","time_zone"}`,
/// `{"does":"removes_calendar","calendar"}`, `{"does":"withdraws","person"}`, `{"does":"ticks","person","scopes"}`.
/// What befalls everybody: `{"does":"expires_sync_tokens"}`, `{"does":"forgets_deleted"}`, `{"does":"loses_notifications"}`.
fn people(google: &mut Google, order: &Value) -> Controls {
    let missing = || bad("there is no such calendar or event, or it cannot be that".to_owned());
    let field = |name: &str| order.get(name).ok_or_else(|| bad(format!("{name} is missing")));
    match text(order, "does")? {
        "adds" => {
            let id = google.person_adds_event(text(order, "calendar")?, field("event")?, now());
            return id.map(|id| json!({"id": id})).ok_or_else(missing);
        }
        "edits" => {
            let (calendar, event) = (text(order, "calendar")?, text(order, "event")?);
            google
                .person_edits_event(calendar, event, field("patch")?, now())
                .then_some(())
                .ok_or_else(missing)?;
        }
        "deletes" => {
            let (calendar, event) = (text(order, "calendar")?, text(order, "event")?);
            google.person_deletes_event(calendar, event, now()).then_some(()).ok_or_else(missing)?;
        }
        "restores" => {
            let (calendar, event) = (text(order, "calendar")?, text(order, "event")?);
            google.person_restores_event(calendar, event, now()).then_some(()).ok_or_else(missing)?;
        }
        "adds_calendar" => {
            let (person, zone) = (text(order, "person")?, text(order, "time_zone")?);
            let id = google.person_adds_calendar(person, text(order, "summary")?, zone);
            return id.map(|id| json!({"id": id})).ok_or_else(missing);
        }
        "removes_calendar" => google.person_removes_calendar(text(order, "calendar")?),
        "withdraws" => google.person_withdraws_access(text(order, "person")?),
        "ticks" => {
            let scopes = order.get("scopes").and_then(Value::as_array);
            let scopes =
                scopes.map(|list| list.iter().filter_map(Value::as_str).map(str::to_owned).collect());
            google.set_consent(text(order, "person")?, scopes);
        }
        "expires_sync_tokens" => google.expire_sync_tokens(),
        "forgets_deleted" => google.forget_deleted_events(),
        "loses_notifications" => google.lose_notifications(),
        other => return Err(bad(format!("nobody {other}"))),
    }
    done()
}
