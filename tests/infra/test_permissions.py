"""Who may do what: one role for each function, with the actions it needs and no others."""

import unittest
from typing import Any

from local import template

from policy import RESOURCES, TEMPLATE, actions, as_list, may_use, of_type, role_of, statements

FUNCTIONS = sorted(template.functions(TEMPLATE).values())
HANDLE_TOKENS = {"api", "oauth-callback", "notion-export", "calendar-sync"}
WORKS_OFF = {
    "ticket-extraction": {"TranscriptionQueue"},
    "notion-export": {"JobsQueue"},
    "calendar-sync": {"CalendarQueue"},
}
# The scheduler sends what is due; a job that goes on later sends itself.
FILLS = {
    "api": {"JobsQueue", "CalendarQueue"},
    "scheduler": {"TranscriptionQueue", "JobsQueue", "CalendarQueue"},
    "notion-export": {"JobsQueue"},
    "calendar-sync": {"CalendarQueue"},
}
HANDLE_TRANSCRIPTS = {"api", "ticket-extraction"}
# What tells of a change may only say that there was one.
TAKES_NOTICE = {"dynamodb:GetItem", "dynamodb:UpdateItem"}
NEED_NO_RESOURCE = {"xray:PutTraceSegments", "xray:PutTelemetryRecords"}


class Permissions(unittest.TestCase):
    """The roles in the template."""

    def test_every_function_has_a_role_of_its_own(self) -> None:
        roles = [RESOURCES[name]["Properties"]["Role"]["Fn::GetAtt"][0] for name in template.functions(TEMPLATE)]
        self.assertEqual(len(roles), len(set(roles)))

    def test_no_role_has_a_wildcard_in_an_action(self) -> None:
        for name, role in of_type("AWS::IAM::Role").items():
            self.assertNotIn("ManagedPolicyArns", role, name)
            for action in actions(role):
                self.assertNotIn("*", action, name)

    def test_every_statement_names_its_resource_where_the_service_allows_it(self) -> None:
        for name, role in of_type("AWS::IAM::Role").items():
            for statement in statements(role):
                if "*" in as_list(statement["Resource"]):
                    self.assertLessEqual(set(statement["Action"]), NEED_NO_RESOURCE, name)

    def test_only_functions_that_handle_tokens_may_use_the_key_and_only_for_tokens(self) -> None:
        for function in FUNCTIONS:
            kms = [
                it for it in statements(role_of(function)) if any(a.startswith("kms:") for a in as_list(it["Action"]))
            ]
            self.assertEqual(bool(kms), function in HANDLE_TOKENS, function)
            for statement in kms:
                self.assertEqual(set(statement["Action"]), {"kms:GenerateDataKey", "kms:Decrypt"})
                self.assertEqual(statement["Condition"], _tokens_only())

    def test_the_key_itself_is_usable_for_tokens_only(self) -> None:
        for key in of_type("AWS::KMS::Key").values():
            for statement in key["KeyPolicy"]["Statement"]:
                given = set(as_list(statement["Action"]))
                self.assertFalse(any("*" in action for action in given))
                if given & {"kms:Decrypt", "kms:GenerateDataKey", "kms:Encrypt"}:
                    self.assertEqual(statement["Condition"], _tokens_only())

    def test_transcripts_are_reached_only_by_those_who_need_them_and_only_at_their_keys(self) -> None:
        for function in FUNCTIONS:
            s3 = may_use(role_of(function), "s3")
            self.assertEqual(bool(s3), function in HANDLE_TRANSCRIPTS, function)
            for statement in s3:
                if set(statement["Action"]) != {"s3:ListBucket"}:
                    self.assertTrue(statement["Resource"]["Fn::Sub"].endswith("/*/*/transcription.vtt"))

    def test_only_the_scheduler_reads_an_index(self) -> None:
        for function in FUNCTIONS:
            indexes = [it for it in statements(role_of(function)) if "/index/" in str(it["Resource"])]
            self.assertEqual(bool(indexes), function == "scheduler", function)

    def test_queues_are_filled_by_the_scheduler_and_those_who_begin_or_go_on_later_and_emptied_by_workers(self) -> None:
        for function in FUNCTIONS:
            self.assertEqual(_queues(function, "sqs:SendMessage"), FILLS.get(function, set()), function)
            for action in ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"):
                self.assertEqual(_queues(function, action), WORKS_OFF.get(function, set()), (function, action))

    def test_what_anybody_may_call_without_a_token_of_ours_reaches_nothing_but_the_table(self) -> None:
        given = {it for it in actions(role_of("provider-push")) if not it.startswith(("logs:", "xray:"))}
        self.assertEqual(given, TAKES_NOTICE)

    def test_no_role_may_scan_or_delete_the_table(self) -> None:
        for function in FUNCTIONS:
            forbidden = {"dynamodb:Scan", "dynamodb:DeleteTable", "s3:DeleteObject", "sqs:PurgeQueue"}
            self.assertFalse(actions(role_of(function)) & forbidden, function)

    def test_the_bucket_refuses_unencrypted_connections(self) -> None:
        (policy,) = of_type("AWS::S3::BucketPolicy").values()
        (deny,) = policy["PolicyDocument"]["Statement"]
        self.assertEqual(deny["Effect"], "Deny")
        self.assertEqual(deny["Condition"], {"Bool": {"aws:SecureTransport": "false"}})


def _queues(function: str, action: str) -> set[str]:
    """The queues on which a function may do this."""
    able = [it for it in statements(role_of(function)) if action in as_list(it["Action"])]
    return {queue["Fn::GetAtt"][0] for statement in able for queue in as_list(statement["Resource"])}


def _tokens_only() -> dict[str, Any]:
    return {"StringEquals": {"kms:EncryptionContext:purpose": "connection-tokens"}}


if __name__ == "__main__":
    unittest.main()
