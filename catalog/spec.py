"""The document that tells the Spark jobs what they need of the catalog."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from catalog.models import Catalog, Extract, Key, Latest, Table

SPEC_VERSION = 1


def build_spec(catalog: Catalog, domain: str) -> dict[str, Any]:
    """Return a domain's spec document; `catalogHash` is over all the rest of it."""
    body = {
        "version": SPEC_VERSION,
        "domain": domain,
        "clusters": {
            cluster.identifier: cluster.model_dump(include={"group", "engine", "database", "user"})
            for cluster in catalog.clusters_of(domain)
        },
        "tables": [_table(table) for table in catalog.domains[domain].tables],
    }
    digest = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
    return {**body, "catalogHash": digest}


def spec_hash(spec: dict[str, Any]) -> str:
    """Return the twelve digits that name a spec."""
    return str(spec["catalogHash"])[:12]


def spec_key(spec: dict[str, Any]) -> str:
    """Return a spec's place in the artifacts bucket."""
    return f"specs/{spec['domain']}-{spec_hash(spec)}.json"


def spec_text(spec: dict[str, Any]) -> str:
    """Return the spec as stable text."""
    return json.dumps(spec, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def _table(table: Table) -> dict[str, Any]:
    return {
        "name": table.name,
        "extracts": [_extract(name, extract) for name, extract in table.extracts.items()],
        "driving": {"extract": table.driving.extract, "groupBy": list(table.driving.group_by)},
        "maxUnmatched": table.max_unmatched,
        "select": table.select,
        "key": _key(table.key),
        "indexes": [{"name": index.name, **_key(index)} for index in table.indexes],
        "attributes": dict(table.attributes),
        "onDuplicateKey": _on_duplicate_key(table.on_duplicate_key),
        "maxRejects": table.max_rejects,
        "allowEmpty": table.allow_empty,
        "ttl": table.ttl,
        "compare": {"exclude": list(table.compare.exclude), "tolerances": dict(table.compare.tolerances)},
    }


def _extract(name: str, extract: Extract) -> dict[str, Any]:
    columns = [{"name": column, "type": kind} for column, kind in extract.columns.items()]
    return {"name": name, **extract.model_dump(exclude={"columns"}), "columns": columns}


def _key(key: Key) -> dict[str, Any]:
    return {"partition": key.partition.model_dump(), "sort": key.sort.model_dump() if key.sort else None}


def _on_duplicate_key(rule: str | Latest) -> str | dict[str, str]:
    return rule if isinstance(rule, str) else {"latest": rule.latest}
