"""Session, spec, timed phases and failure document of every job."""

from __future__ import annotations

import os
import sys
import time
import traceback
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Callable, NoReturn

from pyspark.sql import SparkSession

from migration_spark import database_refusals, redaction
from migration_spark.arguments import parse
from migration_spark.errors import JobError
from migration_spark.first_error import FirstError
from migration_spark.jvm_functions import CATALOG
from migration_spark.progress import Progress
from migration_spark.release import PROPERTY, check_release, own_commit, own_release
from migration_spark.spec import read_spec, some_tables
from migration_spark.storage import Storage
from migration_spark.worker_errors import as_worker_error

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migration_spark.arguments import Arguments

# The JVM interprets methods above 8,000 bytes instead of compiling them; with this limit, Spark generates the parts of
# a stage separately, in shorter methods.
LONGEST_COMPILED = ("spark.sql.codegen.hugeMethodLimit", "8000")

_CAUSE_CHARACTERS = 8000


class Job:
    """A run of a job."""

    def __init__(self, name: str, arguments: Arguments) -> None:
        self.name = name
        self.arguments = arguments
        self.spark = SparkSession.builder.appName(f"{arguments.domain}-{name}-{arguments.attempt}").getOrCreate()
        hadoop = self.spark.sparkContext._jsc.hadoopConfiguration()
        # ImportTable would read a _SUCCESS object as an item.
        hadoop.set("mapreduce.fileoutputcommitter.marksuccessfuljobs", "false")
        for setting, value in (
            ("spark.sql.session.timeZone", "UTC"),
            # Our own checks reject an overflow row by row; ANSI mode would fail the job.
            ("spark.sql.ansi.enabled", "false"),
            ("spark.sql.legacy.timeParserPolicy", "CORRECTED"),
            LONGEST_COMPILED,
            CATALOG,
            # Raw values stay as read: microseconds, and old dates in the same calendar.
            ("spark.sql.parquet.outputTimestampType", "TIMESTAMP_MICROS"),
            ("spark.sql.parquet.datetimeRebaseModeInWrite", "CORRECTED"),
            ("spark.sql.parquet.datetimeRebaseModeInRead", "CORRECTED"),
            # The values of each column in memory at once; the default is 4,096, whatever their size.
            ("spark.sql.parquet.columnarReaderBatchSize", "256"),
            # A task writes the raw rows of a single cluster; without this it would sort them by cluster first.
            ("spark.sql.maxConcurrentOutputFileWriters", "2"),
        ):
            self.spark.conf.set(setting, value)
        self.release = own_release()
        self.storage = Storage(self.spark)
        self.phases: dict[str, float] = {}
        self.first_error = FirstError(self.spark)
        whole = read_spec(self.storage.read_json(arguments.spec), arguments.spec)
        self.spec = some_tables(whole, arguments.tables)
        self.left_out = list(dict.fromkeys(t.target for t in whole.tables if t not in self.spec.tables))
        self.progress = Progress(self)

    def identity(self) -> dict[str, Any]:
        """Return the fields that every document of this run begins with."""
        return {
            "version": 1,
            "domain": self.spec.domain,
            "run": self.arguments.run,
            "attempt": self.arguments.attempt,
            "mode": self.arguments.mode,
            "specHash": self.spec.catalog_hash,
            "release": self.release,
            "commit": own_commit(),
            "jar": self.spark.conf.get("spark.jars", ""),
            "clones": {name: clone.created_at for name, clone in self.arguments.clones.items()},
        }

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Time a phase and log its end."""
        began = time.monotonic()
        self.progress.enter(name)
        yield
        self.phases[name] = round(time.monotonic() - began, 1)
        self.say(f"{name}: {self.phases[name]} s")

    def say(self, line: str) -> None:
        """Write a line to the job's log."""
        print(f"[{self.name}] {line}", flush=True)  # noqa: T201 - the driver's log is its standard output


def main(name: str, run: Callable[[Job], None]) -> None:
    """Run a job to its end; on an error write its failure document for the state machine and exit with 1."""
    arguments = parse(name)
    try:
        job = Job(name, arguments)
        job.storage.delete(arguments.uri("failures", f"{name}.json"))
        check_release(job.release, job.spark.conf.get(PROPERTY, "") or "", arguments.run)
        with job.progress.recording():
            run(job)
    except Exception as error:  # noqa: BLE001 - the state machine reads the cause of any error
        _end(arguments, name, error)


def _end(arguments: Arguments, name: str, error: Exception) -> NoReturn:
    """End the process at once; a plain exit would wait for every pool thread, and so for cancelled work."""
    try:
        _write_failure(arguments, name, error)
    except Exception:  # noqa: BLE001 - the process ends even if it cannot write the cause
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(1)


def _write_failure(arguments: Arguments, name: str, error: Exception) -> None:
    """Write the failure document, which quotes no row, and the values of the rows in a second document."""
    error = as_worker_error(database_refusals.as_job_error(error, arguments.run), arguments.run)
    foreseen = isinstance(error, JobError)
    words = str(error) if foreseen else redaction.unforeseen(error)
    failure = {"attempt": arguments.attempt, "error": type(error).__name__, "cause": words[:_CAUSE_CHARACTERS]}
    # More people can read the driver's log than the bucket, so it quotes no row.
    print(f"[{name}] {failure['error']}: {failure['cause']}", file=sys.stderr, flush=True)  # noqa: T201 - as above
    if not foreseen:
        print("".join(traceback.format_tb(error.__traceback__)), file=sys.stderr, flush=True)  # noqa: T201 - as above
    storage = Storage(SparkSession.builder.getOrCreate())
    values = list(error.values) if isinstance(error, JobError) else traceback.format_exception(type(error), error, None)
    if values:
        document = {"attempt": arguments.attempt, "values": values}
        storage.write_json(arguments.uri("failures", f"{name}-values.json"), document)
    storage.write_json(arguments.uri("failures", f"{name}.json"), failure)
