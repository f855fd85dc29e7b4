// Makes JSON Schemas from the type declarations in the vendors' own packages.
// usage: node schemas.mjs <folder for notion.json, openai.json and deepgram.json>
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { createGenerator } from "ts-json-schema-generator";

const modules = join(dirname(fileURLToPath(import.meta.url)), "node_modules");
// Inside node_modules, so that imports of packages resolve and git does not see it.
const workshop = join(modules, ".schemas");

const deepgramMedia = "resources/listen/resources/v1/resources/media";
const vendors = [
  {
    name: "notion",
    declarations: "@notionhq/client/build/src/api-endpoints",
    // Bodies without the parameters of paths and queries are declared, but not exported.
    edit: (text) => text.replace(/^type /gm, "export type "),
    types: {
      "pages.ts": ["CreatePageBodyParameters", "UpdatePageBodyParameters", "CreatePageResponse", "GetPageResponse", "UpdatePageResponse"],
      "blocks.ts": ["AppendBlockChildrenBodyParameters", "UpdateBlockBodyParameters", "AppendBlockChildrenResponse", "DeleteBlockResponse", "GetBlockResponse", "ListBlockChildrenResponse", "UpdateBlockResponse"],
      "data-sources.ts": ["QueryDataSourceBodyParameters", "UpdateDataSourceBodyParameters", "GetDataSourceResponse", "QueryDataSourceResponse", "UpdateDataSourceResponse"],
      "databases.ts": ["CreateDatabaseBodyParameters", "UpdateDatabaseBodyParameters", "CreateDatabaseResponse", "GetDatabaseResponse", "UpdateDatabaseResponse"],
      "search.ts": ["SearchBodyParameters", "SearchResponse"],
      "users.ts": ["GetSelfResponse"],
      "oauth.ts": ["OauthIntrospectBodyParameters", "OauthRevokeBodyParameters", "OauthTokenBodyParameters", "OauthIntrospectResponse", "OauthRevokeResponse", "OauthTokenResponse"],
      "errors.ts": ["APIErrorCode"],
    },
    more: { "errors.ts": "@notionhq/client/build/src/errors.d.ts" },
  },
  {
    name: "openai",
    declarations: "openai/resources",
    edit: (text) => text,
    types: {
      "chat/completions/completions.ts": ["ChatCompletionCreateParamsNonStreaming", "ChatCompletion"],
      "models.ts": ["Model"],
      "shared.ts": ["ErrorObject"],
    },
  },
  {
    name: "deepgram",
    declarations: "@deepgram/sdk/dist/cjs/api",
    // Lists of known values are declared open, for values of the future; what is sent today is one of today's. The words of
    // an utterance are declared with punctuation, those of a channel are not, although Deepgram writes both alike.
    edit: (text) => text
      .replace(/(\[keyof typeof \w+\]) \| string;/g, "$1;")
      .replace(/(speaker_confidence\?: number \| undefined;)(?!\s*punctuated_word)/g, "$1 punctuated_word?: string | undefined;"),
    types: {
      [`${deepgramMedia}/client/requests/ListenV1RequestUrl.ts`]: ["ListenV1RequestUrl"],
      "types/ListenV1Response.ts": ["ListenV1Response"],
      "types/ListenV1AcceptedResponse.ts": ["ListenV1AcceptedResponse"],
      "types/ErrorResponseLegacyError.ts": ["ErrorResponseLegacyError"],
    },
  },
];

// The declarations of a package as sources that the generator may read and we may edit.
function unpack(vendor) {
  const folder = join(workshop, vendor.name);
  const declarations = join(modules, vendor.declarations);
  for (const file of readdirSync(declarations, { recursive: true })) {
    if (file.endsWith(".d.ts")) copy(join(declarations, file), join(folder, file.replace(/\.d\.ts$/, ".ts")), vendor.edit);
  }
  for (const [file, source] of Object.entries(vendor.more ?? {})) copy(join(modules, source), join(folder, file), vendor.edit);
  return folder;
}

function copy(from, to, edit) {
  mkdirSync(dirname(to), { recursive: true });
  writeFileSync(to, edit(readFileSync(from, "utf8")));
}

// Every type under its own name, with whatever it refers to. Objects are closed: a key nobody declared is refused.
function schemaOf(vendor) {
  const folder = unpack(vendor);
  const names = Object.values(vendor.types).flat();
  const exports = Object.entries(vendor.types).map(([file, types]) => `export type { ${types.join(", ")} } from "./${file.replace(/\.ts$/, ".js")}";`);
  const entry = join(folder, "schemas.entry.ts");
  writeFileSync(entry, exports.join("\n"));
  const tsconfig = join(folder, "tsconfig.json");
  writeFileSync(tsconfig, JSON.stringify({ compilerOptions: { module: "esnext", moduleResolution: "bundler", target: "es2022", strict: true, skipLibCheck: true, types: [] }, files: [entry] }));
  const generator = createGenerator({ path: entry, tsconfig, expose: "all", topRef: true, skipTypeCheck: true, jsDoc: "none", additionalProperties: false, encodeRefs: false });
  const definitions = {};
  for (const name of names) {
    Object.assign(definitions, generator.createSchema(name).definitions);
    if (!definitions[name]) throw new Error(`${vendor.name} declares no ${name}`);
  }
  return { $schema: "http://json-schema.org/draft-07/schema#", definitions: named(definitions) };
}

// The generator names what has no name after its source; such names hold characters that references do not take.
function named(definitions) {
  const names = new Map();
  for (const name of Object.keys(definitions)) names.set(name, /^\w+$/.test(name) ? name : `anonymous_${names.size}`);
  const prefix = "#/definitions/";
  const renamed = (value) => {
    if (Array.isArray(value)) return value.map(renamed);
    if (value === null || typeof value !== "object") return value;
    const entries = Object.entries(value).map(([key, inner]) => {
      const isReference = key === "$ref" && typeof inner === "string" && inner.startsWith(prefix);
      return [key, isReference ? prefix + names.get(inner.slice(prefix.length)) : renamed(inner)];
    });
    return Object.fromEntries(entries);
  };
  return Object.fromEntries(Object.entries(definitions).map(([name, value]) => [names.get(name), renamed(value)]));
}

const target = resolve(process.argv[2] ?? "schemas");
rmSync(workshop, { recursive: true, force: true });
mkdirSync(target, { recursive: true });
for (const vendor of vendors) writeFileSync(join(target, `${vendor.name}.json`), JSON.stringify(schemaOf(vendor), null, 1));
rmSync(workshop, { recursive: true, force: true });
