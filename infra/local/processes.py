"""Child processes that end when the stack ends, and the remains of a stack that was killed."""

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from . import folders
from .report import Failure


def started_at(pid: int) -> str:
    """When the process started, or nothing when there is none. Tells a process from a later one with the same id."""
    shown = subprocess.run(["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return shown.stdout.strip()


def is_gone(pid: int) -> bool:
    """Whether no process has this id."""
    return not started_at(pid)


class Child:
    """A program running in a process group of its own, with its output in a log file."""

    def __init__(self, name: str, command: Sequence[str], environment: Mapping[str, str]) -> None:
        folders.LOGS.mkdir(parents=True, exist_ok=True)
        self.name = name
        self.log = folders.LOGS / f"{name}.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                command,
                env=dict(environment),
                cwd=folders.ROOT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        remember(name, self.process.pid)

    def ensure_running(self) -> None:
        """Fails with the end of the log when the program has ended."""
        if self.process.poll() is not None:
            tail = "\n".join(self.log.read_text(errors="replace").splitlines()[-15:])
            raise Failure(
                f"{self.name} ended with exit code {self.process.returncode}. Its last words:\n{tail}",
                f"Read {folders.shown(self.log)}, then run the command again.",
            )

    def stop(self) -> None:
        """Asks the whole group to end, and insists after five seconds."""
        end_group(self.process.pid, lambda: self.process.poll() is not None)
        self.process.wait()


def end_group(pid: int, ended: Callable[[], bool]) -> None:
    """Ends a process group that this stack started."""
    for how, patience_s in ((signal.SIGTERM, 5.0), (signal.SIGKILL, 5.0)):
        try:
            os.killpg(pid, how)
        except (ProcessLookupError, PermissionError):
            return
        deadline = time.monotonic() + patience_s
        while time.monotonic() < deadline:
            if ended():
                break
            time.sleep(0.05)
        else:
            continue
        # The leader is gone; whoever of its group still runs is ended without further ado.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)
        return


def remember(name: str, pid: int) -> None:
    """Notes a child, so that a later run can end it should this one be killed."""
    noted = recorded()
    noted.append({"name": name, "pid": pid, "started": started_at(pid)})
    folders.PROCESS_FILE.write_text(json.dumps(noted, indent=1))


def recorded() -> list[dict[str, object]]:
    """The children noted by the run that wrote the file last."""
    try:
        return list(json.loads(folders.PROCESS_FILE.read_text()))
    except (OSError, ValueError):
        return []


def end_leftovers() -> list[str]:
    """Ends what a killed run left behind, and names it. A process id that was given away again is left alone."""
    ended = []
    for entry in recorded():
        pid, started = int(str(entry["pid"])), str(entry["started"])
        if started and started_at(pid) == started:
            end_group(pid, partial(is_gone, pid))
            ended.append(str(entry["name"]))
    folders.PROCESS_FILE.unlink(missing_ok=True)
    return ended
