"""Data-flow chart of every table, from the catalog."""

from __future__ import annotations

from typing import TYPE_CHECKING

from statemachine.diagrams.palette import class_definitions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catalog.models import Catalog, Domain, Table


def data_flow(catalog: Catalog) -> str:
    """Return the chart: clusters, clones, source tables, DynamoDB tables and streams."""
    lines = ["flowchart LR", *_clusters(catalog)]
    for name, domain in catalog.domains.items():
        lines += _domain(name, domain)
    lines += class_definitions(["aurora", "clone", "spark", "dynamodb", "kinesis"])
    return "\n".join(lines) + "\n"


def _clusters(catalog: Catalog) -> Iterator[str]:
    groups: dict[str, list[str]] = {}
    for cluster in catalog.clusters.values():
        groups.setdefault(cluster.group, []).append(cluster.identifier)
    for group, identifiers in groups.items():
        yield f'  subgraph {group}_sources["Aurora: {group}"]'
        yield "    direction LR"
        for identifier in identifiers:
            yield f'    {_node(identifier)}[("{identifier}")]:::aurora'
        yield "  end"
        count = f"{len(identifiers)} clone{'s' if len(identifiers) > 1 else ''}"
        yield f'  {group}_clones[("{count}")]:::clone'
        yield f"  {group}_sources -. copy-on-write .-> {group}_clones"


def _domain(name: str, domain: Domain) -> Iterator[str]:
    yield f'  subgraph {name}_domain["domain {name}"]'
    for table in domain.tables:
        for select in table.selects:
            for key, extract in select.extracts.items():
                driving = " · drives" if key == select.driving.extract else ""
                yield f'    {_read(select, key)}["{extract.source}{driving}"]:::spark'
        yield f'    {_node(table.name)}[["{table.name}"]]:::dynamodb'
        for select in table.selects:
            yield from (f"    {_read(select, key)} -- import --> {_node(table.name)}" for key in select.extracts)
    yield "  end"
    for select in domain.selects:
        for key, extract in select.extracts.items():
            yield f"  {extract.group}_clones --> {_read(select, key)}"
    yield f'  {name}_compare["Compare {name}"]:::spark'
    groups = dict.fromkeys(extract.group for select in domain.selects for extract in select.extracts.values())
    yield from (f"  {group}_clones -. read again .-> {name}_compare" for group in groups)
    yield from (f"  {_node(table.name)} -- export --> {name}_compare" for table in domain.tables)
    for stream in sorted({table.stream for table in domain.tables if table.stream}):
        yield f'  {_node(stream)}[/"{stream}"/]:::kinesis'
    for table in domain.tables:
        if table.stream:
            yield f"  {_node(table.name)} -- official runs --> {_node(table.stream)}"


def _read(table: Table, extract: str) -> str:
    return f"{_node(table.name)}_{extract}"


def _node(name: str) -> str:
    return "".join(letter if letter.isalnum() else "_" for letter in name)
