"""Proposal of domain files from a live schema, with a mark at everything that a person must decide."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from catalog.case_style import extract_name, table_name, unused
from catalog.domain_split import centre, related
from catalog.field_types import is_source_name, source_parts
from catalog.proposed_table import TableProposal, as_yaml, single_line

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping

    from catalog.source_schema import Source, SourceTable

_LONGEST_DOMAIN = 31
_LEFT_OUT = {
    "foreign table": "it or a part of it is a foreign table: migrate it from the database that holds its rows",
    "unlogged table": "it or a part of it is unlogged, so a clone may lack its rows: ALTER TABLE … SET LOGGED",
    "table of another engine": "its engine is not InnoDB, so a clone lacks its rows: ALTER TABLE … ENGINE = InnoDB",
    "child table": "it inherits from a table that is read with its rows: name it in --tables to migrate it separately",
}


@dataclass
class Proposal:
    """A domain's file with its warnings.

    Attributes:
        text: The file.
        warnings: One sentence each, which begins with its table or column.
        tables: The number of its tables.
    """

    text: str
    warnings: list[str] = field(default_factory=list)
    tables: int = 0


def propose(source: Source, domain: str, group: str, names: Mapping[str, str] | None = None) -> Proposal:
    """Return the proposed domain file for the tables of a database, all in one cluster group.

    `names` are the DynamoDB tables by source, if the tables are split into several domains.
    """
    proposal = Proposal(_header(source, domain, group))
    refusals = {table.name: _refused(source, table) for table in source.tables}
    names = names or dict(_table_names([table.name for table in source.tables if not refusals[table.name]]))
    for table in source.tables:
        refused = refusals[table.name]
        if refused:
            proposal.warnings.append(f"{table.name}: {refused}")
            proposal.text += f"  # {single_line(table.name)}: {refused}\n"
        else:
            part = TableProposal(source, table, group, names[table.name])
            proposal.text += part.write()
            proposal.warnings += part.warnings
    proposal.tables = sum(not refused for refused in refusals.values())
    return proposal


def propose_domains(source: Source, domain: str, group: str) -> dict[str, Proposal]:
    """Return the proposals by domain: one domain or, for many tables, several domains of related tables."""
    movable = [table for table in source.tables if not _refused(source, table)]
    groups = related(movable)
    if len(groups) <= 1:
        return {domain: propose(source, domain, group)}
    names = dict(_table_names([table.name for table in movable]))
    proposals: dict[str, Proposal] = {}
    for tables in groups:
        name = _domain_name(domain, centre(tables), proposals)
        proposals[name] = propose(replace(source, tables=tuple(tables)), name, group, names)
    refused = [table for table in source.tables if table not in movable]
    next(iter(proposals.values())).warnings += [f"{table.name}: {_refused(source, table)}" for table in refused]
    return proposals


def propose_clusters(source: Source, group: str) -> str:
    """Return a clusters.yaml with the group, for a person to complete."""
    return (
        "# yaml-language-server: $schema=../docs/schemas/clusters.schema.json\n"
        "groups:\n"
        f"  {group}:\n"
        f"    engine: {source.engine}\n"
        f"    database: {as_yaml(source.database)}\n"
        "    user: migration_reader   # DECIDE: the reader's name in each cluster\n"
        "    password_secret: migration/{cluster}   # DECIDE: the secret with the reader's password\n"
        f"    clusters: [{group}-1]   # DECIDE: the identifiers of the Aurora clusters\n"
    )


def _header(source: Source, domain: str, group: str) -> str:
    return (
        "# yaml-language-server: $schema=../../docs/schemas/domain.schema.json\n"
        f"# Proposed from {source.location}: its schema and statistics were read, none of its rows.\n"
        "# Resolve each DECIDE, then run `python -m catalog check`.\n"
        f"# clusters.yaml needs the group {group}, of engine {source.engine} and database {source.database}.\n"
        f"domain: {domain}\n"
        "tables:\n"
    )


def _refused(source: Source, table: SourceTable) -> str | None:
    """Return why a table is left out, or None."""
    if not is_source_name(table.name):
        return "its name is over 64 characters or has one that cannot be written: create a view with another name"
    if table.kind in _LEFT_OUT and not (table.kind == "child table" and source.chosen):
        return _LEFT_OUT[table.kind]
    if "view" in table.kind and not source.chosen:
        return f"it is a {table.kind} of rows from other tables: name it in --tables to migrate it"
    if not TableProposal(source, table, "", "").types:
        return "none of its columns can be read"
    return None


def _table_names(sources: list[str]) -> Iterator[tuple[str, str]]:
    """Yield each source's DynamoDB table, with the schema in its name if tables of several schemas share a name."""
    plain = [table_name(extract_name(source)) for source in sources]
    used: list[str] = []
    for source, name in zip(sources, plain, strict=True):
        schema = source_parts(source)[0]
        whole = table_name(f"{extract_name(schema)}_{extract_name(source)}") if schema else name
        used.append(unused(whole if plain.count(name) > 1 else name, used))
        yield source, used[-1]


def _domain_name(domain: str, table: str | None, taken: Container[str]) -> str:
    """Return a domain's name, made from the table that the others refer to, or `others` for unrelated tables."""
    word = extract_name(table).replace("_", "-").strip("-") if table else "others"
    for number in itertools.count(1):
        end = f"-{word}" if number == 1 else f"-{word[:_LONGEST_DOMAIN]}-{number}"
        name = f"{domain[: max(1, _LONGEST_DOMAIN - len(end))]}{end}"[:_LONGEST_DOMAIN].rstrip("-")
        if name not in taken:
            return name
    raise AssertionError
