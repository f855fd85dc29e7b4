//! The page on which a person says what an integration may see.

use super::{Notion, model::Person};
use crate::Simulator;
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use jiff::Timestamp;

/// What the authorize address carries.
#[derive(Clone, Debug, Default)]
pub(super) struct Authorize {
    pub(super) client_id: String,
    pub(super) redirect_uri: String,
    pub(super) response_type: String,
    pub(super) owner: String,
    pub(super) state: Option<String>,
}

impl Authorize {
    /// Reads the parameters of an address or a form.
    pub(super) fn read(encoded: &[u8]) -> Self {
        let mut read = Self::default();
        for (name, value) in url::form_urlencoded::parse(encoded) {
            let value = value.into_owned();
            match name.as_ref() {
                "client_id" => read.client_id = value,
                "redirect_uri" => read.redirect_uri = value,
                "response_type" => read.response_type = value,
                "owner" => read.owner = value,
                "state" => read.state = Some(value),
                _ => {}
            }
        }
        read
    }

    /// The address a decision leads to.
    pub(super) fn redirect(&self, outcome: (&str, &str)) -> Option<String> {
        let mut url = url::Url::parse(&self.redirect_uri).ok()?;
        url.query_pairs_mut().append_pair(outcome.0, outcome.1);
        if let Some(state) = &self.state {
            url.query_pairs_mut().append_pair("state", state);
        }
        Some(url.into())
    }

    fn hidden_fields(&self) -> String {
        let all = [
            ("client_id", Some(&self.client_id)),
            ("redirect_uri", Some(&self.redirect_uri)),
            ("response_type", Some(&self.response_type)),
            ("owner", Some(&self.owner)),
            ("state", self.state.as_ref()),
        ];
        let given = all.into_iter().filter_map(|(name, value)| Some((name, value?)));
        let field = |(name, value): (&str, &String)| {
            format!(r#"<input type="hidden" name="{name}" value="{}">"#, escaped(value))
        };
        given.map(field).collect::<Vec<_>>().concat()
    }
}

impl Notion {
    /// The page for `person`: everything they can share, already chosen.
    pub(super) fn consent_page(&self, authorize: &Authorize, person: &Person) -> String {
        let people: String =
            self.workspace.people.iter().map(|other| person_option(other, other.id == person.id)).collect();
        let roots: String = person.roots.iter().map(|root| self.root_choice(*root)).collect();
        let workspace = escaped(&self.workspace.name);
        let fields = authorize.hidden_fields();
        format!(
            r#"<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Connect with Notion</title></head>
<body>
<h1>An integration wants access to {workspace}</h1>
<form method="get" action="/v1/oauth/authorize">{fields}
<label>Signed in as <select name="person">{people}</select></label> <button>Switch</button>
</form>
<form method="post" action="/v1/oauth/authorize">{fields}
<input type="hidden" name="person" value="{name}">
<fieldset><legend>Pages and databases to share</legend>{roots}</fieldset>
<button name="decision" value="allow">Allow access</button>
<button name="decision" value="cancel">Cancel</button>
</form>
</body>
</html>
"#,
            name = escaped(&person.name),
        )
    }

    /// What a person does who is sent to this address: opens the page, leaves chosen what it offers, presses a button.
    /// Answers what they get: the way back, or why there is none. None when that is no address.
    pub fn press(
        &mut self,
        address: &str,
        person: &str,
        button: &str,
        now: Timestamp,
    ) -> Option<Response<Bytes>> {
        let (path, query) = address.split_once("//")?.1.split_once('/')?.1.split_once('?')?;
        let page = Request::get(format!("/{path}?{query}&person={person}")).body(Bytes::new()).ok()?;
        let page = self.answer(&page, now);
        if page.status() != StatusCode::OK {
            return Some(page);
        }
        let text = String::from_utf8_lossy(page.body());
        let offers = text.split(r#"name="share" value=""#).skip(1).filter_map(|rest| rest.split('"').next());
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(url::form_urlencoded::parse(query.as_bytes()));
        form.extend_pairs(offers.map(|offer| ("share", offer)));
        form.append_pair("person", person).append_pair("decision", button);
        let form = Request::post(format!("/{path}"))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Bytes::from(form.finish()));
        Some(self.answer(&form.ok()?, now))
    }

    fn root_choice(&self, root: uuid::Uuid) -> String {
        let title = escaped(&self.title_of(root));
        format!(
            r#"<p><label><input type="checkbox" name="share" value="{root}" checked> {title}</label></p>"#
        )
    }
}

fn person_option(person: &Person, chosen: bool) -> String {
    let name = escaped(&person.name);
    let chosen = if chosen { " selected" } else { "" };
    format!(r#"<option value="{name}"{chosen}>{name}</option>"#)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
