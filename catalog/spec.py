"""The spec: the document from which the Spark jobs read their part of the catalog."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from catalog.models import PartedTable, PartTable
from catalog.part_rules import returned_alone
from catalog.selects import read_select
from catalog.tracing import Tracer

if TYPE_CHECKING:
    from collections.abc import Collection

    from catalog.located_yaml import Steps
    from catalog.models import Catalog, Domain, Extract, Key, KeyAttribute, Latest, Table

SPEC_VERSION = 3


def build_spec(catalog: Catalog, domain: str) -> dict[str, Any]:
    """Return a domain's spec document; `catalogHash` is the hash of the rest of it."""
    body = {
        "version": SPEC_VERSION,
        "domain": domain,
        "clusters": {
            cluster.identifier: cluster.model_dump(include={"group", "engine", "database", "user"})
            for cluster in catalog.clusters_of(domain)
        },
        "tables": [_table(select) for select in catalog.domains[domain].selects],
    }
    digest = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
    return {**body, "catalogHash": digest}


def spec_hash(spec: dict[str, Any]) -> str:
    """Return the twelve hexadecimal digits that identify a spec."""
    return str(spec["catalogHash"])[:12]


def spec_key(spec: dict[str, Any]) -> str:
    """Return a spec's key in the artifacts bucket."""
    return f"specs/{spec['domain']}-{spec_hash(spec)}.json"


def spec_text(spec: dict[str, Any]) -> str:
    """Return the spec as stable text."""
    return json.dumps(spec, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def select_steps(domain: Domain) -> list[Steps]:
    """Return the steps that lead to each table of the spec in the domain's file, in the spec's order."""
    return [
        ("tables", number, *(("parts", part) if isinstance(table, PartedTable) else ()))
        for number, table in enumerate(domain.tables)
        for part, _ in enumerate(table.selects)
    ]


def _table(table: Table) -> dict[str, Any]:
    part, indexes = {}, [{"name": index.name, **_key(index)} for index in table.indexes]
    if isinstance(table, PartTable):
        select = read_select(table.select, table.extracts, ())
        # DynamoDB checks the type of each key attribute of an index, even if the item lacks the other one.
        indexes = [_returned(index, select.columns) for index in indexes]
        table = returned_alone(table, select)
        part = {"part": table.part, "keyPrefix": dict(table.key_prefix)}
    return {
        "name": table.name,
        **part,
        "extracts": [_extract(name, extract) for name, extract in table.extracts.items()],
        "driving": {"extract": table.driving.extract, "groupBy": list(table.driving.group_by)},
        "maxUnmatched": table.max_unmatched,
        "maxFiltered": table.max_filtered,
        "select": table.select,
        **_tracing(table),
        "key": _key(table.key),
        "indexes": indexes,
        "attributes": dict(table.attributes),
        "acceptCollisions": any(attribute.accept_collisions for attribute in table.key.attributes),
        "onDuplicateKey": _on_duplicate_key(table.on_duplicate_key),
        "maxRejects": table.max_rejects,
        "allowEmpty": table.allow_empty,
        "ttl": table.ttl,
        "catchUp": {
            "maxDeletePercent": table.catch_up.max_delete_percent,
            "maxChangePercent": table.catch_up.max_change_percent,
        },
        "compare": {"exclude": list(table.compare.exclude), "tolerances": dict(table.compare.tolerances)},
    }


def _extract(name: str, extract: Extract) -> dict[str, Any]:
    facts = extract.model_dump(exclude={"columns", "left_out", "database_names"})
    columns = [_column(extract, column) for column in extract.columns]
    return {"name": name, **facts, "columns": columns, "leftOut": list(extract.left_out)}


def _column(extract: Extract, column: str) -> dict[str, str]:
    source = extract.database_name(column)
    return {"name": column, "type": extract.columns[column], **({"source": source} if source != column else {})}


def _tracing(table: Table) -> dict[str, Any]:
    """Return the select that also returns the driving row, and the attributes that are its unchanged columns."""
    tracer = Tracer(table.select, table.extracts, table.driving.extract)
    trace = None if table.driving.group_by else tracer.trace([attribute.name for attribute in table.key.attributes])
    return {
        "traced": trace,
        "plainAttributes": {name: column for name, column in tracer.plain_columns().items() if name[:1] != "_"},
    }


def _key(key: Key) -> dict[str, Any]:
    return {"partition": _attribute(key.partition), "sort": _attribute(key.sort) if key.sort else None}


def _returned(index: dict[str, Any], columns: Collection[str]) -> dict[str, Any]:
    """Return an index without the key attributes that a part's select does not return."""
    keys = {role: index[role] if (index[role] or {}).get("name") in columns else None for role in ("partition", "sort")}
    return {**index, **keys}


def _attribute(attribute: KeyAttribute) -> dict[str, str]:
    return {"name": attribute.name, "type": attribute.type}


def _on_duplicate_key(rule: str | Latest) -> str | dict[str, str]:
    return rule if isinstance(rule, str) else {"latest": rule.latest}
