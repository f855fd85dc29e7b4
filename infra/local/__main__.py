"""The command line behind `make run`, `make demo`, `make token` and `make invoke`."""

import argparse
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from . import stack, stand_ins, users
from .report import Failure, say


def main() -> int:
    """Runs one command; the exit code is what the shell sees."""
    arguments = _arguments()
    stack.end_on_signals()
    try:
        return int(arguments.run(arguments))
    except Failure as failure:
        print(f"\n{failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        say("\nStopped.")
        return 130


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="local", description=__doc__)
    commands = parser.add_subparsers(required=True)
    for name, run, help_text in (
        ("run", _run, "start the stack and keep it running"),
        ("demo", _demo, "start the stack and tell the story of a recording that becomes a ticket"),
        ("with", _with, "start the stack, run a command against it, stop the stack"),
    ):
        command = commands.add_parser(name, help=help_text)
        command.set_defaults(run=run)
        command.add_argument("--functions", type=Path, help="folder with the functions' programs, instead of building")
        command.add_argument("--simulators", type=Path, help="the stand-ins' program, instead of building")
        if name == "with":
            command.add_argument("command", nargs=argparse.REMAINDER)
    story = commands.add_parser("story", help="tell the demo's story on a stack that is running already")
    story.set_defaults(run=_story)
    token = commands.add_parser("token", help="print a fresh token of a running stack")
    token.add_argument("user", choices=users.NAMES)
    token.set_defaults(run=_token)
    invoke = commands.add_parser("invoke", help="send a sample event to a function of a running stack")
    invoke.add_argument("function")
    invoke.add_argument("event", type=Path)
    invoke.set_defaults(run=_invoke)
    return parser.parse_args()


def _run(arguments: argparse.Namespace) -> int:
    say("Starting the local stack")
    with stack.running(arguments.functions, arguments.simulators) as running:
        for name in stand_ins.replaced():
            say(f"\n{name}: your server is used instead of the stand-in.")
            client = running["oauth_clients"].get(name)
            if client:
                say(f"  It has to know the client {client['client_id']}, whose secret is in .patchbay/stack.json,")
                say(f"  and to send browsers back to {' and '.join(client['redirect_uris'])}")
        say(f"\nPatchbay answers at {running['api_url']}   (try {running['api_url']}/v1/health)")
        say("\nTo call it as alice, in another terminal:")
        say("  TOKEN=$(make token USER=alice)")
        say(f'  curl {running["api_url"]}/v1/connections -H "Authorization: Bearer $TOKEN"')
        say("\nIt is described in .patchbay/stack.json; logs are in .patchbay/logs.")
        say("Ctrl-C stops everything.")
        while True:
            time.sleep(3600)


def _demo(arguments: argparse.Namespace) -> int:
    from . import demo

    if stand_ins.replaced():
        raise Failure(
            f"The demo needs the stand-ins' misfortunes, but another server is to replace {stand_ins.replaced()[0]}.",
            "Unset its PATCHBAY_…_URL, or use `make run` and call the API yourself.",
        )
    say("Starting the local stack")
    with stack.running(arguments.functions, arguments.simulators) as running:
        told = demo.tell(running)
    if told == 0:
        say("Everything is stopped again. `make run` leaves it running, to be tried by hand.")
    return told


def _story(_arguments: argparse.Namespace) -> int:
    from . import demo

    return demo.tell(stack.describe())


def _with(arguments: argparse.Namespace) -> int:
    command = [part for part in arguments.command if part != "--"]
    if not command:
        raise Failure("There is no command to run.", "Write it after `--`.")
    say("Starting the local stack")
    with stack.running(arguments.functions, arguments.simulators) as running:
        environment = os.environ | {"PATCHBAY_API_URL": str(running["api_url"])}
        child = subprocess.Popen(command, env=environment)
        try:
            return child.wait()
        except KeyboardInterrupt:
            child.send_signal(signal.SIGTERM)
            child.wait()
            raise


def _token(arguments: argparse.Namespace) -> int:
    from . import running_stack

    say(running_stack.token(arguments.user))
    return 0


def _invoke(arguments: argparse.Namespace) -> int:
    from . import running_stack

    return running_stack.invoke(arguments.function, arguments.event)


if __name__ == "__main__":
    sys.exit(main())
