"""Which lines the Rust tests run: builds them instrumented, runs them, and prints the share of lines for each crate."""

import json
import os
import shutil
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / ".tools" / "coverage"
WRAPPER = Path(__file__).with_name("instrument.sh")


def main(arguments: list[str]) -> int:
    """Runs `cargo test` with the arguments (default: the whole workspace)."""
    selected = arguments or ["--workspace"]
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    # Only our own crates are instrumented: what they are built on is taken from the ordinary build.
    environment = os.environ | {
        "RUSTC_WORKSPACE_WRAPPER": str(WRAPPER),
        "LLVM_PROFILE_FILE": str(FOLDER / "%p-%m.profraw"),
    }
    programs = _programs(selected, environment)
    subprocess.run(
        ["cargo", "test", "--locked", "--quiet", *selected],
        cwd=ROOT,
        env=environment,
        check=True,
    )
    for name, (covered, lines) in sorted(_report(programs).items()):
        print(f"{name:32} {covered:6} of {lines:6} lines  {100 * covered / lines:5.1f} %")
    return 0


def _programs(selected: list[str], environment: dict[str, str]) -> list[str]:
    """The test programs, built."""
    build = [
        "cargo",
        "test",
        "--locked",
        "--no-run",
        "--message-format=json",
        *selected,
    ]
    built = subprocess.run(build, cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout
    messages = [json.loads(line) for line in built.splitlines() if line.startswith("{")]
    return [it["executable"] for it in messages if it.get("executable") and it["profile"]["test"]]


def _report(programs: list[str]) -> dict[str, tuple[int, int]]:
    """Covered lines and all lines of each crate."""
    profile = FOLDER / "all.profdata"
    parts = [str(it) for it in FOLDER.glob("*.profraw")]
    subprocess.run(
        [_tool("llvm-profdata"), "merge", "-sparse", "-o", str(profile), *parts],
        check=True,
    )
    objects = [word for program in programs for word in ("--object", program)]
    export = [
        _tool("llvm-cov"),
        "export",
        "--summary-only",
        "--instr-profile",
        str(profile),
        *objects,
    ]
    summary = json.loads(subprocess.run(export, check=True, stdout=subprocess.PIPE, text=True).stdout)
    crates: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for file in summary["data"][0]["files"]:
        path = Path(file["filename"])
        if path.is_relative_to(ROOT) and (path := path.relative_to(ROOT)).parts[0] in (
            "functions",
            "shared",
        ):
            if "tests" in path.parts or path.name == "tests.rs":
                continue
            for name in ("/".join(path.parts[:2]), "together"):
                crates[name][0] += file["summary"]["lines"]["covered"]
                crates[name][1] += file["summary"]["lines"]["count"]
    return {name: (covered, lines) for name, (covered, lines) in crates.items()}


def _tool(name: str) -> str:
    """The toolchain's own LLVM: others may not read its profiles."""
    asked = ["rustc", "--print", "target-libdir"]
    libraries = subprocess.run(asked, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
    tool = Path(libraries).parent / "bin" / name
    if not tool.exists():
        sys.exit(f"{name} is missing. Run: rustup component add llvm-tools")
    return str(tool)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
