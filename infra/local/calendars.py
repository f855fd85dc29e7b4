"""The part of the story in which a learning plan is kept in step with a Google calendar."""

from typing import Any
from urllib.parse import quote

from .browser import Browser
from .http_client import send
from .plans import Plans

# Clocks in Berlin go back an hour on this day.
CLOCK_CHANGE = "2026-10-25"


class Calendars(Plans):
    """Bob's plan, and what Google Calendar holds of it."""

    def _bobs_plan(self) -> dict[str, Any]:
        reminders = [{"method": "popup", "minutes_before": 10}]
        tasks = [
            {
                "id": f"t{number}",
                "title": f"Lesson {number} [{self.telling}]",
                "minutes": 60,
                "schedule": {"start": f"2026-10-{23 + number}T09:00"},
                "reminders": reminders,
            }
            for number in range(1, 4)
        ]
        return {
            "title": "Spanish",
            "time_zone": "Europe/Berlin",
            "modules": [{"id": "m1", "title": "Begin", "tasks": tasks}],
        }

    def _events(self) -> list[dict[str, Any]]:
        told = send("GET", f"{self.simulators['google']}/_control/events?calendar={quote(self.calendar)}").json()
        ours = [event for event in told if self.telling in event["summary"]]
        return sorted(ours, key=lambda event: str(event["summary"]))

    def _calls(self) -> list[str]:
        return [it["method"] for it in self.requests("google") if it["path"].startswith("/calendar/")]

    def _sync(self, plan: dict[str, Any]) -> dict[str, Any]:
        path = f"/v1/plans/calendar-{self.telling}"
        put = self.call("PUT", path, plan)
        self.narrator.check(put.status in (200, 201), f"version {put.json()['version']} of the plan", put.text())
        before = len(self._calls())
        accepted = self.call("POST", f"{path}/calendar-syncs", {}, f"sync-{self.telling}-{before}")
        self.expect(accepted, 202, f"the sync is on its way: {accepted.location}")
        job = self.wait_for_job(accepted.location)
        self.narrator.check(job["status"] == "succeeded", "it succeeds", job)
        self.narrator.tell(f"calls of Google Calendar: {', '.join(self._calls()[before:])}")
        return dict(job["result"])

    def connects_google(self) -> bool:
        """Bob connects Google Calendar, and leaves what it asks for ticked."""
        browser = Browser()
        wish = {"provider": "google-calendar", "return_to": "/integrations"}
        session = self.call("POST", "/v1/connect-sessions", wish)
        page = browser.open(browser.open(session.json()["connect_url"]).location)
        self.expect(page, 200, "Google asks what Patchbay may do")
        back = browser.open(browser.press(page, "Continue").location)
        if "integration_limit_reached" in back.location:
            self.narrator.tell("(Bob has connected something else, and the free tier has one integration.)")
            return False
        self.narrator.check("connected=google-calendar" in back.location, "Bob allows it", back.location)
        self.calendar = self.call("GET", "/v1/connections/google-calendar").json()["account"]["name"]
        return True

    def keeps_a_calendar_in_step(self) -> None:
        """Across a change of clocks, and with what Bob does himself."""
        step = self.narrator.step("Bob's plan is kept in step with his Google calendar, across a change of clocks")
        with step, self.acting("bob"):
            if not self.connects_google():
                return
            plan = self._bobs_plan()
            result = self._sync(plan)
            self.narrator.check(result["created"] == 3, "three events were made, in one call each", result)
            events = self._events()
            for event in events:
                self.narrator.tell(f"{event['summary']}: {event['start']['dateTime']}", 6)
            starts = [event["start"]["dateTime"] for event in events]
            expected = ["2026-10-24T09:00:00+02:00", f"{CLOCK_CHANGE}T09:00:00+01:00", "2026-10-26T09:00:00+01:00"]
            self.narrator.check(starts == expected, "at nine by the clocks of each day", starts)

            evening = {"dateTime": f"{CLOCK_CHANGE}T19:00:00+01:00"}
            later = {"start": evening, "end": {"dateTime": f"{CLOCK_CHANGE}T20:00:00+01:00"}}
            for order in (
                {"does": "edits", "event": events[1]["id"], "patch": later},
                {"does": "deletes", "event": events[2]["id"]},
            ):
                self.control("google", "/_control/people", {**order, "calendar": self.calendar})
            self.narrator.tell("Bob moves the second lesson to the evening and deletes the third.")
            tasks = plan["modules"][0]["tasks"]
            tasks[0]["minutes"] = 90
            tasks[1]["description"] = "Bring **paper**."
            result = self._sync(plan)
            reasons = [it["reason"] for it in result["conflicts"]]
            self.narrator.check(
                sorted(reasons) == ["deleted_in_calendar", "edited_in_calendar"], "both are noticed", result
            )
            events = self._events()
            self.narrator.check(len(events) == 2, "what he deleted stays deleted", events)
            moved = events[1]
            self.narrator.check(
                moved["start"]["dateTime"] == evening["dateTime"] and "paper" in moved["description"],
                "what he moved stays there, and what is new in the plan is added",
                moved,
            )
            before = len(self._calls())
            self._sync(plan)
            self.narrator.check(self._calls()[before:] == ["GET"], "an unchanged plan costs one look")
            gone = self.call("DELETE", "/v1/connections/google-calendar")
            self.expect(gone, 204, "Bob disconnects, and the grant is given back")
