"""A small HTTP client that shows every answer as it came: no redirect is followed, no status raises."""

import http.client
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Answer:
    """A status, headers and a body."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    def json(self) -> Any:
        """The body as JSON; empty when it is none."""
        try:
            return json.loads(self.body)
        except ValueError:
            return {}

    def text(self) -> str:
        """The body as text."""
        return self.body.decode(errors="replace")

    @property
    def location(self) -> str:
        """Where a redirect points."""
        return str(self.headers.get("Location", ""))


def send(method: str, url: str, headers: Mapping[str, str] | None = None, body: bytes | None = None) -> Answer:
    """One request on a connection of its own."""
    parts = urlsplit(url)
    connection: http.client.HTTPConnection
    if parts.scheme == "https":
        connection = http.client.HTTPSConnection(parts.netloc, timeout=60, context=ssl.create_default_context())
    else:
        connection = http.client.HTTPConnection(parts.netloc, timeout=60)
    try:
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request(method, target, body=body, headers=dict(headers or {}))
        answer = connection.getresponse()
        return Answer(answer.status, answer.headers, answer.read())
    finally:
        connection.close()


def send_json(method: str, url: str, document: Any = None, headers: Mapping[str, str] | None = None) -> Answer:
    """One request with a JSON body, when there is one."""
    body = None if document is None else json.dumps(document).encode()
    content = {"Content-Type": "application/json"} if body is not None else {}
    return send(method, url, {**content, **(headers or {})}, body)
