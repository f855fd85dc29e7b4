"""What the template means for one stack: its references, conditions and substitutions, worked out."""

import re
from typing import Any

from local import deployment, stack
from local.cloud import REGION, client

from policy import RESOURCES, TEMPLATE

ACCOUNT = "000000000000"
ARNS = {
    "AWS::DynamoDB::Table": f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{{}}",
    "AWS::IAM::Role": f"arn:aws:iam::{ACCOUNT}:role/{{}}",
    "AWS::KMS::Key": f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{{}}",
    "AWS::Logs::LogGroup": f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{{}}:*",
    "AWS::S3::Bucket": "arn:aws:s3:::{}",
    "AWS::SQS::Queue": f"arn:aws:sqs:{REGION}:{ACCOUNT}:{{}}",
    "AWS::Serverless::Function": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{{}}",
}
NOTHING = object()


class Intended:
    """The template, with the parameters and the resources' names of the running stack."""

    def __init__(self, running: stack.Description) -> None:
        cloudformation = client(running["aws_endpoint"], "cloudformation")
        (made,) = cloudformation.describe_stacks(StackName=deployment.STACK)["Stacks"]
        self.names: dict[str, str] = running["resources"]
        defaults = {name: str(it.get("Default", "")) for name, it in TEMPLATE["Parameters"].items()}
        given = {it["ParameterKey"]: it["ParameterValue"] for it in made["Parameters"]}
        self.known: dict[str, Any] = defaults | given | self.names
        self.known |= {"AWS::StackName": deployment.STACK, "AWS::Region": REGION, "AWS::AccountId": ACCOUNT}
        self.known |= {"AWS::Partition": "aws", "AWS::URLSuffix": "amazonaws.com", "AWS::NoValue": NOTHING}

    def exists(self, logical_id: str) -> bool:
        """Whether the resource's condition holds."""
        condition = RESOURCES[logical_id].get("Condition")
        return condition is None or self.holds(condition)

    def holds(self, condition: str) -> bool:
        """Whether a condition of the template holds."""
        return bool(self.value(TEMPLATE["Conditions"][condition]))

    def properties(self, logical_id: str) -> dict[str, Any]:
        """The properties of a resource; a function's with what all functions share."""
        resource = RESOURCES[logical_id]
        own: dict[str, Any] = resource["Properties"]
        if resource["Type"] == "AWS::Serverless::Function":
            shared = TEMPLATE["Globals"]["Function"]
            own = shared | own | {"LoggingConfig": shared["LoggingConfig"] | own["LoggingConfig"]}
        return dict(self.value(own))

    def value(self, written: Any) -> Any:
        """What stands in the template, worked out."""
        if isinstance(written, list):
            return [it for it in map(self.value, written) if it is not NOTHING]
        if not isinstance(written, dict):
            return written
        match list(written.items()):
            case [("Ref", name)]:
                return self.known[name]
            case [("Fn::GetAtt", [name, attribute])]:
                return self.attribute(name, attribute)
            case [("Fn::Sub", text)]:
                return re.sub(r"\$\{([\w:.]+)\}", lambda it: str(self.named(it[1])), text)
            case [("Fn::If", [condition, then, otherwise])]:
                return self.value(then if self.holds(condition) else otherwise)
            case [("Fn::Equals", [one, other])]:
                return self.value(one) == self.value(other)
            case [("Fn::Not", [condition])]:
                return not self.value(condition)
        worked_out = {name: self.value(it) for name, it in written.items()}
        return {name: it for name, it in worked_out.items() if it is not NOTHING}

    def named(self, name: str) -> Any:
        """What a name between braces stands for."""
        return self.attribute(*name.split(".")) if "." in name else self.known[name]

    def attribute(self, name: str, attribute: str) -> str:
        """An attribute of a resource: its ARN, or a queue's name."""
        own = self.names[name].rsplit("/", 1)[1] if RESOURCES[name]["Type"] == "AWS::SQS::Queue" else self.names[name]
        assert attribute in ("Arn", "QueueName"), attribute
        return ARNS[RESOURCES[name]["Type"]].format(own) if attribute == "Arn" else own


def alike(value: Any) -> Any:
    """A value in the form in which both sides are compared: a list of one is the one, numbers and truth are text."""
    if isinstance(value, dict):
        return {name: alike(it) for name, it in value.items()}
    if isinstance(value, list):
        return alike(value[0]) if len(value) == 1 else [alike(it) for it in value]
    if isinstance(value, bool):
        return str(value).lower()
    try:
        return str(float(value))
    except (TypeError, ValueError):
        return value
