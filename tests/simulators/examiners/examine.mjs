// Drives the stand-ins with the vendors' own clients and exits non-zero on any surprise.
// usage: node examine.mjs [path of the simulators binary]
import { examineGoogle } from "./google.mjs";
import { examineNotion } from "./notion.mjs";
import { examineOpenAi } from "./openai.mjs";
import { examineInPython } from "./python.mjs";
import { withSimulators } from "./simulators.mjs";

await withSimulators(async (urls) => {
  for (const check of await examineNotion(urls.notion)) console.log(`ok  ${check}`);
  for (const check of await examineOpenAi(urls.openai)) console.log(`ok  ${check}`);
  for (const check of await examineGoogle(urls.google)) console.log(`ok  ${check}`);
  examineInPython("examine_deepgram.py", urls.deepgram);
  examineInPython("examine_google.py", urls.google);
}, process.argv[2]);
