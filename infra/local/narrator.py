"""How the demo speaks: numbered steps with their durations, facts under them, and checks that must hold."""

import textwrap
import time
from collections.abc import Iterator
from contextlib import contextmanager

from .report import say


class DoesNotHold(Exception):
    """Something the product promises was not so."""


class Narrator:
    """Counts steps and checks."""

    def __init__(self) -> None:
        self.steps = 0
        self.checks = 0
        self._started = time.monotonic()

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """One step; what is told inside appears under its title."""
        self.steps += 1
        say(f"\n{self.steps:2}. {title}")
        started = time.monotonic()
        yield
        say(f"    ── {(time.monotonic() - started) * 1000:.0f} ms")

    def tell(self, text: str, indent: int = 4) -> None:
        """A fact, wrapped to the width of a terminal."""
        for line in text.splitlines() or [""]:
            say(
                textwrap.fill(
                    line,
                    width=110,
                    initial_indent=" " * indent,
                    subsequent_indent=" " * (indent + 2),
                    break_on_hyphens=False,
                    break_long_words=False,
                )
            )

    def check(self, holds: bool, promise: str, otherwise: object = "") -> None:
        """A promise; the demo ends where one does not hold."""
        self.checks += 1
        say(f"    {'✓' if holds else '✗'} {promise}")
        if not holds:
            raise DoesNotHold(f"{promise}\n{otherwise}".rstrip())

    def duration_s(self) -> float:
        """How long the story has taken so far."""
        return time.monotonic() - self._started
