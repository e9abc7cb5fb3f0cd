"""The spec document that the Spark jobs read."""

from __future__ import annotations

import json

from catalog.loader import load_catalog
from catalog.spec import build_spec, spec_hash, spec_key, spec_text


def test_a_spec_says_all_that_the_jobs_need_of_a_table() -> None:
    table = next(t for t in build_spec(load_catalog(), "availability")["tables"] if t["name"] == "Restriction")
    extract = table["extracts"][0]

    assert {key: value for key, value in table.items() if key not in {"select", "extracts"}} == {
        "name": "Restriction",
        "driving": {"extract": "restriction", "groupBy": []},
        "maxUnmatched": 0,
        "key": {"partition": {"name": "propertyId", "type": "N"}, "sort": {"name": "restrictionKey", "type": "S"}},
        "indexes": [],
        "attributes": {"expiresAt": "epoch_seconds"},
        "onDuplicateKey": "fail",
        "maxRejects": 0,
        "allowEmpty": False,
        "ttl": "expiresAt",
        "compare": {"exclude": [], "tolerances": {}},
    }
    assert {key: value for key, value in extract.items() if key != "columns"} == {
        "name": "restriction",
        "source": "restriction",
        "group": "partitions",
        "where": None,
        "connections": 2,
        "broadcast": False,
    }
    assert extract["columns"][0] == {"name": "restriction_id", "type": "bigint"}


def test_a_spec_holds_no_secret() -> None:
    assert "secret" not in spec_text(build_spec(load_catalog(), "rates"))


def test_the_hash_follows_the_content_and_names_the_key() -> None:
    catalog = load_catalog()
    rates = build_spec(catalog, "rates")

    assert json.loads(spec_text(rates)) == rates
    assert spec_key(rates) == f"specs/rates-{spec_hash(rates)}.json"
    assert spec_hash(rates) == spec_hash(build_spec(catalog, "rates"))
    assert spec_hash(rates) != spec_hash(build_spec(catalog, "availability"))
