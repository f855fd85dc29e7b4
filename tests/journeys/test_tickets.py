"""One page for one wish: repeated, parallel and changed requests; and how much a recording may hold."""

import time
import unittest
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from local.http_client import Answer

from client import Journey, fresh

MEBIBYTE = 1024 * 1024


class Tickets(Journey):
    """As alice, in the database of the demo."""

    def setUp(self) -> None:
        self.ready_for_tickets("alice")
        self.video = self.put_video()
        self.title = fresh("Export crashes")

    def create(self, key: str, **more: Any) -> Answer:
        """Asks for a page."""
        ticket = {"title": self.title, "ticket_type": "Bug", "priority": "High", "description": "It crashes."}
        return self.call("POST", f"/v1/videos/{self.video}/tickets", ticket | more, key=key)

    def create_until_done(self, key: str) -> Answer:
        """Repeats as long as it is told that the first request is still running."""
        deadline = time.monotonic() + 20
        while True:
            answer = self.create(key)
            if answer.json().get("code") != "in_progress" or time.monotonic() > deadline:
                return answer
            time.sleep(0.1)

    def test_a_repeated_request_is_answered_as_the_first_time(self) -> None:
        key = fresh("ticket")
        first, again = self.create(key), self.create(key)
        self.assertEqual((first.status, again.status), (201, 201), first.text())
        self.assertEqual(first.body, again.body)
        self.assertIsNone(first.headers["Idempotency-Replayed"])
        self.assertEqual(again.headers["Idempotency-Replayed"], "true")
        self.assertEqual(len(self.pages(self.title)), 1)

    def test_a_key_does_not_stand_for_another_body(self) -> None:
        key = fresh("ticket")
        self.assertEqual(self.create(key).status, 201)
        self.refused(self.create(key, priority="Low"), 422, "idempotency_key_reused")
        self.assertEqual(len(self.pages(self.title)), 1)

    def test_parallel_equal_requests_make_one_page(self) -> None:
        key = fresh("ticket")
        with ThreadPoolExecutor(4) as at_once:
            answers = list(at_once.map(lambda _: self.create_until_done(key), range(4)))
        self.assertEqual([it.status for it in answers], [201] * 4, [it.text()[:200] for it in answers])
        self.assertEqual(len({it.body for it in answers}), 1)
        (page,) = self.pages(self.title)
        self.assertEqual(page["id"], answers[0].json()["page_id"])

    def test_without_a_key_every_request_is_a_wish_of_its_own(self) -> None:
        path, ticket = f"/v1/videos/{self.video}/tickets", {"title": self.title}
        made = {self.call("POST", path, ticket).json()["page_id"] for _ in range(2)}
        self.assertEqual({page["id"] for page in self.pages(self.title)}, made)
        self.assertEqual(len(made), 2)

    def test_a_ticket_says_all_that_is_wrong_with_it(self) -> None:
        answer = self.create(fresh("ticket"), title=" ", description="x" * 100_001)
        self.refused(answer, 422, "validation_failed")
        self.assertEqual({it["pointer"] for it in answer.json()["errors"]}, {"/title", "/description"})

    def test_a_draft_can_be_filed_as_it_is(self) -> None:
        draft = self.call("POST", f"/v1/videos/{self.video}/ticket-draft")
        self.assertEqual(draft.status, 200, draft.text())
        made = self.create(fresh("ticket"), **draft.json() | {"title": self.title, "product_area": "Invoices"})
        self.assertEqual(made.status, 201, made.text())


class Sizes(Journey):
    """What is accepted and what is too much."""

    def transcript(self, size: int) -> str:
        """WebVTT of exactly this size."""
        cue = "\n00:{:02}:{:02}.000 --> 00:{:02}:{:02}.900\nThe page crashes again and again when I press Export.\n"
        cues = (cue.format(it // 60 % 60, it % 60, it // 60 % 60, it % 60) for it in range(size // len(cue)))
        text = "WEBVTT\n" + "".join(cues)
        return text[:size].ljust(size, "\n")

    def test_two_mebibytes_of_transcript_are_accepted_and_not_a_byte_more(self) -> None:
        path = f"/v1/videos/{fresh('long')}"
        put = self.call("PUT", path, {"name": "Long", "transcript": self.transcript(2 * MEBIBYTE)})
        self.assertEqual((put.status, put.json()["status"]), (201, "complete"), put.text()[:500])
        more = self.call("PUT", path, {"name": "Longer", "transcript": self.transcript(2 * MEBIBYTE + 1)})
        self.refused(more, 413, "payload_too_large")
        self.assertEqual(self.call("GET", path).json()["name"], "Long", "what was refused changed nothing")

    def test_a_body_of_five_mebibytes_is_too_large(self) -> None:
        path = f"/v1/videos/{fresh('huge')}"
        answer = self.call("PUT", path, b'{"name":"' + b"x" * (5 * MEBIBYTE) + b'"}')
        self.refused(answer, 413, "payload_too_large")
        self.refused(self.call("GET", path), 404, "not_found")

    def test_what_is_no_json_is_refused_by_its_kind(self) -> None:
        path = f"/v1/videos/{fresh('odd')}"
        self.refused(self.call("PUT", path, b'{"name":"a","name":"b"}'), 400, "invalid_json")
        self.refused(self.call("PUT", path, {"name": "a", "colour": "red"}), 422, "validation_failed")
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        self.refused(self.call("PUT", path, b"name=a", headers=form), 415, "unsupported_media_type")
        self.refused(self.call("GET", path), 404, "not_found")


if __name__ == "__main__":
    unittest.main()
