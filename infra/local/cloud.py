"""The local AWS: MiniStack, on loopback only, with nothing kept from one run to the next."""

import os
import shutil
import sys
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from . import folders
from .network import answers, wait_until
from .processes import Child

REGION = "eu-central-1"
# Accepted by the local AWS only; nothing outside this machine ever sees them.
ACCESS_KEY = SECRET_KEY = "local"  # noqa: S105 (not a secret)


class Cloud:
    """A running local AWS."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.endpoint = f"http://127.0.0.1:{port}"
        shutil.rmtree(folders.STATE, ignore_errors=True)
        (folders.STATE / "tmp").mkdir(parents=True)
        program = Path(sys.executable).parent / "ministack"
        self.child = Child("aws", [str(program)], self._environment())

    def _environment(self) -> dict[str, str]:
        # Functions inherit this whole environment, so the caller's own settings stay out of it.
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TZ") if name in os.environ}
        return kept | {
            "GATEWAY_PORT": str(self.port),
            "BIND_HOST": "127.0.0.1",
            # Otherwise port 8883 is opened on every interface.
            "IOT_MTLS_ENABLED": "0",
            "MINISTACK_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ACCESS_KEY_ID": ACCESS_KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
            "AWS_ENDPOINT_URL": self.endpoint,
            "STATE_DIR": str(folders.STATE / "ministack"),
            "S3_DATA_DIR": str(folders.STATE / "s3"),
            # Unpacked functions go here instead of the machine's temporary folder.
            "TMPDIR": str(folders.STATE / "tmp"),
            "LAMBDA_EXECUTOR": "local",
            "PYTHONUNBUFFERED": "1",
        }

    def wait(self) -> None:
        """Returns when the local AWS answers."""

        def ready() -> bool:
            self.child.ensure_running()
            return answers(f"{self.endpoint}/_ministack/ready")

        wait_until(ready, 60, "The local AWS did not answer", f"Read {folders.shown(self.child.log)}.")

    def client(self, service: str) -> Any:
        """An SDK client for one service."""
        return client(self.endpoint, service)


def client(endpoint: str, service: str) -> Any:
    """An SDK client for one service of the local AWS at this address."""
    settings = Config(retries={"max_attempts": 0}, s3={"addressing_style": "path"}, read_timeout=90)
    sdk: Any = boto3
    return sdk.client(
        service,
        region_name=REGION,
        endpoint_url=endpoint,
        config=settings,
        aws_access_key_id=ACCESS_KEY,
        aws_secret_access_key=SECRET_KEY,
    )
