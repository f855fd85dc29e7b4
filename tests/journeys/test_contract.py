"""Requests made from the published contract, good and bad: every answer is one that the contract describes."""

import os
import re
import subprocess
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from local import folders

from client import Journey

SCHEMATHESIS = folders.ROOT / ".tools" / "schemathesis" / "bin" / "schemathesis"
CONFIGURATION = Path(__file__).with_name("schemathesis.toml")
CONTRACT = folders.ROOT / "functions" / "api" / "src" / "openapi.json"
# About half of the operations. Two processes take half the time of one; threads of one trip over Python's parser.
HALF = "^/v1/(plans|connect)"


class Contract(Journey):
    """As bob, who is connected and has a recording."""

    def test_every_answer_is_one_of_those_that_the_contract_describes(self) -> None:
        self.ready_for_tickets("bob")
        environment = os.environ | {
            "PATCHBAY_API_URL": self.running["api_url"],
            "PATCHBAY_TOKEN": self.running["users"]["bob"]["token"],
            "PATCHBAY_VIDEO": self.put_video("bob"),
        }
        with ThreadPoolExecutor() as pool:
            halves = ("--include-path-regex", "--exclude-path-regex")
            done = list(pool.map(lambda half: self._examine(environment, half), halves))
        self.assertEqual(sum(done), 30, f"operations tested: {done}")

    def _examine(self, environment: dict[str, str], half: str) -> int:
        command = [str(SCHEMATHESIS), "--config-file", str(CONFIGURATION), "run", str(CONTRACT), "--no-color"]
        command += [half, HALF]
        # It leaves notes for its next run in the folder it runs in.
        home = SCHEMATHESIS.parent / half.strip("-")
        home.mkdir(exist_ok=True)
        done = subprocess.run(command, cwd=home, env=environment, capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, f"\n{done.stdout[-20_000:]}{done.stderr[-5_000:]}")
        tested = re.search(r"Tested: (\d+)", done.stdout)
        return int(tested[1]) if tested else 0


if __name__ == "__main__":
    unittest.main()
