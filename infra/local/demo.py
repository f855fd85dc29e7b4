"""The story: a recording becomes a Notion ticket, with luck and without, and learning plans become pages and events."""

import json
import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

from . import folders
from .browser import Browser
from .crashes import Crashes
from .http_client import Answer, send_json
from .narrator import DoesNotHold
from .report import say
from .transcript_check import unsupported

LOST_CREATION = {"method": "POST", "path": "/v1/pages$", "kind": "lose_answer", "times": 1}


def tell(running: dict[str, Any]) -> int:
    """Tells the story on a running stack. The exit code is 0 only if every promise held."""
    story = Story(running)
    try:
        for part in (
            story.connects_notion,
            story.picks_a_database,
            story.kills_an_export,
            story.records,
            story.drafts,
            story.creates_the_page,
            story.loses_the_answer,
            story.loses_the_language_model,
            story.takes_a_smaller_database,
            story.transcribes_on_demand,
            story.exports_a_plan,
            story.exports_what_changed,
            story.undoes_the_last_export,
            story.reaches_the_limit,
            story.keeps_a_calendar_in_step,
            story.finishes_the_export,
        ):
            part()
    except (DoesNotHold, OSError, KeyError, ValueError, IndexError) as broken:
        what = str(broken) if isinstance(broken, DoesNotHold) else f"{type(broken).__name__}: {broken}"
        say(f"\nThe story ended early: {what}")
        say(f"What the functions said is in {folders.shown(folders.LOGS)}.")
        return 1
    say(f"\nAll {story.narrator.checks} promises held, in {story.narrator.duration_s():.1f} s.")
    return 0


def outcome(answer: Answer) -> str:
    """A status, with the code of a refusal."""
    return f"{answer.status} {answer.json().get('code', '')}".rstrip()


class Story(Crashes):
    """What happens, in order."""

    # ---- The lucky version ---------------------------------------------------------------------------------------

    def connects_notion(self) -> None:
        """Through the whole consent, as a browser sees it."""
        narrator, browser = self.narrator, Browser()
        with narrator.step("Alice connects Notion"):
            session = self.call("POST", "/v1/connect-sessions", {"provider": "notion", "return_to": "/integrations"})
            self.expect(session, 201, "a connect session is made, good for ten minutes")
            link = session.json()["connect_url"]
            start = browser.open(link)
            self.expect(start, 302, "its link leads to Notion's consent page")
            narrator.check("__Host-oauth" in browser.cookies(link), "the browser is remembered in a __Host- cookie")
            page = browser.open(start.location)
            self.expect(page, 200, "Notion asks what Patchbay may see")
            allowed = browser.press(page, "Allow")
            narrator.check(allowed.status in (302, 303), "Alice allows it", allowed.text()[:400])
            back = browser.open(allowed.location)
            self.expect(back, 303, "Patchbay takes the code and sends her back")
            query = parse_qs(urlsplit(back.location).query)
            narrator.check(query.get("connected") == ["notion"], "to where she came from, connected", back.location)
            again = browser.open(allowed.location)
            narrator.check(
                "error=invalid_state" in again.location, "the same answer of Notion works only once", again.location
            )
            self.expect(Browser().open(link), None, "and so does the link")
            connection = self.call("GET", "/v1/connections/notion").json()
            narrator.check(
                connection["status"] == "active", f"connected to {connection['account']['name']!r}", connection
            )
            stranger = send_json("GET", f"{self.api}/v1/connections/notion")
            narrator.check(stranger.status == 401, "nobody without a token sees that", stranger.text())

    def picks_a_database(self) -> None:
        """From the list of what she shared."""
        with self.narrator.step("She picks the database for tickets"):
            found = self.call("GET", "/v1/connections/notion/databases").json()["items"]
            self.narrator.tell("she shared: " + ", ".join(it["name"] for it in found))
            self.choose("Product tickets")

    def records(self) -> None:
        """Her product hands over the recording and its transcript."""
        with self.narrator.step("A recording with a transcript arrives"):
            answer = self.put_video("walkthrough", "Checkout loses discount codes", transcript=self.transcript)
            self.narrator.check(answer.json()["status"] == "complete", "its transcript is complete", answer.text())

    def drafts(self) -> None:
        """With evidence for what it says."""
        with self.narrator.step("Patchbay drafts the ticket"):
            answer = self.call("POST", f"/v1/videos/{self.video('walkthrough')}/ticket-draft", {})
            self.expect(answer, 200, "a draft is there")
            self.draft = answer.json()
            self.show_draft(self.draft)
            self.narrator.tell(
                "(The model is a stand-in that copies sentences: what counts here is that quotes are checked."
            )
            self.narrator.tell(" The links lead into the host product's player, which is not part of this.)")
            self.narrator.check(self.draft["source"] == "llm", "written by the language model")
            wrong = unsupported(self.draft, self.transcript)
            self.narrator.check(not wrong, "every quote was said where it is cited", "\n".join(wrong))
            cited = {entry["pointer"] for entry in self.draft["evidence"]}
            self.narrator.check("/description" in cited, "the description has evidence", cited)

    def creates_the_page(self) -> None:
        """After a look and an edit."""
        with self.narrator.step("Alice edits the draft and creates the page"):
            title = f"Discount code is lost when the address changes [{self.telling}]"
            answer = self.create("walkthrough", title, key=f"create-{self.telling}", product_area="Checkout")
            self.expect(answer, 201, "the page is created")
            made = answer.json()
            self.narrator.tell(made["url"])
            self.narrator.check(made["unmapped"] == [], "every value has its property", made["unmapped"])
            again = self.create("walkthrough", title, key=f"create-{self.telling}", product_area="Checkout")
            self.narrator.check(
                again.json() == made and again.headers.get("Idempotency-Replayed") == "true",
                "the same request again gives the first answer",
                again.text(),
            )
            pages = self.pages("Product tickets", title)
            self.narrator.check(len(pages) == 1, "Notion holds one page of this title", [it.get("id") for it in pages])
            self.narrator.tell("In Notion:")
            self.show_page(pages[0])

    # ---- The unlucky versions ------------------------------------------------------------------------------------

    def loses_the_answer(self) -> None:
        """Notion makes the page, and nobody hears of it. Once it can be looked up at once, once only later."""
        with self.narrator.step("Unlucky: Notion's answer to the creation is lost"):
            title, key = f"Code counts as used without an order [{self.telling}]", f"lost-{self.telling}"
            self.fault("notion", LOST_CREATION)
            first = self.create("walkthrough", title, key)
            self.narrator.tell(f"the request is answered with {outcome(first)}")
            self._ends_with_one_page(title, key, first)
        with self.narrator.step("Unluckier: the answer is lost, and then Notion is down"):
            title, key = f"Support cannot reissue a used code [{self.telling}]", f"down-{self.telling}"
            self.fault("notion", LOST_CREATION)
            self.fault("notion", {"path": "/v1/", "kind": "status", "status": 503, "times": 1000})
            first = self.create("walkthrough", title, key)
            self.narrator.check(
                first.status in (502, 503), f"the request is answered with {outcome(first)}", first.text()
            )
            self.lift_faults("notion")
            self.narrator.tell("Notion is back")
            self._ends_with_one_page(title, key, first)

    def _ends_with_one_page(self, title: str, key: str, last: Answer) -> None:
        deadline = time.monotonic() + 90
        while last.status != 201 and time.monotonic() < deadline:
            time.sleep(min(float(last.headers.get("Retry-After") or 1), 30))
            last = self.create("walkthrough", title, key)
            self.narrator.tell(f"repeated with the same Idempotency-Key: {outcome(last)}")
        self.expect(last, 201, "in the end the request succeeds")
        again = self.create("walkthrough", title, key)
        self.narrator.check(again.json() == last.json(), "repeated once more it gives the same answer", again.text())
        pages = self.pages("Product tickets", title)
        self.narrator.check(len(pages) == 1, "and there is one page of this title", [it["id"] for it in pages])
        self.narrator.check(pages[0]["id"] == last.json()["page_id"], "the one that Notion made at first")
        posted = [it for it in self.requests("notion") if (it["method"], it["path"]) == ("POST", "/v1/pages")]
        self.narrator.check(posted[-1]["fault"] == "lose_answer", "it was found: nothing was sent twice", posted[-2:])

    def loses_the_language_model(self) -> None:
        """Rules take over."""
        with self.narrator.step("Unlucky: the language model is down"):
            # Another transcript: the draft of the first one is remembered.
            told_later = self.transcript.replace("Tuesday", "Monday")
            self.control("openai", "/_control/down", {"down": True})
            try:
                self.put_video("by-rules", "The same, told later", transcript=told_later)
                answer = self.call("POST", f"/v1/videos/{self.video('by-rules')}/ticket-draft", {})
            finally:
                self.control("openai", "/_control/down", {"down": False})
            self.expect(answer, 200, "there is a draft nevertheless")
            draft = answer.json()
            self.show_draft(draft)
            self.narrator.check(draft["source"] == "rules", "made by rules")
            wrong = unsupported(draft, told_later)
            self.narrator.check(not wrong, "and every quote of it was said", "\n".join(wrong))

    def takes_a_smaller_database(self) -> None:
        """A value without a property goes into the page's text."""
        with self.narrator.step("A database without a Priority property"):
            self.choose("Ideas")
            title = f"Keep discounts through address changes [{self.telling}]"
            answer = self.create("walkthrough", title, key=f"ideas-{self.telling}")
            self.expect(answer, 201, "the page is created all the same")
            unmapped = answer.json()["unmapped"]
            self.narrator.check("Priority" in unmapped, f"and the answer says what has no property: {unmapped}")
            page = json.dumps(self.pages("Ideas", title)[0])
            self.narrator.check(str(self.draft["priority"]) in page, "the priority is in the page's text", page)
            self.choose("Product tickets")

    def transcribes_on_demand(self) -> None:
        """A recording without a transcript."""
        narrator = self.narrator
        with narrator.step("A recording without a transcript is transcribed"):
            answer = self.put_video("spoken", "A spoken report", media_url="https://media.example.com/spoken.mp4")
            narrator.check(answer.json()["status"] == "none", "there is no transcript", answer.text())
            path = f"/v1/videos/{self.video('spoken')}"
            refused = self.call("POST", f"{path}/ticket-draft", {})
            narrator.check(
                refused.status in (409, 422), f"so a draft is refused: {refused.json().get('code')}", refused.text()
            )
            accepted = self.call("POST", f"{path}/transcription", key=f"transcribe-{self.telling}")
            self.expect(accepted, 202, f"Deepgram is asked; the job is {accepted.location}")
            job = self.wait_for_job(accepted.location)
            narrator.check(job["status"] == "succeeded", "the job succeeds", job)
            draft = self.call("POST", f"{path}/ticket-draft", {})
            self.expect(draft, 200, "and the draft is there")
            self.show_draft(draft.json())
