"""A plain http://localhost address in front of the local API gateway, which itself answers to a host name only.

The path is passed on as it came. The local gateway decodes it before a function sees it, except for `%25`.
"""

import contextlib
import http.client
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

# The gateway's own limit.
MAX_BODY = 10 * 1024 * 1024
HOP_BY_HOP = frozenset(
    (
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "host",
        "content-length",
        "expect",
    )
)


class _Refusal(Exception):
    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


_TOO_LARGE = _Refusal(413, "Request Entity Too Large")


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256
    api_host = ""
    upstream = ("127.0.0.1", 0)


class _ServerV6(_Server):
    address_family = socket.AF_INET6

    def server_bind(self) -> None:
        self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        super().server_bind()


class Gateway:
    """The reverse proxy. It binds the loopback interface only, IPv6 too where there is one."""

    def __init__(self, port: int) -> None:
        self.url = f"http://localhost:{port}"
        self._servers: list[_Server] = [_Server(("127.0.0.1", port), _Handler)]
        with contextlib.suppress(OSError):
            self._servers.append(_ServerV6(("::1", port), _Handler))

    def open(self, api_id: str, upstream_port: int) -> None:
        """Starts passing requests on to this API."""
        for server in self._servers:
            server.api_host = f"{api_id}.execute-api.localhost:{upstream_port}"
            server.upstream = ("127.0.0.1", upstream_port)
            threading.Thread(target=server.serve_forever, args=(0.1,), daemon=True).start()

    def close(self) -> None:
        """Stops listening."""
        for server in self._servers:
            if server.api_host:
                server.shutdown()
            server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 75
    server: _Server

    def __getattr__(self, name: str) -> Any:
        # http.server looks for do_GET, do_PUT and so on: every method is passed on alike.
        if name.startswith("do_"):
            return self._pass_on
        raise AttributeError(name)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the base class's name for it)
        """Says nothing: the functions log what happens."""

    def _pass_on(self) -> None:
        try:
            body = self._body()
        except _Refusal as refusal:
            self._refuse(refusal)
            return
        upstream = http.client.HTTPConnection(*self.server.upstream, timeout=60)
        try:
            upstream.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
            for name, value in self._headers():
                upstream.putheader(name, value)
            if body or self.command in ("POST", "PUT", "PATCH"):
                upstream.putheader("Content-Length", str(len(body)))
            upstream.endheaders(body or None)
            answer = upstream.getresponse()
            self._answer(answer, answer.read())
        except ValueError:
            self._refuse(_Refusal(400, "The address or a header cannot be passed on."))
        except (OSError, http.client.HTTPException):
            self._refuse(_Refusal(502, "The local gateway did not answer."))
        finally:
            upstream.close()

    def _headers(self) -> list[tuple[str, str]]:
        # A gateway with payload format 2.0 joins repeated headers with commas, cookies with semicolons.
        joined: dict[str, str] = {}
        for name, value in self.headers.items():
            lower = name.lower()
            if lower in HOP_BY_HOP or lower.startswith("x-forwarded-"):
                continue
            separator = "; " if lower == "cookie" else ","
            joined[lower] = f"{joined[lower]}{separator}{value}" if lower in joined else value
        client_host = self.headers.get("Host", "")
        joined |= {
            "host": self.server.api_host,
            "x-forwarded-for": str(self.client_address[0]),
            "x-forwarded-host": client_host,
            "x-forwarded-proto": "http",
            "x-forwarded-port": client_host.rpartition(":")[2],
        }
        return list(joined.items())

    def _body(self) -> bytes:
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            return self._chunks()
        try:
            length = int(self.headers.get("Content-Length") or 0)
        except ValueError:
            length = -1
        if length < 0:
            raise _Refusal(400, "The content length is not a number.")
        if length > MAX_BODY:
            raise _TOO_LARGE
        return self.rfile.read(length) if length else b""

    def _chunks(self) -> bytes:
        whole = bytearray()
        while True:
            try:
                size = int(self.rfile.readline(1024).split(b";")[0], 16)
            except ValueError:
                raise _Refusal(400, "The chunks are malformed.") from None
            if size < 0 or len(whole) + size > MAX_BODY:
                raise _TOO_LARGE
            whole += self.rfile.read(size)
            if size == 0:
                while self.rfile.readline(8192).strip():
                    pass
                return bytes(whole)
            self.rfile.readline(8)

    def _answer(self, answer: http.client.HTTPResponse, body: bytes) -> None:
        self.send_response_only(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in HOP_BY_HOP:
                self.send_header(name, value)
        if answer.status >= 200 and answer.status not in (204, 304):
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _refuse(self, refusal: _Refusal) -> None:
        """The gateway's own refusals look like this; they are not the contract's problem documents."""
        body = f'{{"message":"{refusal.message}"}}'.encode()
        self.close_connection = True
        self.send_response_only(refusal.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)
