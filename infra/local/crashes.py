"""The part of the story in which a function is killed in the middle of its work."""

import base64
import json
import os
import signal
import subprocess
import time

from .browser import Browser
from .calendars import Calendars
from .cloud import client
from .deployment import STACK

# The first module's page is made, and the answer takes longer than the function lives.
SLOW_MODULE = {"method": "POST", "path": "/v1/pages$", "after": 1, "kind": "delay_ms", "delay_ms": 20000, "times": 1}
# So long nobody touches what a dead one worked on.
LEASE_S = 121


class Crashes(Calendars):
    """Carol's plan, whose export is killed half-way."""

    # Where the job is whose function was killed, and when that was.
    killed = ""
    killed_at = 0.0

    def kills_an_export(self) -> None:
        """While Notion makes a page."""
        step = self.narrator.step("Carol exports a plan to Notion, and the function is killed half-way")
        with step, self.acting("carol"):
            self._connect_carol()
            if self._left() == 0:
                self.narrator.tell("(This month's exports were used up in earlier tellings.)")
                return
            self.carols_plan = {**self._plan(), "title": f"Go in 6 weeks [{self.telling}]"}
            self._put(self.carols_plan)
            self.fault("notion", SLOW_MODULE)
            before = len(self.requests("notion"))
            accepted = self._ask(page="Bob's notes")
            self.expect(accepted, 202, f"the export is on its way: {accepted.location}")
            self._wait_for_creations(before)
            self._kill("notion-export")
            self.killed, self.killed_at = accepted.location, time.monotonic()
            job = self.call("GET", self.killed).json()
            self.narrator.check(job["status"] == "running", "the process is gone, and the job stands as it was", job)

    def _connect_carol(self) -> None:
        """In Notion she is somebody else than Alice."""
        browser = Browser()
        session = self.call("POST", "/v1/connect-sessions", {"provider": "notion", "return_to": "/integrations"})
        page = browser.open(f"{browser.open(session.json()['connect_url']).location}&person=Bob")
        back = browser.open(browser.press(page, "Allow").location)
        self.narrator.check("connected=notion" in back.location, "she connects an account of her own", back.location)

    def _wait_for_creations(self, before: int) -> None:
        deadline, made = time.monotonic() + 60, 0
        while made < 2 and time.monotonic() < deadline:
            time.sleep(0.1)
            asked = [(it["method"], it["path"]) for it in self.requests("notion")[before:]]
            made = asked.count(("POST", "/v1/pages"))
        self.narrator.check(made == 2, "the plan's page is made and the first module's, whose answer is late", made)

    def _kill(self, function: str) -> None:
        """Ends the function's process without a word, as a machine that fails."""
        configuration = client(self.aws, "lambda").get_function(FunctionName=f"{STACK}-{function}")["Configuration"]
        # The local AWS runs what it unpacked into a folder with this name.
        folder = base64.b64decode(configuration["CodeSha256"]).hex()
        listed = subprocess.run(["ps", "-axww", "-o", "pid=,command="], capture_output=True, text=True, check=True)
        pids = [int(line.split()[0]) for line in listed.stdout.splitlines() if f"{folder}/bootstrap" in line]
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        self.narrator.check(bool(pids), f"{function} is killed", listed.stdout)

    def finishes_the_export(self) -> None:
        """Whoever takes over finds what the dead one made."""
        if not self.killed:
            return
        with self.narrator.step("The export that was killed is finished"), self.acting("carol"):
            left = max(0, round(self.killed_at + LEASE_S - time.monotonic()))
            self.narrator.tell(f"(Nobody touches it until the dead one's lease of 2 minutes ends, {left} s from now.")
            self.narrator.tell(" The queue hands its message over again after 3 minutes; here it is handed over now.)")
            while time.monotonic() < self.killed_at + LEASE_S:
                time.sleep(0.2)
            self._hand_over_again()
            job = self.wait_for_job(self.killed)
            self.narrator.check(job["status"] == "succeeded", "it succeeds", job)
            own = self.page(self.carols_plan["title"])
            titles = [page["title"] for page in own["below"]]
            self.narrator.check(titles == ["Ownership", "Types"], "each page is there once", titles)
            tasks = [block for page in own["below"] for block in page["blocks"] if block["type"] == "to_do"]
            self.narrator.check(len(tasks) == 6, "and each task", tasks)

    def _hand_over_again(self) -> None:
        claims = self.token.split(".")[1]
        user = json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))["sub"]
        job = self.killed.rsplit("/", 1)[1]
        message = json.dumps({"kind": "export", "user": user, "job": job, "version": 0})
        queues = client(self.aws, "sqs")
        url = queues.get_queue_url(QueueName=f"{STACK}-jobs.fifo")["QueueUrl"]
        # The message that was with the dead one still holds its own group.
        queues.send_message(QueueUrl=url, MessageBody=message, MessageGroupId=job, MessageDeduplicationId=job)
