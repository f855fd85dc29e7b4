"""What can be asked of a stack that runs in another terminal: a token, an answer to a sample event."""

import base64
import json
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError

from . import folders, stack, users
from .cloud import client
from .deployment import STACK
from .report import Failure, say


def _client(service: str) -> Any:
    return client(str(stack.describe()["aws_endpoint"]), service)


def token(name: str) -> str:
    """A fresh token of the user."""
    described = stack.describe()
    sign_in = described["sign_in"]
    people = users.Users(str(described["aws_endpoint"]), sign_in["pool"], sign_in["client"], sign_in["password"])
    try:
        return people.token(_client("cognito-idp"), name)
    except BotoCoreError:
        raise Failure("The local stack does not answer.", "Start one with `make run` in another terminal.") from None


def _with_tokens(payload: str) -> str:
    """Sample events say `Bearer <alice>`, because tokens end after a day and differ in every run."""
    for name in users.NAMES:
        if f"<{name}>" in payload:
            payload = payload.replace(f"<{name}>", token(name))
    return payload


def invoke(function: str, event: Path) -> int:
    """Sends an event from a file to a function, and prints the answer and the log. `<alice>` becomes her token."""
    if function not in folders.FUNCTIONS:
        raise Failure(f"There is no function {function!r}.", f"Choose one of: {', '.join(folders.FUNCTIONS)}.")
    try:
        payload = json.dumps(json.loads(event.read_text()))
    except (OSError, ValueError) as error:
        raise Failure(
            f"{event} is not a readable event ({type(error).__name__}).", "Sample events are in events/."
        ) from None
    answer = _client("lambda").invoke(FunctionName=f"{STACK}-{function}", Payload=_with_tokens(payload), LogType="Tail")
    body = answer["Payload"].read().decode()
    try:
        say(json.dumps(json.loads(body), indent=2, ensure_ascii=False))
    except ValueError:
        say(body)
    log = base64.b64decode(answer.get("LogResult", "")).decode(errors="replace")
    if log.strip():
        say("\nLog:\n" + log.rstrip())
    return 1 if answer.get("FunctionError") else 0
