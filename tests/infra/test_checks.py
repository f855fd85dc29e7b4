"""Every rule that the checks hold the template to is broken here once: a check that cannot fail protects nothing."""

import copy
import io
import unittest
from collections.abc import Callable
from typing import Any

import policy
import test_drift
import test_durability
import test_permissions

Template = dict[str, Any]


def _put(value: object, *path: str | int) -> Callable[[Template], None]:
    """Replaces what stands at a path."""

    def breaking(template: Template) -> None:
        place: Any = template
        for step in path[:-1]:
            place = place[step]
        assert place[path[-1]] != value
        place[path[-1]] = value

    return breaking


def _drop(*path: str | int) -> Callable[[Template], None]:
    """Takes away what stands at a path."""

    def breaking(template: Template) -> None:
        place: Any = template
        for step in path[:-1]:
            place = place[step]
        del place[path[-1]]

    return breaking


def _statement(template: Template, role: str, sid: str) -> Template:
    (rules,) = template["Resources"][role]["Properties"]["Policies"]
    found: Template = next(it for it in rules["PolicyDocument"]["Statement"] if it["Sid"] == sid)
    return found


def _grant(role: str, *actions: str) -> Callable[[Template], None]:
    """Lets a role do more with the table."""

    def breaking(template: Template) -> None:
        _statement(template, role, "KeepState")["Action"].extend(actions)

    return breaking


def _refuse(role: str, sid: str, action: str) -> Callable[[Template], None]:
    """Takes an action from a statement of a role."""

    def breaking(template: Template) -> None:
        _statement(template, role, sid)["Action"].remove(action)

    return breaking


def _elsewhere(role: str, sid: str, resource: object) -> Callable[[Template], None]:
    """Lets a statement of a role hold for another resource."""

    def breaking(template: Template) -> None:
        statement = _statement(template, role, sid)
        assert statement["Resource"] != resource
        statement["Resource"] = resource

    return breaking


def _everywhere(role: str, sid: str) -> Callable[[Template], None]:
    """Lets a statement of a role hold for every resource."""
    return _elsewhere(role, sid, "*")


def _not_shown(name: str) -> Callable[[Template], None]:
    """Puts something else in its place on the dashboard."""

    def breaking(template: Template) -> None:
        body = template["Resources"]["Dashboard"]["Properties"]["DashboardBody"]
        assert f"-{name}" in body["Fn::Sub"]
        body["Fn::Sub"] = body["Fn::Sub"].replace(f"-{name}", "-other")

    return breaking


def _arn(name: str) -> Template:
    return {"Fn::GetAtt": [name, "Arn"]}


def _of(name: str, *path: str | int) -> tuple[str | int, ...]:
    return ("Resources", name, "Properties", *path)


SHARED = ("Globals", "Function")
BREAKINGS: dict[str, Callable[[Template], None]] = {
    "a wildcard in an action": _grant("ApiRole", "dynamodb:*"),
    "an action nobody needs": _grant("ApiRole", "dynamodb:Scan"),
    "a wildcard in place of the table": _everywhere("NotionExportRole", "KeepState"),
    "a wildcard in place of the key": _everywhere("ApiRole", "SealAndOpenTokens"),
    "a wildcard in place of the secret": _everywhere("OauthStartRole", "ReadProviderSecret"),
    "a wildcard in place of the queue": _everywhere("TicketExtractionRole", "WorkOnQueue"),
    "a queue of another function": _elsewhere("CalendarSyncRole", "WorkOnQueue", _arn("JobsQueue")),
    "a queue that the scheduler may not fill": _elsewhere(
        "SchedulerRole", "QueueWhatIsDue", [_arn("JobsQueue"), _arn("TranscriptionQueue")]
    ),
    "a job that cannot go on later": _refuse("CalendarSyncRole", "WorkOnQueue", "sqs:SendMessage"),
    "a message that nobody can delete": _refuse("TicketExtractionRole", "WorkOnQueue", "sqs:DeleteMessage"),
    "a managed policy": lambda it: it["Resources"]["ApiRole"]["Properties"].update(ManagedPolicyArns=["arn"]),
    "a role for two functions": _put(_arn("ApiRole"), *_of("OauthStartFunction", "Role")),
    "a bucket open to everybody": _put(
        False, *_of("TranscriptsBucket", "PublicAccessBlockConfiguration", "BlockPublicPolicy")
    ),
    "a bucket in the clear": _drop(*_of("TranscriptsBucket", "BucketEncryption")),
    "a bucket without a policy": _drop("Resources", "TranscriptsBucketPolicy"),
    "a bucket policy that allows": _put(
        "Allow", *_of("TranscriptsBucketPolicy", "PolicyDocument", "Statement", 0, "Effect")
    ),
    "a table that never forgets": _put(False, *_of("Table", "TimeToLiveSpecification", "Enabled")),
    "a table without backups": _put(
        False, *_of("Table", "PointInTimeRecoverySpecification", "PointInTimeRecoveryEnabled")
    ),
    "a table in the clear": _put(False, *_of("Table", "SSESpecification", "SSEEnabled")),
    "a table that goes with the stack": _put("Delete", "Resources", "Table", "DeletionPolicy"),
    "an index that is missing": _drop(*_of("Table", "GlobalSecondaryIndexes", 1)),
    "a key that does not rotate": _put(False, *_of("TokenKey", "EnableKeyRotation")),
    "a key for everything": _drop(*_of("TokenKey", "KeyPolicy", "Statement", 1, "Condition")),
    "a secret in the template": _put('{"key":"value"}', *_of("ProviderSecret", "SecretString")),
    "a queue without dead letters": _drop(*_of("JobsQueue", "RedrivePolicy")),
    "a queue that gives up at once": _put(1, *_of("JobsQueue", "RedrivePolicy", "maxReceiveCount")),
    "dead letters shared by two queues": _put(
        _arn("TranscriptionDeadLetters"), *_of("JobsQueue", "RedrivePolicy", "deadLetterTargetArn")
    ),
    "dead letters that are soon forgotten": _put(3600, *_of("JobsDeadLetters", "MessageRetentionPeriod")),
    "a message that shows up too early": _put(60, *_of("TranscriptionQueue", "VisibilityTimeout")),
    "a function that may run longer": _put(31, *SHARED, "Timeout"),
    "a queue in the clear": _put(False, *_of("JobsQueue", "SqsManagedSseEnabled")),
    "a queue without order": _put(False, *_of("JobsQueue", "FifoQueue")),
    "several long jobs in one invocation": _put(5, *_of("JobsWorker", "BatchSize")),
    "a batch that fails as a whole": _put([], *_of("JobsWorker", "FunctionResponseTypes")),
    "a backlog without bounds": _drop(*_of("JobsWorker", "ScalingConfig")),
    "a queue worked on by another function": _put({"Ref": "ApiFunction"}, *_of("JobsWorker", "FunctionName")),
    "a queue under another's name": _put(
        {"Ref": "TranscriptionQueue"}, *SHARED, "Environment", "Variables", "PATCHBAY_JOBS_QUEUE_URL"
    ),
    "a queue that nobody is told of": _drop(*SHARED, "Environment", "Variables", "PATCHBAY_CALENDAR_QUEUE_URL"),
    "a function that is not on the dashboard": _not_shown("calendar-sync"),
    "dead letters that are not on the dashboard": _not_shown("calendar-dead-letters.fifo"),
    "dead letters without an alarm": _drop("Resources", "TranscriptionDeadLettersAlarm"),
    "waiting work without an alarm": _drop("Resources", "JobsWaitingAlarm"),
    "an alarm that rings late": _put(86_400, *_of("JobsWaitingAlarm", "Threshold")),
    "errors without an alarm": _drop("Resources", "SchedulerErrorsAlarm"),
    "throttling without an alarm": _drop("Resources", "ApiThrottlesAlarm"),
    "slowness without an alarm": _put(29_000, *_of("ApiSlowAlarm", "Threshold")),
    "lost answers without an alarm": _drop("Resources", "AmbiguousOutcomeAlarm"),
    "blocks without an alarm": _put("ProviderBlock", *_of("ProviderBlockedAlarm", "MetricName")),
    "an alarm that nobody hears": _drop(*_of("GatewayErrorsAlarm", "AlarmActions")),
    "an alarm that rings in the silence": _put("breaching", *_of("ApiErrorsAlarm", "TreatMissingData")),
    "logs that are kept for ever": _drop(*_of("ApiLogs", "RetentionInDays")),
    "logs that nobody can search": _put("Text", *SHARED, "LoggingConfig", "LogFormat"),
    "a path in the access log": _put("$context.path", *_of("HttpStage", "AccessLogSettings", "Format")),
    "a gateway without brakes": _drop(*_of("HttpStage", "DefaultRouteSettings", "ThrottlingRateLimit")),
    "a function that is missing": _drop("Resources", "SchedulerFunction"),
    "a route that is missing": _drop("Resources", "HealthRoute"),
    "a hint that nobody takes": _drop("Resources", "GoogleCalendarHookRoute"),
    "a hint that cannot be written down": _refuse("ProviderPushRole", "TakeNotice", "dynamodb:UpdateItem"),
    "a sync that nobody can ask for": _drop("Resources", "CreateCalendarSyncRoute"),
    "a route of another function": _put(
        {"Fn::Sub": "integrations/${OauthStartIntegration}"}, *_of("HealthRoute", "Target")
    ),
    "a route that forgets to ask who": _put("NONE", *_of("ListConnectionsRoute", "AuthorizationType")),
    "a request in another form": _put("1.0", *_of("ApiIntegration", "PayloadFormatVersion")),
    "a gateway that may not call": _drop("Resources", "ApiPermission"),
    "a variable that is not given": _drop(*SHARED, "Environment", "Variables", "PATCHBAY_TABLE"),
    "a variable that nobody reads": _put({"Ref": "Table"}, *SHARED, "Environment", "Variables", "PATCHBAY_NOTION_URL"),
    "programs for another processor": _put("x86_64", "Parameters", "Architecture", "Default"),
    "a processor that nobody may choose": _put(["arm64"], *SHARED, "Architectures"),
    "a function for a processor of its own": lambda it: it["Resources"]["ApiFunction"]["Properties"].update(
        Architectures=["x86_64"]
    ),
    "a sweep for something else": _put('{"task":"rest"}', *_of("SweepSchedule", "Target", "Input")),
    "a sweep once a day": _put("rate(1 day)", *_of("SweepSchedule", "ScheduleExpression")),
}


class Checks(unittest.TestCase):
    """The checks of this folder, on templates that they must refuse."""

    def setUp(self) -> None:
        self.whole = copy.deepcopy(policy.TEMPLATE)
        self.addCleanup(self.restore)

    def restore(self) -> None:
        """Puts the template back, in the same objects that the checks look at."""
        for section in ("Parameters", "Resources", "Globals"):
            policy.TEMPLATE[section].clear()
            policy.TEMPLATE[section].update(copy.deepcopy(self.whole[section]))

    def passes(self) -> bool:
        """Whether the checks find nothing."""
        loader, suite = unittest.defaultTestLoader, unittest.TestSuite()
        for module in (test_permissions, test_durability, test_drift):
            suite.addTests(loader.loadTestsFromModule(module))
        return unittest.TextTestRunner(stream=io.StringIO()).run(suite).wasSuccessful()

    def test_every_broken_rule_is_noticed(self) -> None:
        self.assertTrue(self.passes())
        for rule, breaking in BREAKINGS.items():
            with self.subTest(rule):
                breaking(policy.TEMPLATE)
                self.assertFalse(self.passes(), f"nobody notices {rule}")
            self.restore()
        self.assertTrue(self.passes())


if __name__ == "__main__":
    unittest.main()
