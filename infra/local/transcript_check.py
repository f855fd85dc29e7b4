"""Checks a draft's evidence against the recording's WebVTT file, independently of the product's own reader."""

import re
from typing import Any

_TIME = re.compile(r"(?:(\d+):)?(\d\d):(\d\d)\.(\d{3}) --> ")
_TAG = re.compile(r"<[^>]*>")


def cues(transcript: str) -> dict[str, tuple[int, str]]:
    """Start in milliseconds and spoken text of each numbered cue."""
    found = {}
    for block in re.split(r"\n\n+", transcript.replace("\r\n", "\n")):
        lines = block.strip().split("\n")
        if len(lines) >= 3 and (time := _TIME.match(lines[1])):
            hours, minutes, seconds, thousandths = (int(part or 0) for part in time.groups())
            start_ms = ((hours * 60 + minutes) * 60 + seconds) * 1000 + thousandths
            text = _TAG.sub("", " ".join(lines[2:]))
            found[lines[0]] = (start_ms, text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"))
    return found


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower()))


def unsupported(draft: dict[str, Any], transcript: str) -> list[str]:
    """What is wrong with the evidence: cues that do not exist, words that were not said there."""
    said = cues(transcript)
    wrong = []
    for entry in draft["evidence"]:
        missing = [cue for cue in entry["cue_ids"] if cue not in said]
        if missing:
            wrong.append(f"{entry['pointer']} cites cues that do not exist: {missing}")
            continue
        spoken = _plain(" ".join(said[cue][1] for cue in entry["cue_ids"]))
        if _plain(entry["quote"]) not in spoken:
            wrong.append(f"{entry['pointer']} quotes {entry['quote']!r}, which was not said there")
        if entry["start_ms"] != said[entry["cue_ids"][0]][0]:
            wrong.append(f"{entry['pointer']} starts at {entry['start_ms']} ms, the cue does not")
    return wrong
