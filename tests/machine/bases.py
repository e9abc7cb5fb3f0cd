"""Proven tables, created directly instead of by a migration."""

from __future__ import annotations

import gzip
import hashlib
import json
from typing import TYPE_CHECKING, Any

from statemachine.kinds import CATCH_UP

if TYPE_CHECKING:
    from tests.machine.rig import Rig

RUN, ATTEMPT = "r0", "a0"
LONG_AGO = "2026-01-01T00:00:00+00:00"
_ITEMS = 3  # of each table, as the stand-in makes them


def proven(rig: Rig, mode: str = "official", *, instant: str = LONG_AGO, changing: str = "") -> dict[str, Any]:
    """Create the tables of rates with the items of a run that matched; return the document of its proven state."""
    suffix = "" if mode == "official" else "-rehearsal"
    tables = rig.definitions["rates-catch-up"]["States"][CATCH_UP.tables_map]["Items"]
    clusters = rig.definitions["rates-catch-up"]["States"]["CloneClusters"]["Items"]
    document = {
        "version": 1,
        "domain": "rates",
        "mode": mode,
        "run": RUN,
        "kind": "bootstrap",
        "attempt": ATTEMPT,
        "specHash": "0" * 64,
        "release": rig.release,
        "instants": dict.fromkeys(clusters, instant),
        "tables": {table["name"]: _table(rig, table, suffix, mode) for table in tables},
        "provenAt": LONG_AGO,
        "changing": changing,
    }
    key = f"proven/rates/{mode}.json"
    rig.client("s3").put_object(Bucket=rig.bucket, Key=key, Body=json.dumps(document))
    return document


def _table(rig: Rig, table: dict[str, Any], suffix: str, mode: str) -> dict[str, Any]:
    dynamodb, name = rig.client("dynamodb"), table["name"] + suffix
    tags = [*table["tags"], {"Key": "migration:run", "Value": RUN}, {"Key": "migration:mode", "Value": mode}]
    created = dynamodb.create_table(TableName=name, Tags=tags, **table["creation"])["TableDescription"]
    dynamodb.update_continuous_backups(
        TableName=name, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
    )
    types = {
        attribute["AttributeName"]: attribute["AttributeType"]
        for attribute in table["creation"]["AttributeDefinitions"]
    }
    key = [part["AttributeName"] for part in table["creation"]["KeySchema"]]
    items = [{part: {types[part]: str(number + 1)} for part in key} for number in range(_ITEMS)]
    for item in items:
        dynamodb.put_item(TableName=name, Item=item)
    data = gzip.compress("".join(json.dumps({"Item": item}) + "\n" for item in items).encode(), mtime=0)
    prefix = f"processed/rates/{RUN}/{ATTEMPT}/{table['name']}/"
    rig.client("s3").put_object(Bucket=rig.bucket, Key=f"{prefix}part-0.json.gz", Body=data)
    return {
        "tableName": name,
        "tableId": created["TableId"],
        "tableArn": created["TableArn"],
        "prefix": prefix,
        "items": _ITEMS,
        "listing": hashlib.sha256(f"|part-0.json.gz {len(data)}".encode()).hexdigest(),
    }
