"""The value of the deployment's secret in a local stack: random, except for what the caller brings."""

import json
import os
import secrets
from pathlib import Path
from typing import Any

from . import stand_ins
from .report import Failure

ADVICE = "Write the document as docs/DEPLOY.md shows it, or unset the variable."


def local_document() -> dict[str, Any]:
    """A fresh document. The file named by PATCHBAY_SECRET_FILE replaces entries, to use a provider's own service."""
    document: dict[str, Any] = {
        "providers": {
            name: {"client_id": f"local-{secrets.token_hex(8)}", "client_secret": secrets.token_urlsafe(32)}
            for name in stand_ins.CONNECTED_BY
        },
        # What the stand-ins let in.
        "openai_api_key": "sk-local",
        "deepgram_api_key": "dg-local",
        "deepgram_key_id": "00000000-0000-4000-8000-000000000001",
        "internal_api_key": secrets.token_urlsafe(32),
        "session_key": secrets.token_urlsafe(32),
    }
    if "deepgram" in stand_ins.replaced():
        # Another server may not say which key it reports for, so that is asked only where the caller wants it.
        del document["deepgram_key_id"]
    brought = os.environ.get("PATCHBAY_SECRET_FILE")
    if brought:
        own = _read(Path(brought))
        document["providers"].update(own.pop("providers"))
        document.update(own)
    return document


def _read(path: Path) -> dict[str, Any]:
    try:
        own: Any = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        what = f"PATCHBAY_SECRET_FILE does not name a readable JSON document ({type(error).__name__})."
        raise Failure(what, ADVICE) from None
    providers: Any = own.setdefault("providers", {}) if isinstance(own, dict) else None
    if not isinstance(providers, dict):
        raise Failure("PATCHBAY_SECRET_FILE does not hold an object, or its `providers` are none.", ADVICE)
    for name, client in providers.items():
        if not (isinstance(client, dict) and client.get("client_id") and client.get("client_secret")):
            raise Failure(f"PATCHBAY_SECRET_FILE has no client_id and client_secret for {name}.", ADVICE)
    return dict(own)
