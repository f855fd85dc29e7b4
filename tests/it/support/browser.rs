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
    /// Who is signed in at Notion; Alice, if nobody is named.
    pub(crate) person: Option<&'static str>,
}

impl Browser {
    /// Connects Notion for `user`; answers where the browser ends up. Tries again when a function dies.
    pub(crate) async fn connect(&mut self, world: &World, user: &str) -> String {
        for attempt in 0..40 {
            if attempt > 0 {
                tokio::time::sleep(Duration::from_secs(5)).await;
            }
            let link = self.link(world, user).await;
            let Some(provider_page) = self.open(world, oauth_start::routes, &link).await else { continue };
            if !provider_page.starts_with("https://api.notion.com/") {
                return provider_page;
            }
            let callback = Self::decide_as(self.person.unwrap_or("Alice"), world, &provider_page, "allow");
            if let Some(end) = self.open(world, oauth_callback::routes, &callback).await
                && end.contains("connected=")
            {
                return end;
            }
        }
        panic!("not connected after forty tries");
    }

    /// A connect link.
    pub(crate) async fn link(&self, world: &World, user: &str) -> String {
        let body = json!({"provider": "notion", "return_to": "/integrations"});
        let key = format!("connect-{}", world.count());
        let answer = world
            .insist(api::routes, || {
                send_json(world, user, Method::POST, "/v1/connect-sessions", Some(&key), &body)
            })
            .await;
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

    /// Presses "Allow" on Notion's page; the address Notion sends the browser to.
    pub(crate) fn agree(world: &World, provider_page: &str) -> String {
        Self::decide(world, provider_page, "allow")
    }

    /// Presses a button on Notion's page.
    pub(crate) fn decide(world: &World, provider_page: &str, decision: &str) -> String {
        Self::decide_as("Alice", world, provider_page, decision)
    }

    fn decide_as(person: &str, world: &World, provider_page: &str, decision: &str) -> String {
        let now = world.now();
        let notion = &mut world.providers.lock().unwrap().notion.simulator;
        let response = notion.press(provider_page, person, decision, now).unwrap();
        assert!(response.status().is_redirection(), "{response:?}");
        response.headers()["location"].to_str().unwrap().to_owned()
    }
}
