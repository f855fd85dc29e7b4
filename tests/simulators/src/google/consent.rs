//! The page on which a person lets a client in, with a box for each thing it asks for.

use super::{Google, model::Person, scopes};
use crate::Simulator;
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use jiff::Timestamp;

/// What the authorize address carries.
#[derive(Clone, Debug, Default)]
pub(super) struct Authorize {
    fields: Vec<(String, String)>,
}

/// The parameters that matter; everything else is ignored, as the service does.
const PARAMETERS: [&str; 11] = [
    "client_id",
    "redirect_uri",
    "response_type",
    "scope",
    "state",
    "access_type",
    "prompt",
    "include_granted_scopes",
    "login_hint",
    "code_challenge",
    "code_challenge_method",
];

impl Authorize {
    /// Reads the parameters of an address or a form.
    pub(super) fn read(encoded: &[u8]) -> Self {
        // The form's boxes are called `consent`, so the parameters stay what they were.
        let pairs = url::form_urlencoded::parse(encoded).into_owned();
        Self { fields: pairs.filter(|(name, _)| PARAMETERS.contains(&name.as_str())).collect() }
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// A parameter that was given twice, if there is one.
    pub(super) fn doubled(&self) -> Option<&str> {
        let twice = |name: &&&str| self.fields.iter().filter(|(key, _)| key == **name).count() > 1;
        PARAMETERS.iter().find(twice).copied()
    }

    /// The scopes asked for, by their full names; the first unknown one otherwise.
    pub(super) fn scopes(&self) -> Result<Vec<String>, String> {
        let asked = self.get("scope").unwrap_or_default().split(' ').filter(|scope| !scope.is_empty());
        asked.map(|scope| scopes::full_name(scope).ok_or_else(|| scope.to_owned())).collect()
    }

    /// The address a decision leads to.
    pub(super) fn redirect(&self, outcome: &[(&str, &str)]) -> Option<String> {
        let mut url = url::Url::parse(self.get("redirect_uri")?).ok()?;
        if let Some(state) = self.get("state") {
            url.query_pairs_mut().append_pair("state", state);
        }
        url.query_pairs_mut().extend_pairs(outcome);
        Some(url.into())
    }

    fn hidden_fields(&self) -> String {
        let field = |(name, value): &(String, String)| {
            format!(r#"<input type="hidden" name="{name}" value="{}">"#, escaped(value))
        };
        self.fields.iter().map(field).collect()
    }
}

impl Google {
    /// The page for `person`. What they usually grant is already ticked.
    pub(super) fn consent_page(&self, authorize: &Authorize, asked: &[String], person: &Person) -> String {
        let option = |other: &Person| {
            let chosen = if other.sub == person.sub { " selected" } else { "" };
            let name = escaped(&other.name);
            format!(r#"<option value="{name}"{chosen}>{name} ({})</option>"#, escaped(&other.email))
        };
        let people: String = self.people.iter().map(option).collect();
        let choice = |scope: &String| {
            let ticked = if person.grants(scope) { " checked" } else { "" };
            format!(
                r#"<p><label><input type="checkbox" name="consent" value="{scope}"{ticked}> {scope}</label></p>"#
            )
        };
        let choices: String = asked.iter().filter(|scope| !scopes::is_sign_in(scope)).map(choice).collect();
        let fields = authorize.hidden_fields();
        format!(
            r#"<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Sign in – Google Accounts</title></head>
<body>
<h1>An application wants access to your Google Account</h1>
<form method="get" action="/o/oauth2/v2/auth">{fields}
<label>Signed in as <select name="person">{people}</select></label> <button>Switch</button>
</form>
<form method="post" action="/o/oauth2/v2/auth">{fields}
<input type="hidden" name="person" value="{name}">
<fieldset><legend>Select what it can access</legend>{choices}</fieldset>
<button name="decision" value="continue">Continue</button>
<button name="decision" value="cancel">Cancel</button>
</form>
</body>
</html>
"#,
            name = escaped(&person.name),
        )
    }

    /// What a person does who is sent to this address: opens the page, leaves ticked what they usually grant (see
    /// [`Google::set_consent`]), presses a button (`continue` or `cancel`). Answers what they get: the way back, or why
    /// there is none. None when that is no address.
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
        let boxes = text.split(r#"name="consent" value=""#).skip(1);
        let ticked = boxes.filter_map(|rest| rest.split_once(r#"" checked>"#).map(|(scope, _)| scope));
        let ticked = ticked.filter(|scope| !scope.contains('"'));
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(url::form_urlencoded::parse(query.as_bytes()));
        form.extend_pairs(ticked.map(|scope| ("consent", scope)));
        form.append_pair("person", person).append_pair("decision", button);
        let form = Request::post(format!("/{path}"))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Bytes::from(form.finish()));
        Some(self.answer(&form.ok()?, now))
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
