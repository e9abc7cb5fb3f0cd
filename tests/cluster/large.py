"""One large table through both jobs on the cluster: `make cluster-proof ROWS=20000000` shows that memory stays flat.

With WIDE=1000 the table has so many further columns, of every kind in turn, a third of them null.

The database generates the rows. Compare reads the items of Bootstrap as an export, as a lossless import and export
would leave them. The data are in a folder, because the embedded S3 would keep them in memory; the release comes from
S3.
"""

from __future__ import annotations

import base64
import datetime as dt
import gzip
import json
import math
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import psycopg

from local.aurora.fleet import Fleet
from local.aws.server import EmbeddedAws
from local.cluster_spark import ClusterSpark
from local.guard import ProcessGuard
from local.spark_cluster import SparkCluster
from release.names import release_files
from runner.account.spark_workers import Worker, Workers
from runner.plan.constants import load_constants
from runner.plan.workload import SourceLoad, TableLoad, jobs
from tests.cluster import events
from tests.cluster.submission import BUCKET, CLUSTER, CONNECTIONS, DOMAIN, RUN, Submission, spec

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_COLUMNS = {"id": "bigint", "property_id": "integer", "stay_date": "date", "amount": "numeric(12,2)", "note": "text"}
_MAKE = """CREATE TABLE thing AS SELECT n::bigint AS id, (n % 5000)::integer AS property_id,
DATE '2026-01-01' + (n % 700)::integer AS stay_date, ((n % 100000) / 100.0)::numeric(12,2) AS amount,
CASE WHEN n % 3 > 0 THEN md5(n::text) END AS note{more} FROM generate_series(1, {rows}) AS n; ANALYZE thing"""
# Types of the further columns in turn, with an expression of the row's and the column's number.
_MORE = (
    ("text", "md5(concat(n, '-', {column}))"),
    ("integer", "((n + {column}) % 100000)::integer"),
    ("numeric(12,2)", "((n * {column} % 1000000) / 100.0)::numeric(12,2)"),
    ("timestamp", "TIMESTAMP '2026-01-01' + ({column} + n) * INTERVAL '1 second'"),
    ("boolean", "(n + {column}) % 2 = 0"),
)
_BLOCK_BYTES = 1024**2
_QUICK_ROWS = 300_000
_LOG_LINES = 40
_WORKERS = 3
_DISK_BASE_MB = 64


class Large:
    """A table of so many rows, and runs of both jobs on it."""

    def __init__(self, work: Path, rows: int, say: Callable[[str], None], *, columns: int = 0) -> None:
        self._work, self._rows, self._say = work, rows, say
        self._more = {f"c{number}": _MORE[number % len(_MORE)] for number in range(columns)}
        self._guard = ProcessGuard()
        self._data = work / "data"
        self.wrong: list[str] = []

    def run(self) -> None:
        """Fill the database, run both jobs, and print what they used."""
        aws = EmbeddedAws(account="123456789012", region="eu-west-1", work=self._work / "aws", guard=self._guard)
        fleet = Fleet(self._work / "aurora", self._guard)
        with aws:
            try:
                fleet.start_sources([CLUSTER])
                server = fleet.server(CLUSTER)
                disk_mb = self._planned_disk_mb(self._make_rows(server.dsn()))
                self._upload(aws)
                (self._data / "spec").mkdir(parents=True)
                (self._data / "spec/spec.json").write_text(json.dumps(spec(self._columns())))
                submit = Submission(aws, self._guard, self._data, server.port, server.password, self._work)
                with SparkCluster(self._work / "cluster", self._guard, workers=_WORKERS, disk_mb=disk_mb) as cluster:
                    self._both_jobs(cluster, submit)
            finally:
                fleet.close()
        self._check()

    def _make_rows(self, dsn: str) -> int:
        """Fill the table; return its size in bytes."""
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute(_MAKE.format(rows=self._rows, more=self._expressions()).encode())
            size = connection.execute("SELECT pg_table_size('thing')").fetchone()
        self._say(f"the database made {self._rows:,} rows of {len(_COLUMNS) + len(self._more):,} columns")
        return int(size[0]) if size else 0

    def _planned_disk_mb(self, size: int) -> int:
        """Return the disk of a worker that `migrate plan` requires, with the small base of a worker here.

        The plan adds the 5 GB that EMR Serverless keeps on a disk.
        """
        constants = load_constants()
        measured, design = constants.measured, constants.design
        source = SourceLoad(CLUSTER, self._rows, size, CONNECTIONS, drives=True, broadcast=False)
        files = math.ceil(size * measured.item_bytes / design.file_bytes)
        names = len(self._columns())
        load = TableLoad("Thing", (source,), files, attributes=names, has_latest=False, shuffles_rows=False)
        plans = jobs([load], Workers(executor=Worker(vcpu=1), executors=_WORKERS), constants)
        shuffled = max((plan.disk_gb or 0.0) - design.disk_base_gb for plan in plans)
        disk_mb = math.ceil(shuffled * 1000) + _DISK_BASE_MB
        self._say(f"the plan asks for a disk of {disk_mb:,} MB a worker")
        return disk_mb

    def _both_jobs(self, cluster: SparkCluster, submit: Submission) -> None:
        spark = ClusterSpark(self._work, cluster, quick=self._rows <= _QUICK_ROWS)
        self._job(spark, submit, "bootstrap", [])
        self._job(spark, submit, "compare", ["--exports", json.dumps([self._export()])])
        cluster.check_disks()
        most = max(worker.most_bytes for worker in cluster.workers)
        self._say(f"a worker's disk of {cluster.disk_mb:,} MB held {most / 1024**2:,.0f} MB at most")

    def _columns(self) -> dict[str, str]:
        return {**_COLUMNS, **{name: kind for name, (kind, _) in self._more.items()}}

    def _expressions(self) -> str:
        """Return the expressions of the further columns, each null in every third row."""
        made = enumerate(value for _, value in self._more.values())
        values = ((column, value.format(column=column)) for column, value in made)
        return "".join(f", CASE WHEN (n + {column}) % 3 > 0 THEN {value} END AS c{column}" for column, value in values)

    def _upload(self, aws: EmbeddedAws) -> None:
        s3 = aws.client("s3")
        s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        for path in release_files().values():
            s3.put_object(Bucket=BUCKET, Key=path.name, Body=path.read_bytes())

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
            log = (self._work / f"{job}.log").read_text("utf-8", "replace").splitlines()
            raise SystemExit("\n".join([*log[-_LOG_LINES:], f"{job} ended with {code}; the end of its log is above"]))
        if figures.failed or figures.lost:
            self.wrong.append(f"{job}: {figures.failed} tasks failed; {'; '.join(figures.lost)}")

    def _export(self) -> dict[str, str]:
        """Describe the items of Bootstrap as an export; return Compare's argument."""
        manifest = json.loads((self._data / f"processed/{DOMAIN}/{RUN}/manifest.json").read_text())["tables"]["Thing"]
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
        verdict = json.loads((self._data / f"reports/{DOMAIN}/{RUN}/verdict.json").read_text())
        matched = verdict["tables"]["Thing"]["matched"]
        self._say(f"{verdict['verdict']}: {matched:,} items matched")
        if verdict["verdict"] != "MATCH" or matched != self._rows:
            self.wrong.append(f"{matched} of {self._rows} rows matched, and the verdict is {verdict['verdict']}")


def _lines(path: Path) -> int:
    count = 0
    with gzip.open(path) as stream:
        while block := stream.read(_BLOCK_BYTES):
            count += block.count(b"\n")
    return count
