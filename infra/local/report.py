"""What the person at the terminal sees: one line per step with its duration, and failures that say what to do."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager


class Failure(Exception):
    """Something went wrong that the person can do something about."""

    def __init__(self, what: str, advice: str) -> None:
        super().__init__(what)
        self.what = what
        self.advice = advice

    def __str__(self) -> str:
        return f"{self.what}\n  What to do: {self.advice}"


def say(text: str = "") -> None:
    """Prints a line at once, also into a pipe."""
    print(text, flush=True)


@contextmanager
def step(what: str) -> Iterator[None]:
    """Prints what is being done, and how long it took."""
    started = time.monotonic()
    on_terminal = sys.stdout.isatty()
    if on_terminal:
        print(f"  … {what}", end="", flush=True)
    try:
        yield
    except BaseException:
        print(f"{chr(13) if on_terminal else ''}  ✗ {what}", flush=True)
        raise
    print(f"{chr(13) if on_terminal else ''}  ✓ {what} ({time.monotonic() - started:.1f} s)", flush=True)
