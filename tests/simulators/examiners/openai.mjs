// The official OpenAI client against the stand-in.
import assert from "node:assert/strict";
import OpenAI from "openai";

const citation = {
  type: "object",
  properties: { cue_id: { type: "string" }, quote: { type: "string" } },
  required: ["cue_id", "quote"],
  additionalProperties: false,
};
const schema = {
  type: "object",
  properties: {
    title: { type: "string" },
    ticket_type: { type: "string", enum: ["Bug", "Feature", "Enhancement", "Task"] },
    description_citations: { type: "array", items: citation },
  },
  required: ["title", "ticket_type", "description_citations"],
  additionalProperties: false,
};
const ask = {
  model: "gpt-4o-mini",
  temperature: 0.3,
  messages: [
    { role: "system", content: "Make a ticket." },
    { role: "user", content: "[7 00:04] Speaker 1: The export button is broken." },
  ],
  response_format: { type: "json_schema", json_schema: { name: "ticket", strict: true, schema } },
};

async function control(root, path, body) {
  const response = await fetch(`${root}/_control/${path}`, { method: "POST", body: JSON.stringify(body) });
  assert.equal(response.status, 200, await response.clone().text());
}

export async function examineOpenAi(root) {
  const client = new OpenAI({ apiKey: "sk-local", baseURL: `${root}/v1`, maxRetries: 0 });
  assert.ok((await client.models.list()).data.some((model) => model.id === "gpt-4o-mini"));

  const parsed = await client.chat.completions.parse(ask);
  const claims = JSON.parse(parsed.choices[0].message.content);
  assert.equal(claims.ticket_type, "Bug");
  assert.deepEqual(claims.description_citations, [{ cue_id: "7", quote: "The export button is broken." }]);

  await control(root, "answers", [{ kind: "refusal", text: "No." }, { kind: "length", content: "{" }]);
  const refusal = await client.chat.completions.parse(ask);
  assert.deepEqual([refusal.choices[0].message.content, refusal.choices[0].message.refusal], [null, "No."]);
  await assert.rejects(client.chat.completions.parse(ask), OpenAI.LengthFinishReasonError ?? Error);
  await control(root, "answers", [{ kind: "content_filter" }]);
  await assert.rejects(client.chat.completions.parse(ask), OpenAI.ContentFilterFinishReasonError ?? Error);
  const plain = await client.chat.completions.create({ model: ask.model, messages: ask.messages });
  assert.equal(plain.usage.total_tokens, plain.usage.prompt_tokens + plain.usage.completion_tokens);

  await control(root, "answers", [{ kind: "rate_limited", retry_after_seconds: 1 }, { kind: "insufficient_quota" }, { kind: "server_error" }]);
  await assert.rejects(client.chat.completions.create(ask), (error) => error instanceof OpenAI.RateLimitError && error.code === "rate_limit_exceeded");
  await assert.rejects(client.chat.completions.create(ask), (error) => error.status === 429 && error.code === "insufficient_quota");
  await assert.rejects(client.chat.completions.create(ask), OpenAI.InternalServerError);

  await assert.rejects(client.chat.completions.create({ ...ask, temprature: 1 }), OpenAI.BadRequestError);
  await assert.rejects(client.chat.completions.create({ ...ask, model: "gpt-9" }), OpenAI.NotFoundError);
  const patient = new OpenAI({ apiKey: "sk-local", baseURL: `${root}/v1`, maxRetries: 2 });
  await control(root, "answers", [{ kind: "rate_limited", retry_after_seconds: 0 }, { kind: "rate_limited", retry_after_seconds: 0 }]);
  await patient.chat.completions.create(ask);
  const stranger = new OpenAI({ apiKey: "wrong", baseURL: `${root}/v1`, maxRetries: 0 });
  await assert.rejects(stranger.models.list(), OpenAI.AuthenticationError);

  await control(root, "down", { down: true });
  await assert.rejects(client.chat.completions.create(ask), (error) => error.status === 503);
  await control(root, "down", { down: false });
  await client.chat.completions.create(ask);
  return ["the official OpenAI client: structured output, refusals, limits, outages"];
}
