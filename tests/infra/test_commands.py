"""What a reader of the README and of the page about deploying types in, as far as it can be tried offline."""

import re
import subprocess
import unittest
from collections.abc import Iterator
from typing import Any

import botocore.session
from botocore import xform_name
from local import folders

from contract import ROUTES
from policy import TEMPLATE

PAGES = ("README.md", "docs/DEPLOY.md")
OF_ANY_COMMAND = {"query", "output", "region"}
# What the AWS command line puts in place of an operation of the service's own.
IN_PLACE = {("s3", "rm"): {"recursive"}, ("logs", "tail"): {"since"}}


class Commands(unittest.TestCase):
    """The pages' blocks and the names in them."""

    def test_every_block_says_what_it_is_and_the_shell_can_read_its_commands(self) -> None:
        for page in PAGES:
            languages = re.findall(r"^```(.*)$", _text(page), re.MULTILINE)[::2]
            self.assertLessEqual(set(languages), {"sh", "json", "text"}, page)
            for block in _blocks(page):
                read = subprocess.run(["bash", "-n"], input=block, capture_output=True, text=True, check=False)
                self.assertEqual((read.returncode, read.stderr), (0, ""), block)

    def test_every_target_of_make_exists_and_knows_the_variables_it_is_given(self) -> None:
        makefile = (folders.ROOT / "Makefile").read_text()
        targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
        named = [
            it for page in PAGES for code in _code(page) for it in re.findall(r"\bmake ([a-z-]+)((?: \w+=\S+)*)", code)
        ]
        self.assertGreater(len(named), 10)
        for target, variables in named:
            self.assertIn(target, targets)
            for variable in re.findall(r"(\w+)=", variables):
                self.assertRegex(makefile, rf"\$\({variable}\)|^{variable} \?=")

    def test_every_output_that_is_read_is_one_of_the_templates(self) -> None:
        read = re.findall(r"\$\(output (\w+)\)", _text("docs/DEPLOY.md"))
        self.assertGreater(len(read), 3)
        self.assertLessEqual(set(read), set(TEMPLATE["Outputs"]))

    def test_every_parameter_and_output_that_is_named_is_one_of_the_templates(self) -> None:
        known = TEMPLATE["Parameters"].keys() | TEMPLATE["Outputs"].keys()
        spans = re.findall(r"`([^`\n]+)`", _prose("docs/DEPLOY.md"))
        named = {name for span in spans for name in re.findall(r"(?<![\w$])[A-Z][a-z]+(?:[A-Z][a-z]+)+\b", span)}
        cells = re.findall(
            r"^\| (`.+?) \|", _text("docs/DEPLOY.md").split("| Parameter |")[1].split("\n\n")[0], re.MULTILINE
        )
        parameters = {name for cell in cells for name in re.findall(r"`(\w+)`", cell)}
        self.assertGreater(len(parameters), 5)
        self.assertLessEqual(parameters, set(TEMPLATE["Parameters"]))
        self.assertLessEqual(named, known)

    def test_every_path_of_the_repository_exists_or_is_made_by_a_command(self) -> None:
        ignored = [it.strip("/") for it in (folders.ROOT / ".gitignore").read_text().split()]
        found = 0
        for page in PAGES:
            named = {it for code in _code(page) for it in re.findall(r"(?<![^\s\"'`(])\.?\w[\w.-]*/[\w./-]*", code)}
            named -= {"application/json"}
            linked = re.findall(r"\]\((?!https:)([^)#]+)\)", _text(page))
            for path in [folders.ROOT / it for it in named] + [(folders.ROOT / page).parent / it for it in linked]:
                inside = folders.shown(path.resolve())
                found += 1
                self.assertTrue(path.exists() or any(inside.startswith(it) for it in ignored), (page, inside))
        self.assertGreater(found, 20)

    def test_every_address_of_the_api_is_in_the_contract(self) -> None:
        found = list(_called())
        self.assertGreater(len(found), 15)
        for page, method, path in found:
            self.assertTrue(any(_answers(route, method, path) for route in ROUTES), (page, method, path))

    def test_every_command_of_aws_has_the_options_it_is_given(self) -> None:
        session = botocore.session.get_session()
        lines = "\n".join(_code("docs/DEPLOY.md")).replace("\\\n", " ")
        commands = re.findall(r"\baws ([a-z0-9-]+) ([a-z0-9-]+)([^\n;|&]*)", lines)
        self.assertGreater(len(commands), 15)
        for service, operation, rest in commands:
            options = set(re.findall(r"(?<!\S)--([a-z][a-z0-9-]*)", rest)) - OF_ANY_COMMAND
            with self.subTest(f"{service} {operation}"):
                required, known = _options(session, service, operation, rest)
                self.assertLessEqual(required, options)
                self.assertLessEqual(options, known)


def _options(session: Any, service: str, operation: str, rest: str) -> tuple[set[str], set[str]]:
    """What an operation of AWS must and may be given, as the command line calls it."""
    if (service, operation) in IN_PLACE:
        return set(), IN_PLACE[service, operation]
    if operation == "wait":
        waiters = {xform_name(it, "-") for it in session.get_waiter_model(service).waiter_names}
        assert rest.split()[0] in waiters, rest
        operation = "describe-stacks"
    model = session.get_service_model(service)
    (named,) = (it for it in model.operation_names if xform_name(it, "-") == operation)
    shape = model.operation_model(named).input_shape
    members = shape.members if shape else {}
    required = {xform_name(it, "-") for it in (shape.required_members if shape else ())}
    switches = {f"no-{xform_name(it, '-')}" for it, member in members.items() if member.type_name == "boolean"}
    return required, {xform_name(it, "-") for it in members} | switches


def _called() -> Iterator[tuple[str, str | None, str]]:
    """Every address of the API on the pages, with its method where one is said."""
    for page in PAGES:
        for code in _code(page):
            for line in code.replace("\\\n", " ").splitlines():
                curl = re.search(r"\bcurl\b(?:.*?-s?X ?(\w+))?", line)
                for said, path in re.findall(r"(?:\b(GET|PUT|POST|PATCH|DELETE) )?(/v1/[\w{}/.-]+)", line):
                    yield page, said or (curl and (curl[1] or "GET")) or None, path


def _answers(route: str, method: str | None, path: str) -> bool:
    """Whether a route of the contract answers this path, which may be abbreviated as the contract does."""
    if route == "$default":
        return False
    of_route, pattern = route.split(" ")
    parts = [r"[^/]+" if it.startswith("{") else re.escape(it) for it in pattern.split("/")]
    return method in (None, of_route) and re.fullmatch("/".join(parts), path) is not None


def _text(page: str) -> str:
    return (folders.ROOT / page).read_text()


def _blocks(page: str) -> list[str]:
    """The shell commands that stand by themselves."""
    return re.findall(r"^```sh\n(.*?)^```$", _text(page), re.MULTILINE | re.DOTALL)


def _prose(page: str) -> str:
    return re.sub(r"^```.*?^```$", "", _text(page), flags=re.MULTILINE | re.DOTALL)


def _code(page: str) -> list[str]:
    """The shell commands that stand by themselves, and what is set as code within sentences."""
    return _blocks(page) + re.findall(r"`([^`\n]+)`", _prose(page))


if __name__ == "__main__":
    unittest.main()
