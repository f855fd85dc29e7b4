//! Google's products: one account behind several connections, boxes that people leave unticked, and tokens that end.

mod connecting;
mod disconnecting;
mod tokens;

use std::time::Duration;

use domain::{ProviderId, Tier};
use http::{Method, StatusCode};
use providers::oauth::{Client, Grant, OAuth};
use providers::registry::provider;
use runtime::{Access, Problem};
use serde_json::Value;
use store::Class;
use tokio::time::Instant;

use crate::support::world::CLIENT_SECRET;
use crate::support::{Answer, Browser, World, authorized, get};

pub(crate) const CALENDAR: &str = "google-calendar";
pub(crate) const SHEETS: &str = "google-sheets";
/// Where a browser ends up that connected Google Calendar.
const CONNECTED: &str = "https://api.patchbay.example/integrations?connected=google-calendar";

/// A world in which Alice may connect as much as she likes.
pub(crate) async fn world() -> World {
    let world = World::calm();
    raise(&world).await;
    world
}

async fn raise(world: &World) {
    world.instance().store.set_tier(&"alice".parse().unwrap(), Tier::Pro, world.now()).await.unwrap();
}

/// Opens a fresh connect link; Google's page.
pub(crate) async fn leave(world: &World, browser: &mut Browser, user: &str, product: &str) -> String {
    let link = browser.link_to(world, user, product).await;
    browser.open(world, oauth_start::routes, &link).await.unwrap()
}

/// `user` tries once to connect a product, as Google's Alice; where the browser ends up.
pub(crate) async fn connect(world: &World, user: &str, product: &str) -> String {
    let mut browser = Browser::default();
    let page = leave(world, &mut browser, user, product).await;
    let callback = Browser::agree(world, &page);
    browser.open(world, oauth_callback::routes, &callback).await.unwrap()
}

/// What Alice sees of a connection of hers.
pub(crate) async fn connection(world: &World, product: &str) -> Option<Value> {
    let path = format!("/v1/connections/{product}");
    let answer = world.insist(api::routes, || get(world, "alice", &path)).await;
    (answer.status == StatusCode::OK).then(|| answer.json())
}

/// How a connection of Alice's stands, and why.
async fn standing(world: &World, product: &str) -> (String, String) {
    let connection = connection(world, product).await.unwrap();
    let text = |name: &str| connection[name].as_str().unwrap_or_default().to_owned();
    (text("status"), text("reason"))
}

/// Alice disconnects a product.
pub(crate) async fn disconnect(world: &World, product: &str) -> Answer {
    let path = format!("/v1/connections/{product}");
    world.insist(api::routes, || authorized(world, "alice", Method::DELETE, &path)).await
}

/// A function does something for Alice: it asks Google who she is. None when the function died.
pub(crate) async fn try_work(world: &World, product: &str) -> Option<Result<String, Problem>> {
    let product: ProviderId = product.parse().unwrap();
    let call = async |app: std::sync::Arc<runtime::App>| {
        let (user, by) = ("alice".parse().unwrap(), Instant::now() + Duration::from_secs(20));
        let client = Client { id: "google-client".to_owned(), secret: CLIENT_SECRET.to_owned().into() };
        let mut access = Access::open(&app, &user, product, by, Class::Interactive).await?;
        let account = access.call(|http, token| {
            let oauth = OAuth::new(http, provider(product), &app.config.endpoints, &client);
            let grant = Grant {
                access: token,
                refresh: None,
                expires_in: None,
                scopes: Vec::new(),
                account: None,
                bot_id: None,
            };
            async move { oauth.account(&grant).await }
        });
        Ok(account.await?.name)
    };
    world.invoke("work", "work".to_owned(), Some("alice".to_owned()), call).await
}

/// The same; the code of its problem, if it has one.
async fn work(world: &World, product: &str) -> Result<String, &'static str> {
    try_work(world, product).await.unwrap().map_err(|problem| problem.code().as_str())
}
