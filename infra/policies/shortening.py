"""Shorter forms of a policy that names more tables or clusters than IAM takes: docs/adr/0033-policies-that-fit.md.

Each step is taken only while the policy is too long. The first two change no right; the others grant what has the same
form of name.
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
_FEWEST = 3  # resources that one pattern stands for


def characters(statements: Iterable[Statement]) -> int:
    """Return how many characters a document of these statements has, without white space."""
    return len(json.dumps({"Version": "2012-10-17", "Statement": list(statements)}, separators=(",", ":")))


def shortened(statements: list[Statement], most: int) -> list[Statement]:
    """Return statements that have at most so many characters, or the shortest form that there is."""
    for step in (merged, _anywhere, _children, _numbered, _looked_at, _rehearsals):
        if characters(statements) <= most:
            break
        statements = step(*statements)
    return statements


def merged(*statements: Statement) -> list[Statement]:
    """Return statements with those in one that are about the same resources on the same conditions."""
    by_scope: dict[str, Statement] = {}
    for statement in statements:
        scope = json.dumps({**statement, "Action": None}, sort_keys=True)
        known = by_scope.get(scope, {"Action": []})
        by_scope[scope] = {**statement, "Action": sorted({*known["Action"], *statement["Action"]})}
    return list(by_scope.values())


def _anywhere(*statements: Statement) -> list[Statement]:
    """Leave Region and account to the boundary, which names both for every role."""
    return _with(statements, lambda arns: [_BOUND.sub(r"arn:aws:\1:*:*:", arn) for arn in arns])


def _children(*statements: Statement) -> list[Statement]:
    """Name the imports and exports of every table, which are described alone."""
    return _with(statements, lambda arns: [_CHILD.sub(r"\1*\2", arn) for arn in arns])


def _numbered(*statements: Statement) -> list[Statement]:
    """Name clusters and secrets that differ in digits alone by one pattern."""
    return _with(statements, lambda arns: list(_patterns(arns)))


def _looked_at(*statements: Statement) -> list[Statement]:
    """Let a role that only describes tables, and reads their tags, describe every table."""
    return [
        shortened_statement if all(map(_LOOKED_AT.match, statement["Action"])) else statement
        for statement, shortened_statement in zip(
            statements, _with(statements, lambda arns: [_TABLE.sub(r"\1*", arn) for arn in arns]), strict=True
        )
    ]


def _rehearsals(*statements: Statement) -> list[Statement]:
    """Name every table of a rehearsal by its ending, which is this system's."""
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
    """Return statements whose lists of resources are changed; what is denied stays as it is."""
    return [
        {**statement, "Resource": sorted(set(change(statement["Resource"])))}
        if statement["Effect"] == "Allow" and isinstance(statement["Resource"], list)
        else statement
        for statement in statements
    ]
