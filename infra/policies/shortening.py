"""Shorter forms of a policy that exceeds IAM's length limit: docs/adr/0033-policies-that-fit.md.

Each step applies only while the policy is too long. The first two change no right; the others also grant resources
whose names have the same form.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

Statement = dict[str, Any]
# Services whose resources the permissions boundary binds to the stack's Region and account: infra/policies/boundary.py.
_BOUND = re.compile(r"^arn:aws:(dynamodb|rds):[^:*]+:[^:*]+:(?=(table|cluster|db)[/:])")
_REHEARSAL = re.compile(r"^(arn:aws:dynamodb:[^:]*:[^:]*:table/)[^/*]+-rehearsal$")
_CHILD = re.compile(r"^(arn:aws:dynamodb:[^:]*:[^:]*:table/)[^/*]+(/(?:import/|export/)?\*)$")
_NUMBERED = re.compile(r"^arn:aws:(?:rds|secretsmanager):[^:]*:[^:]*:(?P<name>.*)$")
_TABLE = re.compile(r"^(arn:aws:dynamodb:[^:]*:[^:]*:table/)[^/*]+$")
_LOOKED_AT = re.compile(r"^dynamodb:(Describe|List)\w+$")
_FEWEST = 3  # fewest resources that a pattern replaces


def characters(statements: Iterable[Statement]) -> int:
    """Return the length in characters of a document of these statements, without white space."""
    return len(json.dumps({"Version": "2012-10-17", "Statement": list(statements)}, separators=(",", ":")))


def shortened(statements: list[Statement], most: int) -> list[Statement]:
    """Return statements of at most `most` characters, or the shortest form."""
    for step in (merged, _anywhere, _children, _numbered, _looked_at, _rehearsals):
        if characters(statements) > most:
            statements = step(*statements)
    return statements


def merged(*statements: Statement) -> list[Statement]:
    """Merge statements that have the same resources and conditions."""
    by_scope: dict[str, Statement] = {}
    for statement in statements:
        scope = json.dumps({**statement, "Action": None}, sort_keys=True)
        known = by_scope.get(scope, {"Action": []})
        by_scope[scope] = {**statement, "Action": sorted({*known["Action"], *statement["Action"]})}
    return list(by_scope.values())


def _anywhere(*statements: Statement) -> list[Statement]:
    """Drop Region and account from ARNs; the boundary limits both for every role."""
    return _with(statements, lambda arns: [_BOUND.sub(r"arn:aws:\1:*:*:", arn) for arn in arns])


def _children(*statements: Statement) -> list[Statement]:
    """Name imports and exports of all tables with one pattern; the roles only describe them."""
    return _with(statements, lambda arns: [_CHILD.sub(r"\1*\2", arn) for arn in arns])


def _numbered(*statements: Statement) -> list[Statement]:
    """Name clusters and secrets that differ only in digits with one pattern."""
    return _with(statements, lambda arns: list(_patterns(arns)))


def _looked_at(*statements: Statement) -> list[Statement]:
    """Let a role that only describes tables and reads their tags do so for every table."""
    return [
        _with([statement], lambda arns: [_TABLE.sub(r"\1*", arn) for arn in arns])[0]
        if all(map(_LOOKED_AT.match, statement["Action"]))
        else statement
        for statement in statements
    ]


def _rehearsals(*statements: Statement) -> list[Statement]:
    """Name all rehearsal tables by their suffix, which only this system uses."""
    return merged(*_with(statements, lambda arns: [_REHEARSAL.sub(r"\1*-rehearsal", arn) for arn in arns]))


def _patterns(arns: list[str]) -> Iterator[str]:
    shapes: dict[str, list[str]] = {}
    for arn in arns:
        match = _NUMBERED.match(arn)
        begins = match.start("name") if match else len(arn)
        shapes.setdefault(arn[:begins] + re.sub(r"\d", "?", arn[begins:]), []).append(arn)
    for shape, alike in shapes.items():
        yield from [shape] if len(alike) >= _FEWEST else alike


def _with(statements: Iterable[Statement], change: Callable[[list[str]], list[str]]) -> list[Statement]:
    """Return statements with changed resource lists; Deny statements stay as they are."""
    return [
        {**statement, "Resource": sorted(set(change(statement["Resource"])))}
        if statement["Effect"] == "Allow" and isinstance(statement["Resource"], list)
        else statement
        for statement in statements
    ]
