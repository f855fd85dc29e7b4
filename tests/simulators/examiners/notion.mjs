// The official Notion client against the stand-in, in both API versions.
import assert from "node:assert/strict";
import { APIErrorCode, Client, isFullDataSource, isFullDatabase, isFullPage, iteratePaginatedAPI } from "@notionhq/client";

const redirect = "http://127.0.0.1:9/callback";
const credentials = { client_id: "examiner", client_secret: "s3cret" };
const text = (content) => [{ type: "text", text: { content } }];

export async function control(root, method, path, body) {
  const response = await fetch(`${root}/_control/${path}`, { method, body: body && JSON.stringify(body) });
  assert.equal(response.status, 200, await response.clone().text());
  return response.json();
}

// The form of the consent page that POSTs, filled in as a browser would.
function fields(page) {
  const form = page.slice(page.indexOf('<form method="post"'));
  const named = [...form.matchAll(/<input type="(hidden|checkbox)" name="([^"]+)" value="([^"]*)"/g)];
  const plain = (value) => value.replaceAll("&quot;", '"').replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
  return new URLSearchParams(named.map(([, , name, value]) => [name, plain(value)]));
}

async function consent(root, decision) {
  const query = new URLSearchParams({ client_id: "examiner", redirect_uri: redirect, response_type: "code", owner: "user", state: "a&b" });
  const page = await fetch(`${root}/v1/oauth/authorize?${query}`);
  assert.equal(page.status, 200);
  const form = fields(await page.text());
  form.set("decision", decision);
  const answer = await fetch(`${root}/v1/oauth/authorize`, { method: "POST", body: form, redirect: "manual" });
  assert.equal(answer.status, 302);
  const location = new URL(answer.headers.get("location"));
  assert.equal(location.searchParams.get("state"), "a&b");
  return location.searchParams;
}

// A token that Alice allowed.
export async function connect(root) {
  await control(root, "POST", "clients", { ...credentials, redirect_uris: [redirect] });
  const exchange = { ...credentials, grant_type: "authorization_code", redirect_uri: redirect };
  const code = (await consent(root, "allow")).get("code");
  return (await new Client({ baseUrl: root }).oauth.token({ ...exchange, code })).access_token;
}

async function refused(promise, code, status) {
  await assert.rejects(promise, (error) => {
    assert.equal(error.code, code, String(error));
    assert.equal(error.status, status);
    return true;
  });
}

async function examineTokens(root, anonymous) {
  assert.equal((await consent(root, "cancel")).get("error"), "access_denied");
  const code = (await consent(root, "allow")).get("code");
  const exchange = { ...credentials, grant_type: "authorization_code", code, redirect_uri: redirect };
  const first = await anonymous.oauth.token(exchange);
  assert.equal(first.token_type, "bearer");
  assert.equal(first.workspace_name, "Acme");
  await assert.rejects(anonymous.oauth.token(exchange), (error) => error.status === 400);
  const refresh = { ...credentials, grant_type: "refresh_token", refresh_token: first.refresh_token };
  const second = await anonymous.oauth.token(refresh);
  assert.notEqual(second.access_token, first.access_token);
  assert.notEqual(second.refresh_token, first.refresh_token);
  await assert.rejects(anonymous.oauth.token(refresh), (error) => error.status === 400);
  assert.equal((await anonymous.oauth.introspect({ ...credentials, token: second.access_token })).active, true);
  assert.equal((await anonymous.oauth.introspect({ ...credentials, token: first.access_token })).active, false);
  return second.access_token;
}

async function examineDatabases(notion) {
  assert.equal((await notion.users.me({})).bot.workspace_name, "Acme");
  const pages = [];
  for await (const page of iteratePaginatedAPI(notion.search, { filter: { property: "object", value: "page" } })) pages.push(page);
  assert.ok(pages.length > 100 && pages.every(isFullPage), `${pages.length} pages`);
  const found = await notion.search({ query: "product tickets", filter: { property: "object", value: "data_source" } });
  const source = found.results[0];
  assert.ok(isFullDataSource(source));
  const database = await notion.databases.retrieve({ database_id: source.parent.database_id });
  assert.ok(isFullDatabase(database));
  assert.equal(database.data_sources[0].id, source.id);
  assert.deepEqual((await notion.dataSources.retrieve({ data_source_id: source.id })).properties, source.properties);
  if (!source.properties["Patchbay ID"]) {
    const changed = await notion.dataSources.update({ data_source_id: source.id, properties: { "Patchbay ID": { type: "rich_text", rich_text: {} } } });
    assert.equal(changed.properties["Patchbay ID"].type, "rich_text");
  }
  const locked = (await notion.search({ query: "locked board", filter: { property: "object", value: "data_source" } })).results[0];
  const change = { data_source_id: locked.id, properties: { "Patchbay ID": { type: "rich_text", rich_text: {} } } };
  await refused(notion.dataSources.update(change), APIErrorCode.RestrictedResource, 403);
  return source.id;
}

async function examinePages(notion, source, mark) {
  const page = await notion.pages.create({
    parent: { type: "data_source_id", data_source_id: source },
    properties: {
      Name: { title: text("From the official client") },
      "Ticket Type": { select: { name: "Bug" } },
      "Patchbay ID": { rich_text: text(mark) },
    },
    children: [
      { heading_2: { rich_text: text("Steps to Reproduce") } },
      { numbered_list_item: { rich_text: text("Open it"), children: [{ paragraph: { rich_text: text("nested") } }] } },
      { bookmark: { url: "https://app.test/s/v1?t=3" } },
    ],
  });
  assert.ok(isFullPage(page));
  const equals = { property: "Patchbay ID", rich_text: { equals: mark } };
  const recent = { timestamp: "created_time", created_time: { on_or_after: "2026-01-01T00:00:00Z" } };
  const queried = await notion.dataSources.query({ data_source_id: source, filter: { and: [equals, recent] } });
  assert.deepEqual(queried.results.map((result) => result.id), [page.id]);
  const { request_id: _, ...retrieved } = await notion.pages.retrieve({ page_id: page.id });
  assert.deepEqual(retrieved.properties, page.properties);
  await refused(notion.pages.create({ parent: { data_source_id: source }, properties: { Severity: { select: { name: "x" } } } }), APIErrorCode.ValidationError, 400);
  await refused(notion.pages.retrieve({ page_id: "0d9f6f4e-8f3b-4a3c-9a63-0c0f5f6a1b2c" }), APIErrorCode.ObjectNotFound, 404);
  return page.id;
}

async function examineBlocks(notion, page, version) {
  const children = await notion.blocks.children.list({ block_id: page, page_size: 2 });
  assert.equal(children.results.length, 2);
  assert.ok(children.has_more);
  const rest = await notion.blocks.children.list({ block_id: page, start_cursor: children.next_cursor });
  assert.equal(rest.results[0].type, "bookmark");
  if (version === "2026-03-11") {
    const start = await notion.blocks.children.append({ block_id: page, children: [{ divider: {} }], position: { type: "start" } });
    assert.equal((await notion.blocks.children.list({ block_id: page })).results[0].id, start.results[0].id);
    await notion.blocks.delete({ block_id: start.results[0].id });
  }
  const after = children.results[0].id;
  const place = version === "2026-03-11" ? { position: { type: "after_block", after_block: { id: after } } } : { after };
  const added = await notion.blocks.children.append({ block_id: page, children: [{ paragraph: { rich_text: text("in between") } }], ...place });
  const listed = await notion.blocks.children.list({ block_id: page });
  assert.equal(listed.results[1].id, added.results[0].id);
  const changed = await notion.blocks.update({ block_id: added.results[0].id, paragraph: { rich_text: text("changed") } });
  assert.equal(changed.paragraph.rich_text[0].plain_text, "changed");
  assert.deepEqual((await notion.blocks.retrieve({ block_id: changed.id })).paragraph, changed.paragraph);
  assert.equal((await notion.blocks.delete({ block_id: added.results[0].id })).in_trash, true);
  assert.equal((await notion.pages.update({ page_id: page, in_trash: true })).in_trash, true);
  await refused(notion.pages.update({ page_id: page, in_trash: true }), APIErrorCode.ValidationError, 400);
}

// A database of our own below a page, its rows, and what is put at a place of the page.
async function examinePlans(notion, mark) {
  const found = await notion.search({ query: "alice's notes", filter: { property: "object", value: "page" } });
  const home = found.results[0].id;
  const database = await notion.databases.create({
    parent: { type: "page_id", page_id: home },
    title: text(`Plan ${mark}`),
    description: text("What to learn"),
    is_inline: true,
    icon: { type: "emoji", emoji: "📚" },
    initial_data_source: {
      properties: {
        Name: { type: "title", title: {} },
        "Patchbay ID": { type: "rich_text", rich_text: {} },
        Minutes: { type: "number", number: { format: "number" } },
        Level: { type: "select", select: { options: [{ name: "Easy", color: "green" }, { name: "Hard" }] } },
        Topics: { type: "multi_select", multi_select: { options: [] } },
        Progress: { type: "status", status: {} },
        Due: { type: "date", date: {} },
        Optional: { type: "checkbox", checkbox: {} },
        Source: { type: "url", url: {} },
      },
    },
  });
  assert.ok(isFullDatabase(database));
  const source = await notion.dataSources.retrieve({ data_source_id: database.data_sources[0].id });
  assert.equal(source.properties.Level.select.options[1].name, "Hard");
  const row = await notion.pages.create({
    parent: { type: "data_source_id", data_source_id: source.id },
    properties: {
      Name: { title: text("Lesson") },
      "Patchbay ID": { rich_text: text(mark) },
      Minutes: { number: 12 },
      Level: { select: { name: "Easy" } },
      Topics: { multi_select: [{ name: "Rust" }] },
      Progress: { status: { name: "Not started" } },
      Due: { date: { start: "2026-11-23" } },
      Optional: { checkbox: true },
      Source: { url: "https://app.test/s/v1" },
    },
  });
  assert.ok(isFullPage(row));
  const filter = { property: "Patchbay ID", rich_text: { equals: mark } };
  const queried = await notion.dataSources.query({ data_source_id: source.id, filter });
  assert.deepEqual(queried.results.map((result) => result.properties), [row.properties]);
  const changed = await notion.pages.update({ page_id: row.id, properties: { Minutes: { number: null }, Due: { date: { start: "2026-11-24" } } } });
  assert.equal(changed.properties.Minutes.number, null);
  assert.equal(changed.properties.Due.date.start, "2026-11-24");
  const nowhere = { type: "page_id", page_id: "0d9f6f4e-8f3b-4a3c-9a63-0c0f5f6a1b2c" };
  await refused(notion.databases.create({ parent: nowhere, initial_data_source: { properties: { Name: { title: {} } } } }), APIErrorCode.ObjectNotFound, 404);
  const renamed = await notion.databases.update({ database_id: database.id, title: text("Path"), description: [] });
  assert.equal(renamed.title[0].plain_text, "Path");
  await examinePlaces(notion, home, database.id);
  assert.equal((await notion.databases.update({ database_id: database.id, in_trash: true })).in_trash, true);
  await refused(notion.pages.create({ parent: { data_source_id: source.id }, properties: {} }), APIErrorCode.ValidationError, 400);
  const left = await notion.blocks.children.list({ block_id: home });
  assert.ok(left.results.every((block) => block.id !== database.id));
}

async function examinePlaces(notion, home, database) {
  const page = (position) => notion.pages.create({ parent: { page_id: home }, properties: { title: { title: text("Week") } }, position });
  const after = await page({ type: "after_block", after_block: { id: database } });
  const first = await page({ type: "page_start" });
  const last = await page({ type: "page_end" });
  const placed = [first.id, database, after.id, last.id];
  const listed = await notion.blocks.children.list({ block_id: home });
  assert.deepEqual(listed.results.map((block) => block.id).filter((id) => placed.includes(id)), placed);
  await refused(page({ type: "after_block", after_block: { id: "0d9f6f4e-8f3b-4a3c-9a63-0c0f5f6a1b2c" } }), APIErrorCode.ObjectNotFound, 404);
}

// The client repeats a read after 503 but not a write, and it repeats both after 429.
async function examineFaults(root, notion, source) {
  const earlier = (await control(root, "GET", "requests")).length;
  const unavailable = { object: "error", status: 503, code: "service_unavailable", message: "later", request_id: "r" };
  const status = { kind: "status", status: 503, body: unavailable };
  await control(root, "POST", "faults", [{ ...status, method: "GET", path: "/v1/users/me" }, { ...status, method: "POST", path: "/v1/pages$" }]);
  await notion.users.me({});
  const body = { parent: { data_source_id: source }, properties: { Name: { title: text("Not retried") } } };
  await refused(notion.pages.create(body), APIErrorCode.ServiceUnavailable, 503);
  await control(root, "POST", "faults", { kind: "apply_then_status", method: "POST", path: "/v1/pages$" });
  await assert.rejects(notion.pages.create(body), (error) => /^[0-9a-f-]{36}$/.test(error.additional_data?.committed_resource_id));
  for (const kind of ["lose_answer", "lose_request", "truncate_body", "html_body"]) {
    await control(root, "POST", "faults", { kind, method: "POST", path: "/v1/search" });
    await assert.rejects(notion.search({ page_size: 1 }), undefined, kind);
  }
  const requests = (await control(root, "GET", "requests")).slice(earlier);
  assert.equal(requests.filter((request) => request.path === "/v1/users/me").length, 2);
  assert.equal(requests.filter((request) => request.path === "/v1/pages").length, 2);
}

// Past its budget a connection is refused, and the client comes back as often as it was told to.
async function examineBudget(root, notion) {
  const earlier = (await control(root, "GET", "requests")).length;
  await control(root, "POST", "limits", { requests_per_minute: 1 });
  await refused(notion.users.me({}), APIErrorCode.RateLimited, 429);
  await control(root, "POST", "limits", { requests_per_minute: 10000 });
  assert.equal((await control(root, "GET", "requests")).length - earlier, 3);
}

// Every endpoint of the stand-in, each of which must have been asked and answered.
const endpoints = [
  "DELETE /v1/blocks/{id}", "GET /v1/blocks/{id}", "GET /v1/blocks/{id}/children", "GET /v1/data_sources/{id}",
  "GET /v1/databases/{id}", "GET /v1/oauth/authorize", "GET /v1/pages/{id}", "GET /v1/users/me", "PATCH /v1/blocks/{id}",
  "PATCH /v1/blocks/{id}/children", "PATCH /v1/data_sources/{id}", "PATCH /v1/databases/{id}", "PATCH /v1/pages/{id}", "POST /v1/data_sources/{id}/query",
  "POST /v1/databases", "POST /v1/oauth/authorize", "POST /v1/oauth/introspect", "POST /v1/oauth/revoke", "POST /v1/oauth/token", "POST /v1/pages",
  "POST /v1/search",
];

export async function examineNotion(root) {
  await control(root, "POST", "clients", { ...credentials, redirect_uris: [redirect] });
  await control(root, "POST", "limits", { requests_per_minute: 10000 });
  const retry = { maxRetries: 2, initialRetryDelayMs: 1, maxRetryDelayMs: 5 };
  const checks = [];
  for (const notionVersion of [Client.defaultNotionVersion, "2026-03-11"]) {
    const make = (auth) => new Client({ baseUrl: root, auth, notionVersion, retry, logLevel: "error", logger: () => {} });
    const token = await examineTokens(root, make());
    const notion = make(token);
    const source = await examineDatabases(notion);
    const page = await examinePages(notion, source, `mark-${notionVersion}`);
    await examineBlocks(notion, page, notionVersion);
    await examinePlans(notion, `plan-${notionVersion}`);
    checks.push(`the official Notion client, ${notionVersion}: tokens, databases, pages, blocks, plans`);
    if (notionVersion === "2026-03-11") {
      await examineFaults(root, notion, source);
      await examineBudget(root, notion);
      checks.push("the official Notion client: faults and limits");
    }
    await make().oauth.revoke({ ...credentials, token });
    await refused(notion.users.me({}), APIErrorCode.Unauthorized, 401);
  }
  const written = await control(root, "GET", `pages?${new URLSearchParams({ database: "Product tickets" })}`);
  assert.equal(written.filter((page) => page.title === "From the official client" && page.in_trash).length, 2);
  const route = ({ method, path }) => `${method} ${path.replace(/[0-9a-f]{8}-?[0-9a-f-]{23,27}/g, "{id}")}`;
  const answered = (await control(root, "GET", "requests")).filter(({ status }) => status === 200 || status === 302);
  assert.deepEqual([...new Set(answered.map(route))].sort(), endpoints);
  assert.deepEqual(await control(root, "GET", "violations"), [], "nothing the client sent was malformed");
  return checks;
}
