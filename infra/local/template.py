"""The deployment's template as data, and the form of it that a local AWS can take."""

import copy
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from .folders import TEMPLATE

Template = dict[str, Any]


class _Loader(yaml.SafeLoader):
    """Reads CloudFormation's short forms, such as !Ref, as their long forms."""


def _short_form(loader: _Loader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    if isinstance(node, yaml.ScalarNode):
        value: Any = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        assert isinstance(node, yaml.MappingNode)
        value = loader.construct_mapping(node, deep=True)
    if suffix == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}": value}


_Loader.add_multi_constructor("!", _short_form)


def load(path: Path = TEMPLATE) -> Template:
    """The template with every short form written out."""
    template: Template = yaml.load(path.read_text(), Loader=_Loader)  # noqa: S506 (the loader is a safe one)
    return template


def resources(template: Template, kind: str) -> dict[str, dict[str, Any]]:
    """The resources of one type, by logical id."""
    found = template["Resources"].items()
    return {name: it for name, it in found if isinstance(it, dict) and it.get("Type") == kind}


def functions(template: Template) -> dict[str, str]:
    """The folder name of each function, by logical id."""
    found = resources(template, "AWS::Serverless::Function").items()
    return {name: Path(it["Properties"]["CodeUri"]).name for name, it in found}


def with_code(template: Template, code: Mapping[str, str]) -> str:
    """The template as JSON, with each function's code at the given s3:// address (what packaging does)."""
    local = copy.deepcopy(template)
    for logical_id, name in functions(template).items():
        local["Resources"][logical_id]["Properties"]["CodeUri"] = code[name]
    return json.dumps(local)
