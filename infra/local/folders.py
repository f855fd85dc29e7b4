"""Where the local stack keeps its things. Everything it writes is below `.patchbay`, which git ignores."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = ROOT / "infra" / "template.yaml"

HOME = ROOT / ".patchbay"
BINARIES = HOME / "lambda"
LOGS = HOME / "logs"
STATE = HOME / "state"
STACK_FILE = HOME / "stack.json"
PROCESS_FILE = HOME / "processes.json"
LOCK_FILE = HOME / "run.lock"

FUNCTIONS = (
    "api",
    "oauth-start",
    "oauth-callback",
    "ticket-extraction",
    "notion-export",
    "calendar-sync",
    "provider-push",
    "scheduler",
)


def cargo_target() -> Path:
    """The folder cargo builds into."""
    return Path(os.environ.get("CARGO_TARGET_DIR") or ROOT / "target")


def shown(path: Path) -> str:
    """A path as a person at the root of the repository would type it."""
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)
