"""Applies the deployment's template to the local AWS, and sets by hand what that one ignores."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from . import artifacts, folders, template
from .cloud import Cloud
from .report import Failure

STACK = "patchbay"
ARTIFACTS = "patchbay-artifacts"


@dataclass(frozen=True)
class Deployment:
    """What the template made."""

    outputs: dict[str, str]
    resources: dict[str, str]


def deploy(cloud: Cloud, parameters: Mapping[str, str]) -> Deployment:
    """Uploads the programs and creates the stack, as packaging and deploying do on a real account."""
    described = template.load()
    s3 = cloud.client("s3")
    s3.create_bucket(Bucket=ARTIFACTS, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    for name in folders.FUNCTIONS:
        s3.put_object(Bucket=ARTIFACTS, Key=f"{name}.zip", Body=artifacts.zipped(name))
    code = {name: f"s3://{ARTIFACTS}/{name}.zip" for name in folders.FUNCTIONS}
    s3.put_object(Bucket=ARTIFACTS, Key="template.json", Body=template.with_code(described, code).encode())
    cloudformation = cloud.client("cloudformation")
    cloudformation.create_stack(
        StackName=STACK,
        TemplateURL=f"{cloud.endpoint}/{ARTIFACTS}/template.json",
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items() if value],
        Capabilities=["CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
    )
    made = _wait(cloudformation)
    listed = cloudformation.get_paginator("list_stack_resources").paginate(StackName=STACK)
    deployment = Deployment(
        outputs={it["OutputKey"]: it["OutputValue"] for it in made.get("Outputs", [])},
        resources={
            it["LogicalResourceId"]: it["PhysicalResourceId"]
            for page in listed
            for it in page["StackResourceSummaries"]
        },
    )
    _apply_what_was_ignored(cloud.client("dynamodb"), described, deployment.outputs["TableName"])
    return deployment


def _wait(cloudformation: Any) -> dict[str, Any]:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        stack: dict[str, Any] = cloudformation.describe_stacks(StackName=STACK)["Stacks"][0]
        if stack["StackStatus"] == "CREATE_COMPLETE":
            return stack
        if not stack["StackStatus"].endswith("IN_PROGRESS"):
            break
        time.sleep(0.05)
    events = cloudformation.describe_stack_events(StackName=STACK)["StackEvents"]
    reasons = [
        f"{it['LogicalResourceId']}: {it['ResourceStatusReason']}"
        for it in events
        if it["ResourceStatus"].endswith("FAILED") and it.get("ResourceStatusReason")
    ]
    raise Failure(
        "The template could not be applied to the local AWS.\n" + "\n".join(reasons),
        f"Check infra/template.yaml with `make check`, and read {folders.shown(folders.LOGS / 'aws.log')}.",
    )


def _apply_what_was_ignored(dynamodb: Any, described: template.Template, table: str) -> None:
    """The local CloudFormation drops the table's expiry and backups: the template's own values are set here."""
    properties = template.resources(described, "AWS::DynamoDB::Table")["Table"]["Properties"]
    expiry = properties["TimeToLiveSpecification"]
    current = dynamodb.describe_time_to_live(TableName=table)["TimeToLiveDescription"]
    if current.get("TimeToLiveStatus") not in ("ENABLED", "ENABLING"):
        dynamodb.update_time_to_live(TableName=table, TimeToLiveSpecification=expiry)
    dynamodb.update_continuous_backups(
        TableName=table, PointInTimeRecoverySpecification=properties["PointInTimeRecoverySpecification"]
    )
    try:
        set_to = dynamodb.describe_time_to_live(TableName=table)["TimeToLiveDescription"]["AttributeName"]
    except (ClientError, KeyError):
        set_to = None
    if set_to != expiry["AttributeName"]:
        raise Failure(
            f"The table's expiry is on {set_to!r}, but the template says {expiry['AttributeName']!r}.",
            "Check that .tools holds the version of MiniStack in infra/local/requirements.txt (delete it and retry).",
        )
