"""The whole local stack: started in order, described in a file, ended as a whole."""

import fcntl
import json
import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from . import artifacts, deployment, folders, processes, secret, stand_ins, users
from .cloud import Cloud
from .function_logs import FunctionLogs
from .gateway import Gateway
from .network import answers, free_port, wait_until
from .report import Failure, say, step

PREFERRED_PORT = 8787

Description = dict[str, Any]


def describe() -> Description:
    """What a running stack says about itself."""
    try:
        described: Description = json.loads(folders.STACK_FILE.read_text())
    except (OSError, ValueError):
        raise Failure("No local stack is running.", "Start one with `make run` in another terminal.") from None
    return described


@contextmanager
def running(functions: Path | None = None, simulators: Path | None = None) -> Iterator[Description]:
    """The stack, for as long as the block runs. Programs are built unless a folder with them is given."""
    folders.HOME.mkdir(exist_ok=True)
    with _only_one(), ExitStack() as ends:
        for name in processes.end_leftovers():
            say(f"  ended {name}, left behind by a run that was killed")
        folders.STACK_FILE.unlink(missing_ok=True)
        # What the caller's settings are wrong in is said before anything takes minutes.
        document = secret.local_document()
        stand_ins.addresses({})
        _build(functions, simulators)
        described = _start(ends, simulators or artifacts.simulators_program(), document)
        folders.STACK_FILE.write_text(json.dumps(described, indent=2) + "\n")
        folders.STACK_FILE.chmod(0o600)
        ends.callback(folders.STACK_FILE.unlink, missing_ok=True)
        yield described


def _build(functions: Path | None, simulators: Path | None) -> None:
    if not (functions and simulators):
        say("  building (the first time takes up to ten minutes on two cores, later seconds)")
        artifacts.build()
    artifacts.place(functions or folders.cargo_target() / "debug")


def _start(ends: ExitStack, simulators: Path, document: dict[str, Any]) -> Description:
    cloud_port, api_port = free_port(), free_port(int(os.environ.get("PORT") or PREFERRED_PORT))
    gateway = Gateway(api_port)
    ends.callback(shutil.rmtree, folders.STATE, ignore_errors=True)
    ends.callback(gateway.close)
    ends.callback(folders.PROCESS_FILE.unlink, missing_ok=True)
    with step("local AWS and the providers' stand-ins"):
        cloud = Cloud(cloud_port)
        ends.callback(cloud.child.stop)
        providers = stand_ins.StandIns(simulators)
        ends.callback(providers.child.stop)
        cloud.wait()
        providers.wait()
    with step("users alice, bob and carol at the local identity provider"):
        people = users.create(cloud)
        cognito = cloud.client("cognito-idp")
        tokens = {name: people.token(cognito, name) for name in users.NAMES}
    with step("the deployment's template"):
        clients = stand_ins.oauth_clients(document, gateway.url)
        for name, client in clients.items():
            providers.register_client(name, client)
        made = deployment.deploy(cloud, _parameters(cloud, gateway, people, providers))
        cloud.client("secretsmanager").put_secret_value(
            SecretId=made.outputs["SecretId"], SecretString=json.dumps(document)
        )
    with step("gateway and first answer"):
        gateway.open(made.outputs["HttpApiId"], cloud_port)
        logs = FunctionLogs(cloud)
        logs.start()
        ends.callback(logs.stop)
        advice = f"Read {folders.shown(folders.LOGS / 'api.log')} and {folders.shown(cloud.child.log)}."
        wait_until(lambda: answers(f"{gateway.url}/v1/health"), 60, "The api function did not answer", advice)
    return {
        "api_url": gateway.url,
        "console_url": gateway.url,
        "aws_endpoint": cloud.endpoint,
        "simulators": providers.urls,
        "users": {name: {"token": token} for name, token in tokens.items()},
        "issuer": people.issuer,
        "jwks_url": people.jwks_url,
        "oauth_clients": clients,
        "audience": people.client,
        "pid": os.getpid(),
        "logs": str(folders.LOGS),
        "sign_in": {"pool": people.pool, "client": people.client, "password": people.password},
        "outputs": made.outputs,
        "resources": made.resources,
    }


def _parameters(cloud: Cloud, gateway: Gateway, people: users.Users, providers: stand_ins.StandIns) -> dict[str, str]:
    return stand_ins.addresses(providers.urls) | {
        "JwtIssuer": people.issuer,
        "JwtAudience": people.client,
        "JwksUrl": people.jwks_url,
        "GatewayAuthorizer": os.environ.get("GATEWAY_AUTHORIZER", "false"),
        "PublicUrl": gateway.url,
        "AppUrl": os.environ.get("PATCHBAY_APP_URL", ""),
        "ReturnOrigins": os.environ.get("PATCHBAY_RETURN_ORIGINS", ""),
        "LlmModel": os.environ.get("PATCHBAY_LLM_MODEL", ""),
        "Architecture": "x86_64" if os.uname().machine in ("x86_64", "amd64") else "arm64",
        "DeletionProtection": "false",
        "LocalEndpoint": cloud.endpoint,
        # A laptop's tests come in bursts that a real stage would let through over minutes.
        "RequestsPerSecond": "10000",
        "RequestBurst": "5000",
    }


@contextmanager
def _only_one() -> Iterator[None]:
    """Holds the lock of this working copy; the system lets go of it however this process ends."""
    with folders.LOCK_FILE.open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Failure(_already_running(), "Use that one, or end it with Ctrl-C in its terminal.") from None
        yield


def _already_running() -> str:
    try:
        first = json.loads(folders.STACK_FILE.read_text())
        return f"A local stack is already running at {first['api_url']} (process {first['pid']})."
    except (OSError, ValueError, KeyError):
        return "A local stack is already starting in another terminal."


def end_on_signals() -> None:
    """Makes SIGTERM and SIGHUP end the stack as Ctrl-C does: by unwinding, so that everything is stopped."""

    def interrupt(_signal: int, _frame: FrameType | None) -> None:
        # A second signal must not interrupt the stopping.
        for it in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(it, signal.SIG_IGN)
        raise KeyboardInterrupt

    for it in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(it, interrupt)
