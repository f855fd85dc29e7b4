// The stand-ins, as a program of their own that lives as long as some work.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, existsSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

// The program lies where cargo puts it, unless a path is given.
const target = process.env.CARGO_TARGET_DIR ?? fileURLToPath(new URL("../../../target", import.meta.url));

async function addresses(readyFile) {
  for (let waited = 0; waited < 10_000; waited += 20) {
    if (existsSync(readyFile)) return JSON.parse(readFileSync(readyFile, "utf8"));
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error("the simulators were not ready after 10 s");
}

// Ends the process: with 0 if the work succeeded and the simulators ended as they should.
export async function withSimulators(work, binary = join(target, "debug", "simulators")) {
  if (!existsSync(binary)) {
    console.error(`${binary} is missing: run cargo build --package simulators, or give its path`);
    process.exit(2);
  }
  const folder = mkdtempSync(join(tmpdir(), "examiners-"));
  const readyFile = join(folder, "ready.json");
  const child = spawn(binary, ["--ready-file", readyFile], { stdio: "inherit" });
  const ended = new Promise((resolve) => child.once("exit", (code, signal) => resolve({ code, signal })));
  ended.then(({ code }) => {
    if (!existsSync(readyFile)) {
      console.error(`the simulators ended with ${code} before they were ready`);
      process.exit(1);
    }
  });
  let failure;
  try {
    await work(await addresses(readyFile));
  } catch (error) {
    failure = error;
    console.error(error);
  }
  child.kill("SIGTERM");
  const { code } = await ended;
  rmSync(folder, { recursive: true, force: true });
  if (!failure && code !== 0) {
    console.error(`the simulators ended with ${code} after SIGTERM`);
    process.exit(1);
  }
  process.exit(failure ? 1 : 0);
}
