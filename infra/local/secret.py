"""The value of the deployment's secret in a local stack: random, except for what the caller brings."""

import json
import os
import secrets
from pathlib import Path
from typing import Any

from .report import Failure


def local_document() -> dict[str, Any]:
    """A fresh document. The file named by PATCHBAY_SECRET_FILE replaces entries, to use a provider's own service."""
    document: dict[str, Any] = {
        "providers": {
            "notion": {
                "client_id": f"local-{secrets.token_hex(8)}",
                "client_secret": secrets.token_urlsafe(32),
            }
        },
        # What the stand-ins let in.
        "openai_api_key": "sk-local",
        "deepgram_api_key": "dg-local",
        "deepgram_key_id": "00000000-0000-4000-8000-000000000001",
        "internal_api_key": secrets.token_urlsafe(32),
        "session_key": secrets.token_urlsafe(32),
    }
    brought = os.environ.get("PATCHBAY_SECRET_FILE")
    if brought:
        own = _read(Path(brought))
        document["providers"].update(own.pop("providers", {}))
        document.update(own)
    return document


def _read(path: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(path.read_text()))
    except (OSError, ValueError) as error:
        raise Failure(
            f"PATCHBAY_SECRET_FILE does not name a readable JSON document ({type(error).__name__}).",
            "Write the document as docs/DEPLOY.md shows it, or unset the variable.",
        ) from None
