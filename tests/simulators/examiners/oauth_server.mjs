// A strict authorization server (oidc-provider, certified by the OpenID Foundation) at the addresses of the real providers.
// usage: node oauth_server.mjs <redirect URI>…; prints its address once it listens and ends with its standard input.
import { createServer } from "node:http";

// The providers' addresses, and the server's own for the same thing.
const addresses = new Map([
  ["/oauth2/v1/authorize", "/auth"], ["/o/oauth2/v2/auth", "/auth"],
  ["/oauth2/v1/token", "/token"], ["/oauth/token", "/token"],
  ["/oauth/revoke", "/token/revocation"], ["/revoke", "/token/revocation"],
  ["/oauth2/v3/userinfo", "/me"],
]);
const google = "https://www.googleapis.com/auth/";
const email = (account) => `${account}@example.com`;

// Its warnings, one of them at its import, are about being used in production.
console.info = console.warn = () => {};
const { default: Provider } = await import("oidc-provider");

const server = createServer();
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const issuer = `http://127.0.0.1:${server.address().port}`;

const client = (id, token_endpoint_auth_method) => ({
  client_id: id,
  client_secret: `secret of ${id}`,
  redirect_uris: process.argv.slice(2),
  grant_types: ["authorization_code", "refresh_token"],
  response_types: ["code"],
  token_endpoint_auth_method,
});

const provider = new Provider(issuer, {
  clients: [client("basic", "client_secret_basic"), client("body", "client_secret_post")],
  cookies: { keys: ["not a secret"] },
  scopes: [
    "openid", "offline_access", "records:read",
    "data.records:read", "data.records:write", "schema.bases:read", "user.email:read", "webhook:manage",
    `${google}calendar.events`, `${google}calendar.calendarlist.readonly`,
  ],
  claims: { openid: ["sub"], email: ["email"] },
  conformIdTokenClaims: false,
  pkce: { required: () => true },
  rotateRefreshToken: true,
  issueRefreshToken: () => true,
  ttl: { AccessToken: 3600, AuthorizationCode: 60, Grant: 86400, IdToken: 3600, Interaction: 600, RefreshToken: 86400, Session: 86400 },
  features: { devInteractions: { enabled: false }, revocation: { enabled: true } },
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, email: email(id) }) }),
  // Whoever logged in agrees to what is asked for.
  loadExistingGrant: async (ctx) => {
    const grant = new provider.Grant({ clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId });
    grant.addOIDCScope([...ctx.oidc.requestParamScopes].join(" "));
    await grant.save();
    return grant;
  },
});

// What a person would press: agree, unless the hint about who they are says that they do not want to.
async function decide(request, response) {
  const { params, prompt, session, grantId } = await provider.interactionDetails(request, response);
  const consent = async () => {
    const grant = grantId ? await provider.Grant.find(grantId) : new provider.Grant({ clientId: params.client_id, accountId: session.accountId });
    grant.addOIDCScope(params.scope ?? "");
    return { consent: { grantId: await grant.save() } };
  };
  const denial = { error: "access_denied", error_description: "The user said no." };
  const agreement = prompt.name === "login" ? { login: { accountId: "user-1" } } : await consent();
  await provider.interactionFinished(request, response, params.login_hint === "deny" ? denial : agreement);
}

// Who an access token belongs to, in the words of the provider asked.
async function account(request, response, words) {
  const token = await provider.AccessToken.find(request.headers.authorization?.replace(/^Bearer /, "") ?? "");
  response.writeHead(token ? 200 : 401, { "content-type": "application/json" });
  response.end(JSON.stringify(token ? words(token.accountId) : { error: "invalid_token" }));
}

// The grants that nobody has ended; giving back an access token alone does not end one.
const living = new Set();
provider.on("refresh_token.saved", (token) => living.add(token.grantId));
provider.on("grant.revoked", (_, grantId) => living.delete(grantId));

const answer = provider.callback();
server.on("request", (request, response) => {
  const { pathname, search } = new URL(request.url, issuer);
  const failed = (error) => { console.error(error); response.writeHead(500).end(); };
  if (pathname.startsWith("/interaction/")) decide(request, response).catch(failed);
  else if (pathname === "/v0/meta/whoami") account(request, response, (id) => ({ id, email: email(id) })).catch(failed);
  else if (pathname === "/v2/users/me") account(request, response, (id) => ({ id, display_name: email(id) })).catch(failed);
  else if (pathname === "/living") response.end(String(living.size));
  else {
    // At Zoom the registration says what is granted, not the request.
    request.url = pathname === "/oauth/authorize" ? `/auth${search}&scope=records:read` : (addresses.get(pathname) ?? pathname) + search;
    answer(request, response);
  }
});
provider.on("server_error", (_, error) => console.error(error));

console.log(issuer);
process.stdin.resume().on("end", () => process.exit(0));
