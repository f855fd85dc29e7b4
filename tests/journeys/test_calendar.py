"""A plan's events in Google Calendar, as an outside client asks for them."""

import unittest
from typing import Any
from urllib.parse import quote

from local.browser import Browser
from local.http_client import send

from client import Journey, fresh


class Calendar(Journey):
    """As bob, whose only integration is a Google account meanwhile: the free tier has one."""

    def setUp(self) -> None:
        for provider in ("notion", "google-calendar"):
            if self.call("GET", f"/v1/connections/{provider}", user="bob").status == 200:
                self.call("DELETE", f"/v1/connections/{provider}", user="bob")
        self.connect_google()
        self.addCleanup(self.call, "DELETE", "/v1/connections/google-calendar", user="bob")
        self.plan, self.title = fresh("plan"), fresh("Lesson")
        schedule = {"start": "2026-10-25T09:00", "time_zone": "Europe/Berlin"}
        lesson = {"id": "t1", "title": self.title, "minutes": 60, "schedule": schedule}
        tasks = [lesson, {"id": "t2", "title": "Any time"}]
        plan = {"title": "Spanish", "modules": [{"id": "m1", "title": "Begin", "tasks": tasks}]}
        put = self.call("PUT", f"/v1/plans/{self.plan}", plan, user="bob")
        self.assertEqual(put.status, 201, put.text())

    def connect_google(self) -> None:
        """Through Google's consent, everything ticked."""
        browser = Browser()
        wish = {"provider": "google-calendar"}
        link = self.call("POST", "/v1/connect-sessions", wish, user="bob").json()["connect_url"]
        page = browser.open(browser.open(link).location)
        back = browser.open(browser.press(page, "Continue").location)
        self.assertIn("connected=google-calendar", back.location)

    def events(self) -> list[dict[str, Any]]:
        """The events of this test."""
        calendar = self.call("GET", "/v1/connections/google-calendar", user="bob").json()["account"]["name"]
        google = self.running["simulators"]["google"]
        told = send("GET", f"{google}/_control/events?calendar={quote(calendar)}").json()
        return [event for event in told if event["summary"] == self.title]

    def ask(self, key: str | None = None, **more: Any) -> Any:
        """A sync, or what it would do."""
        return self.call("POST", f"/v1/plans/{self.plan}/calendar-syncs", more, user="bob", key=key)

    def test_a_trial_tells_what_would_be_made_and_makes_nothing(self) -> None:
        told = self.ask(dry_run=True)
        self.assertEqual(told.status, 200, told.text())
        preview = told.json()
        self.assertEqual((preview["calls"], preview["conflicts"]), (1, []), preview)
        self.assertEqual([it["id"] for it in preview["creates"]], ["t1"])
        self.assertEqual(self.events(), [])

    def test_a_sync_makes_each_event_once(self) -> None:
        key = fresh("sync")
        answer = self.ask(key)
        self.assertEqual(answer.status, 202, answer.text())
        again = self.ask(key)
        self.assertEqual((again.json()["id"], again.headers["Idempotency-Replayed"]), (answer.json()["id"], "true"))
        self.assertEqual(answer.location, f"/v1/jobs/{answer.json()['id']}")
        job = self.over(answer.location, "bob")
        self.assertEqual((job["status"], job["result"]["created"]), ("succeeded", 1), job)
        events = self.events()
        self.assertEqual([event["start"]["dateTime"] for event in events], ["2026-10-25T09:00:00+01:00"])


if __name__ == "__main__":
    unittest.main()
