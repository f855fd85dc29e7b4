"""Reading the template the way the checks of it need: roles of functions, statements of policies, environment."""

from typing import Any

from local import template

TEMPLATE = template.load()
RESOURCES: dict[str, dict[str, Any]] = TEMPLATE["Resources"]


def of_type(kind: str) -> dict[str, dict[str, Any]]:
    """The properties of the resources of one type, by logical id."""
    return {name: it["Properties"] for name, it in template.resources(TEMPLATE, kind).items()}


def as_list(value: Any) -> list[Any]:
    """What CloudFormation lets stand alone, as the list it means."""
    return value if isinstance(value, list) else [value]


def statements(role: dict[str, Any]) -> list[dict[str, Any]]:
    """Every statement of a role's own policies."""
    return [it for policy in role["Policies"] for it in policy["PolicyDocument"]["Statement"]]


def actions(role: dict[str, Any]) -> set[str]:
    """Every action a role may take."""
    return {action for it in statements(role) for action in as_list(it["Action"])}


def may_use(role: dict[str, Any], service: str) -> list[dict[str, Any]]:
    """The statements of a role that concern one service."""
    return [it for it in statements(role) if any(a.startswith(f"{service}:") for a in as_list(it["Action"]))]


def role_of(function: str) -> dict[str, Any]:
    """The role of a function, by the function's folder name."""
    for logical_id, name in template.functions(TEMPLATE).items():
        if name == function:
            role = RESOURCES[logical_id]["Properties"]["Role"]["Fn::GetAtt"][0]
            return dict(RESOURCES[role]["Properties"])
    raise AssertionError(f"the template has no function {function}")
