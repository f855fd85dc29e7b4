"""What `make package` refuses, and what it writes."""

import struct
import tempfile
import unittest
import zipfile
from pathlib import Path

import package_zip


def program(machine: int = 183, versions: tuple[str, ...] = ("GLIBC_2.17", "GLIBC_2.34")) -> bytes:
    """A program for this processor that needs these versions of one library: a header, and sections that say so."""
    names = b"\0libc.so.6\0" + b"".join(it.encode() + b"\0" for it in versions)
    header = 64
    needed_at = header + len(names)
    needed = struct.pack("<HHIII", 1, len(versions), 1, 16, 0)
    for index, version in enumerate(versions):
        step = 16 if index + 1 < len(versions) else 0
        needed += struct.pack("<IHHII", 0, 0, index + 2, names.index(version.encode()), step)
    sections_at = needed_at + len(needed)
    sections = bytes(64)
    sections += struct.pack("<IIQQQQIIQQ", 0, 3, 0, 0, header, len(names), 0, 0, 1, 0)
    sections += struct.pack("<IIQQQQIIQQ", 0, package_zip.NEEDED_VERSIONS, 0, 0, needed_at, len(needed), 1, 1, 4, 0)
    identity = b"\x7fELF\x02\x01\x01" + bytes(9)
    rest = struct.pack("<HHIQQQIHHHHHH", 3, machine, 1, 0, 0, sections_at, 0, 64, 56, 0, 64, 3, 0)
    return identity + rest + names + needed + sections


class Packing(unittest.TestCase):
    """Only programs that Lambda can start are packed, always in the same way."""

    def test_a_program_says_which_glibc_it_wants(self) -> None:
        versions = ("GLIBC_2.17", "GLIBC_2.34", "GCC_3.0", "GLIBC_2.4")
        self.assertEqual(package_zip.needed_versions(program(versions=versions)), set(versions))
        self.assertEqual(package_zip.check(program(versions=versions), "arm64"), "2.34")

    def test_one_that_wants_a_newer_glibc_than_lambda_has_is_refused(self) -> None:
        with self.assertRaisesRegex(package_zip.Unfit, r"wants glibc 2\.39; Lambda has 2\.34"):
            package_zip.check(program(versions=("GLIBC_2.4", "GLIBC_2.39")), "arm64")

    def test_one_for_another_processor_or_no_program_is_refused(self) -> None:
        with self.assertRaisesRegex(package_zip.Unfit, "not built for x86_64"):
            package_zip.check(program(), "x86_64")
        with self.assertRaisesRegex(package_zip.Unfit, "not a 64-bit"):
            package_zip.check(b"#!/bin/sh\n" + bytes(64), "arm64")

    def test_a_zip_holds_an_executable_bootstrap_and_is_the_same_each_time(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            paths = [Path(folder) / name for name in ("one.zip", "other.zip")]
            for path in paths:
                package_zip.write_zip(program(), path)
            self.assertEqual(paths[0].read_bytes(), paths[1].read_bytes())
            with zipfile.ZipFile(paths[0]) as archive:
                (entry,) = archive.infolist()
                self.assertEqual((entry.filename, entry.external_attr >> 16), ("bootstrap", 0o100755))
                self.assertEqual(archive.read("bootstrap"), program())
