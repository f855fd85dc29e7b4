"""What the pages of docs/ name exists: functions, queues, alarms, tests."""

import re
import unittest

from local import folders, template

from policy import TEMPLATE, of_type


class Pages(unittest.TestCase):
    """Names in the documentation."""

    def test_the_architecture_page_names_every_function(self) -> None:
        page = (folders.ROOT / "docs" / "ARCHITECTURE.md").read_text()
        rows = re.findall(r"^\| (`[a-z`, -]+) \|", page, re.MULTILINE)
        named = {name for row in rows for name in re.findall(r"`([a-z-]+)`", row)}
        self.assertEqual(named, set(folders.FUNCTIONS))

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
