//! The authorize endpoint: shows the consent page, and sends the person back with a code or a refusal.

use super::{Notion, consent::Authorize, grants::Code, model::Person, route::read_id};
use crate::{answer, with_header};
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeSet;
use uuid::Uuid;

impl Notion {
    pub(super) fn show_consent(&mut self, request: &Request<Bytes>) -> Response<Bytes> {
        let query = request.uri().query().unwrap_or_default().as_bytes();
        let authorize = Authorize::read(query);
        if let Err(complaint) = self.check_authorize(&authorize) {
            return self.refuse_page(request, &complaint);
        }
        let wanted =
            url::form_urlencoded::parse(query).find(|(name, _)| name == "person").map(|(_, value)| value);
        match self.person_named(wanted.as_deref()) {
            Some(person) => answer(
                StatusCode::OK,
                "text/html; charset=utf-8",
                self.consent_page(&authorize, person).as_bytes(),
            ),
            None => self.refuse_page(request, "Nobody of this name is a member of the workspace."),
        }
    }

    /// What the person pressed. Refused parameters never lead to a redirect.
    pub(super) fn decide(&mut self, request: &Request<Bytes>, now: Timestamp) -> Response<Bytes> {
        let authorize = Authorize::read(request.body());
        if let Err(complaint) = self.check_authorize(&authorize) {
            return self.refuse_page(request, &complaint);
        }
        let form: Vec<_> = url::form_urlencoded::parse(request.body()).into_owned().collect();
        let field = |name: &str| form.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
        let outcome = match field("decision") {
            Some("allow") => {
                let Some(person) = self.person_named(field("person")) else {
                    return self.refuse_page(request, "Nobody of this name is a member of the workspace.");
                };
                let chosen =
                    form.iter().filter(|(key, _)| key == "share").filter_map(|(_, value)| read_id(value));
                let shared = chosen.filter(|id| person.roots.contains(id)).collect();
                let person = person.id;
                ("code", self.issue_code(person, &authorize.client_id, &authorize.redirect_uri, shared, now))
            }
            Some("cancel") => ("error", "access_denied".to_owned()),
            _ => return self.refuse_page(request, "The form has no decision."),
        };
        let response = answer(StatusCode::FOUND, "text/plain", b"");
        with_header(response, "location", &authorize.redirect((outcome.0, &outcome.1)).unwrap_or_default())
    }

    fn check_authorize(&self, authorize: &Authorize) -> Result<(), String> {
        let Authorize { client_id, redirect_uri, response_type, owner, .. } = authorize;
        if !self.config.clients.iter().any(|client| client.client_id == *client_id) {
            return Err("Missing or invalid client_id.".to_owned());
        }
        if !self.client_redirects_to(client_id, redirect_uri) {
            return Err("Missing or invalid redirect_uri.".to_owned());
        }
        if response_type != "code" {
            return Err("response_type should be `code`.".to_owned());
        }
        if owner != "user" {
            return Err("owner should be `user`.".to_owned());
        }
        Ok(())
    }

    fn refuse_page(&mut self, request: &Request<Bytes>, complaint: &str) -> Response<Bytes> {
        self.violations.push(format!("{} {}: {complaint}", request.method(), request.uri().path()));
        let page = format!("<!doctype html><title>Notion</title><p>{complaint}</p>");
        answer(StatusCode::BAD_REQUEST, "text/html; charset=utf-8", page.as_bytes())
    }

    pub(super) fn client_redirects_to(&self, client_id: &str, redirect_uri: &str) -> bool {
        let client = self.config.clients.iter().find(|client| client.client_id == client_id);
        client.is_some_and(|client| client.redirect_uris.iter().any(|known| known == redirect_uri))
    }

    fn person_named(&self, name: Option<&str>) -> Option<&Person> {
        match name {
            Some(name) => self.workspace.people.iter().find(|person| person.name.eq_ignore_ascii_case(name)),
            None => self.workspace.people.first(),
        }
    }

    pub(super) fn issue_code(
        &mut self,
        person: Uuid,
        client_id: &str,
        redirect_uri: &str,
        shared: BTreeSet<Uuid>,
        now: Timestamp,
    ) -> String {
        let code = self.seed.uuid().to_string();
        let lifetime = SignedDuration::from_millis(self.config.limits.code_lifetime_ms);
        let expires = now.checked_add(lifetime).unwrap_or(Timestamp::MAX);
        let (client_id, redirect_uri) = (client_id.to_owned(), redirect_uri.to_owned());
        self.grants.codes.insert(code.clone(), Code { client_id, redirect_uri, person, shared, expires });
        code
    }
}
