"""The product is broken in one way after the other: the whole simulation must find each.

Every patch in `breakages` breaks one promise. It is applied to a copy of the last commit, and seeds are run until one
fails. The patches begin with what they break and what that is to be found as.
"""

import argparse
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PATCHES = Path(__file__).with_name("breakages")
# Inside, so that what is said of building here is said of it, too.
COPY = ROOT / ".patchbay" / "breakages"
BUILT = ROOT / "target" / "breakages"
TEST = "the_whole_backend_keeps_its_promises_whatever_happens"
# So many seeds say that the product is well before it is broken.
UNBROKEN = 20
# A simulation that takes longer is stopped. A seed that fails is run again and again with less harm, which takes time.
SECONDS = 1_200
# What is found is told in so many characters.
SHOWN = 100


class Unfit(Exception):
    """A breakage that cannot be tried."""


@dataclass(frozen=True)
class Seeds:
    """Which are run, after those that once found something."""

    first: int
    count: int

    def name(self, seed: int | None) -> str:
        """How a seed is told: one that is kept was not looked for, and none is told by what is stopped."""
        if seed is None:
            return "?"
        return str(seed) if self.first <= seed < self.first + self.count else f"{seed}, kept"


@dataclass(frozen=True)
class Finding:
    """What a simulation stopped at."""

    words: str
    seed: int | None


def main() -> int:
    """Prints a row for each breakage."""
    chosen, seeds = _arguments()
    missed = 0
    with _copy():
        program = _program()
        if found := _found(program, Seeds(seeds.first, UNBROKEN)):
            print(f"Seed {seeds.name(found.seed)} fails as the product is: {found.words}")
            return 1
        print("| Breakage | Found as | First seed |\n|---|---|---:|", flush=True)
        for patch in chosen:
            try:
                finding = _try(patch, seeds)
            except Unfit as reason:
                row = (str(reason), "")
                missed += 1
            else:
                row = (finding.words, seeds.name(finding.seed)) if finding else ("**missed**", "")
                missed += finding is None
            print(f"| {_promise(patch)} ({patch.stem[:2]}) | {row[0]} | {row[1]} |", flush=True)
    print(f"{len(chosen)} breakages, {missed} of them not found")
    return 1 if missed else 0


def _arguments() -> tuple[list[Path], Seeds]:
    """The patches and seeds that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="numbers or names of breakages, or parts of them; none for all")
    parser.add_argument("--seeds", type=int, default=1_000, help="how many are tried before a breakage is missed")
    parser.add_argument("--first", type=int, default=1, help="the first of them")
    asked = parser.parse_args()
    chosen = {name: [it for it in sorted(PATCHES.glob("*.patch")) if name in it.stem] for name in asked.names or [""]}
    for name, patches in chosen.items():
        if not patches:
            parser.error(f"there is no breakage {name}")
    return sorted({patch for patches in chosen.values() for patch in patches}), Seeds(asked.first, asked.seeds)


@contextmanager
def _copy() -> Iterator[None]:
    """A copy of the last commit, as long as it is needed."""
    remove = ("worktree", "remove", "--force", str(COPY))
    # Whoever was killed left one behind.
    if COPY.exists():
        _git(ROOT, *remove)
    _git(ROOT, "worktree", "add", "--quiet", "--force", "--detach", str(COPY), "HEAD")
    try:
        yield
    finally:
        _git(ROOT, *remove)


def _git(where: Path, *arguments: str) -> None:
    """Runs git in a folder."""
    subprocess.run(["git", *arguments], cwd=where, check=True)


def _try(patch: Path, seeds: Seeds) -> Finding | None:
    """What the simulation finds in a product that is broken so."""
    try:
        _git(COPY, "apply", str(patch))
    except subprocess.CalledProcessError:
        raise Unfit("**does not apply**") from None
    try:
        return _found(_program(), seeds)
    finally:
        # Only what was changed is built again.
        _git(COPY, "checkout", "--quiet", "--", ".")


def _promise(patch: Path) -> str:
    """The patch's first sentence."""
    return patch.read_text().partition("\n")[0].removesuffix(".")


def _program() -> str:
    """The tests of the copy, built."""
    # As `make test` builds it: another choice of packages would build all dependencies anew.
    build = ["cargo", "test", "--locked", "--quiet", "--workspace", "--test", "it", "--no-run", "--message-format=json"]
    environment = os.environ | {"CARGO_TARGET_DIR": str(BUILT)}
    built = subprocess.run(build, cwd=COPY, env=environment, check=False, stdout=subprocess.PIPE, text=True)
    messages = [json.loads(line) for line in built.stdout.splitlines() if line.startswith("{")]
    if built.returncode != 0:
        errors = [it["message"]["rendered"] for it in messages if it.get("message", {}).get("level") == "error"]
        print(*errors, sep="\n", file=sys.stderr)
        raise Unfit("**does not compile**")
    (program,) = [
        it["executable"]
        for it in messages
        if it.get("executable") and it["target"]["src_path"] == str(COPY / "tests" / "it" / "main.rs")
    ]
    return str(program)


def _found(program: str, seeds: Seeds) -> Finding | None:
    """What the simulation stops at, if it does."""
    asked = {"SIMULATION_SEEDS": str(seeds.count), "SIMULATION_FIRST": str(seeds.first), "RUST_BACKTRACE": "0"}
    run = subprocess.Popen(
        [program, TEST, "--nocapture"],
        cwd=COPY / "tests",
        env=os.environ | asked,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        _, told = run.communicate(timeout=SECONDS)
    except subprocess.TimeoutExpired:
        run.kill()
        _, told = run.communicate()
    # The first one is told as it was found, the later ones with less harm.
    # Threads that run seeds have no names.
    panic = re.search(r"^thread '<unnamed>' .*panicked at .*:\n(.*(?:\n +.*)*)", told, re.MULTILINE)
    seed = re.search(r"^seed (\d+) failed;", told, re.MULTILINE)
    return Finding(_shortened(panic[1]), int(seed[1]) if seed else None) if panic else None


def _shortened(words: str) -> str:
    """A panic's first words, as they fit in a table."""
    first, _, rest = words.partition("\n")
    said = re.sub(r"^assertion .* failed(: )?", "", first) or " ".join(rest.split())
    said = said.replace("|", "\\|")
    return said if len(said) <= SHOWN else f"{said[:SHOWN].rstrip()} …"


if __name__ == "__main__":
    sys.exit(main())
