"""Hold a file's content against a model: unknown and missing keys, and values of the wrong kind."""

from __future__ import annotations

import copy
import re
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import ValidationError

from catalog.document import Finding, Steps
from catalog.models import PARTED, PLAIN
from catalog.names import MEANINGS, Entry, closest

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

_Model = TypeVar("_Model", bound=Entry)
# Where a key may hold one of two kinds of value, pydantic complains about both.
_EITHER = {
    "cardinality": "must be 'one item per row' or {group by: [columns]}",
    "on_duplicate_key": "must be 'fail' or {latest: attribute}",
}
# What a missing or wrong value is taken for where another mistake may hide behind it.
_STAND_INS = {"type": "S", "engine": "aurora-postgresql"}
_KINDS = {
    "bool_parsing": "must be true or false",
    "bool_type": "must be true or false",
    "dict_type": "must be a mapping of keys to values",
    "int_from_float": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_type": "must be a whole number",
    "model_type": "must be a mapping of keys to values",
    "string_type": "must be a text; put it in quotes if it looks like a number, a date or true",
    "tuple_type": "must be a list",
}


def validate(model: type[_Model], data: Any) -> tuple[_Model | None, list[Finding]]:  # noqa: ANN401 - a file's content
    """Return the model of the data, and all that is wrong with its shape.

    Where something is wrong the model is of what can be used of the data, so that one mistake hides no other; None if
    too little is left.
    """
    try:
        return model.model_validate(data), []
    except ValidationError as error:
        errors = [_without_kinds(one) for one in error.errors()]
    try:
        usable: _Model | None = model.model_validate(_usable(data, errors))
    except ValidationError:
        usable = None
    return usable, _findings(model, errors)


def _without_kinds(error: ErrorDetails) -> ErrorDetails:
    """Return the error with the file's own steps: pydantic adds which model a table is held against."""
    error["loc"] = tuple(step for step in error["loc"] if step not in (PLAIN, PARTED))
    return error


def _findings(model: type[Entry], errors: list[ErrorDetails]) -> list[Finding]:
    findings: dict[tuple[Steps, str], Finding] = {}
    for error in errors:
        if error["type"] == "too_short" and error["input"]:
            continue  # pydantic counts the valid entries only; each other one is named by itself
        found = _finding(model, error)
        findings.setdefault((found.steps, found.message), found)
    # A misspelt key is one mistake, not two.
    meant = {(*f.steps[:-1], f.suggestion) for f in findings.values() if f.suggestion and f.on_key}
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
        told = "" if like else f"; known are {', '.join(known)}"
        return Finding(steps, f"is not a known key{told}", like, on_key=True)
    like = None
    if error["type"] == "literal_error":
        like = closest(str(error["input"]), re.findall(r"'([^']*)'", error["ctx"]["expected"]))
    return Finding(steps, _words(error), like)


def _words(error: ErrorDetails) -> str:
    """Say what is wrong with a value, in the catalog's words where pydantic's are its own."""
    given, context = error["input"], error.get("ctx", {})
    words = {
        "greater_than_equal": f"is {given}, but must be at least {context.get('ge')}",
        "less_than_equal": f"is {given}, but must be at most {context.get('le')}",
        "literal_error": f"is {given!r}, but must be {context.get('expected')}",
        "missing": "is missing",
        "string_pattern_mismatch": _pattern(error),
        "string_too_short": "is empty",
        "too_short": "is empty",
        "too_long": f"has {context.get('actual_length')} entries, but may have at most {context.get('max_length')}",
        **_KINDS,
    }
    return words.get(error["type"], error["msg"].removeprefix("Value error, "))


def _pattern(error: ErrorDetails) -> str:
    pattern = error.get("ctx", {}).get("pattern", "")
    return f"{error['input']!r} is not {MEANINGS[pattern]}" if pattern in MEANINGS else error["msg"]


@cache
def _schema(model: type[Entry]) -> dict[str, Any]:
    return model.model_json_schema()


def _known_keys(model: type[Entry], steps: Steps) -> list[str]:
    """Return the keys that the model knows at a place."""
    root = _schema(model)
    place = _resolved(root, root)
    for step in steps:
        if isinstance(step, int):
            place = place.get("items", {})
        else:
            entries = [*place.get("patternProperties", {}).values(), place.get("additionalProperties") or {}]
            place = place.get("properties", {}).get(step, entries[0])
        place = _resolved(root, place)
    return list(place.get("properties", {}))


def _resolved(root: dict[str, Any], place: dict[str, Any]) -> dict[str, Any]:
    for choice in place.get("anyOf", ()):
        if "$ref" in choice:
            return _resolved(root, choice)
    if "oneOf" in place:  # a table has the keys of one select or of parts
        kinds = [_resolved(root, kind) for kind in place["oneOf"]]
        return {"properties": {name: of for kind in reversed(kinds) for name, of in kind["properties"].items()}}
    if "$ref" in place:
        return dict(root["$defs"][place["$ref"].rsplit("/", 1)[1]])
    return place


def _usable(data: Any, errors: list[ErrorDetails]) -> Any:  # noqa: ANN401 - a file's content
    """Return the data without what is wrong in it; a column stays one, as the select names it."""
    usable = copy.deepcopy(data)
    # From the back, since taking an entry off a list moves those behind it.
    for error in reversed(errors):
        steps = list(error["loc"])
        place: Any = usable
        while len(steps) > 1 and _has(place, steps[0]):
            place = place[steps.pop(0)]
        step: Any = steps[0] if steps else None
        if isinstance(place, dict) and step in _STAND_INS and error["type"] != "extra_forbidden":
            place[step] = _STAND_INS[step]
        elif _has(place, step):
            if "columns" in error["loc"] and isinstance(place, dict) and "[key]" not in steps:
                place[step] = "text"
            else:
                del place[step]
    return usable


def _has(place: Any, step: Any) -> bool:  # noqa: ANN401 - a file's content
    if isinstance(place, list):
        return isinstance(step, int) and step < len(place)
    return isinstance(place, dict) and step in place
