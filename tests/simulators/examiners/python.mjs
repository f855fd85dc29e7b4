// Runs those of the official clients against their stand-ins that are written in Python.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));

export function examineInPython(script, root) {
  const python = process.env.EXAMINERS_PYTHON ?? path("../../../.tools/examiners/bin/python");
  const { status, error } = spawnSync(python, [path(script), root], { stdio: "inherit", timeout: 120_000 });
  if (error || status !== 0) throw error ?? new Error(`${script} ended with ${status}`);
}
