"""A Spark session in this process, with the Java functions and JDBC drivers of the release.

Its files are as S3's objects are: a folder in which nothing lies is not there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from migration_spark.jvm_functions import CATALOG
from pyspark.sql import SparkSession

from local.aurora.fleet import running_fleet
from release.errors import CompileError
from tests.spark import jvm
from tests.spark.jobs import CLUSTERS, Jobs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyspark import RDD, SparkContext

NOT_JAVA = 77  # pytest's exit code where the sources do not compile: a mutant that is none


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    jvm.prepare_environment()
    try:
        options = {} if jvm.is_kept() else jvm.options(tmp_path_factory.mktemp("java"))
    except CompileError as error:
        pytest.exit(str(error), returncode=NOT_JAVA)
    session = (
        SparkSession.builder.master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config(map=options)
        .config("spark.hadoop.fs.file.impl", "objects.ObjectFolders")
        .config("spark.hadoop.mapreduce.fileoutputcommitter.algorithm.version", "2")
        .config("spark.sql.session.timeZone", "UTC")
        .config(*CATALOG)
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.sql.codegen.cache.maxEntries", "5000")
        .config("spark.local.dir", str(tmp_path_factory.mktemp("spark")))
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("ERROR")
    assert session._jvm is not None
    session._jvm.embedded.ClassLookups.install()
    _keep_rows_in_the_jvm(session.sparkContext)
    yield session
    session.stop()


def _keep_rows_in_the_jvm(context: SparkContext) -> None:
    """Let no worker of Python hand a test's rows to the JVM, which took half of a comparison's processor time.

    PySpark parallelizes rows in batches of a fixed size, and has workers write them again in batches that adapt, each
    time a frame is read. Both kinds of batch are lists of pickled rows, which is all that the JVM reads.
    """
    parallelize = context.parallelize

    def parallelize_once(*arguments: Any, **named: Any) -> RDD[Any]:  # noqa: ANN401 - PySpark's own
        rows = parallelize(*arguments, **named)
        rows._jrdd_deserializer = context.serializer
        return rows

    context.parallelize = parallelize_once


@pytest.fixture(scope="session")
def jobs(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Jobs]:
    with running_fleet(tmp_path_factory.mktemp("jobs") / "aurora") as fleet:
        fleet.start_sources(list(CLUSTERS))
        yield Jobs(spark, fleet, tmp_path_factory.mktemp("data"))
