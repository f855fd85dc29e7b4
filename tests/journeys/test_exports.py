"""A plan's pages in Notion, as an outside client asks for them."""

import unittest
from typing import Any
from urllib.parse import quote

from local.http_client import send

from client import Journey, fresh

NOTES = "Alice's notes"


class Exports(Journey):
    """As bob, below a page of the account that he connects."""

    def setUp(self) -> None:
        if self.call("GET", "/v1/connections/notion", user="bob").status != 200:
            self.connect("bob")
        self.plan = fresh("plan")
        self.title = fresh("Rust")
        tasks = [{"id": "t1", "title": "Read"}, {"id": "t2", "title": "Write"}]
        plan = {"title": self.title, "modules": [{"id": "m1", "title": "Begin", "tasks": tasks}]}
        put = self.call("PUT", f"/v1/plans/{self.plan}", plan, user="bob")
        self.assertEqual(put.status, 201, put.text())

    def page(self, title: str) -> dict[str, Any]:
        """A page of Notion's, with what is below it."""
        told: dict[str, Any] = send(
            "GET", f"{self.running['simulators']['notion']}/_control/page?title={quote(title)}"
        ).json()
        return told

    def ask(self, key: str | None = None, **more: Any) -> Any:
        """An export, or what it would do."""
        body = {"target": "notion", "parent_page_id": self.page(NOTES)["page"]["id"], **more}
        return self.call("POST", f"/v1/plans/{self.plan}/exports", body, user="bob", key=key)

    def test_a_trial_tells_what_would_be_made_and_makes_nothing(self) -> None:
        for layout, calls in (("pages", 2), ("database", 5)):
            told = self.ask(dry_run=True, layout=layout)
            self.assertEqual(told.status, 200, told.text())
            preview = told.json()
            self.assertEqual((preview["calls"], preview["conflicts"]), (calls, []), preview)
            tasks = [it["id"] for it in preview["creates"] if it["object"] == "task"]
            self.assertEqual(tasks, ["t1", "t2"])
        self.assertNotIn(self.title, [page["title"] for page in self.page(NOTES)["below"]])

    def test_an_export_is_made_once_or_refused_with_the_way_to_more(self) -> None:
        usage = self.call("GET", "/v1/usage", user="bob").json()
        key = fresh("export")
        answer = self.ask(key)
        if usage["exports"]["used"] + usage["exports"]["held"] >= usage["exports"]["limit"]:
            self.refused(answer, 403, "quota_exceeded")
            self.assertLessEqual({"tier", "limit", "used", "resets_at", "upgrade_url"}, set(answer.json()))
            return
        self.assertEqual(answer.status, 202, answer.text())
        again = self.ask(key)
        self.assertEqual((again.json()["id"], again.headers["Idempotency-Replayed"]), (answer.json()["id"], "true"))
        job = self.over(answer.headers["Location"], "bob")
        self.assertEqual((job["status"], job["progress"]["done"]), ("succeeded", 2), job)
        own = self.page(self.title)
        self.assertEqual([page["title"] for page in own["below"]], ["Begin"])
        used = self.call("GET", "/v1/usage", user="bob").json()["exports"]["used"]
        self.assertEqual(used, usage["exports"]["used"] + 1)


if __name__ == "__main__":
    unittest.main()
