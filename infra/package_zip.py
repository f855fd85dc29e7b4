"""Packs the functions' programs for Lambda: refuses those that could not start there, and zips the others.

`package_zip.py ARCHITECTURE BUILT PLACED ZIPS NAME…`: `BUILT/NAME/bootstrap` goes to `PLACED/NAME/bootstrap`, where the
template's CodeUri points, and into `ZIPS/NAME.zip`. The same programs always give the same bytes.
"""

import struct
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

# Amazon Linux 2023, the system of provided.al2023.
NEWEST_GLIBC = (2, 34)
MACHINES = {"arm64": 183, "x86_64": 62}
NEEDED_VERSIONS = 0x6FFFFFFE


class Unfit(Exception):
    """The program would not start on Lambda."""


def machine(program: bytes) -> int:
    """The kind of processor that an ELF program of 64 bits is for."""
    # EI_CLASS 2 and EI_DATA 1: 64 bits, little endian.
    if program[:6] != b"\x7fELF\x02\x01":
        raise Unfit("it is not a 64-bit little-endian ELF program")
    return int.from_bytes(program[18:20], "little")


def needed_versions(program: bytes) -> set[str]:
    """The versions of libraries' symbols that an ELF program asks for, such as GLIBC_2.34."""
    sections = list(_sections(program))
    found: set[str] = set()
    for kind, offset, strings, entries in sections:
        if kind != NEEDED_VERSIONS:
            continue
        text = sections[strings][1]
        at = offset
        for _ in range(entries):
            _, count, _, first, following = struct.unpack_from("<HHIII", program, at)
            auxiliary = at + first
            for _ in range(count):
                _, _, _, name, step = struct.unpack_from("<IHHII", program, auxiliary)
                found.add(program[text + name : program.index(0, text + name)].decode())
                auxiliary += step
            at += following
    return found


def _sections(program: bytes) -> Iterator[tuple[int, int, int, int]]:
    """Type, offset, linked section and number of entries of each section."""
    table = int.from_bytes(program[0x28:0x30], "little")
    size, number = struct.unpack_from("<HH", program, 0x3A)
    for index in range(number):
        _, kind, _, _, offset, _, link, info = struct.unpack_from("<IIQQQQII", program, table + index * size)
        yield kind, offset, link, info


def newest_glibc(versions: set[str]) -> tuple[int, ...]:
    """The version of glibc that a program with these needs wants."""
    numbers = (it.removeprefix("GLIBC_") for it in versions if it.startswith("GLIBC_"))
    return max((tuple(map(int, it.split("."))) for it in numbers if it[0].isdigit()), default=(0,))


def check(program: bytes, architecture: str) -> str:
    """The version of glibc that the program wants; raises when Lambda does not have it."""
    if machine(program) != MACHINES[architecture]:
        raise Unfit(f"it is not built for {architecture}")
    wanted = newest_glibc(needed_versions(program))
    shown = ".".join(map(str, wanted))
    if wanted > NEWEST_GLIBC:
        raise Unfit(f"it wants glibc {shown}; Lambda has {'.'.join(map(str, NEWEST_GLIBC))}")
    return shown


def write_zip(program: bytes, path: Path) -> None:
    """Writes the program as the executable `bootstrap`, with a fixed date so that equal programs give equal files."""
    entry = zipfile.ZipInfo("bootstrap", (1980, 1, 1, 0, 0, 0))
    entry.create_system = 3
    entry.external_attr = 0o100755 << 16
    entry.compress_type = zipfile.ZIP_DEFLATED
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(entry, program, compresslevel=9)


def main(architecture: str, built: Path, placed: Path, zips: Path, names: list[str]) -> None:
    """Packs every function, or none when one is unfit."""
    programs = {name: (built / name / "bootstrap").read_bytes() for name in names}
    glibc = {}
    for name, program in programs.items():
        try:
            glibc[name] = check(program, architecture)
        except Unfit as error:
            sys.exit(f"{name} cannot run on Lambda: {error}.")
    for name, program in programs.items():
        target = placed / name / "bootstrap"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.unlink(missing_ok=True)
        target.write_bytes(program)
        target.chmod(0o755)
        path = zips / f"{name}.zip"
        write_zip(program, path)
        sizes = f"{len(program) / 2**20:6.2f} MB, zipped {path.stat().st_size / 2**20:5.2f} MB"
        print(f"{sizes}, glibc {glibc[name]}  {path}")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), Path(sys.argv[4]), sys.argv[5:])
