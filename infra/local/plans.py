"""The part of the story in which a learning plan becomes Notion pages."""

from typing import Any

from .scene import Scene

NOTES = "Alice's notes"
# The first module's page is made, and nobody hears of it.
LOST_MODULE = {"method": "POST", "path": "/v1/pages$", "after": 1, "kind": "lose_answer", "times": 1}


class Plans(Scene):
    """Alice's plan, and what Notion holds of it."""

    # Where the job of the last export is.
    last = ""

    def _plan(self) -> dict[str, Any]:
        tasks = [
            {"id": f"t{number}", "title": f"Read chapter {number}", "minutes": 45, "description": "With **notes**."}
            for number in range(1, 7)
        ]
        return {
            "title": f"Rust in 6 weeks [{self.telling}]",
            "description": "A chapter a week.",
            "time_zone": "Europe/Berlin",
            "modules": [
                {"id": "m1", "title": "Ownership", "tasks": tasks[:3]},
                {"id": "m2", "title": "Types", "tasks": tasks[3:]},
            ],
        }

    def _put(self, plan: dict[str, Any]) -> None:
        answer = self.call("PUT", f"/v1/plans/plan-{self.telling}", plan)
        self.narrator.check(
            answer.status in (200, 201), f"version {answer.json()['version']} of the plan", answer.text()
        )

    def _ask(self, page: str = NOTES, **more: Any) -> Any:
        body = {"target": "notion", "parent_page_id": self.page(page)["page"]["id"], **more}
        key = None if more.get("dry_run") else f"export-{self.telling}-{len(self.requests('notion'))}"
        return self.call("POST", f"/v1/plans/plan-{self.telling}/exports", body, key)

    def _left(self) -> int:
        exports = self.call("GET", "/v1/usage").json()["exports"]
        return int(exports["limit"] - exports["used"] - exports["held"])

    def _export(self) -> dict[str, Any]:
        preview = self._ask(dry_run=True)
        self.expect(preview, 200, "a trial tells what it would do")
        told = preview.json()
        counts = ", ".join(f"{len(told[name])} {name}" for name in ("creates", "updates", "archives"))
        self.narrator.tell(f"{counts}; {told['calls']} calls, about {told['estimated_seconds']} s")
        accepted = self._ask()
        self.expect(accepted, 202, f"the export is on its way: {accepted.location}")
        self.last = accepted.location
        job = self.wait_for_job(accepted.location)
        self.narrator.check(job["status"] == "succeeded", "it succeeds", job)
        return dict(job["result"])

    def exports_a_plan(self) -> None:
        """Made once, although an answer is lost half-way."""
        with self.narrator.step("A learning plan is exported to Notion, and an answer is lost half-way"):
            if self._left() < 2:
                self.narrator.tell("(This month's exports were used up in an earlier telling.)")
                return
            self.plan = self._plan()
            self._put(self.plan)
            self.fault("notion", LOST_MODULE)
            result = self._export()
            self.narrator.check(result["created"] == 9, "a plan, two modules and six tasks were made", result)
            own = self.page(self.plan["title"])
            titles = [page["title"] for page in own["below"]]
            self.narrator.check(titles == ["Ownership", "Types"], "each page is there once", titles)
            self._show_blocks(own["below"][0]["blocks"], 6)

    def exports_what_changed(self) -> None:
        """Only what changed in the plan is written, and what Alice wrote stays."""
        with self.narrator.step("Three changes of the plan, and one by Alice in Notion"):
            if self._left() != 1:
                return
            blocks = self.page(self.plan["title"])["below"][0]["blocks"]
            self.control(
                "notion", "/_control/people", {"does": "edits", "block": blocks[0]["id"], "text": "My own words"}
            )
            first, second = self.plan["modules"]
            first["tasks"][0]["title"] = "Read chapter 1 again"
            first["tasks"][1]["minutes"] = 60
            second["tasks"][2]["status"] = "done"
            self._put(self.plan)
            before = len(self.requests("notion"))
            result = self._export()
            writes = [it for it in self.requests("notion")[before:] if it["method"] != "GET"]
            self.narrator.check(len(writes) == 2, "two writes for the two changes that were free to be made", writes)
            reasons = [it["reason"] for it in result["conflicts"]]
            self.narrator.check(reasons == ["edited_in_notion"], "the third is reported", result)
            texts = [block["text"] for block in self.page(self.plan["title"])["below"][0]["blocks"]]
            self.narrator.check(texts[0] == "My own words", "and Alice's words are still there", texts)

    def undoes_the_last_export(self) -> None:
        """What it changed is as it was before, and what Alice wrote stays."""
        with self.narrator.step("The last export is undone"):
            if self._left() != 0 or not self.last:
                return
            before = len(self.requests("notion"))
            accepted = self.call("POST", f"{self.last}/undo", {})
            self.expect(accepted, 202, "the undo is on its way")
            job = self.wait_for_job(accepted.location)
            self.narrator.check(job["status"] == "succeeded", "it succeeds", job)
            writes = [it for it in self.requests("notion")[before:] if it["method"] != "GET"]
            self.narrator.check(len(writes) == 2, "two writes take back the two that were made", writes)
            below = self.page(self.plan["title"])["below"]
            texts = [block["text"] for page in below for block in page["blocks"]]
            self.narrator.check(texts[0] == "My own words", "Alice's words are still there", texts)
            self.narrator.check(not any("60 min" in text for text in texts), "and the rest is as it was", texts)

    def reaches_the_limit(self) -> None:
        """The free tier has two exports a month."""
        with self.narrator.step("A third export in the same month"):
            self._put(self._plan())
            refused = self._ask()
            self.expect(refused, 403, "is refused")
            problem = refused.json()
            shown = ("code", "tier", "used", "limit", "resets_at", "upgrade_url")
            self.narrator.tell(", ".join(f"{name}: {problem[name]}" for name in shown))
            self.narrator.check(
                problem["code"] == "quota_exceeded", "with what was used and where to get more", problem
            )
