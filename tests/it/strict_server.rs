//! Connecting at a strict authorization server that others wrote, through both functions and on real sockets.
//! It stands where Zoom's would, by the addresses that a deployer may set.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use domain::ProviderId;
use http::{Method, Request, Response, StatusCode};
use providers::Error;
use providers::http::{Http, Policy};
use providers::oauth::{Client, Grant, OAuth};
use providers::registry::{Endpoints, provider};
use providers::transport::{Limits, ReqwestTransport, Transport};
use runtime::{Access, App};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use store::{Class, Tokens};
use tokio::time::Instant;
use vendors::OauthServer;

use crate::support::world::{CLIENT_SECRET, PUBLIC_URL, SECRET_ID, SESSION_KEY};
use crate::support::{Browser, World, authorized, get, send_json};

const CALLBACK: &str = "https://api.patchbay.example/v1/oauth/zoom/callback";
const CONSOLE: &str = "https://api.patchbay.example/integrations";

/// The backend, and the server in Zoom's place.
struct Bench<'a> {
    server: &'a OauthServer,
    world: World,
    client: Client,
}

impl<'a> Bench<'a> {
    fn new(server: &'a OauthServer) -> Self {
        let mut world = World::calm();
        let variables = ["PATCHBAY_ZOOM_URL", "PATCHBAY_ZOOM_OAUTH_URL"];
        let variables = variables.map(|name| (name.to_owned(), server.issuer().to_owned()));
        world.endpoints = Endpoints::from_variables(&variables.into()).unwrap();
        let client = Client { id: "basic".to_owned(), secret: "secret of basic".to_owned().into() };
        let registered = json!({"client_id": client.id, "client_secret": client.secret.expose_secret()});
        let notion = json!({"client_id": "notion-client", "client_secret": CLIENT_SECRET});
        let secret = json!({"providers": {"zoom": registered, "notion": notion}, "session_key": SESSION_KEY});
        world.aws.put_secret(SECRET_ID, &secret.to_string());
        Self { server, world, client }
    }

    /// Opens a connect link in `browser`; where on the server it leads.
    async fn leave(&self, browser: &mut Browser, user: &str) -> String {
        let body = json!({"provider": "zoom", "return_to": "/integrations"});
        let request = send_json(&self.world, user, Method::POST, "/v1/connect-sessions", None, &body);
        let link = self.world.send(api::routes, request).await.json();
        let link = link["connect_url"].as_str().unwrap();
        let page = browser.open(&self.world, oauth_start::routes, link).await.unwrap();
        assert!(page.starts_with(self.server.issuer()), "{page}");
        page
    }

    async fn come_back(&self, browser: &mut Browser, address: &str) -> String {
        browser.open(&self.world, oauth_callback::routes, address).await.unwrap()
    }

    /// Connects `user`; the address with which their browser came back.
    async fn connect(&self, user: &str) -> String {
        let mut browser = Browser::default();
        let callback = agree(&self.leave(&mut browser, user).await).await;
        assert_eq!(self.come_back(&mut browser, &callback).await, format!("{CONSOLE}?connected=zoom"));
        callback
    }

    async fn connection(&self, user: &str) -> Option<Value> {
        let answer = self.world.send(api::routes, get(&self.world, user, "/v1/connections/zoom")).await;
        (answer.status == StatusCode::OK).then(|| answer.json())
    }

    /// What is stored, as only a thief would see it.
    async fn tokens(&self, user: &str) -> Tokens {
        let app = self.world.instance();
        let connection = app.store.connection(&user.parse().unwrap(), ProviderId::Zoom).await.unwrap();
        app.vault.open(&connection.unwrap(), app.clock.now()).await.unwrap()
    }

    /// Asks the server who `user` is, as a function that works for them.
    async fn work_for(&self, user: &str) -> Result<String, Error> {
        let app = self.world.instance();
        let (user, by) = (user.parse().unwrap(), Instant::now() + Duration::from_secs(20));
        let mut access = Access::open(&app, &user, ProviderId::Zoom, by, Class::Interactive).await.unwrap();
        access.call(|http, token| account(&app, &self.client, http, token)).await
    }

    /// How many grants on the server nobody has ended.
    async fn living(&self) -> String {
        let request = Request::get(format!("{}/living", self.server.issuer())).body(Bytes::new()).unwrap();
        String::from_utf8(send(request).await.into_body().to_vec()).unwrap()
    }

    /// The server's answer to what is sent past the functions.
    fn directly(&self) -> OAuth<'_> {
        let transport = Arc::new(ReqwestTransport::new());
        let http = Http::new("strict", transport, providers::Random::system(), Policy::default());
        OAuth::new(http, provider(ProviderId::Zoom), &self.world.endpoints, &self.client)
    }
}

async fn account(app: &App, client: &Client, http: Http, access: SecretString) -> Result<String, Error> {
    let oauth = OAuth::new(http, provider(ProviderId::Zoom), &app.config.endpoints, client);
    Ok(oauth.account(&only(access)).await?.name)
}

/// A grant of which only the access token is known.
fn only(access: SecretString) -> Grant {
    Grant { access, refresh: None, expires_in: None, scopes: Vec::new(), account: None, bot_id: None }
}

async fn send(request: Request<Bytes>) -> Response<Bytes> {
    let limits = Limits { timeout: Duration::from_secs(10), max_body: 100_000 };
    ReqwestTransport::new().send(request, limits).await.unwrap()
}

/// Lets somebody in a new browser agree on the server's page; the address it sends them to.
async fn agree(page: &str) -> String {
    vendors::browse(page, CALLBACK, send).await.unwrap()
}

fn parameter(address: &str, name: &str) -> String {
    let url = url::Url::parse(address).unwrap();
    url.query_pairs().find(|(key, _)| key == name).unwrap_or_else(|| panic!("{address}")).1.into()
}

#[tokio::test]
async fn both_functions_and_a_strict_server_understand_each_other() {
    let Some(server) = OauthServer::start(&[CALLBACK]) else { return };
    let bench = Bench::new(&server);
    what_was_agreed_to_is_connected_once_and_given_back(&bench).await;
    who_says_no_is_not_connected(&bench).await;
    what_is_not_kept_is_given_back(&bench).await;
    a_code_is_worth_nothing_to_who_did_not_begin(&bench).await;
    a_code_that_comes_again_buys_nothing_and_ends_nothing(&bench).await;
    tokens_are_replaced_in_time_and_a_stolen_one_ends_its_family(&bench).await;
}

async fn what_was_agreed_to_is_connected_once_and_given_back(bench: &Bench<'_>) {
    let mut browser = Browser::default();
    let page = bench.leave(&mut browser, "alice").await;
    assert_eq!(parameter(&page, "code_challenge_method"), "S256");
    let callback = agree(&page).await;
    assert_eq!(parameter(&callback, "iss"), bench.server.issuer());
    assert_eq!(bench.come_back(&mut browser, &callback).await, format!("{CONSOLE}?connected=zoom"));
    let connection = bench.connection("alice").await.unwrap();
    assert_eq!((&connection["status"], &connection["account"]["id"]), (&json!("active"), &json!("user-1")));

    // The state is spent, so the server never sees the code again and has no reason to end anything.
    assert_eq!(bench.come_back(&mut browser, &callback).await, format!("{CONSOLE}?error=invalid_state"));
    assert_eq!(bench.work_for("alice").await, Ok("user-1@example.com".to_owned()));

    let tokens = bench.tokens("alice").await;
    let request = authorized(&bench.world, "alice", Method::DELETE, "/v1/connections/zoom");
    assert_eq!(bench.world.send(api::routes, request).await.status, StatusCode::NO_CONTENT);
    assert_eq!(bench.directly().account(&only(tokens.access)).await, Err(Error::Unauthorized));
    let refreshed = bench.directly().refresh(&tokens.refresh.unwrap()).await;
    assert_eq!(refreshed.unwrap_err(), Error::InvalidGrant);
}

async fn who_says_no_is_not_connected(bench: &Bench<'_>) {
    let mut browser = Browser::default();
    let page = bench.leave(&mut browser, "bob").await;
    let denied = agree(&format!("{page}&login_hint=deny")).await;
    assert_eq!(bench.come_back(&mut browser, &denied).await, format!("{CONSOLE}?error=oauth_denied"));
    assert_eq!(bench.connection("bob").await, None);
}

async fn what_is_not_kept_is_given_back(bench: &Bench<'_>) {
    let mut browser = Browser::default();
    let page = bench.leave(&mut browser, "carol").await;
    browser.connect(&bench.world, "carol").await;
    let before = bench.living().await;
    let callback = agree(&page).await;
    let full = format!("{CONSOLE}?error=integration_limit_reached");
    assert_eq!(bench.come_back(&mut browser, &callback).await, full);
    assert_eq!(bench.living().await, before);
}

async fn a_code_is_worth_nothing_to_who_did_not_begin(bench: &Bench<'_>) {
    let (mut alice, mut mallory) = (Browser::default(), Browser::default());
    let stolen = agree(&bench.leave(&mut alice, "alice").await).await;
    let state = parameter(&bench.leave(&mut mallory, "mallory").await, "state");
    let (code, issuer) = (parameter(&stolen, "code"), bench.server.issuer());
    let smuggled = format!("{PUBLIC_URL}/v1/oauth/zoom/callback?code={code}&state={state}&iss={issuer}");
    let refused = format!("{CONSOLE}?error=token_exchange_failed");
    assert_eq!(bench.come_back(&mut mallory, &smuggled).await, refused);
    assert_eq!(bench.connection("mallory").await, None);

    let page = bench.leave(&mut alice, "alice").await;
    let unproven = page.replace("code_challenge", "nothing");
    let answer = agree(&unproven).await;
    assert_eq!(parameter(&answer, "error"), "invalid_request", "the server insists on a challenge");
    assert_eq!(bench.come_back(&mut alice, &answer).await, format!("{CONSOLE}?error=unknown"));
    assert_eq!(bench.connection("alice").await, None);
}

async fn a_code_that_comes_again_buys_nothing_and_ends_nothing(bench: &Bench<'_>) {
    let spent = parameter(&bench.connect("alice").await, "code");
    let mut browser = Browser::default();
    let callback = agree(&bench.leave(&mut browser, "alice").await).await;
    let replayed = callback.replace(&parameter(&callback, "code"), &spent);
    let refused = format!("{CONSOLE}?error=token_exchange_failed");
    assert_eq!(bench.come_back(&mut browser, &replayed).await, refused);
    // It came with another transaction's proof, so that nobody can end somebody's connection by a code alone.
    assert_eq!(bench.work_for("alice").await, Ok("user-1@example.com".to_owned()));
}

async fn tokens_are_replaced_in_time_and_a_stolen_one_ends_its_family(bench: &Bench<'_>) {
    bench.connect("alice").await;
    let first = bench.tokens("alice").await;
    an_hour_passes().await;
    assert_eq!(bench.work_for("alice").await, Ok("user-1@example.com".to_owned()));
    let second = bench.tokens("alice").await;
    let (first, second) = (first.refresh.unwrap(), second.refresh.unwrap());
    assert_ne!(first.expose_secret(), second.expose_secret());

    for stolen in [first, second] {
        assert_eq!(bench.directly().refresh(&stolen).await.unwrap_err(), Error::InvalidGrant);
    }
    must_connect_again(bench).await;
}

/// For us: the server has a clock of its own.
async fn an_hour_passes() {
    tokio::time::pause();
    tokio::time::advance(Duration::from_hours(1)).await;
    tokio::time::resume();
}

/// The server has ended Alice's grant: she is told so, and a new one is as good as the first.
async fn must_connect_again(bench: &Bench<'_>) {
    assert_eq!(bench.work_for("alice").await, Err(Error::InvalidGrant));
    let connection = bench.connection("alice").await.unwrap();
    assert_eq!((&connection["status"], &connection["reason"]), (&json!("needs_reauth"), &json!("revoked")));
    bench.connect("alice").await;
    assert_eq!(bench.work_for("alice").await, Ok("user-1@example.com".to_owned()));
}
