//! A user's browser: follows redirects, keeps cookies, and agrees on the provider's page.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::body::Body;
use http::{Method, Request, StatusCode};
use serde_json::json;
use url::Url;

use super::{World, send_json};

/// One browser.
#[derive(Debug, Default)]
pub(crate) struct Browser {
    pub(crate) cookies: BTreeMap<String, String>,
    /// Who is signed in at the provider; Alice, if nobody is named.
    pub(crate) person: Option<&'static str>,
}

impl Browser {
    /// Connects Notion for `user`; answers where the browser ends up. Tries again when a function dies.
    pub(crate) async fn connect(&mut self, world: &World, user: &str) -> String {
        self.connect_to(world, user, "notion").await
    }

    /// Connects a provider for `user`, likewise.
    pub(crate) async fn connect_to(&mut self, world: &World, user: &str, provider: &str) -> String {
        for attempt in 0..40 {
            if attempt > 0 {
                tokio::time::sleep(Duration::from_secs(5)).await;
            }
            let link = self.link_to(world, user, provider).await;
            let Some(provider_page) = self.open(world, oauth_start::routes, &link).await else { continue };
            if provider_page.starts_with(super::world::PUBLIC_URL) {
                return provider_page;
            }
            let callback = Self::agree_as(self.person.unwrap_or("Alice"), world, &provider_page);
            if let Some(end) = self.open(world, oauth_callback::routes, &callback).await
                && end.contains("connected=")
            {
                return end;
            }
        }
        panic!("not connected after forty tries");
    }

    /// A link that connects Notion.
    pub(crate) async fn link(&self, world: &World, user: &str) -> String {
        self.link_to(world, user, "notion").await
    }

    /// A link that connects a provider.
    pub(crate) async fn link_to(&self, world: &World, user: &str, provider: &str) -> String {
        let body = json!({"provider": provider, "return_to": "/integrations"});
        let key = format!("connect-{}", world.count());
        let ask = || send_json(world, user, Method::POST, "/v1/connect-sessions", Some(&key), &body);
        let answer = world.insist(api::routes, ask).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
        answer.json()["connect_url"].as_str().unwrap().to_owned()
    }

    /// Opens an address of ours; the address it redirects to. None when the function died or failed.
    pub(crate) async fn open(
        &mut self,
        world: &World,
        routes: super::world::Routes,
        address: &str,
    ) -> Option<String> {
        let url = Url::parse(address).unwrap();
        let path = format!("{}?{}", url.path(), url.query().unwrap_or_default());
        let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut request = Request::get(path).body(Body::empty()).unwrap();
        if !cookies.is_empty() {
            request.headers_mut().insert("cookie", cookies.join("; ").parse().unwrap());
        }
        let answer = world.try_send(routes, request).await?;
        for cookie in answer.headers.get_all("set-cookie") {
            let (name, value) = cookie.to_str().unwrap().split(';').next().unwrap().split_once('=').unwrap();
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        answer.status.is_redirection().then(|| answer.location().to_owned())
    }

    /// Agrees on the provider's page; the address that sends the browser to.
    pub(crate) fn agree(world: &World, provider_page: &str) -> String {
        Self::agree_as("Alice", world, provider_page)
    }

    fn agree_as(person: &str, world: &World, provider_page: &str) -> String {
        let button = if is_google(provider_page) { "continue" } else { "allow" };
        Self::decide_as(person, world, provider_page, button)
    }

    /// Presses a button on the provider's page.
    pub(crate) fn decide(world: &World, provider_page: &str, decision: &str) -> String {
        Self::decide_as("Alice", world, provider_page, decision)
    }

    fn decide_as(person: &str, world: &World, provider_page: &str, decision: &str) -> String {
        let now = world.now();
        let providers = &mut *world.providers.lock().unwrap();
        let response = if is_google(provider_page) {
            providers.google.simulator.press(provider_page, person, decision, now).unwrap()
        } else {
            providers.notion.simulator.press(provider_page, person, decision, now).unwrap()
        };
        assert!(response.status().is_redirection(), "{response:?}");
        response.headers()["location"].to_str().unwrap().to_owned()
    }
}

fn is_google(provider_page: &str) -> bool {
    provider_page.starts_with("https://accounts.google.com/")
}
