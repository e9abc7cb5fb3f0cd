"""The witness detects errors that both jobs share, and reports nothing for correct rows."""

from __future__ import annotations

import copy
import shutil
from typing import TYPE_CHECKING

import pytest
from migration_spark import postgres
from migration_spark.comparison import BAD
from pyspark.sql import functions as F

from tests.spark.jobs import CLUSTERS, Jobs, selects

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migration_spark.spec import Column

# Column: type in the database, in the catalog, and the values of row a, row b and row c.
TYPES = {
    "small": ("smallint", "smallint", ("-32768", "32767", "0")),
    "whole": ("integer", "integer", ("-2147483648", "2147483647", "0")),
    "big": ("bigint", "bigint", ("-9223372036854775808", "9007199254740993", "0")),
    "price": ("numeric(12,2)", "numeric(12,2)", ("12.50", "-0.01", "0")),
    "precise": ("numeric(38,20)", "numeric(38,20)", ("123456789012345678.00000000000000000001", "1e-20", "0")),
    "free": ("numeric", "numeric", ("1.50", "12345678901234567890123456789012345678", "1e-100")),
    "single": ("real", "real", ("7.038531e-26", "33554432", "-0")),
    "widened": ("real", "double", ("0.1", "7.038531e-26", "-0")),
    "ratio": ("double precision", "double", ("0.1", "2e23", "-0")),
    "flag": ("boolean", "boolean", ("true", "false", "NULL")),
    "day": ("date", "date", ("'0001-01-01'", "'9999-12-31'", "'1582-10-10'")),
    "clock": (
        "timestamp",
        "timestamp",
        ("'0001-01-01 00:00:00'", "'9999-12-31 23:59:59.999999'", "'1582-10-10 01:02:03.000001'"),
    ),
    "moment": (
        "timestamptz",
        "timestamptz",
        ("'0001-01-01 00:00:00+00'", "'9999-12-31 23:59:59.999999+00'", "'2027-03-28 02:30:00.1+01'"),
    ),
    "blob": ("bytea", "bytes", (r"'\x'", r"'\x00fffe'", r"'\x61'")),
    "key_": ("uuid", "uuid", ("'0B0E7A52-4d0e-4a2f-9d9c-6a3c1f0a7e11'", "NULL", "NULL")),
    "words": ("text[]", "text[]", ("'{}'", r"""ARRAY['a"b', E'c\\d', 'NULL', NULL, '']""", "NULL")),
    "padded": ("char(5)", "text", ("'ab'", "''", "' x'")),
    "blanks": ("char(3)[]", "text[]", ("ARRAY['a','']", "NULL", "'{}'")),
    "exact": ("numeric(5,2)[]", "text[]", ("ARRAY[1.50]", "NULL", "'{}'")),
    "keys": ("uuid[]", "text[]", ("ARRAY['0b0e7a52-4d0e-4a2f-9d9c-6a3c1f0a7e11'::uuid]", "NULL", "'{}'")),
    "wholes": ("integer[]", "bigint[]", ("ARRAY[3,NULL,1]", "NULL", "'{}'")),
    "bigs": ("bigint[]", "bigint[]", ("ARRAY[9007199254740993]", "NULL", "'[0:1]={1,2}'")),
    "tags": ("text[]", "text[]", ("ARRAY['b','a','b']", "'{}'", "NULL")),
    "document": ("jsonb", "json", ("""'{"n": 1.50, "l": [true, null, 1], "s": "é 🥂"}'""", "'{}'", "NULL")),
    "plain": ("json", "json", ("""'{ "a" : 1.0,  "b": {"c": ["\\ud83e\\udd42"]}}'""", "'{}'", "NULL")),
    "raw": ("json", "text", ("""'{ "b" : 1.0,  "a":1}'""", "'[]'", "NULL")),
    "mood": ("text", "text", ("E'tab\\t\\n\\u2028\\u0085end'", "'Café 🥂'", "''")),
    "time_": ("time", "text", ("'12:30:00.5'", "'24:00:00'", "NULL")),
    "zoned": ("timetz", "text", ("'12:30:00+02'", "NULL", "NULL")),
    "span": ("interval", "text", ("'1 day 2 hours'", "'-1 month'", "NULL")),
    "bits": ("bit(3)", "text", ("B'110'", "NULL", "NULL")),
    "more": ("varbit(5)", "text", ("B'10'", "B''", "NULL")),
    "address": ("inet", "text", ("'10.0.0.1/8'", "'::1'", "NULL")),
    "network": ("cidr", "text", ("'10.0.0.0/8'", "NULL", "NULL")),
    "card": ("macaddr", "text", ("'08:00:2b:01:02:03'", "NULL", "NULL")),
    "label": ("name", "text", ("'ab'", "NULL", "NULL")),
    "until": ("date", "text", ("'infinity'", "'0044-03-15 BC'", "NULL")),
    "since": ("timestamp", "text", ("'2027-01-01 00:00:00.5'", "'-infinity'", "NULL")),
    "expires": ("timestamptz", "timestamptz", ("'1969-12-31 23:59:59.9+00'", "'2040-01-01 00:00:00+00'", "NULL")),
}
KINDS = {"tags": "SS", "document": "M", "plain": "M", "expires": "epoch_seconds"}
# Values that no item can have: these rows are rejected by name, and the witness must not stumble.
ODD = {
    "odd day": ("day", "'infinity'"),
    "odd past": ("day", "'0044-03-15 BC'"),
    "odd clock": ("clock", "'-infinity'"),
    "odd moment": ("moment", "'infinity'"),
    "odd price": ("price", "'NaN'"),
    "odd ratio": ("ratio", "'Infinity'"),
    "odd single": ("single", "'NaN'"),
    "odd free": ("free", "'NaN'"),
    "odd nested": ("words", "ARRAY[ARRAY['a']]"),
    "odd text": ("plain", """'{"a": 1, "a": 2}'"""),
}


def columns() -> list[dict[str, str]]:
    return [{"name": "id", "type": "text"}, *[{"name": name, "type": kind} for name, (_, kind, _) in TYPES.items()]]


def make(jobs: Jobs) -> None:
    """Create a table of every type in both clusters: three rows of values, a row of nulls, and odd rows."""
    names = ", ".join(["id", *TYPES])
    definition = ", ".join(f"{name} {kind}" for name, (kind, _, _) in TYPES.items())
    rows = [
        f"INSERT INTO every ({names}) VALUES ('{{cluster}} {key}', {', '.join(v[2][n] for v in TYPES.values())})"
        for n, key in enumerate("abc")
    ]
    rows += ["INSERT INTO every (id) VALUES ('{cluster} nulls')"]
    rows += [
        f"INSERT INTO every (id, {name}) VALUES ('{{cluster}} {key}', {value})" for key, (name, value) in ODD.items()
    ]
    for cluster in CLUSTERS:
        jobs.sql(
            cluster,
            "DROP TABLE IF EXISTS every",
            f"CREATE TABLE every (id text PRIMARY KEY, {definition})",
            *[row.replace("{cluster}", cluster) for row in rows],
        )


@pytest.fixture(scope="module")
def every(jobs: Jobs) -> Iterator[Jobs]:
    kept = copy.deepcopy(jobs.table)
    make(jobs)
    (extract,) = jobs.table["extracts"]
    extract.update(source="every", columns=columns())
    jobs.table.update(
        **selects("FROM thing", ", ".join(["id", *TYPES])),
        attributes=KINDS,
        ttl=None,
        maxRejects=2 * len(ODD),
    )
    assert jobs.bootstrap("healthy")["failure"] is None
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(postgres, "_value", faulty)
        assert jobs.bootstrap("faulty")["failure"] is None
    yield jobs
    jobs.table.clear()
    jobs.table.update(kept)


def faulty(column: Column) -> str:
    """Return SQL that misreads every type but the key's, and keeps the audit's counts."""
    name = f'"{column.name}"'
    whole = f"{name}::bigint / 2"
    moment = f"date_trunc('minute', {name})::text"
    special = {
        "smallint": whole,
        "integer": whole,
        "bigint": whole,
        "numeric": f"({name} + 1)::text",
        "numeric(12,2)": f"({name} + 0.01)::text",
        "numeric(38,20)": f"({name} + 1e-20)::text",
        "real": f"({name} * 2::real)::text",
        "double": f"({name} * 2)::text",
        "boolean": f"NOT {name}",
        "date": f"CASE WHEN {name} > '0001-01-01' THEN ({name} - 1)::text ELSE {name}::text END",
        "timestamp": moment,
        "timestamptz": moment,
        "uuid": f"upper({name}::text)",
        "bytes": f"encode(CASE WHEN {name} <> '' THEN set_byte({name}, 0, 98) ELSE {name} END, 'base64')",
        "text[]": f"CASE WHEN array_ndims({name}) > 1 THEN '{{{{a}}}}' WHEN {name} IS NOT NULL "
        f"THEN array_append({name}::text[], 'x')::text END",
        "bigint[]": f"CASE WHEN {name} IS NOT NULL THEN array_append({name}::bigint[], 7)::text END",
        "json": f"CASE WHEN {name}::text LIKE '%\"a\": 2%' THEN {name}::text WHEN {name} IS NOT NULL "
        f"THEN jsonb_build_object('v', {name}::jsonb)::text END",
        "text": f"{name}::text" if column.name == "id" else f"reverse({name}::text)",
    }
    return special[column.type]


def test_the_witness_is_silent_where_every_type_is_what_it_was(every: Jobs) -> None:
    every.export(list(every.items("healthy").values()))
    report = every.compare("healthy")

    rows = len(ODD) + 4
    # Infinity, NaN of a float and a name twice can be read, and NaN of a number that is kept as a text is an item.
    counts = {"rows": rows, "sampled": rows, "landed": 8, "exported": 5, "differences": 0}
    assert report["witnessSamples"] == []
    assert report["witness"] == {"Thing-thing": dict.fromkeys(CLUSTERS, counts)}
    assert report["verdict"] == "MATCH"


def test_what_both_jobs_misread_alike_is_seen_in_the_raw_rows_and_in_the_items(
    every: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "_value", faulty)
    every.export(list(every.items("faulty").values()))
    report = every.compare("faulty")

    table = report["tables"]["Thing"]
    assert (table["matched"], [table[kind] for kind in BAD]) == (10, [0] * len(BAD))
    assert report["verdict"] == "MISMATCH"
    assert "The witness found 12 differences in 28 sampled rows. The first: Thing key " in report["summary"]
    assert {sample["column"] for sample in report["witnessSamples"] if "landed" in sample} == set(TYPES)
    assert {sample["column"] for sample in report["witnessSamples"] if "exported" in sample} == set(TYPES)
    verdict = every.read("reports/d/faulty/verdict.json")
    assert verdict["witness"] == {"sampled": 28, "landed": 16, "exported": 10, "differences": 12}


def test_what_compare_alone_misreads_as_the_export_is_damaged_is_seen_in_the_items(
    every: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "_value", faulty)
    every.export(list(every.items("faulty").values()))
    report = every.compare("healthy")

    assert report["tables"]["Thing"]["matched"] == 10
    assert report["verdict"] == "MISMATCH"
    assert {column for sample in report["witnessSamples"] for column in sample if column in ("landed", "exported")} == {
        "exported"
    }
    assert {sample["column"] for sample in report["witnessSamples"]} == set(TYPES)


def test_a_raw_row_that_changed_since_it_was_written_is_seen(every: Jobs) -> None:
    folder = every.folder / "raw/d/healthy/Thing-thing/$cluster=two"
    kept = {path: path.read_bytes() for path in folder.iterdir()}
    rows = every.spark.read.parquet(str(folder)).localCheckpoint()
    changed = F.when(F.col("id") == "two c", F.lit("Café")).otherwise(F.col("mood"))
    rows.withColumn("mood", changed).coalesce(1).write.mode("overwrite").parquet(str(folder))
    every.export(list(every.items("healthy").values()))
    try:
        report = every.compare("healthy")
    finally:
        shutil.rmtree(folder)
        folder.mkdir()
        for path, content in kept.items():
            path.write_bytes(content)

    assert report["verdict"] == "MISMATCH"
    assert report["witnessSamples"] == [
        {
            "table": "Thing",
            "extract": "thing",
            "cluster": "two",
            "column": "mood",
            "key": "id=two c, small=0",
            "clone": "",
            "landed": "Café",
        }
    ]
