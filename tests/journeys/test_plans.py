"""Learning plans: what is put is what is read, changes are counted, and nobody overwrites what they did not see."""

import unittest
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from local.http_client import Answer

from client import Journey, fresh


def plan(title: str, **task: Any) -> dict[str, Any]:
    """A plan of one task, which takes place on a morning in Berlin."""
    schedule = {"start": "2026-11-23T09:00", "end": "2026-11-23T09:45"}
    tasks = [{"id": "t1", "title": "Read chapter 4", "status": "todo", "schedule": schedule} | task]
    modules = [{"id": "m1", "title": "Ownership", "tasks": tasks}]
    return {"title": title, "time_zone": "Europe/Berlin", "modules": modules}


class Plans(Journey):
    """As alice, with a plan of her own."""

    def setUp(self) -> None:
        self.name = fresh("plan")
        self.path = f"/v1/plans/{self.name}"
        created = self.put(plan("Rust in 6 weeks"))
        self.assertEqual((created.status, created.headers["ETag"]), (201, '"1"'), created.text())
        self.created = created.json()

    def put(self, document: Any, if_match: str | None = None) -> Answer:
        """Puts the plan, at times only over the version that was seen."""
        return self.call("PUT", self.path, document, headers={"If-Match": if_match} if if_match else None)

    def delete(self, if_match: str | None = None) -> Answer:
        """Deletes the plan."""
        return self.call("DELETE", self.path, headers={"If-Match": if_match} if if_match else None)

    def test_a_plan_is_read_as_it_was_put(self) -> None:
        shown = self.call("GET", self.path)
        self.assertEqual((shown.status, shown.headers["ETag"]), (200, '"1"'), shown.text())
        document = shown.json()
        self.assertEqual((document["id"], document["version"], document["title"]), (self.name, 1, "Rust in 6 weeks"))
        (task,) = document["modules"][0]["tasks"]
        self.assertEqual(task["schedule"], {"start": "2026-11-23T09:00", "end": "2026-11-23T09:45"})
        self.assertEqual((task["reminders"], task["resources"], task["description"]), ([], [], ""))

    def test_a_change_is_a_version_and_a_repetition_is_none(self) -> None:
        again = self.put(plan("Rust in 6 weeks"))
        self.assertEqual((again.status, again.json()), (200, self.created))
        changed = self.put(plan("Rust in 6 weeks", status="done"))
        self.assertEqual((changed.status, changed.headers["ETag"]), (200, '"2"'), changed.text())
        self.assertEqual(changed.json()["created_at"], self.created["created_at"])
        shown = self.call("GET", self.path).json()
        self.assertEqual(shown["modules"][0]["tasks"][0]["status"], "done")

    def test_a_plan_is_in_the_list_until_it_is_deleted(self) -> None:
        self.assertEqual(self.listed(), self.created)
        self.assertEqual(self.delete().status, 204)
        self.assertIsNone(self.listed())
        self.refused(self.call("GET", self.path), 404, "not_found")
        self.refused(self.delete(), 404, "not_found")

    def listed(self) -> Any:
        """The plan as the list shows it, however many pages that takes."""
        cursor = ""
        while True:
            page = self.call("GET", f"/v1/plans?limit=100{cursor}").json()
            found = [it for it in page["items"] if it["id"] == self.name]
            if found or not page["next_cursor"]:
                return found[0] if found else None
            cursor = f"&cursor={page['next_cursor']}"

    def test_whoever_saw_an_older_version_is_told(self) -> None:
        self.assertEqual(self.put(plan("Mine"), '"1"').status, 200)
        self.refused(self.put(plan("Too late"), '"1"'), 412, "precondition_failed")
        self.refused(self.delete('"1"'), 412, "precondition_failed")
        self.refused(self.put(plan("No tag"), "1"), 400, "invalid_parameter")
        repeated = self.put(plan("Mine"), '"1"')
        self.assertEqual((repeated.status, repeated.headers["ETag"]), (200, '"2"'), "it is what was wished for")
        self.assertEqual(self.call("GET", self.path).json()["title"], "Mine")
        self.assertEqual(self.put(plan("Any"), "*").status, 200)
        self.assertEqual(self.delete('"3"').status, 204)

    def test_of_parallel_changes_of_one_version_one_wins(self) -> None:
        with ThreadPoolExecutor(4) as at_once:
            answers = list(at_once.map(lambda number: self.put(plan(f"By {number}"), '"1"'), range(4)))
        winners = [it for it in answers if it.status == 200]
        self.assertEqual(len(winners), 1, [it.text()[:200] for it in answers])
        self.assertLessEqual({it.status for it in answers}, {200, 409, 412})
        self.assertEqual(self.call("GET", self.path).json()["title"], winners[0].json()["title"])

    def test_a_plan_says_all_that_is_wrong_with_it(self) -> None:
        task = "/modules/0/tasks/0"
        skipped = {"start": "2026-03-29T02:30", "end": "2026-03-29T04:00"}
        answer = self.put(plan(" ", minutes=0, schedule=skipped))
        self.refused(answer, 422, "validation_failed")
        pointers = {it["pointer"] for it in answer.json()["errors"]}
        self.assertEqual(pointers, {"/title", f"{task}/minutes", f"{task}/schedule/start"})
        self.refused(self.put(plan("Skipped", schedule=skipped)), 422, "invalid_schedule")
        self.refused(self.put(plan("Elsewhere") | {"time_zone": "Mars/Olympus"}), 422, "invalid_time_zone")
        many = [{"method": "popup", "minutes_before": it} for it in range(6)]
        self.refused(self.put(plan("Loud", reminders=many)), 422, "too_many_reminders")
        self.assertEqual(self.call("GET", self.path).json()["version"], 1, "what was refused changed nothing")

    def test_a_plan_of_350_000_bytes_is_accepted_and_a_larger_one_is_not(self) -> None:
        texts = [{"id": f"m{it}", "title": "Long", "description": "x" * 87_000} for it in range(4)]
        self.assertEqual(self.put({"title": "Long", "modules": texts}).status, 200)
        longer = [*texts, {"id": "m4", "title": "Too long", "description": "x" * 2_000}]
        self.refused(self.put({"title": "Too long", "modules": longer}), 413, "payload_too_large")
        self.assertEqual(len(self.call("GET", self.path).json()["modules"]), 4)

    def test_bob_does_not_see_it(self) -> None:
        self.refused(self.call("GET", self.path, user="bob"), 404, "not_found")
        self.refused(self.call("DELETE", self.path, user="bob"), 404, "not_found")
        own = self.call("PUT", self.path, plan("Bob's"), user="bob")
        self.assertEqual((own.status, own.json()["version"]), (201, 1), own.text())
        self.assertEqual(self.call("GET", self.path).json()["title"], "Rust in 6 weeks")


if __name__ == "__main__":
    unittest.main()
