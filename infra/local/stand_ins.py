"""The providers' stand-ins, and the addresses of whatever the caller wants to use instead of them."""

import json
import os
import urllib.request
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from . import folders
from .network import is_loopback, wait_until
from .processes import Child
from .report import Failure

SIMULATED = ("notion", "openai", "deepgram", "google")
# What is connected through each OAuth client.
CONNECTED_BY = {"notion": ("notion",), "google": ("google-calendar", "google-sheets", "gmail")}
# Names as in PATCHBAY_{NAME}_URL, and the template's parameters for them.
REPLACEABLE = {
    "NOTION": "Notion",
    "GOOGLE": "Google",
    "AIRTABLE": "Airtable",
    "MAILCHIMP": "Mailchimp",
    "ZOOM": "Zoom",
    "STRIPE": "Stripe",
    "CALCOM": "Calcom",
    "OPENAI": "Openai",
    "DEEPGRAM": "Deepgram",
}
WITH_OAUTH = ("NOTION", "GOOGLE", "AIRTABLE", "MAILCHIMP", "ZOOM")


class StandIns:
    """The running simulators."""

    def __init__(self, program: Path) -> None:
        if not program.is_file():
            raise Failure(
                f"The stand-ins' program is not at {folders.shown(program)}.",
                "Build it with `cargo build --package simulators`.",
            )
        self.ready_file = folders.STATE / "simulators.json"
        self.ready_file.unlink(missing_ok=True)
        command = [str(program), "--ready-file", str(self.ready_file)]
        for name in SIMULATED:
            command += [f"--{name}", "127.0.0.1:0"]
        self.child = Child("simulators", command, os.environ)
        self.urls: dict[str, str] = {}

    def wait(self) -> None:
        """Returns when every simulator has told its address."""

        def ready() -> bool:
            self.child.ensure_running()
            try:
                told = json.loads(self.ready_file.read_text())
            except (OSError, ValueError):
                return False
            self.urls = {name: str(url).rstrip("/") for name, url in told.items()}
            return all(name in self.urls for name in SIMULATED)

        wait_until(ready, 30, "The stand-ins did not start", f"Read {folders.shown(self.child.log)}.")

    def register_client(self, name: str, client: dict[str, Any]) -> None:
        """Registers this deployment with the stand-in's authorization server."""
        body = {field: client[field] for field in ("client_id", "client_secret", "redirect_uris")}
        request = urllib.request.Request(
            f"{self.urls[name]}/_control/clients",
            data=json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
            method="POST",
        )
        with urllib.request.urlopen(request, timeout=10):
            pass


def oauth_clients(document: dict[str, Any], public_url: str) -> dict[str, dict[str, Any]]:
    """The deployment's registrations: the secret's clients, and where browsers are to be sent back to."""
    clients = {}
    for name, providers in CONNECTED_BY.items():
        uris = [f"{public_url}/v1/oauth/{provider}/callback" for provider in providers]
        clients[name] = document["providers"][name] | {"redirect_uri": uris[0], "redirect_uris": uris}
    return clients


def replaced() -> list[str]:
    """The stand-ins in whose place the caller wants another server."""
    variables = {name: (f"PATCHBAY_{name.upper()}_URL", f"PATCHBAY_{name.upper()}_OAUTH_URL") for name in SIMULATED}
    return [name for name, its in variables.items() if any(os.environ.get(it) for it in its)]


def addresses(simulated: dict[str, str]) -> dict[str, str]:
    """The template's address parameters: the caller's PATCHBAY_*_URL where given, else the stand-ins'."""
    chosen = {}
    for name, parameter in REPLACEABLE.items():
        stand_in = simulated.get(name.lower(), "")
        # The OpenAI-compatible root carries its version, as the real one does.
        default = f"{stand_in}/v1" if stand_in and name == "OPENAI" else stand_in
        own = _given(f"PATCHBAY_{name}_URL")
        chosen[f"{parameter}Url"] = own or default
        if name in WITH_OAUTH:
            chosen[f"{parameter}OauthUrl"] = _given(f"PATCHBAY_{name}_OAUTH_URL") or own or stand_in
    return chosen


def _given(variable: str) -> str:
    """The address in the variable; one that the functions would refuse is refused here, where somebody reads it."""
    address = os.environ.get(variable, "")
    parts = urlsplit(address)
    host = parts.hostname or ""
    accepted = host and (parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host)))
    if address and not accepted:
        raise Failure(
            f"{variable} is {address!r}, which is neither an https address nor an http one on this machine.",
            "Write it as http://127.0.0.1:<port> or https://<host>, or unset the variable.",
        )
    return address
