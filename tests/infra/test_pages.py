"""What the pages of docs/ name exists: functions, tests."""

import re
import unittest

from local import folders


class Pages(unittest.TestCase):
    """Names in the documentation."""

    def test_the_architecture_page_names_every_function(self) -> None:
        page = (folders.ROOT / "docs" / "ARCHITECTURE.md").read_text()
        rows = re.findall(r"^\| (`[a-z`, -]+) \|", page, re.MULTILINE)
        named = {name for row in rows for name in re.findall(r"`([a-z-]+)`", row)}
        self.assertEqual(named, set(folders.FUNCTIONS))

    def test_the_page_about_faults_names_tests_that_exist(self) -> None:
        sources = [it for top in ("tests/it", "shared", "functions") for it in (folders.ROOT / top).rglob("*.rs")]
        written = set(re.findall(r"\bfn (\w+)\(", "".join(it.read_text() for it in sources)))
        page = (folders.ROOT / "docs" / "FAULTS.md").read_text()
        rows = [line.split(" | ")[-1] for line in page.splitlines() if re.match(r"\| \d+ \|", line)]
        self.assertGreater(len(rows), 25)
        for row in rows:
            for name in re.findall(r"`([^`]+)`", row):
                test = re.split(r"::| ", name)[-1]
                self.assertTrue(test == "*" or test in written, name)


if __name__ == "__main__":
    unittest.main()
