"""Workload of the benchmarks: the spec of their table, its jobs, and its rows for other contenders."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from migration_spark import arguments, typed_rows
from migration_spark.arguments import Clone
from migration_spark.database import CloneDatabase
from migration_spark.job import Job
from migration_spark.spec import Spec, Table, read_spec

from bench.fixture import COLUMNS

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from bench.fixture import Fixture


def spec_document(columns: dict[str, str]) -> dict[str, Any]:
    """Return the spec of a table with these columns, keyed by `id`."""
    cluster = {"group": "g", "engine": "aurora-postgresql", "database": "postgres", "user": "postgres"}
    extract = {
        "name": "thing",
        "source": "thing",
        "group": "g",
        "columns": [{"name": name, "type": kind} for name, kind in columns.items()],
        "where": None,
        "connections": 2,
        "broadcast": False,
        "leftOut": [],
    }
    table = {
        "name": "Thing",
        "extracts": [extract],
        "driving": {"extract": "thing", "groupBy": []},
        "maxUnmatched": 0,
        "maxFiltered": 0,
        "select": f"SELECT _cluster, {', '.join(columns)} FROM thing",  # noqa: S608 - names of this package
        "traced": f"SELECT _cluster, {', '.join(columns)}, thing._source_row AS _source_row, "  # noqa: S608 - as above
        "struct(thing.id) AS _source_key FROM thing",
        "plainAttributes": {name: name for name in columns},
        "key": {"partition": {"name": "id", "type": "N"}, "sort": None},
        "indexes": [],
        "attributes": {"channels": "SS"} if "channels" in columns else {},
        "onDuplicateKey": "fail",
        "acceptCollisions": False,
        "maxRejects": 0,
        "allowEmpty": False,
        "ttl": None,
        "catchUp": {"maxDeletePercent": 1, "maxChangePercent": 25},
        "compare": {"exclude": [], "tolerances": {}},
    }
    return {
        "version": 3,
        "domain": "d",
        "catalogHash": "0" * 64,
        "clusters": {"one": cluster},
        "tables": [table],
    }


def workload(columns: dict[str, str] | None = None) -> tuple[Spec, Table]:
    """Return the spec and its table."""
    spec = read_spec(spec_document(columns or COLUMNS), "the benchmark")
    return spec, spec.tables[0]


def job(fixture: Fixture, name: str, run: str, columns: dict[str, str] | None = None) -> Job:
    """Return a job on the benchmark's database and folder."""
    spec_path = fixture.folder / "spec.json"
    spec_path.write_text(json.dumps(spec_document(columns or COLUMNS)))
    words = ["--spec", f"file://{spec_path}", "--data", f"file://{fixture.folder}", "--domain", "d", "--run", run]
    words += ["--attempt", "a1", "--mode", "rehearsal"]
    clones = {"one": {"host": "127.0.0.1", "port": fixture.port}}
    return Job(name, arguments.parse(name, [*words, "--clones", json.dumps(clones)]))


def database(fixture: Fixture) -> CloneDatabase:
    """Return the benchmark's database, as the jobs read it."""
    return CloneDatabase(fixture.spark, workload()[0].clusters["one"], Clone("one", "127.0.0.1", fixture.port, ""))


def rows(fixture: Fixture, table: Table, *, other_cuts: bool = False) -> DataFrame:
    """Return the select's result, read from the database now."""
    extract = table.extracts[0]
    typed = typed_rows.typed(database(fixture).read(extract, other_cuts=other_cuts), extract)
    return typed_rows.select(fixture.spark, table, {extract.name: typed})[0]
