"""The programs of the stack: built by cargo in the dev profile, so that tests and the local stack share artifacts."""

import io
import os
import shutil
import subprocess
import zipfile
from pathlib import Path

from . import folders
from .report import Failure


def build() -> None:
    """Builds every program; cargo shows its own progress.

    The whole workspace is named, because cargo compiles dependencies anew for every other selection of packages.
    """
    try:
        command = ["cargo", "build", "--locked", "--workspace", "--bins"]
        done = subprocess.run(command, cwd=folders.ROOT, check=False)
    except FileNotFoundError:
        raise Failure("cargo was not found.", "Install Rust from https://rustup.rs and open a new terminal.") from None
    if done.returncode != 0:
        raise Failure("The build failed.", "Fix what cargo says above, then run the command again.")


def place(source_folder: Path) -> None:
    """Puts each function's program where the template expects it, without debug information where possible."""
    for name in folders.FUNCTIONS:
        source = source_folder / name
        if not source.is_file():
            raise Failure(
                f"There is no program for the function {name} in {source_folder}.",
                f"Build it with `cargo build --package {name}`.",
            )
        target = folders.BINARIES / name / "bootstrap"
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        target.unlink(missing_ok=True)
        _copy_without_debug_information(source, target)


def _copy_without_debug_information(source: Path, target: Path) -> None:
    strip = shutil.which("strip")
    if strip and source.read_bytes()[:4] == b"\x7fELF":
        done = subprocess.run([strip, "--strip-debug", "-o", target, source], capture_output=True, check=False)
        if done.returncode == 0:
            return
    shutil.copy2(source, target)


def zipped(name: str) -> bytes:
    """A function's program as a deployment package. Not compressed: it only travels over loopback."""
    buffer = io.BytesIO()
    program = folders.BINARIES / name / "bootstrap"
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        entry = zipfile.ZipInfo("bootstrap")
        entry.external_attr = 0o100755 << 16
        archive.writestr(entry, program.read_bytes())
    return buffer.getvalue()


def simulators_program() -> Path:
    """The providers' stand-ins, as cargo built them."""
    return folders.cargo_target() / "debug" / f"simulators{'.exe' if os.name == 'nt' else ''}"
