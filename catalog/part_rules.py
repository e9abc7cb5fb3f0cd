"""Rules about a table of several parts: the rules of each part, and that each item's key names its part."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from typing import TYPE_CHECKING

from sqlglot import exp

from catalog.cross_field_rules import select_findings, settings_findings
from catalog.field_types import closest
from catalog.lineage import Expression
from catalog.located_yaml import Finding, Steps
from catalog.models import TableSettings
from catalog.selects import read_select

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from catalog.models import Part, PartedTable, PartTable
    from catalog.selects import Select


def parted_findings(
    table: PartedTable, engines: Mapping[str, str], steps: Steps, *, types_are_sure: bool = True
) -> Iterator[Finding]:
    """Yield every problem of a table of parts; `engines` are by group, `steps` lead to the table."""
    yield from settings_findings(table, steps)
    yield from _names(table, steps)
    yield from _prefixes(table, steps)
    returned: dict[str, None] = {}
    for number, part in enumerate(table.selects):
        own = (*steps, "parts", number)
        select = read_select(part.select, part.extracts, (*own, "select"))
        returned.update(dict.fromkeys(select.columns))
        for finding in select_findings(returned_alone(part, select), engines, own, types_are_sure=types_are_sure):
            yield _relocated(finding, own, steps, part.part)
        if select.known:
            yield from _literals(part, select, own)
    yield from _returned_by_none(table, list(returned), steps)


def returned_alone(part: PartTable, select: Select) -> PartTable:
    """Return the part without the settings of attributes that only other parts' selects return."""
    if not select.known:
        return part
    columns = set(select.columns)
    indexes = tuple(index for index in part.indexes if columns.issuperset(key.name for key in index.attributes))
    version = tuple(name for name in part.catch_up.version if name in columns)
    return part.model_copy(
        update={
            "indexes": indexes,
            "ttl": part.ttl if part.ttl in columns else None,
            "catch_up": part.catch_up.model_copy(update={"version": version}),
        }
    )


def _relocated(finding: Finding, part: Steps, table: Steps, name: str) -> Finding:
    """Return a finding about a table's setting, moved from the part to the table that declares it."""
    rest = finding.steps[len(part) :]
    if not rest or rest[0] not in TableSettings.model_fields:
        return finding
    return replace(finding, steps=(*table, *rest), message=f"in the part {name}: {finding.message}")


def _names(table: PartedTable, steps: Steps) -> Iterator[Finding]:
    names = [part.name for part in table.parts]
    for number, name in enumerate(names):
        if name in names[:number]:
            yield Finding((*steps, "parts", number, "name"), f"{name!r} is another part's name already")


def _prefixes(table: PartedTable, steps: Steps) -> Iterator[Finding]:
    types = {attribute.name: attribute.type for attribute in table.key.attributes}
    for number, part in enumerate(table.parts):
        for name in part.key_prefix:
            path = (*steps, "parts", number, "key_prefix", name)
            if name not in types:
                yield Finding(path, f"{name!r} is not a key attribute of the table", closest(name, types), on_key=True)
            elif types[name] != "S":
                yield Finding(path, f"{name} is of type {types[name]}; only a text can have a prefix", on_key=True)
    for (_, part), (number, other) in combinations(enumerate(table.parts), 2):
        if not _are_apart(part, other):
            message = (
                f"does not separate its items from those of {part.name}: in one key attribute, neither prefix may "
                "begin with the other"
            )
            yield Finding((*steps, "parts", number, "key_prefix"), message)


def _are_apart(part: Part, other: Part) -> bool:
    """Return whether no key can match the prefixes of both parts."""
    shared = part.key_prefix.keys() & other.key_prefix.keys()
    pairs = [(part.key_prefix[name], other.key_prefix[name]) for name in shared]
    return any(
        not prefix.startswith(other_prefix) and not other_prefix.startswith(prefix) for prefix, other_prefix in pairs
    )


def _literals(part: PartTable, select: Select, steps: Steps) -> Iterator[Finding]:
    """Yield keys that begin with a literal other than the part's prefix."""
    for name, prefix in part.key_prefix.items():
        value = select.value(name)
        followed = select.lineage.follow(value) if value is not None else None
        if not isinstance(followed, Expression):
            continue
        sql = followed.sql.unalias().unnest()
        begins = sql.expressions[0] if isinstance(sql, exp.Concat) and sql.expressions else sql
        if not isinstance(begins, exp.Literal) or not begins.is_string:
            continue
        text = begins.name
        whole = begins is sql
        if not text.startswith(prefix) and (whole or not prefix.startswith(text)):
            yield Finding((*steps, "key_prefix", name), f"is {prefix!r}, but the select's {name} begins with {text!r}")


def _returned_by_none(table: PartedTable, returned: list[str], steps: Steps) -> Iterator[Finding]:
    """Yield attributes that the table names and no part's select returns."""
    named: list[tuple[Steps, str]] = [
        (("indexes", number, role, "name"), attribute.name)
        for number, index in enumerate(table.indexes)
        for role, attribute in (("partition", index.partition), ("sort", index.sort))
        if attribute is not None
    ]
    named += [(("catch_up", "version", number), name) for number, name in enumerate(table.catch_up.version)]
    named += [(("ttl",), table.ttl)] if table.ttl else []
    for path, name in named:
        if name not in returned:
            yield Finding((*steps, *path), f"{name!r} is returned by no part's select", closest(name, returned))
