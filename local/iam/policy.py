"""IAM's evaluation of policies: only a statement allows a call, and a Deny takes precedence.

It supports the elements and condition operators that the identity, resource and key policies here use, and refuses any
other: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from local.errors import PolicyError
from local.iam.conditions import Context, holds
from local.iam.patterns import like, listed

if TYPE_CHECKING:
    from collections.abc import Iterable

_ELEMENTS = {"Sid", "Effect", "Principal", "Action", "NotAction", "Resource", "NotResource", "Condition"}
Statement = Mapping[str, Any]


@dataclass(frozen=True)
class Call:
    """One action on one resource, with its condition keys."""

    action: str
    resource: str
    context: Context = ()

    def __str__(self) -> str:
        keys = ", ".join(f"{key}={'|'.join(values)}" for key, values in self.context)
        return f"{self.action} on {self.resource}" + (f" with {keys}" if keys else "")


def context(keys: Mapping[str, str | Iterable[str]]) -> Context:
    """Return condition keys with their values in the form that a Call holds."""
    return tuple(sorted((key, (value,) if isinstance(value, str) else tuple(value)) for key, value in keys.items()))


def statements(document: str | Mapping[str, Any]) -> list[Statement]:
    """Return the statements of a policy document.

    Raises:
        PolicyError: It is not a policy, or uses an element that is not evaluated here.
    """
    parsed = json.loads(document) if isinstance(document, str) else document
    entries = listed(parsed.get("Statement"))
    for entry in entries:
        if entry.get("Effect") not in ("Allow", "Deny") or not set(entry) <= _ELEMENTS:
            raise PolicyError(f"{json.dumps(entry)} is not a statement that is evaluated here")
    return entries


def allowed(entries: Iterable[Statement], call: Call, principal: tuple[str, str] | None = None) -> bool:
    """Return whether statements allow a call; a resource's policy needs the principal, like ("Service", its name)."""
    matching = {entry["Effect"] for entry in entries if matches(entry, call, principal)}
    return matching == {"Allow"}


def within(boundary: Iterable[Statement], entries: Iterable[Statement], call: Call, role_arn: str) -> bool:
    """Return whether both a role's statements and its permissions boundary allow a call; a Deny of either wins.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
    """
    asked = as_principal(call, role_arn)
    return allowed(boundary, asked) and allowed(entries, asked)


def as_principal(call: Call, role_arn: str) -> Call:
    """Return a call with the condition key that every request of a role has."""
    return Call(call.action, call.resource, tuple(sorted({*call.context, ("aws:PrincipalArn", (role_arn,))})))


def matches(entry: Statement, call: Call, principal: tuple[str, str] | None = None) -> bool:
    """Return whether a statement applies to a call."""
    return (
        _named(entry, "Action", call.action, ignore_case=True)
        and ("Principal" in entry) == (principal is not None)
        and (principal is None or _is_principal(entry["Principal"], *principal))
        # A resource's own policy may omit its resource.
        and (_named(entry, "Resource", call.resource) if {"Resource", "NotResource"} & set(entry) else bool(principal))
        and holds(entry.get("Condition", {}), call.context)
    )


def _named(entry: Statement, element: str, text: str, *, ignore_case: bool = False) -> bool:
    if element in entry:
        return any(like(pattern, text, ignore_case=ignore_case) for pattern in listed(entry[element]))
    excluded = entry.get(f"Not{element}")
    return excluded is not None and not any(
        like(pattern, text, ignore_case=ignore_case) for pattern in listed(excluded)
    )


def _is_principal(principals: str | Mapping[str, Any], kind: str, name: str) -> bool:
    if isinstance(principals, str):
        return principals == "*"
    return name in listed(principals.get(kind))
