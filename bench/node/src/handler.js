// Reads one recording of the user whom the token names: the work of functions/api for GET /v1/videos/{id}.
import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import { createRemoteJWKSet, jwtVerify } from "jose";

const table = required("PATCHBAY_TABLE");
const issuer = required("PATCHBAY_JWT_ISSUER");
const audience = required("PATCHBAY_JWT_AUDIENCE");
// Made once per instance: the client keeps its connections alive, the key set is fetched when the first token needs it.
const keys = createRemoteJWKSet(new URL(required("PATCHBAY_JWKS_URL")));
const dynamo = new DynamoDBClient({});
const route = /^\/v1\/videos\/([A-Za-z0-9._-]{1,128})$/;

function required(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set`);
  return value;
}

export async function handler(event) {
  const started = Date.now();
  const requestId = event.requestContext.requestId;
  const { method } = event.requestContext.http;
  const { status, body } = await answer(method, event);
  const answered = { method, route: "GET /v1/videos/_", status, duration_ms: Date.now() - started };
  console.log(JSON.stringify({ timestamp: new Date().toISOString(), level: "INFO", message: "answered", ...answered, request_id: requestId }));
  console.log(JSON.stringify({
    _aws: {
      Timestamp: Date.now(),
      CloudWatchMetrics: [{ Namespace: "Patchbay", Dimensions: [[], ["Route", "Status"]], Metrics: [{ Name: "Answers", Unit: "Count" }] }],
    },
    Answers: 1,
    Route: answered.route,
    Status: `${Math.trunc(status / 100)}xx`,
  }));
  return {
    statusCode: status,
    headers: {
      "content-type": status === 200 ? "application/json" : "application/problem+json",
      "strict-transport-security": "max-age=63072000; includeSubDomains",
      "x-content-type-options": "nosniff",
      "referrer-policy": "no-referrer",
      "cache-control": "no-store",
      "x-request-id": requestId,
    },
    body: JSON.stringify(body),
    isBase64Encoded: false,
  };
}

async function answer(method, event) {
  const id = method === "GET" && route.exec(event.rawPath)?.[1];
  if (!id) return problem(404, "not_found");
  const user = await userOf(event.headers.authorization);
  if (!user) return problem(401, "unauthenticated");
  const { Item: item } = await dynamo.send(new GetItemCommand({
    TableName: table,
    Key: { pk: { S: `USER#${user}` }, sk: { S: `VIDEO#${id}` } },
    ConsistentRead: true,
  }));
  return item ? { status: 200, body: video(item) } : problem(404, "not_found");
}

async function userOf(authorization) {
  const token = /^bearer (.+)$/i.exec(authorization ?? "")?.[1];
  if (!token) return undefined;
  try {
    const { payload } = await jwtVerify(token, keys, { issuer, audience, algorithms: ["RS256", "ES256"], clockTolerance: 60 });
    return payload.sub;
  } catch {
    return undefined;
  }
}

function video(item) {
  return {
    id: item.id.S,
    name: item.name.S,
    media_url: item.media_url?.S ?? null,
    status: item.transcription.S,
    created_at: time(item.created_at.N),
    updated_at: time(item.updated_at.N),
  };
}

// Fractions end with a digit that is not zero, as in every answer of the API.
function time(milliseconds) {
  return new Date(Number(milliseconds)).toISOString().replace(/\.?0+Z$/, "Z");
}

function problem(status, code) {
  return { status, body: { type: "about:blank", title: code, status, code } };
}
