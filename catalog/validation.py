"""Validation of a file's content against a model: unknown and missing keys, and values of the wrong type."""

from __future__ import annotations

import copy
import re
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import ValidationError

from catalog.field_types import MEANINGS, Entry, closest
from catalog.located_yaml import Finding, Steps
from catalog.models import PARTED, PLAIN

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

_Model = TypeVar("_Model", bound=Entry)
# Where a key may hold one of two kinds of value, pydantic complains about both.
_EITHER = {
    "cardinality": "must be 'one item per row' or {group by: [columns]}",
    "on_duplicate_key": "must be 'fail' or {latest: attribute}",
}
# Values that replace a missing or wrong one, so that it hides no other mistake.
_PLACEHOLDERS = {"type": "S", "engine": "aurora-postgresql"}
_KINDS = {
    "bool_parsing": "must be true or false",
    "bool_type": "must be true or false",
    "dict_type": "must be a mapping of keys to values",
    "int_from_float": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_type": "must be a whole number",
    "model_type": "must be a mapping of keys to values",
    "string_type": "must be a text; quote it if it looks like a number, a date or true",
    "tuple_type": "must be a list",
}


def validate(model: type[_Model], data: Any) -> tuple[_Model | None, list[Finding]]:  # noqa: ANN401 - a file's content
    """Return the model of the data, and every problem of its shape.

    If the data has problems, the model covers its usable part, so that one mistake hides no other; it is None if too
    little is usable.
    """
    try:
        return model.model_validate(data), []
    except ValidationError as error:
        errors = [_without_kinds(entry) for entry in error.errors()]
    try:
        usable: _Model | None = model.model_validate(_usable(data, errors))
    except ValidationError:
        usable = None
    return usable, _findings(model, errors)


def _without_kinds(error: ErrorDetails) -> ErrorDetails:
    """Return the error with the file's own steps, without the model's name that pydantic adds for a table."""
    error["loc"] = tuple(step for step in error["loc"] if step not in (PLAIN, PARTED))
    return error


def _findings(model: type[Entry], errors: list[ErrorDetails]) -> list[Finding]:
    findings: dict[tuple[Steps, str], Finding] = {}
    for error in errors:
        if error["type"] == "too_short" and error["input"]:
            continue  # pydantic counts the valid entries only; each other one is named by itself
        finding = _finding(model, error)
        findings.setdefault((finding.steps, finding.message), finding)
    # A misspelt key is one mistake, not two.
    meant = {(*f.steps[:-1], f.suggestion) for f in findings.values() if f.on_key}
    return [f for f in findings.values() if f.steps not in meant or f.message != "is missing"]


def _finding(model: type[Entry], error: ErrorDetails) -> Finding:
    steps: Steps = tuple(error["loc"])
    either = next((n for n, step in enumerate(steps[:-1], start=1) if step in _EITHER), None)
    if either is not None:
        return Finding(steps[:either], _EITHER[str(steps[either - 1])])
    if steps and steps[-1] == "[key]":  # a mapping's key, not its value
        return Finding(steps[:-1], _pattern(error), on_key=True)
    if error["type"] == "extra_forbidden":
        known = _known_keys(model, steps[:-1])
        like = closest(str(steps[-1]), known)
        choices = "" if like else f"; known are {', '.join(known)}"
        return Finding(steps, f"is not a known key{choices}", like, on_key=True)
    like = None
    if error["type"] == "literal_error":
        like = closest(str(error["input"]), re.findall(r"'([^']*)'", error["ctx"]["expected"]))
    return Finding(steps, _words(error), like)


def _words(error: ErrorDetails) -> str:
    """Return the problem of a value, in the catalog's words instead of pydantic's where needed."""
    value, context = error["input"], error.get("ctx", {})
    words = {
        "greater_than_equal": f"is {value}, but must be at least {context.get('ge')}",
        "less_than_equal": f"is {value}, but must be at most {context.get('le')}",
        "literal_error": f"is {value!r}, but must be {context.get('expected')}",
        "missing": "is missing",
        "string_pattern_mismatch": _pattern(error),
        "string_too_short": "is empty",
        "too_short": "is empty",
        "too_long": f"has {context.get('actual_length')} entries, but may have at most {context.get('max_length')}",
        **_KINDS,
    }
    return words.get(error["type"], error["msg"].removeprefix("Value error, "))


def _pattern(error: ErrorDetails) -> str:
    pattern = error.get("ctx", {}).get("pattern")
    return f"{error['input']!r} is not {MEANINGS[pattern]}" if pattern in MEANINGS else error["msg"]


@cache
def _schema(model: type[Entry]) -> dict[str, Any]:
    return model.model_json_schema()


def _known_keys(model: type[Entry], steps: Steps) -> list[str]:
    """Return the keys that the model allows at a position."""
    root = _schema(model)
    node = _resolved(root, root)
    for step in steps:
        if isinstance(step, int):
            node = node.get("items", {})
        else:
            entries = [*node.get("patternProperties", {}).values(), {}]
            node = node.get("properties", {}).get(step, entries[0])
        node = _resolved(root, node)
    return list(node.get("properties", {}))


def _resolved(root: dict[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    for choice in node.get("anyOf", ()):
        if "$ref" in choice:
            return _resolved(root, choice)
    if "oneOf" in node:  # a table has the keys of one select or of parts
        kinds = [_resolved(root, kind) for kind in node["oneOf"]]
        return {"properties": {name: of for kind in reversed(kinds) for name, of in kind["properties"].items()}}
    if "$ref" in node:
        return dict(root["$defs"][node["$ref"].rsplit("/", 1)[1]])
    return node


def _usable(data: Any, errors: list[ErrorDetails]) -> Any:  # noqa: ANN401 - a file's content
    """Return the data without its wrong values; a column with a wrong type stays as text, since the select names it."""
    usable = copy.deepcopy(data)
    # From the back, since taking an entry off a list moves those behind it.
    for error in reversed(errors):
        steps = list(error["loc"])
        node: Any = usable
        while len(steps) > 1 and _has(node, steps[0]):
            node = node[steps.pop(0)]
        step: Any = steps[0] if steps else None
        if isinstance(node, dict) and step in _PLACEHOLDERS and error["type"] != "extra_forbidden":
            node[step] = _PLACEHOLDERS[step]
        elif _has(node, step):
            if "columns" in error["loc"] and isinstance(node, dict) and "[key]" not in steps:
                node[step] = "text"
            else:
                del node[step]
    return usable


def _has(node: Any, step: Any) -> bool:  # noqa: ANN401 - a file's content
    if isinstance(node, list):
        return isinstance(step, int) and step < len(node)
    return isinstance(node, dict) and step in node
