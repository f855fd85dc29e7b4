"""Copies what the functions log into files a person can follow."""

import threading
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from . import folders
from .cloud import Cloud
from .deployment import STACK

# The local AWS gives lines no id: stream, time and text tell them apart.
Line = tuple[str, int, str]


def _line(event: dict[str, Any]) -> Line:
    return str(event.get("logStreamName", "")), int(event["timestamp"]), str(event["message"])


class FunctionLogs:
    """Reads the functions' log groups every second until told to stop."""

    def __init__(self, cloud: Cloud) -> None:
        self._logs: Any = cloud.client("logs")
        self._seen: dict[str, set[Line]] = {name: set() for name in folders.FUNCTIONS}
        self._since: dict[str, int] = dict.fromkeys(folders.FUNCTIONS, 0)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._follow, daemon=True)

    def start(self) -> None:
        """Begins with empty files."""
        for name in folders.FUNCTIONS:
            (folders.LOGS / f"{name}.log").write_text("")
        self._thread.start()

    def stop(self) -> None:
        """Copies what is left, and ends."""
        self._stopping.set()
        self._thread.join(timeout=5)

    def _follow(self) -> None:
        while not self._stopping.wait(1.0):
            self._copy_all()
        self._copy_all()

    def _copy_all(self) -> None:
        for name in folders.FUNCTIONS:
            try:
                self._copy(name)
            except (BotoCoreError, ClientError, OSError):
                # The group does not exist before the first line, and the local AWS may be on its way out.
                continue

    def _copy(self, name: str) -> None:
        found = self._logs.filter_log_events(
            logGroupName=f"/aws/lambda/{STACK}-{name}", startTime=self._since[name], limit=10_000
        )
        seen = self._seen[name]
        fresh = [line for line in map(_line, found["events"]) if line not in seen]
        if not fresh:
            return
        with (folders.LOGS / f"{name}.log").open("a") as log:
            log.writelines(text.rstrip("\n") + "\n" for _, _, text in fresh)
        # Lines of the same millisecond may still arrive, so that one is asked for again.
        self._since[name] = max(time for _, time, _ in fresh)
        self._seen[name] = {line for line in (*seen, *fresh) if line[1] >= self._since[name]}
