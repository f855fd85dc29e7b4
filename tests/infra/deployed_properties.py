"""Every property that the template gives a resource, compared with what the local AWS says of it."""

import unittest

from local import stack

from intended import Intended, alike
from made import Made
from policy import RESOURCES

# What the local AWS does not tell, and why nothing is lost by it. Everything else is compared.
NOT_COMPARED = {
    ("AWS::ApiGatewayV2::Stage", "DefaultRouteSettings"): "dropped: the local gateway does not throttle",
    ("AWS::DynamoDB::Table", "SSESpecification"): "dropped: nothing is encrypted on one's own machine",
    ("AWS::KMS::Key", "PendingWindowInDays"): "told only of a key that is being deleted",
    ("AWS::S3::Bucket", "LifecycleConfiguration"): "dropped: no local stack lives for a month",
    ("AWS::SNS::Topic", "KmsMasterKeyId"): "not made: locally nobody is told by e-mail",
    ("AWS::SNS::Topic", "Subscription"): "not made: locally nobody is told by e-mail",
    ("AWS::SecretsManager::Secret", "SecretString"): "written anew with every start; deployed_resources.py looks at it",
    ("AWS::Serverless::Function", "CodeUri"): "the address of the package, which is another one for each deployment",
}


class Properties(unittest.TestCase):
    """The resources of the running stack, property by property."""

    made: Made
    intended: Intended

    @classmethod
    def setUpClass(cls) -> None:
        running = stack.describe()
        cls.made, cls.intended = Made(running), Intended(running)

    def test_every_property_is_the_templates(self) -> None:
        for logical_id, resource in RESOURCES.items():
            if not self.intended.exists(logical_id) or resource["Type"] not in self.made.readers:
                continue
            told = self.made.readers[resource["Type"]](self.intended.names[logical_id])
            for name, value in self.intended.properties(logical_id).items():
                if (resource["Type"], name) not in NOT_COMPARED:
                    with self.subTest(resource=logical_id, property=name):
                        self.assertEqual(alike(told.get(name)), alike(value))

    def test_every_type_of_resource_is_compared_or_listed(self) -> None:
        for resource in RESOURCES.values():
            if resource["Type"] not in self.made.readers:
                for name in resource["Properties"]:
                    self.assertIn((resource["Type"], name), NOT_COMPARED)

    def test_what_is_listed_is_in_the_template_and_indeed_not_told(self) -> None:
        listed = set(NOT_COMPARED)
        for logical_id, resource in RESOURCES.items():
            listed -= {(resource["Type"], name) for name in resource["Properties"]}
            if self.intended.exists(logical_id) and resource["Type"] in self.made.readers:
                told = self.made.readers[resource["Type"]](self.intended.names[logical_id])
                for name in resource["Properties"]:
                    if (resource["Type"], name) in NOT_COMPARED:
                        self.assertFalse(told.get(name), (logical_id, name))
        self.assertEqual(listed, set())


if __name__ == "__main__":
    unittest.main()
