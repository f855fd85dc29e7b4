"""Free ports on the loopback interface, and waiting for something to be true."""

import ipaddress
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Callable

from .report import Failure


def free_port(preferred: int = 0) -> int:
    """A port nobody listens on: the preferred one when it is free, else any."""
    for port in (preferred, 0):
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise Failure("No port is free on 127.0.0.1.", "Close some programs and try again.")


def is_loopback(host: str) -> bool:
    """Whether this name or address stays on this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def answers(url: str) -> bool:
    """Whether a GET is answered with a success."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return 200 <= int(answer.status) < 300
    except (urllib.error.URLError, OSError, ValueError):
        return False


def wait_until(condition: Callable[[], bool], within_s: float, what: str, advice: str) -> None:
    """Returns as soon as the condition holds; fails when it does not within the time."""
    deadline = time.monotonic() + within_s
    while not condition():
        if time.monotonic() > deadline:
            raise Failure(f"{what} within {within_s:.0f} seconds.", advice)
        time.sleep(0.05)
