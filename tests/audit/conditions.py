"""Every condition on a write to the table is weakened once: the store's tests must notice each.

Tools that change Rust code do not see into these expressions, although they are what decides a race. The double of
DynamoDB notes them (`NOTE_CONDITIONS`) and takes one part of one of them for true (`WEAKEN_CONDITION`).
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 300
# The fence implies the owner, and a budget's time only grows: without these parts nothing is different.
IMPLIED = {"#owner = :owner", "#tat > :now"}


def main() -> int:
    """Prints each part that nobody misses."""
    program = _program()
    with tempfile.TemporaryDirectory() as folder:
        notes = Path(folder) / "notes"
        if not _passes(program, NOTE_CONDITIONS=str(notes)):
            print("The tests fail as they are.")
            return 1
        parts = sorted(set(notes.read_text().splitlines()))
    tried = [part for part in parts if json.loads(part)["part"] not in IMPLIED]
    missed = [part for part in tried if _passes(program, WEAKEN_CONDITION=part)]
    for part in missed:
        note = json.loads(part)
        print(f"not missed: {note['part']}\n  in {note['condition']}\n  of {note['action']}")
    implied = len(parts) - len(tried)
    print(f"{len(parts)} parts of conditions, {implied} implied by others, {len(tried) - len(missed)} missed when gone")
    return 1 if missed else 0


def _program() -> str:
    """The store's tests, built."""
    # As `make test` builds it: another choice of packages would build all dependencies anew.
    build = ["cargo", "test", "--locked", "--workspace", "--test", "it", "--no-run", "--message-format=json"]
    built = subprocess.run(build, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout
    messages = [json.loads(line) for line in built.splitlines() if line.startswith("{")]
    (program,) = [
        it["executable"]
        for it in messages
        if it.get("executable") and it["target"]["src_path"].startswith(str(ROOT / "shared" / "store"))
    ]
    return str(program)


def _passes(program: str, **variables: str) -> bool:
    """Whether the tests pass. Tests that never end have noticed, too."""
    command = [program, "--quiet"]
    # A case that fails only without a condition is not one to keep.
    quietly = {"RUST_BACKTRACE": "0", "PROPTEST_DISABLE_FAILURE_PERSISTENCE": "1"}
    environment = os.environ | variables | quietly
    try:
        run = subprocess.run(
            command,
            cwd=ROOT / "shared" / "store",
            env=environment,
            timeout=SECONDS,
            check=False,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    except subprocess.TimeoutExpired:
        return False
    return run.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
