// What a straightforward script takes that puts a plan into Notion with the official client: it makes the pages, and later either
// rewrites what is on them or throws them away and makes them anew. The plan is that of the exports' measurement.
// usage: node rewrite.mjs 10,100,1000,2000
import assert from "node:assert/strict";
import { Client, iteratePaginatedAPI } from "@notionhq/client";
import { connect, control } from "./notion.mjs";
import { withSimulators } from "./simulators.mjs";

const inModule = 20;
const atOnce = 100;
const text = (content) => [{ type: "text", text: { content } }];
const block = (type, content, more = {}) => ({ type, [type]: { rich_text: text(content), ...more } });

function planned(tasks) {
  const inside = ["paragraph", "paragraph", "bulleted_list_item", "bulleted_list_item"];
  const words = ["Read it.", "Then:", "one", "two"];
  const children = inside.map((type, at) => block(type, words[at]));
  const task = (number) => block("to_do", `Task ${number} · 30 min`, { children });
  const modules = [];
  for (let first = 0; first < tasks; first += inModule) {
    const numbers = Array.from({ length: Math.min(inModule, tasks - first) }, (_, at) => first + at);
    modules.push({ title: `Module ${first}`, blocks: numbers.map(task) });
  }
  return modules;
}

async function make(notion, home, modules) {
  const page = (parent, title, children) =>
    notion.pages.create({ parent: { page_id: parent }, properties: { title: { title: text(title) } }, children });
  const plan = await page(home, "Long", []);
  const pages = [];
  for (const { title, blocks } of modules) pages.push((await page(plan.id, title, blocks)).id);
  return { plan: plan.id, pages };
}

async function rewrite(notion, { pages }, modules) {
  for (const [at, { blocks }] of modules.entries()) {
    const there = [];
    for await (const found of iteratePaginatedAPI(notion.blocks.children.list, { block_id: pages[at] })) there.push(found.id);
    for (const id of there) await notion.blocks.delete({ block_id: id });
    for (let first = 0; first < blocks.length; first += atOnce) {
      await notion.blocks.children.append({ block_id: pages[at], children: blocks.slice(first, first + atOnce) });
    }
  }
}

const sizes = (process.argv[2] ?? "10,100").split(",").map(Number);
await withSimulators(async (urls) => {
  const token = await connect(urls.notion);
  await control(urls.notion, "POST", "limits", { requests_per_minute: 1_000_000 });
  const notion = new Client({ auth: token, baseUrl: urls.notion });
  const found = await notion.search({ query: "Alice's notes", filter: { property: "object", value: "page" } });
  const home = found.results[0].id;
  const measured = async (tasks, what, work) => {
    await control(urls.notion, "DELETE", "requests");
    const result = await work();
    const requests = await control(urls.notion, "GET", "requests");
    assert.ok(requests.every(({ status }) => status === 200));
    const bytes = requests.reduce((sum, request) => sum + request.bytes, 0);
    const soonest = Math.floor((requests.length - 1) / 180) * 60;
    console.log(`| ${tasks} | ${what} | ${requests.length} | ${Math.ceil(bytes / 1000)} | ${soonest} |`);
    return result;
  };
  console.log("| tasks | script | calls | sent, kB | soonest, s |\n|---|---|---|---|---|");
  for (const tasks of sizes) {
    const modules = planned(tasks);
    const made = await measured(tasks, "makes the pages", () => make(notion, home, modules));
    await measured(tasks, "rewrites them", () => rewrite(notion, made, modules));
    await measured(tasks, "makes them anew", async () => {
      await notion.pages.update({ page_id: made.plan, in_trash: true });
      return make(notion, home, modules);
    });
  }
});
