"""The spec document that the Spark jobs read."""

from __future__ import annotations

import hashlib
import json
import shutil
from typing import TYPE_CHECKING

from catalog.loader import CATALOG_DIRECTORY, load_catalog
from catalog.spec import build_spec, spec_hash, spec_key, spec_text

if TYPE_CHECKING:
    from pathlib import Path


def test_a_spec_says_all_that_the_jobs_need_of_a_table() -> None:
    table = next(t for t in build_spec(load_catalog(), "availability")["tables"] if t["name"] == "Restriction")
    extract = table["extracts"][0]

    assert {key: value for key, value in table.items() if key not in {"select", "extracts", "traced"}} == {
        "name": "Restriction",
        "driving": {"extract": "restriction", "groupBy": []},
        "maxUnmatched": 0,
        "maxFiltered": 0,
        "acceptCollisions": False,
        "plainAttributes": {
            "propertyId": "property_id",
            "roomType": "room_type",
            "stayDate": "stay_date",
            "minStay": "min_stay",
            "maxStay": "max_stay",
            "closedToArrival": "closed_to_arrival",
            "closedToDeparture": "closed_to_departure",
            "reason": "reason",
            "expiresAt": "expires_at",
            "updatedAt": "updated_at",
        },
        "key": {"partition": {"name": "propertyId", "type": "N"}, "sort": {"name": "restrictionKey", "type": "S"}},
        "indexes": [],
        "attributes": {"expiresAt": "epoch_seconds"},
        "onDuplicateKey": "fail",
        "maxRejects": 0,
        "allowEmpty": False,
        "ttl": "expiresAt",
        "catchUp": {"maxDeletePercent": 1, "maxChangePercent": 25},
        "compare": {"exclude": [], "tolerances": {}},
    }
    assert table["traced"] == table["select"].replace(
        "SELECT ",
        "SELECT restriction._source_row AS _source_row, struct(restriction.property_id, restriction.stay_date, "
        "restriction.room_type, restriction.restriction_id) AS _source_key, ",
        1,
    )
    assert {key: value for key, value in extract.items() if key != "columns"} == {
        "name": "restriction",
        "source": "restriction",
        "group": "partitions",
        "where": None,
        "connections": 2,
        "broadcast": False,
        "leftOut": [],
    }
    assert extract["columns"][0] == {"name": "restriction_id", "type": "bigint"}


def test_a_spec_names_the_columns_that_are_left_out_and_what_the_catalog_accepts(tmp_path: Path) -> None:
    shutil.copytree(CATALOG_DIRECTORY, tmp_path / "catalog", ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    file = tmp_path / "catalog/domains/rates.yaml"
    text = file.read_text("utf-8")
    for old, new in (
        ("name: text, meal: text, refundable: boolean}", "meal: text}\n        left_out: [name, refundable]"),
        ("             plan.name AS ratePlanName,\n", ""),
        ("             plan.refundable AS refundable,\n", ""),
        ("max_unmatched: 0", "max_unmatched: 0\n    max_filtered: 7"),
        ("{name: rateKey, type: S}", "{name: rateKey, type: S, accept_collisions: true}"),
    ):
        assert old in text
        text = text.replace(old, new, 1)
    file.write_text(text, "utf-8")

    table = build_spec(load_catalog(tmp_path / "catalog"), "rates")["tables"][0]

    assert [extract["leftOut"] for extract in table["extracts"]] == [[], [], ["name", "refundable"]]
    assert (table["maxFiltered"], table["acceptCollisions"]) == (7, True)
    assert table["key"]["partition"] == {"name": "rateKey", "type": "S"}


def test_a_spec_is_stable_text_that_its_hash_names() -> None:
    spec = {"domain": "größe", "catalogHash": "0123456789abcdef", "tables": [1]}

    assert spec_text(spec) == (
        '{\n "catalogHash": "0123456789abcdef",\n "domain": "größe",\n "tables": [\n  1\n ]\n}\n'
    )
    assert spec_hash(spec) == "0123456789ab"
    assert spec_key(spec) == "specs/größe-0123456789ab.json"


def test_the_hash_of_a_spec_is_that_of_its_other_content_in_the_order_of_its_keys() -> None:
    spec = build_spec(load_catalog(), "rates")
    body = {name: spec[name] for name in sorted(spec) if name != "catalogHash"}

    assert spec["catalogHash"] == hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()


def test_a_spec_holds_no_secret() -> None:
    assert "secret" not in spec_text(build_spec(load_catalog(), "rates"))


def test_the_hash_follows_the_content_and_names_the_key() -> None:
    catalog = load_catalog()
    rates = build_spec(catalog, "rates")

    assert json.loads(spec_text(rates)) == rates
    assert spec_key(rates) == f"specs/rates-{spec_hash(rates)}.json"
    assert spec_hash(rates) == spec_hash(build_spec(catalog, "rates"))
    assert spec_hash(rates) != spec_hash(build_spec(catalog, "availability"))
