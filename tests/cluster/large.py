"""One large table through both jobs on the cluster: `make cluster-proof ROWS=20000000` shows that memory stays flat.

The database makes the rows itself. The items that Bootstrap wrote are the export that Compare reads, as an import and
an export without a loss would leave it. The data lies in a folder, since the embedded S3 would hold it in memory; the
release comes from S3.
"""

from __future__ import annotations

import base64
import datetime as dt
import gzip
import json
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import psycopg

from infra.releases import release_files
from local.aurora.fleet import Fleet
from local.aws.server import EmbeddedAws
from local.cluster_spark import ClusterSpark
from local.guard import ProcessGuard
from local.spark_cluster import SparkCluster
from tests.cluster import events

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_BUCKET, _CLUSTER, _RUN, _DOMAIN = "releases", "one", "large", "d"
_COLUMNS = {"id": "bigint", "property_id": "integer", "stay_date": "date", "amount": "numeric(12,2)", "note": "text"}
_MAKE = """CREATE TABLE thing AS SELECT n::bigint AS id, (n % 5000)::integer AS property_id,
DATE '2026-01-01' + (n % 700)::integer AS stay_date, ((n % 100000) / 100.0)::numeric(12,2) AS amount,
CASE WHEN n % 3 > 0 THEN md5(n::text) END AS note FROM generate_series(1, {rows}) AS n; ANALYZE thing"""
_BLOCK_BYTES = 1024**2
_QUICK_ROWS = 300_000


class Large:
    """A table of so many rows, and both jobs on it."""

    def __init__(self, work: Path, rows: int, say: Callable[[str], None], *, disk_mb: int = 4096) -> None:
        self._work, self._rows, self._say, self._disk_mb = work, rows, say, disk_mb
        self._guard = ProcessGuard()
        self._data = work / "data"
        self.wrong: list[str] = []

    def run(self) -> None:
        """Fill the database, run both jobs, and say what they used."""
        aws = EmbeddedAws(account="123456789012", region="eu-west-1", work=self._work / "aws", guard=self._guard)
        fleet = Fleet(self._work / "aurora", self._guard)
        with aws, SparkCluster(self._work / "cluster", self._guard, disk_mb=self._disk_mb) as cluster:
            try:
                fleet.start_sources([_CLUSTER])
                server = fleet.server(_CLUSTER)
                with psycopg.connect(server.dsn(), autocommit=True) as connection:
                    connection.execute(_MAKE.format(rows=self._rows).encode())
                self._say(f"the database made {self._rows:,} rows")
                self._upload(aws)
                (self._data / "spec").mkdir(parents=True)
                (self._data / "spec/spec.json").write_text(json.dumps(_spec()))
                spark = ClusterSpark(self._work, cluster, quick=self._rows <= _QUICK_ROWS)
                submit = Submission(aws, self._guard, self._data, server.port, server.password, self._work)
                self._job(spark, submit, "bootstrap", [])
                self._job(spark, submit, "compare", ["--exports", json.dumps([self._export()])])
                cluster.check_disks()
                most = max(worker.most_bytes for worker in cluster.workers)
                self._say(f"a worker's disk held {most / 1024**2:,.0f} MB at most")
            finally:
                fleet.close()
        self._check()

    def _upload(self, aws: EmbeddedAws) -> None:
        s3 = aws.client("s3")
        s3.create_bucket(Bucket=_BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        for path in release_files().values():
            s3.put_object(Bucket=_BUCKET, Key=path.name, Body=path.read_bytes())

    def _job(self, spark: ClusterSpark, submit: Submission, job: str, more: list[str]) -> None:
        began = time.monotonic()
        code = submit(spark, job, more)
        seconds = time.monotonic() - began
        figures = events.seen(spark.drivers[-1].event_log())
        self._say(
            f"{job}: {self._rows:,} rows in {seconds:.0f} s ({self._rows / seconds:,.0f} a second), "
            f"{figures.tasks} tasks, {figures.shuffled_bytes / self._rows:.1f} bytes shuffled per row"
        )
        for executor, heap in sorted(figures.heap.items()):
            half = max(1, len(heap) // 2)
            first, rest = max(heap[:half]) / 1024**2, max(heap[half:] or heap) / 1024**2
            self._say(
                f"{job}: executor {executor}: {first:.0f} MB of heap at most in the first half, then {rest:.0f} MB"
            )
        if code:
            self.wrong.append(f"{job} ended with {code}; its log is {self._work}/{job}.log")
            raise SystemExit("; ".join(self.wrong))
        if figures.failed or figures.lost:
            self.wrong.append(f"{job}: {figures.failed} tasks failed; {'; '.join(figures.lost)}")

    def _export(self) -> dict[str, str]:
        """Describe the items that Bootstrap wrote as an export; return Compare's argument."""
        manifest = json.loads((self._data / f"processed/{_DOMAIN}/{_RUN}/manifest.json").read_text())["tables"]["Thing"]
        paths = [self._data / manifest["prefix"] / file["name"] for file in manifest["files"]]
        with ThreadPoolExecutor(2) as pool:
            counts = list(pool.map(_lines, paths))
        listed = [
            {
                "itemCount": count,
                "md5Checksum": base64.b64encode(bytes.fromhex(file["md5"])).decode(),
                "dataFileS3Key": f"{manifest['prefix']}{file['name']}",
            }
            for file, count in zip(manifest["files"], counts, strict=True)
        ]
        self._say(
            f"{sum(counts):,} items in {len(paths)} files, {sum(p.stat().st_size for p in paths) / 1024**2:,.0f} MB"
        )
        (self._data / "export").mkdir()
        (self._data / "export/files.json").write_text("".join(f"{json.dumps(entry)}\n" for entry in listed))
        moment = dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
        summary = {"manifestFilesS3Key": "export/files.json", "itemCount": sum(counts), "exportTime": moment}
        (self._data / "export/summary.json").write_text(json.dumps(summary))
        return {"table": "Thing", "manifest": "export/summary.json"}

    def _check(self) -> None:
        verdict = json.loads((self._data / f"reports/{_DOMAIN}/{_RUN}/verdict.json").read_text())
        matched = verdict["tables"]["Thing"]["matched"]
        self._say(f"{verdict['verdict']}: {matched:,} items matched")
        if verdict["verdict"] != "MATCH" or matched != self._rows:
            self.wrong.append(f"{matched} of {self._rows} rows matched, and the verdict is {verdict['verdict']}")


class Submission:
    """How a job run of the state machine looks, without one."""

    def __init__(self, aws: EmbeddedAws, guard: ProcessGuard, data: Path, port: int, password: str, work: Path) -> None:
        self._aws, self._guard, self._data, self._work = aws, guard, data, work
        self._clones = json.dumps({_CLUSTER: {"host": "127.0.0.1", "port": port}})
        jar = next(f"s3://{_BUCKET}/{path.name}" for path in release_files().values() if path.suffix == ".jar")
        self._properties = {
            "spark.driver.extraJavaOptions": "-Duser.timezone=UTC",
            "spark.executor.extraJavaOptions": "-Duser.timezone=UTC",
            "spark.sql.session.timeZone": "UTC",
            "spark.sql.catalogImplementation": "in-memory",
            "spark.scheduler.mode": "FAIR",
            f"spark.migration.password.{_CLUSTER}": password,
            "spark.jars": jar,
            "spark.submit.pyFiles": jar,
        }

    def __call__(self, spark: ClusterSpark, job: str, more: list[str]) -> int:
        """Run a job to its end; return its exit code."""
        arguments = ["--spec", f"file://{self._data}/spec/spec.json", "--data", f"file://{self._data}"]
        arguments += ["--domain", _DOMAIN, "--run", _RUN, "--attempt", "a1", "--mode", "rehearsal"]
        arguments += ["--clones", self._clones, *more]
        environment = {**self._aws.environment(), "AWS_REGION": self._aws.active.region}
        entry = {"entryPoint": f"s3://{_BUCKET}/{job}.py", "entryPointArguments": arguments}
        command = spark(entry, self._properties, environment)
        with (self._work / f"{job}.log").open("wb") as log:
            child = self._guard.start(
                command.arguments, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=command.environment
            )
            return child.wait()


def _lines(path: Path) -> int:
    count = 0
    with gzip.open(path) as stream:
        while block := stream.read(_BLOCK_BYTES):
            count += block.count(b"\n")
    return count


def _spec() -> dict[str, Any]:
    extract = {
        "name": "thing",
        "source": "thing",
        "group": "g",
        "columns": [{"name": name, "type": kind} for name, kind in _COLUMNS.items()],
        "where": None,
        "connections": 3,
        "broadcast": False,
        "leftOut": [],
    }
    columns = ", ".join(_COLUMNS)
    table = {
        "name": "Thing",
        "extracts": [extract],
        "driving": {"extract": "thing", "groupBy": []},
        "maxUnmatched": 0,
        "maxFiltered": 0,
        "select": f"SELECT thing._cluster AS _cluster, {columns} FROM thing",
        "traced": f"SELECT thing._cluster AS _cluster, {columns}, thing._source_row AS _source_row, "
        "struct(thing.id) AS _source_key FROM thing",
        "plainAttributes": {name: name for name in _COLUMNS},
        "key": {"partition": {"name": "id", "type": "N"}, "sort": None},
        "indexes": [],
        "attributes": {},
        "onDuplicateKey": "fail",
        "acceptCollisions": False,
        "maxRejects": 0,
        "allowEmpty": False,
        "ttl": None,
        "compare": {"exclude": [], "tolerances": {}},
        "catchUp": {"maxDeletePercent": 1, "maxChangePercent": 25},
    }
    cluster = {"group": "g", "engine": "aurora-postgresql", "database": "postgres", "user": "postgres"}
    return {
        "version": 3,
        "domain": _DOMAIN,
        "catalogHash": "0" * 64,
        "clusters": {_CLUSTER: cluster},
        "tables": [table],
    }
