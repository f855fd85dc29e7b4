"""What the pages of docs/ name exists: functions, queues, alarms, tests."""

import re
import unittest

from local import folders, template

import test_checks
from policy import TEMPLATE, of_type

# Built or fetched.
NOT_KEPT = {"target", "node_modules", "__pycache__"}


class Pages(unittest.TestCase):
    """Names in the documentation."""

    def test_the_architecture_page_names_every_function(self) -> None:
        page = (folders.ROOT / "docs" / "ARCHITECTURE.md").read_text()
        rows = re.findall(r"^\| (`[a-z`, -]+) \|", page, re.MULTILINE)
        named = {name for row in rows for name in re.findall(r"`([a-z-]+)`", row)}
        self.assertEqual(named, set(folders.FUNCTIONS))

    def test_the_architecture_page_names_every_folder_and_every_page(self) -> None:
        house = (folders.ROOT / "docs" / "ARCHITECTURE.md").read_text().split("```")[1]
        top = {it.name for it in folders.ROOT.iterdir() if it.is_dir()} - NOT_KEPT
        self.assertEqual(set(re.findall(r"^(\w+)/", house, re.MULTILINE)), {it for it in top if not it.startswith(".")})
        for kind in (folders.ROOT / "tests").iterdir():
            if kind.is_dir() and kind.name not in NOT_KEPT:
                self.assertIn(f"{kind.name}/ =", house)
        pages = {it.stem for it in (folders.ROOT / "docs").glob("*.md")}
        self.assertEqual(set(re.findall(r"\b[A-Z]{4,}\b", house.split("docs/")[1])), pages - {"ARCHITECTURE"})

    def test_the_readme_leads_to_every_page(self) -> None:
        linked = set(re.findall(r"\]\(docs/(\w+\.md)\)", (folders.ROOT / "README.md").read_text()))
        self.assertEqual(linked, {it.name for it in (folders.ROOT / "docs").glob("*.md")})

    def test_the_page_about_operations_names_every_queue_with_its_function_and_attempts(self) -> None:
        page = (folders.ROOT / "docs" / "OPERATIONS.md").read_text()
        rows = re.findall(r"^\| `patchbay-([a-z-]+\.fifo)` \| `([a-z-]+)` \| (\d+) \|", page, re.MULTILINE)
        queues, functions = of_type("AWS::SQS::Queue"), template.functions(TEMPLATE)
        expected = set()
        for mapping in of_type("AWS::Lambda::EventSourceMapping").values():
            queue = queues[mapping["EventSourceArn"]["Fn::GetAtt"][0]]
            name = queue["QueueName"]["Fn::Sub"].removeprefix("${AWS::StackName}-")
            attempts = str(queue["RedrivePolicy"]["maxReceiveCount"])
            expected.add((name, functions[mapping["FunctionName"]["Ref"]], attempts))
        self.assertEqual(set(rows), expected)

    def test_the_page_about_deploying_counts_the_alarms(self) -> None:
        page = (folders.ROOT / "docs" / "DEPLOY.md").read_text()
        self.assertIn(f"there are {len(of_type('AWS::CloudWatch::Alarm'))})", page)

    def test_the_page_about_audits_counts_the_broken_rules(self) -> None:
        page, count = (folders.ROOT / "docs" / "AUDIT.md").read_text(), len(test_checks.BREAKINGS)
        self.assertIn(f"breaks every rule once, {count} in all.", page)
        self.assertIn(f"| {count} of {count} noticed", page)

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
