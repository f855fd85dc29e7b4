"""The official Python client against the Google stand-in. usage: examine_google.py <address of the stand-in>"""

import json
import sys
import urllib.parse
import urllib.request
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from google.auth.exceptions import RefreshError
from google.auth.transport.requests import Request
from google.oauth2.credentials import Credentials
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError
from googleapiclient.http import BatchHttpRequest

ROOT = sys.argv[1]
REDIRECT = "http://127.0.0.1:9/callback"
CLIENT = {"client_id": "python", "client_secret": "s3cret"}
EVENTS = "https://www.googleapis.com/auth/calendar.events"
LIST = "https://www.googleapis.com/auth/calendar.calendarlist.readonly"


def post(path: str, body: bytes, kind: str) -> Any:
    """The answer to a request past the library."""
    request = urllib.request.Request(f"{ROOT}/{path}", data=body, headers={"content-type": kind}, method="POST")
    with urllib.request.urlopen(request, timeout=10) as response:
        assert response.status == 200
        return json.loads(response.read())


def control(path: str, order: object) -> Any:
    """Arranges something in the stand-in."""
    return post(f"_control/{path}", json.dumps(order).encode(), "application/json")


def connected(*scopes: str) -> Credentials:
    """The tokens of a new consent of Bob's."""
    order = {"person": "Bob", "client_id": "python", "redirect_uri": REDIRECT, "scopes": ["openid", *scopes]}
    fields = CLIENT | {"grant_type": "authorization_code", "redirect_uri": REDIRECT}
    form = urllib.parse.urlencode(fields | control("code", order)).encode()
    told = post("token", form, "application/x-www-form-urlencoded")
    return Credentials(told["access_token"], told["refresh_token"], token_uri=f"{ROOT}/token", **CLIENT)


def service(credentials: Credentials) -> Any:
    """The library's view of the API."""
    options = {"api_endpoint": f"{ROOT}/calendar/v3/"}
    return build("calendar", "v3", credentials=credentials, client_options=options, static_discovery=True)


def refused(status: int, reason: str, call: Callable[[], object]) -> None:
    """Fails unless the call is refused like this."""
    try:
        call()
    except HttpError as error:
        assert (error.status_code, error.error_details[0]["reason"]) == (status, reason), error
    else:
        raise AssertionError(f"{status} {reason} was expected")


def lesson(at: int) -> dict[str, Any]:
    """An hour on a day of its own, under an id of its own."""
    day = date(2026, 12, 1) + timedelta(days=at)
    times = {"start": {"dateTime": f"{day}T09:00:00-05:00"}, "end": {"dateTime": f"{day}T10:00:00-05:00"}}
    return times | {"id": f"lesson{at:03}", "summary": f"Lesson {at}"}


def batched(calls: dict[str, Any]) -> dict[str, Any]:
    """What each call of a batch came to: its answer or its status."""
    outcomes: dict[str, Any] = {}

    def note(name: str, answer: Any, error: HttpError | None) -> None:
        outcomes[name] = error.status_code if error else answer

    batch = BatchHttpRequest(callback=note, batch_uri=f"{ROOT}/batch/calendar/v3")
    for name, call in calls.items():
        batch.add(call, request_id=name)
    batch.execute()
    return outcomes


def examine_batches(events: Any) -> None:
    """Fifty calls at once, and calls of which some fail."""
    calls = {str(at): events.insert(calendarId="primary", body=lesson(at)) for at in range(50)}
    made = batched(calls)
    assert [made[str(at)]["id"] for at in range(50)] == [f"lesson{at:03}" for at in range(50)]
    mixed = {
        "again": events.insert(calendarId="primary", body=lesson(0)),
        "delete": events.delete(calendarId="primary", eventId="lesson049"),
        "missing": events.get(calendarId="primary", eventId="unheard0of"),
        "found": events.get(calendarId="primary", eventId="lesson001"),
    }
    outcomes = batched(mixed)
    assert (outcomes["again"], outcomes["missing"]) == (409, 404), outcomes
    assert (outcomes["delete"], outcomes["found"]["summary"]) == ("", "Lesson 1"), outcomes


def examine_sync(events: Any) -> None:
    """Page after page, then only what changed."""

    def everything(**parameters: Any) -> tuple[list[dict[str, Any]], str]:
        found: list[dict[str, Any]] = []
        request = events.list(calendarId="primary", maxResults=20, **parameters)
        while request is not None:
            answer = request.execute()
            found += answer["items"]
            request = events.list_next(request, answer)
        return found, answer["nextSyncToken"]

    found, token = everything()
    assert len(found) == 49, len(found)
    patch = {"summary": "Moved", "start": {"dateTime": "2026-12-02T08:00:00-05:00"}}
    request = events.patch(calendarId="primary", eventId="lesson001", body=patch)
    request.headers["If-Match"] = found[1]["etag"]
    assert request.execute()["sequence"] == 1
    refused(412, "conditionNotMet", request.execute)
    events.delete(calendarId="primary", eventId="lesson002").execute()
    refused(410, "deleted", events.delete(calendarId="primary", eventId="lesson002").execute)
    changed, _ = everything(syncToken=token)
    assert [(event["id"], event["status"]) for event in changed] == [
        ("lesson001", "confirmed"),
        ("lesson002", "cancelled"),
    ]
    control("people", {"does": "expires_sync_tokens"})
    refused(410, "fullSyncRequired", lambda: everything(syncToken=token))


def examine_tokens(credentials: Credentials) -> None:
    """Tokens that are renewed, cover too little, and end."""
    before = credentials.refresh_token
    credentials.refresh(Request())
    assert credentials.valid and credentials.refresh_token == before
    narrow = service(connected(LIST))
    assert narrow.calendarList().list().execute()["items"][0]["id"] == "bob@example.com"
    refused(403, "ACCESS_TOKEN_SCOPE_INSUFFICIENT", narrow.events().list(calendarId="primary").execute)
    control("people", {"does": "withdraws", "person": "Bob"})
    try:
        credentials.refresh(Request())
    except RefreshError as error:
        assert "invalid_grant" in str(error), error
    else:
        raise AssertionError("a grant that was withdrawn was refreshed")


def main() -> None:
    """Examines one thing after the other."""
    control("clients", CLIENT | {"redirect_uris": [REDIRECT]})
    credentials = connected(EVENTS, LIST)
    events = service(credentials).events()
    for what, examination in [
        ("batches", lambda: examine_batches(events)),
        ("synchronization", lambda: examine_sync(events)),
        ("tokens", lambda: examine_tokens(credentials)),
    ]:
        examination()
        print(f"ok  google: {what}, in Python")


main()
