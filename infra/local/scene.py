"""The stage of the demo: Alice, the API she calls, the stand-ins behind it, and how what they say is shown."""

import json
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

from . import folders
from .http_client import Answer, send, send_json
from .narrator import DoesNotHold, Narrator

TRANSCRIPT = folders.ROOT / "events" / "demo" / "walkthrough.vtt"


class Scene:
    """Alice, her recording and her Notion workspace."""

    def __init__(self, running: dict[str, Any]) -> None:
        self.narrator = Narrator()
        self.api: str = running["api_url"]
        self.aws: str = running["aws_endpoint"]
        self.simulators: dict[str, str] = running["simulators"]
        self.tokens: dict[str, str] = {name: user["token"] for name, user in running["users"].items()}
        self.token = self.tokens["alice"]
        self.transcript = TRANSCRIPT.read_text()
        # A new id in every telling, so that the story can be told again on the same stack.
        self.telling = uuid.uuid4().hex[:8]
        self.draft: dict[str, Any] = {}

    @contextmanager
    def acting(self, name: str) -> Iterator[None]:
        """Somebody else than Alice calls the API for a while."""
        before, self.token = self.token, self.tokens[name]
        try:
            yield
        finally:
            self.token = before

    def call(self, method: str, path: str, document: Any = None, key: str | None = None) -> Answer:
        """One call of the API."""
        headers = {"Authorization": f"Bearer {self.token}"}
        if key:
            headers["Idempotency-Key"] = key
        url = path if path.startswith("http") else f"{self.api}{path}"
        return send_json(method, url, document, headers)

    def expect(self, answer: Answer, status: int | None, promise: str) -> None:
        """`None` stands for any refusal or redirect to an error."""
        holds = answer.status == status if status else answer.status >= 400 or "error=" in answer.location
        self.narrator.check(holds, promise, f"answered {answer.status}: {answer.text()[:600] or answer.location}")

    def video(self, name: str) -> str:
        """The id of a recording in this telling."""
        return f"demo-{name}-{self.telling}"

    def put_video(self, name: str, title: str, **more: str) -> Answer:
        """Hands a recording over."""
        answer = self.call("PUT", f"/v1/videos/{self.video(name)}", {"name": title, **more})
        self.narrator.check(answer.status in (200, 201), f"the recording {title!r} is known", answer.text())
        return answer

    def choose(self, name: str) -> None:
        """Sends tickets to the database of this name."""
        found = self.call("GET", f"/v1/connections/notion/databases?query={name.replace(' ', '%20')}").json()["items"]
        chosen = next(it for it in found if it["name"] == name)
        answer = self.call("PATCH", "/v1/connections/notion", {"settings": {"database_id": chosen["id"]}})
        self.expect(answer, 200, f"tickets go to {name!r}")

    def create(self, name: str, title: str, key: str, **more: str) -> Answer:
        """Creates a page from the draft under another title."""
        ticket = {**self.draft, "title": title, **more}
        return self.call("POST", f"/v1/videos/{self.video(name)}/tickets", ticket, key)

    def wait_for_job(self, location: str) -> dict[str, Any]:
        """Asks for a job until it has ended, and tells how far it is whenever that is news."""
        deadline, told = time.monotonic() + 90, ""
        while True:
            job: dict[str, Any] = self.call("GET", location).json()
            if (news := _how_far(job)) != told:
                self.narrator.tell(news)
                told = news
            if job.get("status") in ("succeeded", "failed", "cancelled") or time.monotonic() > deadline:
                return job
            time.sleep(0.2)

    def fault(self, simulator: str, fault: dict[str, Any]) -> None:
        """Orders a misfortune."""
        self.control(simulator, "/_control/faults", fault)

    def lift_faults(self, simulator: str) -> None:
        """Takes every misfortune back."""
        send("DELETE", f"{self.simulators[simulator]}/_control/faults")

    def control(self, simulator: str, path: str, document: dict[str, Any]) -> None:
        """Tells a stand-in how to behave."""
        answer = send_json("POST", f"{self.simulators[simulator]}{path}", document)
        if answer.status >= 300:
            raise DoesNotHold(f"the {simulator} stand-in refused {path}: {answer.status} {answer.text()[:300]}")

    def requests(self, simulator: str) -> list[dict[str, Any]]:
        """What a stand-in was asked."""
        told = send("GET", f"{self.simulators[simulator]}/_control/requests").json()
        return list(told if isinstance(told, list) else told["requests"])

    def pages(self, database: str, title: str) -> list[dict[str, Any]]:
        """The pages of this title that are not in the trash."""
        url = f"{self.simulators['notion']}/_control/pages?database={database.replace(' ', '%20')}"
        told = send("GET", url).json()
        pages = told if isinstance(told, list) else told["pages"]
        return [page for page in pages if page["title"] == title and not page.get("in_trash")]

    def page(self, title: str) -> dict[str, Any]:
        """A page of this title, with the pages and databases below it."""
        url = f"{self.simulators['notion']}/_control/page?title={quote(title)}"
        told: dict[str, Any] = send("GET", url).json()
        return told

    def show_draft(self, draft: dict[str, Any]) -> None:
        """Prints a draft with its evidence."""
        tell = self.narrator.tell
        tell(f"{draft['title']}")
        tell(f"{draft['ticket_type']}, {draft['priority']} priority, by {draft['source']}")
        self._show_part("/description", draft["description"], draft)
        for number, text in enumerate(draft["steps_to_reproduce"]):
            self._show_part(f"/steps_to_reproduce/{number}", f"{number + 1}. {text}", draft)
        for warning in draft["warnings"]:
            tell(f"warning: {warning}")

    def _show_part(self, pointer: str, text: str, draft: dict[str, Any]) -> None:
        self.narrator.tell(text, 6)
        for entry in draft["evidence"]:
            if entry["pointer"] == pointer:
                minutes, seconds = divmod(entry["start_ms"] // 1000, 60)
                self.narrator.tell(f"“{entry['quote']}”  {minutes}:{seconds:02}  {entry['url']}", 10)

    def show_page(self, page: dict[str, Any]) -> None:
        """Prints a page."""
        for name, value in page["properties"].items():
            shown = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
            self.narrator.tell(f"{name}: {shown}", 6)
        self._show_blocks(page["blocks"], 8)

    def _show_blocks(self, blocks: list[dict[str, Any]], indent: int) -> None:
        for block in blocks:
            text = block.get("text") or " ".join(block.get("links") or [])
            self.narrator.tell(f"[{block['type']}] {text}", indent)
            self._show_blocks(block.get("children") or [], indent + 2)


def _how_far(job: dict[str, Any]) -> str:
    progress = job.get("progress", {})
    done, total, unit = (progress.get(name) for name in ("done", "total", "unit"))
    return f"the job is {job.get('status')}" + ("" if total is None else f": {done} of {total} {unit}")
