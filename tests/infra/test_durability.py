"""What must not be lost or leak: queues, table, key, bucket, logs, and the alarms that tell when something is wrong."""

import json
import re
import unittest
from typing import Any

from local import folders, template

from policy import RESOURCES, TEMPLATE, of_type

FUNCTIONS = set(template.functions(TEMPLATE).values())


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
            self.assertIn(queue["RedrivePolicy"]["maxReceiveCount"], (5, 20))
        for queue in self.dead_letters.values():
            self.assertEqual(queue["MessageRetentionPeriod"], 14 * 24 * 3600)

    def test_every_queue_is_first_in_first_out_named_and_encrypted(self) -> None:
        for name, queue in (self.work | self.dead_letters).items():
            self.assertTrue(queue["FifoQueue"], name)
            self.assertTrue(queue["SqsManagedSseEnabled"], name)
            self.assertTrue(queue["QueueName"]["Fn::Sub"].endswith(".fifo"), name)

    def test_a_message_stays_invisible_six_times_as_long_as_its_function_may_run(self) -> None:
        for queue in self.work.values():
            self.assertGreaterEqual(queue["VisibilityTimeout"], 6 * _timeout_s())

    def test_every_queue_is_worked_on_and_a_batch_may_fail_in_part(self) -> None:
        mappings = of_type("AWS::Lambda::EventSourceMapping").values()
        sources = [it["EventSourceArn"]["Fn::GetAtt"][0] for it in mappings]
        self.assertEqual(sorted(sources), sorted(self.work))
        for mapping in mappings:
            self.assertEqual(mapping["FunctionResponseTypes"], ["ReportBatchItemFailures"])

    def test_a_piece_of_a_long_job_has_its_function_to_itself(self) -> None:
        for name in ("JobsWorker", "CalendarWorker"):
            self.assertEqual(of_type("AWS::Lambda::EventSourceMapping")[name]["BatchSize"], 1, name)

    def test_a_backlog_does_not_take_all_concurrency(self) -> None:
        for name, mapping in of_type("AWS::Lambda::EventSourceMapping").items():
            self.assertIn(mapping["ScalingConfig"]["MaximumConcurrency"], range(2, 51), name)

    def test_an_alarm_tells_of_every_message_put_aside(self) -> None:
        put_aside = _alarms_on("AWS/SQS", "ApproximateNumberOfMessagesVisible")
        self.assertEqual({_queue(it) for it in put_aside}, set(self.dead_letters))
        for alarm in put_aside:
            self.assertEqual((alarm["Threshold"], alarm["EvaluationPeriods"]), (0, 1))

    def test_an_alarm_tells_of_work_that_waits_for_long(self) -> None:
        waiting = _alarms_on("AWS/SQS", "ApproximateAgeOfOldestMessage")
        self.assertEqual({_queue(it) for it in waiting}, set(self.work))
        for alarm in waiting:
            visibility = self.work[_queue(alarm)]["VisibilityTimeout"]
            self.assertGreater(alarm["Threshold"], 2 * visibility, "one repeat is nothing to ring for")
            self.assertLessEqual(alarm["Threshold"], 3600)


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
            self.assertLess(slow["Threshold"], _timeout_s() * 1000)
            self.assertGreater(slow["Threshold"], _timeout_s() * 500)

    def test_writes_without_an_answer_blocks_and_failing_answers_raise_an_alarm(self) -> None:
        for namespace, metric in (
            ("Patchbay", "AmbiguousOutcome"),
            ("Patchbay", "ProviderBlocked"),
            ("AWS/ApiGateway", "5xx"),
        ):
            self.assertEqual(len(_alarms_on(namespace, metric)), 1, metric)

    def test_what_functions_count_and_alarms_watch_has_the_same_name(self) -> None:
        sources = [*(folders.ROOT / "shared" / "runtime" / "src").glob("*.rs")]
        counted = set(re.findall(r'count\("(\w+)"', "".join(it.read_text() for it in sources)))
        watched = {
            it["MetricName"] for it in of_type("AWS::CloudWatch::Alarm").values() if it["Namespace"] == "Patchbay"
        }
        self.assertLessEqual(watched, counted)

    def test_every_alarm_reaches_the_operator_and_takes_silence_for_health(self) -> None:
        told = {"Fn::If": ["HasAlarmEmail", [{"Ref": "AlarmTopic"}], {"Ref": "AWS::NoValue"}]}
        for name, alarm in of_type("AWS::CloudWatch::Alarm").items():
            self.assertEqual(alarm["AlarmActions"], told, name)
            self.assertEqual(alarm["TreatMissingData"], "notBreaching", name)
            self.assertEqual(alarm["ComparisonOperator"], "GreaterThanThreshold", name)

    def test_the_dashboard_shows_every_function_and_every_queue(self) -> None:
        (dashboard,) = of_type("AWS::CloudWatch::Dashboard").values()
        widgets = json.loads(dashboard["DashboardBody"]["Fn::Sub"])["widgets"]
        shown = [tuple(it) for widget in widgets for it in widget["properties"]["metrics"]]
        stack = "${AWS::StackName}"
        functions = [
            ("AWS/Lambda", metric, "FunctionName", f"{stack}-{name}")
            for metric in ("Errors", "Throttles", "Duration")
            for name in FUNCTIONS
        ]
        queues = [
            ("AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", it["QueueName"]["Fn::Sub"])
            for it in of_type("AWS::SQS::Queue").values()
        ]
        of_these = [it for it in shown if it[0] in ("AWS/Lambda", "AWS/SQS")]
        self.assertEqual(sorted(of_these), sorted(functions + queues))

    def test_the_gateway_is_throttled(self) -> None:
        (stage,) = of_type("AWS::ApiGatewayV2::Stage").values()
        settings = stage["DefaultRouteSettings"]
        self.assertEqual(settings["ThrottlingRateLimit"], {"Ref": "RequestsPerSecond"})
        self.assertEqual(settings["ThrottlingBurstLimit"], {"Ref": "RequestBurst"})

    def test_the_access_log_holds_neither_paths_nor_queries(self) -> None:
        (stage,) = of_type("AWS::ApiGatewayV2::Stage").values()
        log = stage["AccessLogSettings"]["Format"]
        for leaky in ("$context.path", "$context.httpMethod", "authorizer", "$context.identity"):
            self.assertNotIn(leaky, log)


def _timeout_s() -> int:
    return int(TEMPLATE["Globals"]["Function"]["Timeout"])


def _queue(alarm: dict[str, Any]) -> str:
    return str(alarm["Dimensions"][0]["Value"]["Fn::GetAtt"][0])


def _alarms_on(namespace: str, metric: str) -> list[dict[str, Any]]:
    alarms = of_type("AWS::CloudWatch::Alarm").values()
    return [it for it in alarms if (it["Namespace"], it["MetricName"]) == (namespace, metric)]


if __name__ == "__main__":
    unittest.main()
