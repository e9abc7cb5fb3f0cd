"""Comparison of the deployed policies with the calls of recorded runs."""

from __future__ import annotations

import copy
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from local.aws import authorization
from local.iam.patterns import listed
from local.iam.policy import Call, allowed, context, matches

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from local.iam.policy import Statement

_ENTRIES = yaml.safe_load(Path(__file__).with_name("unrecorded.yaml").read_text("utf-8"))
PREFIX = "migration-test-"


def stack_names(account: str, key_arn: str, application_arn: str) -> dict[str, str]:
    """Return the values of the file's placeholders."""
    return {
        "account": account,
        "data": f"{PREFIX}data-{account}",
        "artifacts": f"{PREFIX}artifacts-{account}",
        "spark": f"{PREFIX}spark",
        "key": key_arn,
        "application": application_arn,
    }


def unrecorded(kind: str, role: str, names: Mapping[str, str]) -> list[Call]:
    """Return the calls of the file for a kind of role."""
    listed_calls = []
    for entry in _ENTRIES:
        assert entry["reason"], entry
        assert entry["source"].startswith("https://docs.aws.amazon.com/"), entry
        if entry["role"] == kind:
            for action, resource, *keys in entry["calls"]:
                listed_calls.append(Call(action, resource.format(**names, role=role), context(keys[0] if keys else {})))
    return listed_calls


def kinds() -> set[str]:
    """Return the kinds of roles that the file names."""
    return {entry["role"] for entry in _ENTRIES}


def unused(
    statements: Iterable[Statement], calls: Iterable[Call], principal: tuple[str, str] | None = None
) -> list[Any]:
    """Return the allowed actions that no call needs."""
    statements = list(statements)
    by_action = defaultdict(list)
    for call in calls:
        by_action[call.action.lower()].append(call)
    idle = []
    for number, statement in enumerate(statements):
        for action in listed(statement["Action"]) if statement["Effect"] == "Allow" else []:
            left: list[Any] = copy.deepcopy(statements)
            left[number]["Action"] = [other for other in listed(statement["Action"]) if other != action]
            if all(allowed(left, call, principal) for call in by_action[action.lower()]):
                idle.append((number, action))
    return idle


def complaints(kind: str, role: str, names: Mapping[str, str]) -> list[str]:
    """Return the problems of a role's policy after the runs of a test."""
    statements, recorded = authorization.role_statements(role), authorization.recorded(role)
    listed_calls = unrecorded(kind, role, names)
    idle = set(unused(statements, recorded))
    return [
        *(f"{call} is refused" for call in sorted(recorded, key=str) if not allowed(statements, call)),
        *(f"unrecorded.yaml: {call} is not allowed" for call in listed_calls if not allowed(statements, call)),
        *(
            f"unrecorded.yaml: {call} is recorded"
            for call in listed_calls
            if (allowing := _allowing(statements, call)) and not idle & allowing
        ),
        *(
            f"statement {number}: {action} is used by no run and not in unrecorded.yaml"
            for number, action in unused(statements, [*recorded, *listed_calls])
        ),
    ]


def _allowing(statements: list[Statement], call: Call) -> set[tuple[int, str]]:
    """Return the statements and actions that allow a call."""
    return {
        (number, action)
        for number, statement in enumerate(statements)
        for action in listed(statement["Action"])
        if matches({**statement, "Action": action}, call)
    }
