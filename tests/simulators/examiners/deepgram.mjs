// Runs the official Deepgram client, which is the one in Python, against the stand-in.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));

export function examineDeepgram(root) {
  const python = process.env.DEEPGRAM_PYTHON ?? path("../../../.tools/deepgram/bin/python");
  const { status, error } = spawnSync(python, [path("examine_deepgram.py"), root], { stdio: "inherit", timeout: 120_000 });
  if (error || status !== 0) throw error ?? new Error(`the examination of Deepgram ended with ${status}`);
}
