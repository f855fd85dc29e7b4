// The official Calendar client for Node against the stand-in: consent with PKCE, tokens, and what becomes of an event.
import assert from "node:assert/strict";
import { auth, calendar } from "@googleapis/calendar";

const redirect = "http://127.0.0.1:9/callback";
const scopes = ["openid", "email", "https://www.googleapis.com/auth/calendar.events", "https://www.googleapis.com/auth/calendar.calendarlist.readonly"];
const primary = { calendarId: "primary" };
const lesson = (summary) => ({
  summary,
  start: { dateTime: "2026-11-23T09:00:00", timeZone: "Europe/Berlin" },
  end: { dateTime: "2026-11-23T10:00:00", timeZone: "Europe/Berlin" },
});

async function control(root, method, path, body) {
  const response = await fetch(`${root}/_control/${path}`, { method, body: body && JSON.stringify(body) });
  assert.equal(response.status, 200, await response.clone().text());
  return response.json();
}

// A client whose calls are made once.
function clientOf(root) {
  const client = new auth.OAuth2({
    clientId: "examiner",
    clientSecret: "s3cret",
    redirectUri: redirect,
    endpoints: {
      oauth2AuthBaseUrl: `${root}/o/oauth2/v2/auth`,
      oauth2TokenUrl: `${root}/token`,
      oauth2RevokeUrl: `${root}/revoke`,
    },
  });
  return { client, api: calendar({ version: "v3", auth: client, rootUrl: `${root}/`, retry: false }) };
}

async function refused(promise, status, reason) {
  await assert.rejects(promise, (error) => {
    assert.equal(Number(error.status ?? error.code), status, String(error));
    assert.equal(error.response.data.error.errors[0].reason, reason);
    return true;
  });
}

// Presses a button of the consent page, with these scopes ticked; the parameters that lead back.
async function consent(address, ticked) {
  const page = await fetch(address);
  assert.equal(page.status, 200);
  const form = new URLSearchParams([...new URL(address).searchParams, ["person", "Alice"], ["decision", "continue"]]);
  for (const scope of ticked) form.append("consent", scope);
  const answer = await fetch(address.split("?")[0], { method: "POST", body: form, redirect: "manual" });
  assert.equal(answer.status, 302);
  return new URL(answer.headers.get("location")).searchParams;
}

async function connect(root, ticked) {
  const { client, api } = clientOf(root);
  const { codeVerifier, codeChallenge } = await client.generateCodeVerifierAsync();
  const address = client.generateAuthUrl({
    access_type: "offline", prompt: "consent", scope: scopes, state: "a&b", code_challenge: codeChallenge, code_challenge_method: "S256",
  });
  const back = await consent(address, ticked);
  assert.equal(back.get("state"), "a&b");
  const exchange = { code: back.get("code"), codeVerifier };
  const { tokens } = await client.getToken(exchange);
  await assert.rejects(client.getToken(exchange), (error) => error.response.data.error === "invalid_grant");
  client.setCredentials(tokens);
  return { client, api, tokens };
}

async function examineTokens(root) {
  const { client, api, tokens } = await connect(root, scopes);
  assert.ok(tokens.refresh_token && tokens.id_token && tokens.scope.includes("calendar.events"));
  const { credentials } = await client.refreshAccessToken();
  assert.equal(credentials.refresh_token, tokens.refresh_token, "the library keeps what is not said again");
  assert.notEqual(credentials.access_token, tokens.access_token);
  const other = await connect(root, scopes);
  await client.revokeCredentials();
  await assert.rejects(other.client.refreshAccessToken(), (error) => error.response.data.error === "invalid_grant");
  client.setCredentials({ access_token: credentials.access_token });
  await refused(api.calendarList.list(), 401, "authError");
}

async function examineEvent(api) {
  const event = { ...primary, eventId: "learned0one" };
  const requestBody = { ...lesson("Ownership"), id: event.eventId, extendedProperties: { private: { task: "t1" } } };
  const made = (await api.events.insert({ ...primary, requestBody })).data;
  assert.equal(made.start.dateTime, "2026-11-23T09:00:00+01:00");
  await refused(api.events.insert({ ...primary, requestBody }), 409, "duplicate");
  await refused(api.events.insert({ ...primary, requestBody: { ...requestBody, id: "not-base32hex" } }), 400, "invalid");
  assert.deepEqual((await api.events.get(event)).data, made);
  const found = await api.events.list({ ...primary, privateExtendedProperty: ["task=t1"] });
  assert.deepEqual(found.data.items.map((item) => item.id), [event.eventId]);
  const seen = { headers: { "If-Match": made.etag } };
  const patched = await api.events.patch({ ...event, requestBody: { summary: "Borrowing" } }, seen);
  assert.equal(patched.data.summary, "Borrowing");
  await refused(api.events.patch({ ...event, requestBody: { summary: "Lifetimes" } }, seen), 412, "conditionNotMet");
  assert.equal((await api.events.delete(event)).status, 204);
  await refused(api.events.delete(event), 410, "deleted");
  assert.equal((await api.events.get(event)).data.status, "cancelled");
  await refused(api.events.insert({ ...primary, requestBody }), 409, "duplicate");
  const back = await api.events.update({ ...event, requestBody: { ...lesson("Back"), status: "confirmed" } });
  assert.equal(back.data.status, "confirmed");
  await refused(api.events.get({ ...primary, eventId: "unheard0of" }), 404, "notFound");
}

async function examineSync(root, api) {
  for (let at = 0; at < 5; at += 1) await api.events.insert({ ...primary, requestBody: lesson(`Lesson ${at}`) });
  const all = async (parameters) => {
    const items = [];
    for (let pageToken; ; ) {
      const { data } = await api.events.list({ ...primary, maxResults: 2, ...parameters, pageToken });
      items.push(...data.items);
      if (!data.nextPageToken) return { items, syncToken: data.nextSyncToken };
      ({ nextPageToken: pageToken } = data);
    }
  };
  const { items, syncToken } = await all({});
  assert.equal(items.length, 6);
  await api.events.delete({ ...primary, eventId: items[0].id });
  const changed = await all({ syncToken });
  assert.deepEqual(changed.items.map(({ id, status }) => [id, status]), [[items[0].id, "cancelled"]]);
  await refused(all({ syncToken, timeMin: "2026-01-01T00:00:00Z" }), 400, "syncTokenWithRequestRestrictions");
  await control(root, "POST", "people", { does: "expires_sync_tokens" });
  await refused(all({ syncToken }), 410, "fullSyncRequired");
}

async function examineWatch(api) {
  const requestBody = { id: "channel-1", type: "web_hook", address: "https://examiner.test/hook", token: "t" };
  const { data } = await api.events.watch({ ...primary, requestBody });
  assert.equal(data.kind, "api#channel");
  assert.ok(Number(data.expiration) > Date.now());
  await refused(api.events.watch({ ...primary, requestBody }), 400, "channelIdNotUnique");
  assert.equal((await api.channels.stop({ requestBody: { id: data.id, resourceId: data.resourceId } })).status, 204);
}

async function examineScopes(root, api) {
  const calendars = (await api.calendarList.list()).data.items;
  const readable = calendars.find((entry) => entry.accessRole === "reader");
  await refused(api.events.insert({ calendarId: readable.id, requestBody: lesson("x") }), 403, "requiredAccessLevel");
  const { api: narrow } = await connect(root, scopes.slice(0, 3));
  await narrow.events.list(primary);
  await refused(narrow.calendarList.list(), 403, "insufficientPermissions");
  await control(root, "POST", "limits", { units_per_minute: 0 });
  await refused(api.events.list(primary), 403, "userRateLimitExceeded");
  await control(root, "POST", "limits", { units_per_minute: 600 });
}

export async function examineGoogle(root) {
  await control(root, "POST", "clients", { client_id: "examiner", client_secret: "s3cret", redirect_uris: [redirect] });
  await examineTokens(root);
  const { api } = await connect(root, scopes);
  await examineEvent(api);
  await examineSync(root, api);
  await examineWatch(api);
  await examineScopes(root, api);
  return ["google: PKCE, tokens and revocation", "google: an event and its etags", "google: synchronization", "google: notification channels", "google: scopes, roles and quotas"];
}
