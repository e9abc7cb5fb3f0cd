"""Both jobs in this process, on PostgreSQL clusters of the test's own, with a folder in S3's place.

DynamoDB's part is played here: items are read from what Bootstrap wrote, and an export is written of what the test
makes of them, with the manifests that AWS describes.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport.Output.html
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import psycopg
from migration_spark import arguments, bootstrap, compare
from migration_spark.arguments import Clone
from migration_spark.database import CloneDatabase
from migration_spark.job import Job
from migration_spark.spec import Cluster

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pyspark.sql import SparkSession

    from local.aurora.fleet import Fleet

CLUSTERS = ("one", "two")
COLUMNS = {
    "id": "text",
    "precise": "numeric(38,19)",
    "ratio": "double",
    "title": "text",
    "note": "text",
    "tags": "text[]",
    "list": "text[]",
    "document": "json",
    "expires": "timestamptz",
}
DDL = """CREATE TABLE thing (id text, precise numeric(38,19), ratio double precision, title text, note text,
tags text[], list text[], document jsonb, expires timestamptz)"""
FILES = 3
EXPORT = "export/AWSDynamoDB/1/manifest-summary.json"


def thing(number: int) -> tuple[Any, ...]:
    """Return the row of key k00, k01 and so on."""
    return (
        f"k{number:02}",
        "1234567890123456789.1234567890123456789",
        0.1,
        f"Café {number}",
        "1",
        ["b", "a", "c"],
        ["x", "y", "x"],
        json.dumps({"deep": {"list": [1, {"n": "1.50"}]}, "number": number}),
        None,
    )


def selects(rest: str, columns: str = ", ".join(COLUMNS)) -> dict[str, str]:
    """Return a select of these columns of `thing` as in a spec: plain and traced."""
    return {
        "select": f"SELECT thing._cluster AS _cluster, {columns} {rest}",
        "traced": f"SELECT thing._cluster AS _cluster, {columns}, thing._source_row AS _source_row, "
        f"struct(thing.id) AS _source_key {rest}",
    }


@contextmanager
def passwords(spark: SparkSession, by_cluster: dict[str, str]) -> Iterator[None]:
    """Set these passwords in the session, which all tests share, and remove them afterwards."""
    for name, password in by_cluster.items():
        spark.conf.set(f"spark.migration.password.{name}", password)
    try:
        yield
    finally:
        for name in by_cluster:
            spark.conf.unset(f"spark.migration.password.{name}")


def reader(spark: SparkSession, cluster: Cluster, port: int, password: str) -> CloneDatabase:
    """Return a server of this machine as a cluster for the jobs."""
    with passwords(spark, {cluster.name: password}):
        return CloneDatabase(spark, cluster, Clone(cluster.name, "127.0.0.1", port, ""))


class Jobs:
    """A domain with a table, and its runs."""

    def __init__(self, spark: SparkSession, fleet: Fleet, folder: Path) -> None:
        self.spark, self._fleet, self.folder = spark, fleet, folder
        self.mode, self.user, self.database = "rehearsal", "postgres", "postgres"
        # Of the clones: a split of one that nobody can date is read anew.
        self.created_at = ""
        self.passwords = {name: fleet.server(name).password for name in CLUSTERS}
        # In the place of the table: what it is made of, where that is several selects.
        self.parts: list[dict[str, Any]] = []
        self.table: dict[str, Any] = {
            "name": "Thing",
            "extracts": [
                {
                    "name": "thing",
                    "source": "thing",
                    "group": "g",
                    "columns": [{"name": name, "type": kind} for name, kind in COLUMNS.items()],
                    "where": None,
                    "connections": 2,
                    "broadcast": False,
                    "leftOut": [],
                }
            ],
            "driving": {"extract": "thing", "groupBy": []},
            "maxUnmatched": 0,
            "maxFiltered": 0,
            **selects("FROM thing"),
            "plainAttributes": {name: name for name in COLUMNS},
            "key": {"partition": {"name": "id", "type": "S"}, "sort": None},
            "indexes": [],
            "attributes": {"tags": "SS", "document": "M", "expires": "epoch_seconds"},
            "onDuplicateKey": "fail",
            "acceptCollisions": False,
            "maxRejects": 0,
            "allowEmpty": False,
            "ttl": "expires",
            "compare": {"exclude": [], "tolerances": {}},
            "catchUp": {"maxDeletePercent": 1, "maxChangePercent": 25},
        }

    def clone(self, cluster: str) -> CloneDatabase:
        """Return a cluster of the spec."""
        facts = Cluster(cluster, "g", "aurora-postgresql", self.database, self.user)
        return reader(self.spark, facts, self._fleet.server(cluster).port, self.passwords[cluster])

    def sql(self, cluster: str, *statements: str) -> None:
        """Change a cluster, and wait until its statistics include the change."""
        with psycopg.connect(
            self._fleet.server(cluster).dsn(self.database), autocommit=True, client_encoding="utf8"
        ) as connection:
            for statement in statements:
                connection.execute(statement.encode())
        time.sleep(0.2)

    def fill(self, rows: dict[str, list[tuple[Any, ...]]]) -> None:
        """Create the table again in every cluster, with these rows."""
        for cluster in CLUSTERS:
            with psycopg.connect(self._fleet.server(cluster).dsn(), autocommit=True) as connection:
                connection.execute("DROP TABLE IF EXISTS thing")
                connection.execute(DDL.encode())
            if rows.get(cluster):
                self.insert(cluster, rows[cluster])

    def insert(self, cluster: str, rows: list[tuple[Any, ...]]) -> None:
        """Add rows to the table of a cluster."""
        with psycopg.connect(self._fleet.server(cluster).dsn(), autocommit=True) as connection:
            values = ", ".join(["%s"] * len(COLUMNS))
            connection.cursor().executemany(f"INSERT INTO thing VALUES ({values})".encode(), rows)

    def bootstrap(self, run: str = "run", attempt: str = "a1") -> dict[str, Any]:
        """Run Bootstrap; return its summary."""
        with passwords(self.spark, self.passwords):
            job = self.job("bootstrap", run, attempt)
            with job.progress.recording():
                bootstrap.run(job)
        return self.read(f"processed/d/{run}/summary.json")

    def compare(self, run: str = "run") -> dict[str, Any]:
        """Run Compare; return its report."""
        with passwords(self.spark, self.passwords):
            job = self.job("compare", run, "a1")
            with job.progress.recording():
                compare.run(job)
        return self.read(f"reports/d/{run}/report.json")

    def read(self, key: str) -> dict[str, Any]:
        """Return a JSON document of the data folder."""
        return dict(json.loads((self.folder / key).read_text("utf-8")))

    def items(self, run: str = "run") -> dict[str, dict[str, Any]]:
        """Return Bootstrap's items by id."""
        return self.items_by("id", run)

    def items_by(self, key: str, run: str) -> dict[str, dict[str, Any]]:
        """Return Bootstrap's items by the text of an attribute."""
        folder = self.folder / self.read(f"processed/d/{run}/summary.json")["tables"]["Thing"]["prefix"]
        lines = [
            line for file in sorted(folder.glob("*.gz")) for line in gzip.decompress(file.read_bytes()).splitlines()
        ]
        return {next(iter(item[key].values())): item for item in (json.loads(line)["Item"] for line in lines)}

    def export(self, items: list[dict[str, Any]]) -> list[Path]:
        """Write an export of these items; return its data files."""
        return self.export_lines([json.dumps({"Item": item}, ensure_ascii=False) for item in items])

    def export_lines(self, lines: list[str]) -> list[Path]:
        """Write an export of these lines; return its data files."""
        root = self.folder / "export/AWSDynamoDB/1"
        (root / "data").mkdir(parents=True, exist_ok=True)
        for old in (root / "data").glob("*"):
            old.unlink()
        written, listed = [], []
        for number in range(min(FILES, len(lines))):
            part = lines[number::FILES]
            path = root / "data" / f"{number}.json.gz"
            path.write_bytes(gzip.compress("".join(line + "\n" for line in part).encode()))
            written.append(path)
            listed.append(self.listed(path, len(part)))
        (root / "manifest-files.json").write_text("".join(json.dumps(file) + "\n" for file in listed))
        summary = {
            "manifestFilesS3Key": "export/AWSDynamoDB/1/manifest-files.json",
            "itemCount": len(lines),
            "exportTime": "2027-01-01T00:00:00.000Z",
        }
        (root / "manifest-summary.json").write_text(json.dumps(summary))
        return written

    def listed(self, path: Path, items: int) -> dict[str, Any]:
        """Return a data file's entry in the manifest."""
        md5 = base64.b64encode(hashlib.md5(path.read_bytes()).digest()).decode()  # noqa: S324 - the export's own
        return {"itemCount": items, "md5Checksum": md5, "dataFileS3Key": str(path.relative_to(self.folder))}

    def dsn(self, cluster: str) -> str:
        """Return a cluster's port."""
        return self._fleet.server(cluster).dsn(self.database)

    def job(self, name: str, run: str, attempt: str, *more: str) -> Job:
        """Return a job of this domain that has not begun; `more` replaces its exports."""
        spec = {
            "version": 3,
            "domain": "d",
            "catalogHash": "0" * 64,
            "clusters": {
                cluster: {"group": "g", "engine": "aurora-postgresql", "database": self.database, "user": self.user}
                for cluster in CLUSTERS
            },
            "tables": self.parts or [self.table],
        }
        spec_path = self.folder / "spec.json"
        spec_path.write_text(json.dumps(spec))
        clones = {
            cluster: {"host": "127.0.0.1", "port": self._fleet.server(cluster).port, "createdAt": self.created_at}
            for cluster in CLUSTERS
        }
        exports = ("--exports", json.dumps([{"table": "Thing", "manifest": EXPORT}]))
        words = ["--spec", f"file://{spec_path}", "--data", f"file://{self.folder}", "--domain", "d", "--run", run]
        words += ["--attempt", attempt, "--mode", self.mode, "--clones", json.dumps(clones)]
        return Job(name, arguments.parse(name, [*words, *(more or exports)]))
