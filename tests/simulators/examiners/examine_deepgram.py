"""The official Deepgram client against the stand-in. usage: examine_deepgram.py <address of the stand-in>"""

import inspect
import json
import queue
import sys
import threading
import urllib.request
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from deepgram import DeepgramClient, DeepgramClientEnvironment
from deepgram.core.api_error import ApiError
from deepgram.errors import BadRequestError
from deepgram.listen.v1.media.client import MediaClient
from deepgram.types import ListenV1AcceptedResponse, ListenV1Response

ROOT = sys.argv[1]
MEDIA = "https://media.test/recording.mp4?signature=1"
ONCE = {"max_retries": 0}
# A value for each parameter whose declared type does not say one.
VALUES = {
    "callback_method": "PUT",
    "custom_topic_mode": "strict",
    "custom_intent_mode": "strict",
    "diarize_model": "latest",
    "encoding": "linear16",
    "language": "en",
    "model": "nova-3",
    "summarize": "v2",
    "utt_split": 0.8,
    "version": "latest",
}


def media(key: str) -> MediaClient:
    """The client of whoever has this key."""
    environment = DeepgramClientEnvironment(base=ROOT, production=ROOT, agent=ROOT, agent_rest=ROOT)
    return DeepgramClient(api_key=key, environment=environment).listen.v1.media


CLIENT = media("dg-local")


def control(path: str, order: object) -> None:
    """Arranges something in the stand-in."""
    request = urllib.request.Request(f"{ROOT}/_control/{path}", data=json.dumps(order).encode(), method="POST")
    with urllib.request.urlopen(request, timeout=10) as response:
        assert response.status == 200


def refused(status: int, code: str, call: Callable[[], object], expected: type[ApiError] = ApiError) -> None:
    """Fails unless the call is refused like this."""
    try:
        call()
    except ApiError as error:
        assert isinstance(error, expected) and error.status_code == status, error
        body = error.body if isinstance(error.body, dict) else error.body.dict()
        assert body["err_code"] == code and body["err_msg"] and body["request_id"], body
    else:
        raise AssertionError(f"{status} {code} was expected")


class Receiver(BaseHTTPRequestHandler):
    """Takes callbacks."""

    arrived: queue.Queue = queue.Queue()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.arrived.put((self.command, self.path, self.headers, json.loads(body)))
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()

    do_PUT = do_POST

    def log_message(self, *_: object) -> None:
        pass


def examine_answers() -> None:
    """Without a callback the transcript is the answer, in the client's own types."""
    told = CLIENT.transcribe_url(url=MEDIA, model="nova-3", smart_format=True, diarize=True, utterances=True)
    assert isinstance(told, ListenV1Response), told
    words = told.results.channels[0].alternatives[0].words
    assert words and {word.speaker for word in words} == {0, 1}
    utterances = told.results.utterances
    assert [word.word for utterance in utterances for word in utterance.words] == [word.word for word in words]
    assert all(utterance.start <= utterance.end and utterance.words[0].punctuated_word for utterance in utterances)
    assert told.metadata.channels == 1 and told.metadata.duration > words[-1].end
    plain = CLIENT.transcribe_url(url=MEDIA, model="nova-2")
    assert plain.results.utterances is None and plain.results.channels[0].alternatives[0].words[0].speaker is None


def examine_parameters() -> None:
    """Every parameter the client declares is one the stand-in knows."""
    declared = inspect.signature(CLIENT.transcribe_url).parameters
    names = [name for name in declared if name not in ("url", "request_options")]
    assert len(names) > 35, names
    for name in names:
        if name == "callback":
            continue
        value = VALUES.get(name, True if "bool" in str(declared[name].annotation) else "word")
        told = CLIENT.transcribe_url(url=MEDIA, **{name: value}, request_options=ONCE)
        assert isinstance(told, ListenV1Response), name
    for name, value in (("keyterm", ["export", "invoice"]), ("tag", ["a", "b"])):
        assert isinstance(CLIENT.transcribe_url(url=MEDIA, **{name: value}), ListenV1Response)


def examine_callbacks(address: str) -> None:
    """With a callback the answer is an id, and what comes to the address is the transcript of that id."""
    control("processing", {"processing_ms": 0})
    accepted = CLIENT.transcribe_url(url=MEDIA, model="nova-3", utterances=True, callback=f"{address}/hook?job=1")
    assert isinstance(accepted, ListenV1AcceptedResponse) and not isinstance(accepted, ListenV1Response), accepted
    method, path, headers, body = Receiver.arrived.get(timeout=20)
    assert (method, path) == ("POST", "/hook?job=1") and headers["dg-token"], (method, path, headers)
    told = ListenV1Response(**body)
    assert told.metadata.request_id == accepted.request_id and told.results.utterances
    user = address.replace("//", "//user:pass@")
    accepted = CLIENT.transcribe_url(url=MEDIA, callback=f"{user}/put", callback_method="PUT")
    method, path, headers, body = Receiver.arrived.get(timeout=20)
    assert (method, path, headers["authorization"]) == ("PUT", "/put", "Basic dXNlcjpwYXNz")
    control("media", {"url": "https://media.test/corrupt.mp4", "kind": "corrupt"})
    accepted = CLIENT.transcribe_url(url="https://media.test/corrupt.mp4", callback=f"{address}/failed")
    failure = Receiver.arrived.get(timeout=20)[3]
    assert failure["request_id"] == accepted.request_id and failure["err_code"] and "metadata" not in failure, failure


def examine_refusals() -> None:
    """Each refusal reaches the caller with the status and the words of the vendor's form."""
    refused(401, "INVALID_AUTH", lambda: media("wrong").transcribe_url(url=MEDIA, request_options=ONCE))
    unknown = {"additional_query_parameters": {"modle": "nova-3"}, **ONCE}
    refused(400, "Bad Request", lambda: CLIENT.transcribe_url(url=MEDIA, request_options=unknown), BadRequestError)
    refused(400, "Bad Request", lambda: CLIENT.transcribe_url(url="no address", request_options=ONCE), BadRequestError)
    refused(400, "Bad Request", lambda: CLIENT.transcribe_url(url=MEDIA, model="nova-9"), BadRequestError)
    control("media", {"url": "https://media.test/gone.mp4", "kind": "unreachable"})
    refused(
        400, "REMOTE_CONTENT_ERROR", lambda: CLIENT.transcribe_url(url="https://media.test/gone.mp4"), BadRequestError
    )
    refused(415, "UNSUPPORTED_MEDIA_TYPE", lambda: CLIENT.transcribe_file(request=b"RIFF", request_options=ONCE))


def examine_limits(address: str) -> None:
    """One recording too many is refused; the client tries again by itself once there is room."""
    control("processing", {"processing_ms": 3_600_000})
    control("limits", {"concurrency": 1})
    CLIENT.transcribe_url(url=MEDIA, callback=f"{address}/never")
    refused(429, "TOO_MANY_REQUESTS", lambda: CLIENT.transcribe_url(url=MEDIA, request_options=ONCE))
    control("limits", {"concurrency": 100})
    for kind, status in (("status", 429), ("status", 503)):
        control("faults", {"kind": kind, "status": status, "path": "/v1/listen"})
        assert isinstance(CLIENT.transcribe_url(url=MEDIA), ListenV1Response)


def main() -> None:
    """Examines everything."""
    receiver = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=receiver.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{receiver.server_port}"
    examine_answers()
    examine_parameters()
    examine_callbacks(address)
    examine_refusals()
    examine_limits(address)
    print("ok  the official Deepgram client: answers, every parameter, callbacks, refusals, limits")


main()
