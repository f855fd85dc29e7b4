"""What the local AWS made of the template: compared with the template, resource by resource."""

import json
import unittest
from typing import Any

from local import stack, template
from local.cloud import client

from contract import ROUTES
from policy import RESOURCES, TEMPLATE, of_type

# Described in the template, not made by the local AWS because its condition does not hold.
NOT_LOCAL = {"JwtAuthorizer", "AlarmTopic"}


class Deployed(unittest.TestCase):
    """The resources of the running stack."""

    running: dict[str, Any]

    @classmethod
    def setUpClass(cls) -> None:
        cls.running = stack.describe()

    def client(self, service: str) -> Any:
        """An SDK client for the running local AWS."""
        return client(self.running["aws_endpoint"], service)

    def test_every_resource_of_the_template_exists(self) -> None:
        self.assertLessEqual(set(RESOURCES) - NOT_LOCAL, set(self.running["resources"]))

    def test_the_table_is_the_templates_including_expiry_and_backups(self) -> None:
        (described,) = of_type("AWS::DynamoDB::Table").values()
        dynamodb, name = self.client("dynamodb"), self.running["outputs"]["TableName"]
        table = dynamodb.describe_table(TableName=name)["Table"]
        self.assertEqual(table["KeySchema"], described["KeySchema"])
        indexes = {it["IndexName"]: (it["KeySchema"], it["Projection"]) for it in table["GlobalSecondaryIndexes"]}
        expected = {it["IndexName"]: (it["KeySchema"], it["Projection"]) for it in described["GlobalSecondaryIndexes"]}
        self.assertEqual(indexes, expected)
        expiry = dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
        self.assertEqual(expiry["TimeToLiveStatus"], "ENABLED")
        self.assertEqual(expiry["AttributeName"], described["TimeToLiveSpecification"]["AttributeName"])
        backups = dynamodb.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
        self.assertEqual(backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"], "ENABLED")

    def test_the_queues_are_the_templates(self) -> None:
        sqs = self.client("sqs")
        for name, described in of_type("AWS::SQS::Queue").items():
            url = self.running["resources"][name]
            made = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
            self.assertEqual(made["FifoQueue"], "true", name)
            self.assertEqual(int(made["MessageRetentionPeriod"]), described["MessageRetentionPeriod"], name)
            if "RedrivePolicy" in described:
                redrive = json.loads(made["RedrivePolicy"])
                self.assertEqual(int(redrive["maxReceiveCount"]), described["RedrivePolicy"]["maxReceiveCount"])
                self.assertTrue(redrive["deadLetterTargetArn"].endswith("-dead-letters.fifo"))
                self.assertEqual(int(made["VisibilityTimeout"]), described["VisibilityTimeout"], name)

    def test_the_functions_are_the_templates(self) -> None:
        functions = self.client("lambda")
        shared = TEMPLATE["Globals"]["Function"]
        for logical_id, name in template.functions(TEMPLATE).items():
            own = RESOURCES[logical_id]["Properties"]
            made = functions.get_function_configuration(FunctionName=self.running["resources"][logical_id])
            self.assertTrue(made["FunctionName"].endswith(f"-{name}"))
            self.assertEqual(made["Runtime"], "provided.al2023")
            self.assertEqual(made["MemorySize"], own.get("MemorySize", shared["MemorySize"]))
            self.assertEqual(made["Timeout"], shared["Timeout"])
            variables = made["Environment"]["Variables"]
            always = {name for name, value in shared["Environment"]["Variables"].items() if "Ref" in value}
            self.assertLessEqual(always, set(variables))
            self.assertLessEqual(set(variables), set(shared["Environment"]["Variables"]))
            self.assertEqual(variables["PATCHBAY_PUBLIC_URL"], self.running["api_url"])
            self.assertEqual(variables["AWS_ENDPOINT_URL"], self.running["aws_endpoint"])

    def test_the_gateway_has_the_contracts_routes(self) -> None:
        made = self.client("apigatewayv2").get_routes(ApiId=self.running["outputs"]["HttpApiId"], MaxResults="100")
        self.assertEqual({it["RouteKey"] for it in made["Items"]}, set(ROUTES))

    def test_every_queue_is_mapped_to_its_function(self) -> None:
        mappings = self.client("lambda").list_event_source_mappings()["EventSourceMappings"]
        made = {(it["EventSourceArn"].rsplit(":", 1)[1], it["FunctionArn"].rsplit(":", 1)[1]) for it in mappings}
        self.assertEqual(
            made,
            {
                ("patchbay-jobs.fifo", "patchbay-notion-export"),
                ("patchbay-transcription.fifo", "patchbay-ticket-extraction"),
                ("patchbay-calendar.fifo", "patchbay-calendar-sync"),
            },
        )
        described = of_type("AWS::Lambda::EventSourceMapping").values()
        batches = {it["EventSourceArn"]["Fn::GetAtt"][0]: it for it in described}
        for mapping in mappings:
            queue = mapping["EventSourceArn"].rsplit(":patchbay-", 1)[1].removesuffix(".fifo")
            of_queue = batches[f"{queue.capitalize()}Queue"]
            for name in ("FunctionResponseTypes", "BatchSize", "ScalingConfig"):
                self.assertEqual(mapping[name], of_queue[name], (queue, name))

    def test_the_sweep_runs_every_minute(self) -> None:
        (summary,) = self.client("scheduler").list_schedules()["Schedules"]
        schedule = self.client("scheduler").get_schedule(Name=summary["Name"], GroupName=summary["GroupName"])
        self.assertEqual(schedule["ScheduleExpression"], "rate(1 minute)")
        self.assertEqual(json.loads(schedule["Target"]["Input"]), {"task": "sweep"})

    def test_the_key_rotates_and_has_its_alias(self) -> None:
        kms = self.client("kms")
        key = self.running["resources"]["TokenKey"]
        self.assertTrue(kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"])
        aliases = {it["AliasName"]: it.get("TargetKeyId") for it in kms.list_aliases()["Aliases"]}
        self.assertEqual(aliases["alias/patchbay-tokens"], key)

    def test_the_secret_is_written_and_not_the_placeholder(self) -> None:
        secret = self.client("secretsmanager").get_secret_value(SecretId=self.running["outputs"]["SecretId"])
        document = json.loads(secret["SecretString"])
        self.assertGreater(len(document["providers"]["notion"]["client_secret"]), 20)


if __name__ == "__main__":
    unittest.main()
