"""The template, the functions' folders, the contract's routes and the configuration that functions read must agree."""

import json
import re
import unittest
from typing import Any

from local import folders, stand_ins, template

from contract import ROUTES
from policy import RESOURCES, TEMPLATE, of_type

CONFIGURATION = folders.ROOT / "shared" / "runtime" / "src" / "config.rs"


class Drift(unittest.TestCase):
    """What is written in several places is the same everywhere."""

    def test_the_template_has_exactly_the_functions_that_have_a_folder(self) -> None:
        in_folders = {it.parent.name for it in (folders.ROOT / "functions").glob("*/Cargo.toml")}
        self.assertEqual(set(template.functions(TEMPLATE).values()), in_folders)
        self.assertEqual(set(folders.FUNCTIONS), in_folders)

    def test_the_template_has_exactly_the_routes_of_the_contract(self) -> None:
        described = {
            it["RouteKey"]: (_function(it), _asks_who(it)) for it in of_type("AWS::ApiGatewayV2::Route").values()
        }
        self.assertEqual(described, ROUTES)

    def test_the_published_contract_has_exactly_these_routes(self) -> None:
        published = json.loads((folders.ROOT / "functions" / "api" / "src" / "openapi.json").read_text())
        open_to_all: list[dict[str, Any]] = [{}]
        described = {
            f"{method.upper()} {path}": operation.get("security") != open_to_all
            for path, operations in published["paths"].items()
            for method, operation in operations.items()
        }
        expected = {route: asks_who for route, (_, asks_who) in ROUTES.items() if route != "$default"}
        self.assertEqual(described, expected)

    def test_every_function_answers_exactly_the_routes_that_lead_to_it(self) -> None:
        for name in folders.FUNCTIONS:
            source = (folders.ROOT / "functions" / name / "src" / "lib.rs").read_text()
            # A route that ends in `elsewhere` only knows that another function has it.
            answered = set(re.findall(r'\.route\(\s*"([^"]+)",\s*(?!\s|\w+\(elsewhere\))', source))
            led = {route.split(" ")[1] for route, (function, _) in ROUTES.items() if function == name and " " in route}
            self.assertEqual(answered, led, name)

    def test_every_queue_is_known_to_the_functions_and_worked_on_by_whom_they_expect(self) -> None:
        given = TEMPLATE["Globals"]["Function"]["Environment"]["Variables"]
        expected = {"JOBS": "notion-export", "TRANSCRIPTION": "ticket-extraction", "CALENDAR": "calendar-sync"}
        queues = {
            name.removeprefix("PATCHBAY_").removesuffix("_QUEUE_URL"): value["Ref"]
            for name, value in given.items()
            if name.endswith("_QUEUE_URL")
        }
        functions = template.functions(TEMPLATE)
        workers = {
            it["EventSourceArn"]["Fn::GetAtt"][0]: functions[it["FunctionName"]["Ref"]]
            for it in of_type("AWS::Lambda::EventSourceMapping").values()
        }
        self.assertEqual({name: workers[queue] for name, queue in queues.items()}, expected)

    def test_the_schedule_sends_what_the_scheduler_reads(self) -> None:
        (schedule,) = of_type("AWS::Scheduler::Schedule").values()
        sample = json.loads((folders.ROOT / "events" / "scheduler" / "sweep.json").read_text())
        self.assertEqual(json.loads(schedule["Target"]["Input"]), sample)
        called = template.functions(TEMPLATE)[schedule["Target"]["Arn"]["Fn::GetAtt"][0]]
        self.assertEqual((called, schedule["ScheduleExpression"]), ("scheduler", "rate(1 minute)"))

    def test_every_route_is_called_in_the_form_the_functions_read(self) -> None:
        for integration in of_type("AWS::ApiGatewayV2::Integration").values():
            self.assertEqual(integration["PayloadFormatVersion"], "2.0")

    def test_the_gateway_may_call_every_function_it_routes_to(self) -> None:
        permitted = {it["FunctionName"]["Ref"] for it in of_type("AWS::Lambda::Permission").values()}
        called = {it["IntegrationUri"]["Fn::GetAtt"][0] for it in of_type("AWS::ApiGatewayV2::Integration").values()}
        self.assertEqual(permitted, called)

    def test_what_is_built_and_what_is_deployed_are_for_arm_unless_told_otherwise(self) -> None:
        built = re.findall(r"^ARCHITECTURE \?= (\S+)$", (folders.ROOT / "Makefile").read_text(), re.MULTILINE)
        self.assertEqual((built, TEMPLATE["Parameters"]["Architecture"]["Default"]), (["arm64"], "arm64"))
        self.assertEqual(TEMPLATE["Globals"]["Function"]["Architectures"], [{"Ref": "Architecture"}])
        for name in template.functions(TEMPLATE):
            self.assertNotIn("Architectures", RESOURCES[name]["Properties"], name)

    def test_an_issuer_is_accepted_as_its_tokens_name_it(self) -> None:
        pattern = TEMPLATE["Parameters"]["JwtIssuer"]["AllowedPattern"]
        # Auth0's tokens have the slash at the end, and functions compare exactly.
        for issuer in ("https://example.auth0.com/", "https://id.example.com/realms/users"):
            self.assertRegex(issuer, pattern)
        self.assertNotRegex("id.example.com", pattern)

    def test_the_functions_are_given_every_variable_they_read(self) -> None:
        source = CONFIGURATION.read_text().split("#[cfg(test)]")[0]
        read = set(re.findall(r'"(PATCHBAY_[A-Z0-9_]+)"', source))
        given = set(TEMPLATE["Globals"]["Function"]["Environment"]["Variables"])
        self.assertGreater(len(read), 10)
        self.assertLessEqual(read, given)
        replaceable = {f"PATCHBAY_{name}_URL" for name in stand_ins.REPLACEABLE}
        with_oauth = {f"PATCHBAY_{name}_OAUTH_URL" for name in stand_ins.WITH_OAUTH}
        self.assertEqual(given - read - {"AWS_ENDPOINT_URL"}, replaceable | with_oauth)

    def test_every_address_parameter_reaches_the_variable_of_its_name(self) -> None:
        given = TEMPLATE["Globals"]["Function"]["Environment"]["Variables"]
        for name, parameter in stand_ins.REPLACEABLE.items():
            expected = {"Fn::If": [f"Has{parameter}Url", {"Ref": f"{parameter}Url"}, {"Ref": "AWS::NoValue"}]}
            self.assertEqual(given[f"PATCHBAY_{name}_URL"], expected)

    def test_sample_events_belong_to_functions(self) -> None:
        named = {it.name for it in (folders.ROOT / "events").iterdir() if it.is_dir()} - {"demo"}
        self.assertLessEqual(named, set(folders.FUNCTIONS))


def _function(route: dict[str, Any]) -> str:
    integration = re.fullmatch(r"integrations/\$\{(\w+)\}", route["Target"]["Fn::Sub"])
    assert integration
    uri = RESOURCES[integration[1]]["Properties"]["IntegrationUri"]
    return template.functions(TEMPLATE)[uri["Fn::GetAtt"][0]]


def _asks_who(route: dict[str, Any]) -> bool:
    return bool(route["AuthorizationType"] == {"Fn::If": ["UseGatewayAuthorizer", "JWT", "NONE"]})


if __name__ == "__main__":
    unittest.main()
