//! The engine against a strict authorization server that others wrote: what it refuses, and what that becomes here.

use domain::ProviderId;
use url::Url;
use vendors::OauthServer;

use super::*;
use crate::{
    http::Policy,
    random::Random,
    registry::{ClientAuth, Identity, Rotation, TokenBody, provider},
    transport::{Limits, ReqwestTransport, Transport as _},
};

const CALLBACK: &str = "https://api.patchbay.test/callback";

/// A provider that there is only here: everything the standard has, at the server's own addresses.
static STRICT: Provider = Provider {
    id: ProviderId::Airtable,
    name: "Strict",
    variable: "AIRTABLE",
    client_key: "strict",
    authorize_url: "https://strict.test/auth",
    token_url: "https://strict.test/token",
    revocation: Revocation::Grant("https://strict.test/token/revocation"),
    client_auth: ClientAuth::Basic,
    token_body: TokenBody::Form,
    pkce: true,
    authorize_params: &[("prompt", "consent")],
    scopes: &["offline_access", "records:read"],
    indispensable: &[],
    rotation: Rotation::Replaced,
    identity: Identity::AirtableUser,
    capabilities: &[],
};

/// A server, one provider on it, and our registration there.
struct Bench<'a> {
    server: &'a OauthServer,
    provider: &'static Provider,
    endpoints: Endpoints,
    client: Client,
    pkce: Pkce,
}

impl<'a> Bench<'a> {
    fn new(server: &'a OauthServer, provider: &'static Provider) -> Self {
        let name = provider.variable;
        let (api, oauth) = (format!("PATCHBAY_{name}_URL"), format!("PATCHBAY_{name}_OAUTH_URL"));
        let endpoints = endpoints(&[(&api, server.issuer()), (&oauth, server.issuer())]);
        let id = match provider.client_auth {
            ClientAuth::Basic => "basic",
            ClientAuth::Body => "body",
        };
        let client = Client { id: id.into(), secret: format!("secret of {id}").into() };
        Self { server, provider, endpoints, client, pkce: Pkce::generate(&Random::system()) }
    }

    fn oauth(&self) -> OAuth<'_> {
        let transport = Arc::new(ReqwestTransport::new());
        let http = Http::new("strict", transport, Random::system(), Policy::default());
        OAuth::new(http, self.provider, &self.endpoints, &self.client)
    }

    /// Follows a browser from the authorize address; the parameters it comes back with, or nothing when it never does.
    async fn visit(&self, pkce: Option<&Pkce>, more: &str) -> Option<BTreeMap<String, String>> {
        let url = authorize_url(self.provider, &self.endpoints, &self.client.id, CALLBACK, "the state", pkce);
        let end = browse(&format!("{url}{more}")).await?;
        let answer = parameters(end.query().unwrap_or_default());
        assert_eq!(answer["state"], "the state");
        assert_eq!(answer["iss"], self.server.issuer());
        assert_eq!(check_issuer(self.provider, &self.endpoints, Some(&answer["iss"])), Ok(()));
        Some(answer)
    }

    async fn code(&self) -> String {
        let answer = self.visit(Some(&self.pkce), "").await.unwrap();
        answer.get("code").unwrap_or_else(|| panic!("{}: {answer:?}", self.provider.name)).clone()
    }

    async fn exchange(&self, code: &str) -> Result<Grant, Error> {
        self.oauth().exchange_code(code, CALLBACK, Some(self.pkce.verifier())).await
    }

    async fn connect(&self) -> Grant {
        self.exchange(&self.code().await).await.unwrap()
    }
}

/// Follows a browser until it is sent to the callback.
async fn browse(address: &str) -> Option<Url> {
    let transport = ReqwestTransport::new();
    let limits = Limits { timeout: Duration::from_secs(10), max_body: 100_000 };
    let send = async |request| transport.send(request, limits).await.unwrap();
    vendors::browse(address, CALLBACK, send).await.map(|end| end.parse().unwrap())
}

fn refresh_token(grant: &Grant) -> &SecretString {
    grant.refresh.as_ref().unwrap()
}

#[tokio::test]
async fn a_strict_server_and_the_engine_understand_each_other() {
    let Some(server) = OauthServer::start(&[CALLBACK]) else { return };
    let bench = Bench::new(&server, &STRICT);
    what_was_agreed_to_is_granted(&bench).await;
    no_code_comes_without_agreement_or_proof(&bench).await;
    a_code_works_once_and_only_with_its_proof(&bench).await;
    a_replaced_refresh_token_ends_its_whole_family(&bench).await;
    a_wrong_secret_is_the_deployers_fault(&server).await;
    what_is_given_back_is_worth_nothing(&bench).await;
    for id in [ProviderId::Airtable, ProviderId::GoogleCalendar, ProviderId::Zoom] {
        an_entry_of_the_registry_connects(&Bench::new(&server, provider(id))).await;
    }
}

async fn what_was_agreed_to_is_granted(bench: &Bench<'_>) {
    let grant = bench.connect().await;
    assert_eq!(grant.missing_scopes(&STRICT), Vec::<&str>::new());
    assert_eq!(grant.expires_in, Some(Duration::from_hours(1)));
    let account = bench.oauth().account(&grant).await.unwrap();
    assert_eq!((account.id.as_str(), account.name.as_str()), ("user-1", "user-1@example.com"));
    let elsewhere = endpoints(&[("PATCHBAY_AIRTABLE_OAUTH_URL", "http://127.0.0.1:1")]);
    assert_eq!(check_issuer(&STRICT, &elsewhere, Some(bench.server.issuer())), Err(WrongIssuer));
}

async fn no_code_comes_without_agreement_or_proof(bench: &Bench<'_>) {
    let denied = bench.visit(Some(&bench.pkce), "&login_hint=deny").await.unwrap();
    assert_eq!((denied["error"].as_str(), denied.get("code")), ("access_denied", None));
    let unproven = bench.visit(None, "").await.unwrap();
    assert_eq!((unproven["error"].as_str(), unproven.get("code")), ("invalid_request", None));
    let elsewhere =
        authorize_url(&STRICT, &bench.endpoints, "basic", "https://evil.test/", "s", Some(&bench.pkce));
    assert_eq!(browse(&elsewhere).await, None);
}

async fn a_code_works_once_and_only_with_its_proof(bench: &Bench<'_>) {
    let wrong = Pkce::generate(&Random::system());
    for (redirect_uri, verifier) in [
        (CALLBACK, Some(wrong.verifier())),
        (CALLBACK, None),
        ("https://api.patchbay.test/other", Some(bench.pkce.verifier())),
    ] {
        let code = bench.code().await;
        let refused = bench.oauth().exchange_code(&code, redirect_uri, verifier).await;
        assert_eq!(refused.unwrap_err(), Error::InvalidGrant);
    }
    let code = bench.code().await;
    let grant = bench.exchange(&code).await.unwrap();
    assert_eq!(bench.exchange(&code).await.unwrap_err(), Error::InvalidGrant);
    // Whoever has a code twice may be a thief: what it bought is taken back.
    assert_eq!(bench.oauth().account(&grant).await, Err(Error::Unauthorized));
    assert_eq!(bench.oauth().refresh(refresh_token(&grant)).await.unwrap_err(), Error::InvalidGrant);
}

async fn a_replaced_refresh_token_ends_its_whole_family(bench: &Bench<'_>) {
    let first = bench.connect().await;
    let second = bench.oauth().refresh(refresh_token(&first)).await.unwrap();
    assert_ne!(refresh_token(&second).expose_secret(), refresh_token(&first).expose_secret());
    assert!(bench.oauth().account(&second).await.is_ok());
    assert_eq!(bench.oauth().refresh(refresh_token(&first)).await.unwrap_err(), Error::InvalidGrant);
    assert_eq!(bench.oauth().refresh(refresh_token(&second)).await.unwrap_err(), Error::InvalidGrant);
    assert_eq!(bench.oauth().account(&second).await, Err(Error::Unauthorized));
}

async fn a_wrong_secret_is_the_deployers_fault(server: &OauthServer) {
    for id in [ProviderId::Airtable, ProviderId::GoogleCalendar] {
        let mut bench = Bench::new(server, provider(id));
        let code = bench.code().await;
        bench.client.secret = "wrong".to_owned().into();
        let refused = bench.exchange(&code).await.unwrap_err();
        assert!(matches!(&refused, Error::Rejected { status: 401, code, .. } if code == "invalid_client"));
    }
}

async fn what_is_given_back_is_worth_nothing(bench: &Bench<'_>) {
    let grant = bench.connect().await;
    for _ in 0..2 {
        assert_eq!(bench.oauth().revoke(&grant.access).await, Ok(()));
        assert_eq!(bench.oauth().account(&grant).await, Err(Error::Unauthorized));
    }
    assert_eq!(bench.oauth().revoke(refresh_token(&grant)).await, Ok(()));
    assert_eq!(bench.oauth().refresh(refresh_token(&grant)).await.unwrap_err(), Error::InvalidGrant);
}

async fn an_entry_of_the_registry_connects(bench: &Bench<'_>) {
    let grant = bench.connect().await;
    assert_eq!(grant.missing_scopes(bench.provider), Vec::<&str>::new(), "{}", bench.provider.name);
    let account = bench.oauth().account(&grant).await.unwrap();
    assert_eq!((account.id.as_str(), account.name.as_str()), ("user-1", "user-1@example.com"));
    let renewed = bench.oauth().refresh(refresh_token(&grant)).await.unwrap();
    assert!(bench.oauth().account(&renewed).await.is_ok());
    assert_eq!(bench.oauth().revoke(&renewed.access).await, Ok(()));
}
