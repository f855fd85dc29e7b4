"""What must not be lost or leak: queues, table, key, bucket, logs, and the alarms that tell when something is wrong."""

import unittest
from typing import Any

from local import template

from policy import RESOURCES, TEMPLATE, of_type

FUNCTIONS = set(template.functions(TEMPLATE).values())
TIMEOUT_S = TEMPLATE["Globals"]["Function"]["Timeout"]


class Queues(unittest.TestCase):
    """Queues and the mappings that empty them."""

    def setUp(self) -> None:
        queues = of_type("AWS::SQS::Queue")
        self.work = {name: it for name, it in queues.items() if "RedrivePolicy" in it}
        self.dead_letters = {name: it for name, it in queues.items() if "RedrivePolicy" not in it}

    def test_every_queue_has_dead_letters_of_its_own_that_are_kept_for_two_weeks(self) -> None:
        targets = [it["RedrivePolicy"]["deadLetterTargetArn"]["Fn::GetAtt"][0] for it in self.work.values()]
        self.assertEqual(sorted(targets), sorted(self.dead_letters))
        for queue in self.work.values():
            self.assertEqual(queue["RedrivePolicy"]["maxReceiveCount"], 5)
        for queue in self.dead_letters.values():
            self.assertEqual(queue["MessageRetentionPeriod"], 14 * 24 * 3600)

    def test_every_queue_is_first_in_first_out_named_and_encrypted(self) -> None:
        for name, queue in (self.work | self.dead_letters).items():
            self.assertTrue(queue["FifoQueue"], name)
            self.assertTrue(queue["SqsManagedSseEnabled"], name)
            self.assertTrue(queue["QueueName"]["Fn::Sub"].endswith(".fifo"), name)

    def test_a_message_stays_invisible_six_times_as_long_as_its_function_may_run(self) -> None:
        for queue in self.work.values():
            self.assertGreaterEqual(queue["VisibilityTimeout"], 6 * TIMEOUT_S)

    def test_every_queue_is_worked_on_and_a_batch_may_fail_in_part(self) -> None:
        mappings = of_type("AWS::Lambda::EventSourceMapping").values()
        sources = [it["EventSourceArn"]["Fn::GetAtt"][0] for it in mappings]
        self.assertEqual(sorted(sources), sorted(self.work))
        for mapping in mappings:
            self.assertEqual(mapping["FunctionResponseTypes"], ["ReportBatchItemFailures"])

    def test_an_alarm_tells_of_every_message_put_aside(self) -> None:
        watched = {
            it["Dimensions"][0]["Value"]["Fn::GetAtt"][0]
            for it in of_type("AWS::CloudWatch::Alarm").values()
            if it["MetricName"] == "ApproximateNumberOfMessagesVisible"
        }
        self.assertEqual(watched, set(self.dead_letters))


class Storage(unittest.TestCase):
    """The table, the key, the bucket, the secret."""

    def test_the_table_expires_items_is_encrypted_and_can_be_restored(self) -> None:
        (table,) = of_type("AWS::DynamoDB::Table").values()
        self.assertEqual(table["TimeToLiveSpecification"], {"AttributeName": "expires_at", "Enabled": True})
        self.assertTrue(table["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"])
        self.assertTrue(table["SSESpecification"]["SSEEnabled"])
        self.assertEqual(table["BillingMode"], "PAY_PER_REQUEST")

    def test_the_table_has_the_keys_and_indexes_that_the_store_reads(self) -> None:
        (table,) = of_type("AWS::DynamoDB::Table").values()
        self.assertEqual([it["AttributeName"] for it in table["KeySchema"]], ["pk", "sk"])
        indexes = {it["IndexName"]: it["KeySchema"] for it in table["GlobalSecondaryIndexes"]}
        keys = {name: [it["AttributeName"] for it in schema] for name, schema in indexes.items()}
        self.assertEqual(keys, {"due": ["due_shard", "due_at"], "external": ["external_id", "sk"]})

    def test_the_key_rotates(self) -> None:
        (key,) = of_type("AWS::KMS::Key").values()
        self.assertTrue(key["EnableKeyRotation"])

    def test_the_bucket_is_private_encrypted_and_keeps_old_versions_for_a_while(self) -> None:
        (bucket,) = of_type("AWS::S3::Bucket").values()
        self.assertEqual(set(bucket["PublicAccessBlockConfiguration"].values()), {True})
        self.assertIn("BucketEncryption", bucket)
        self.assertEqual(bucket["VersioningConfiguration"]["Status"], "Enabled")
        rules = bucket["LifecycleConfiguration"]["Rules"]
        self.assertTrue(any("NoncurrentVersionExpiration" in rule for rule in rules))

    def test_what_holds_data_survives_the_stack(self) -> None:
        for name, resource in RESOURCES.items():
            if resource["Type"] in (
                "AWS::DynamoDB::Table",
                "AWS::KMS::Key",
                "AWS::S3::Bucket",
                "AWS::SecretsManager::Secret",
            ):
                self.assertEqual(resource["UpdateReplacePolicy"], "Retain", name)
                self.assertEqual(resource["DeletionPolicy"], "Retain", name)

    def test_the_template_holds_no_secret(self) -> None:
        (secret,) = of_type("AWS::SecretsManager::Secret").values()
        self.assertEqual(secret["SecretString"], "{}")


class Telling(unittest.TestCase):
    """Logs, traces, alarms."""

    def test_every_log_group_forgets_after_a_while(self) -> None:
        groups = of_type("AWS::Logs::LogGroup")
        names = {it["LogGroupName"]["Fn::Sub"] for it in groups.values()}
        self.assertEqual(
            names,
            {f"/aws/lambda/${{AWS::StackName}}-{name}" for name in FUNCTIONS} | {"/aws/apigateway/${AWS::StackName}"},
        )
        for group in groups.values():
            self.assertEqual(group["RetentionInDays"], {"Ref": "LogRetentionDays"})

    def test_every_function_logs_json_to_its_group_and_is_traced(self) -> None:
        shared = TEMPLATE["Globals"]["Function"]
        self.assertEqual(shared["Tracing"], "Active")
        self.assertEqual(shared["LoggingConfig"]["LogFormat"], "JSON")
        for name in template.functions(TEMPLATE):
            group = RESOURCES[name]["Properties"]["LoggingConfig"]["LogGroup"]["Ref"]
            self.assertIn(group, of_type("AWS::Logs::LogGroup"))

    def test_errors_throttles_and_slowness_of_every_function_raise_an_alarm(self) -> None:
        for metric in ("Errors", "Throttles", "Duration"):
            watched = [it["Dimensions"][0]["Value"]["Ref"] for it in _alarms_on("AWS/Lambda", metric)]
            self.assertEqual(sorted(watched), sorted(template.functions(TEMPLATE)), metric)

    def test_the_alarm_for_slowness_rings_before_the_function_is_stopped(self) -> None:
        for slow in _alarms_on("AWS/Lambda", "Duration"):
            self.assertLess(slow["Threshold"], TIMEOUT_S * 1000)
            self.assertGreater(slow["Threshold"], TIMEOUT_S * 500)

    def test_writes_that_ended_without_an_answer_raise_an_alarm(self) -> None:
        self.assertEqual(len(_alarms_on("Patchbay", "AmbiguousOutcome")), 1)

    def test_the_access_log_holds_neither_paths_nor_queries(self) -> None:
        (stage,) = of_type("AWS::ApiGatewayV2::Stage").values()
        log = stage["AccessLogSettings"]["Format"]
        for leaky in ("$context.path", "$context.httpMethod", "authorizer", "$context.identity"):
            self.assertNotIn(leaky, log)


def _alarms_on(namespace: str, metric: str) -> list[dict[str, Any]]:
    alarms = of_type("AWS::CloudWatch::Alarm").values()
    return [it for it in alarms if (it["Namespace"], it["MetricName"]) == (namespace, metric)]


if __name__ == "__main__":
    unittest.main()
