"""What the local AWS says that it made, in the words of the template."""

import json
from collections.abc import Callable, Iterable
from typing import Any

from botocore.exceptions import ClientError
from local import stack
from local.cloud import client

Properties = dict[str, Any]


class Made:
    """The resources of the running stack, asked for by their own names."""

    def __init__(self, running: stack.Description) -> None:
        self.endpoint: str = running["aws_endpoint"]
        self.api: str = running["outputs"]["HttpApiId"]
        self.readers: dict[str, Callable[[str], Properties]] = {
            "AWS::ApiGatewayV2::Api": self._api,
            "AWS::ApiGatewayV2::Authorizer": self._authorizer,
            "AWS::ApiGatewayV2::Integration": self._integration,
            "AWS::ApiGatewayV2::Route": self._route,
            "AWS::ApiGatewayV2::Stage": self._stage,
            "AWS::CloudWatch::Alarm": self._alarm,
            "AWS::CloudWatch::Dashboard": self._dashboard,
            "AWS::DynamoDB::Table": self._table,
            "AWS::IAM::Role": self._role,
            "AWS::KMS::Alias": self._alias,
            "AWS::KMS::Key": self._key,
            "AWS::Lambda::EventSourceMapping": self._mapping,
            "AWS::Lambda::Permission": self._permission,
            "AWS::Logs::LogGroup": self._log_group,
            "AWS::S3::Bucket": self._bucket,
            "AWS::S3::BucketPolicy": self._bucket_policy,
            "AWS::SQS::Queue": self._queue,
            "AWS::Scheduler::Schedule": self._schedule,
            "AWS::SecretsManager::Secret": self._secret,
            "AWS::Serverless::Function": self._function,
        }

    def client(self, service: str) -> Any:
        """An SDK client for the running local AWS."""
        return client(self.endpoint, service)

    def _api(self, name: str) -> Properties:
        return _plain(self.client("apigatewayv2").get_api(ApiId=name))

    def _stage(self, name: str) -> Properties:
        return _plain(self.client("apigatewayv2").get_stage(ApiId=self.api, StageName=name)) | {"ApiId": self.api}

    def _authorizer(self, name: str) -> Properties:
        made = self.client("apigatewayv2").get_authorizer(ApiId=self.api, AuthorizerId=name)
        return _plain(made) | {"ApiId": self.api}

    def _integration(self, name: str) -> Properties:
        made = self.client("apigatewayv2").get_integration(ApiId=self.api, IntegrationId=name)
        return _plain(made) | {"ApiId": self.api}

    def _route(self, name: str) -> Properties:
        api, route = name.split("/")
        return _plain(self.client("apigatewayv2").get_route(ApiId=api, RouteId=route)) | {"ApiId": api}

    def _alarm(self, name: str) -> Properties:
        (alarm,) = self.client("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"]
        return _plain(alarm)

    def _dashboard(self, name: str) -> Properties:
        made = self.client("cloudwatch").get_dashboard(DashboardName=name)
        return {"DashboardName": name, "DashboardBody": made["DashboardBody"]}

    def _table(self, name: str) -> Properties:
        dynamodb = self.client("dynamodb")
        table = _plain(dynamodb.describe_table(TableName=name)["Table"])
        expiry = dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
        backups = dynamodb.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
        to_the_second = backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"]
        indexes = ("IndexName", "KeySchema", "Projection")
        return table | {
            "BillingMode": table["BillingModeSummary"]["BillingMode"],
            "GlobalSecondaryIndexes": [_only(it, indexes) for it in table["GlobalSecondaryIndexes"]],
            "TimeToLiveSpecification": {
                "AttributeName": expiry["AttributeName"],
                "Enabled": expiry["TimeToLiveStatus"] == "ENABLED",
            },
            "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": to_the_second == "ENABLED"},
        }

    def _role(self, name: str) -> Properties:
        iam = self.client("iam")
        own = iam.list_role_policies(RoleName=name)["PolicyNames"]
        policies = [_plain(iam.get_role_policy(RoleName=name, PolicyName=it)) for it in own]
        managed = iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]
        return {
            "AssumeRolePolicyDocument": iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"],
            "Policies": [_only(it, ("PolicyName", "PolicyDocument")) for it in policies] + managed,
        }

    def _key(self, name: str) -> Properties:
        kms = self.client("kms")
        return {
            "Description": kms.describe_key(KeyId=name)["KeyMetadata"]["Description"],
            "EnableKeyRotation": kms.get_key_rotation_status(KeyId=name)["KeyRotationEnabled"],
            "KeyPolicy": json.loads(kms.get_key_policy(KeyId=name, PolicyName="default")["Policy"]),
        }

    def _alias(self, name: str) -> Properties:
        aliases = self.client("kms").list_aliases()["Aliases"]
        return next(_plain(it) for it in aliases if it["AliasName"] == name)

    def _function(self, name: str) -> Properties:
        made = _plain(self.client("lambda").get_function_configuration(FunctionName=name))
        return made | {"Tracing": made["TracingConfig"]["Mode"]}

    def _mapping(self, name: str) -> Properties:
        made = _plain(self.client("lambda").get_event_source_mapping(UUID=name))
        return made | {"FunctionName": made["FunctionArn"].rsplit(":", 1)[1]}

    def _permission(self, name: str) -> Properties:
        functions = self.client("lambda")
        for function in functions.list_functions()["Functions"]:
            for statement in _statements(functions, function["FunctionName"]):
                if statement["Sid"] == name:
                    return {
                        "FunctionName": function["FunctionName"],
                        "Action": statement["Action"],
                        "Principal": statement["Principal"]["Service"],
                        "SourceArn": statement["Condition"]["ArnLike"]["AWS:SourceArn"],
                    }
        raise AssertionError(f"no function's policy has the statement {name}")

    def _log_group(self, name: str) -> Properties:
        groups = self.client("logs").describe_log_groups(logGroupNamePrefix=name)["logGroups"]
        (group,) = (it for it in groups if it["logGroupName"] == name)
        return {"LogGroupName": name, "RetentionInDays": group.get("retentionInDays")}

    def _bucket(self, name: str) -> Properties:
        s3 = self.client("s3")
        encryption = s3.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]["Rules"]
        by_default = [{"ServerSideEncryptionByDefault": it["ApplyServerSideEncryptionByDefault"]} for it in encryption]
        access = s3.get_public_access_block(Bucket=name)
        try:
            rules = {"LifecycleConfiguration": _plain(s3.get_bucket_lifecycle_configuration(Bucket=name))}
        except ClientError:
            rules = {}
        return rules | {
            "BucketEncryption": {"ServerSideEncryptionConfiguration": by_default},
            "OwnershipControls": s3.get_bucket_ownership_controls(Bucket=name)["OwnershipControls"],
            "PublicAccessBlockConfiguration": access["PublicAccessBlockConfiguration"],
            "VersioningConfiguration": {"Status": s3.get_bucket_versioning(Bucket=name)["Status"]},
        }

    def _bucket_policy(self, name: str) -> Properties:
        bucket = name.removesuffix("-policy")
        policy = json.loads(self.client("s3").get_bucket_policy(Bucket=bucket)["Policy"])
        return {"Bucket": bucket, "PolicyDocument": policy}

    def _queue(self, name: str) -> Properties:
        made = _plain(self.client("sqs").get_queue_attributes(QueueUrl=name, AttributeNames=["All"])["Attributes"])
        redrive = {"RedrivePolicy": json.loads(made["RedrivePolicy"])} if "RedrivePolicy" in made else {}
        return made | redrive | {"QueueName": made["QueueArn"].rsplit(":", 1)[1]}

    def _schedule(self, name: str) -> Properties:
        return _plain(self.client("scheduler").get_schedule(Name=name))

    def _secret(self, name: str) -> Properties:
        return _plain(self.client("secretsmanager").describe_secret(SecretId=name))


def _plain(answer: Properties) -> Properties:
    return {name: it for name, it in answer.items() if name != "ResponseMetadata"}


def _only(answer: Properties, names: Iterable[str]) -> Properties:
    return {name: answer[name] for name in names if name in answer}


def _statements(functions: Any, name: str) -> list[Properties]:
    """What a function's own policy says; the scheduler's has none."""
    try:
        return list(json.loads(functions.get_policy(FunctionName=name)["Policy"])["Statement"])
    except functions.exceptions.ResourceNotFoundException:
        return []
