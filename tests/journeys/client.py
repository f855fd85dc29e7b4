"""A client of a running stack: two users, their browsers, and what holds for every answer."""

import json
import os
import time
import unittest
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from local import stack
from local.browser import Browser
from local.http_client import Answer, send

SECURITY_HEADERS = {
    "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
SPEECH = "WEBVTT\n\n00:00.000 --> 00:04.000\nThe invoice page crashes when I press Export.\n"


def describe() -> dict[str, Any]:
    """The stack that PATCHBAY_STACK names a description of; otherwise the one of this working copy."""
    elsewhere = os.environ.get("PATCHBAY_STACK")
    if not elsewhere:
        return stack.describe()
    described: dict[str, Any] = json.loads(Path(elsewhere).read_text())
    return described


def fresh(word: str) -> str:
    """A name that nobody used before, so that journeys can be made again on the same stack."""
    return f"{word}-{uuid.uuid4().hex[:12]}"


class Journey(unittest.TestCase):
    """Calls the API as somebody, and looks at every answer."""

    running: dict[str, Any]

    @classmethod
    def setUpClass(cls) -> None:
        cls.running = describe()

    def call(
        self,
        method: str,
        path: str,
        document: Any = None,
        *,
        user: str | None = "alice",
        key: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """One request as `user`, or as nobody. Bytes are sent as they are, anything else as JSON."""
        given = dict(headers or {})
        if user:
            given.setdefault("Authorization", f"Bearer {self.running['users'][user]['token']}")
        if key:
            given["Idempotency-Key"] = key
        body = document if isinstance(document, bytes | None) else json.dumps(document).encode()
        if body is not None:
            given.setdefault("Content-Type", "application/json")
        answer = send(method, f"{self.running['api_url']}{path}", given, body)
        self.holds_for_every_answer(answer, f"{method} {path}")
        return answer

    def holds_for_every_answer(self, answer: Answer, what: str) -> None:
        """Headers always; for refusals the form of the document as well."""
        for name, value in SECURITY_HEADERS.items():
            self.assertEqual(answer.headers.get_all(name), [value], f"{what}: {name}")
        request_id = answer.headers["X-Request-Id"]
        self.assertTrue(request_id, what)
        if answer.status >= 400:
            self.assertEqual(answer.headers["Content-Type"], "application/problem+json", what)
            problem = answer.json()
            self.assertEqual((problem["status"], problem["request_id"]), (answer.status, request_id), what)
            self.assertLessEqual({"type", "title", "code", "detail"}, set(problem), what)

    def over(self, location: str, user: str) -> dict[str, Any]:
        """The job, when it has ended."""
        deadline = time.monotonic() + 90
        while True:
            job: dict[str, Any] = self.call("GET", location, user=user).json()
            if job["status"] in ("succeeded", "failed", "cancelled") or time.monotonic() > deadline:
                return job
            time.sleep(0.2)

    def refused(self, answer: Answer, status: int, code: str, what: str = "") -> None:
        """The answer is this refusal."""
        self.assertEqual((answer.status, answer.json().get("code")), (status, code), what or answer.text()[:500])

    def put_video(self, user: str = "alice", **more: Any) -> str:
        """The id of a new recording with a transcript."""
        video = fresh("journey")
        put = self.call("PUT", f"/v1/videos/{video}", {"name": "A journey", "transcript": SPEECH, **more}, user=user)
        self.assertEqual(put.status, 201, put.text())
        return video

    def connect(self, user: str) -> Answer:
        """Goes through Notion's consent, whether connected before or not."""
        browser = Browser()
        link = self.call("POST", "/v1/connect-sessions", {"provider": "notion"}, user=user).json()["connect_url"]
        page = browser.open(browser.open(link).location)
        back = browser.open(browser.press(page, "Allow").location)
        self.assertIn("connected=notion", back.location)
        return back

    def ready_for_tickets(self, user: str) -> None:
        """Connected, with a database chosen."""
        if self.call("GET", "/v1/connections/notion", user=user).status != 200:
            self.connect(user)
        found = self.call("GET", "/v1/connections/notion/databases?query=Product", user=user).json()["items"]
        chosen = {"settings": {"database_id": found[0]["id"]}}
        patched = self.call("PATCH", "/v1/connections/notion", chosen, user=user)
        self.assertEqual(patched.status, 200, patched.text())

    def pages(self, title: str) -> list[dict[str, Any]]:
        """What Notion holds under this title."""
        url = f"{self.running['simulators']['notion']}/_control/pages?database=Product%20tickets"
        return [page for page in send("GET", url).json() if page["title"] == title]
