"""Connections to clones: small queries from the driver, split reads from the executors."""

from __future__ import annotations

import re
import threading
from contextlib import contextmanager, suppress
from functools import reduce
from typing import TYPE_CHECKING, Any

from py4j.protocol import Py4JJavaError
from pyspark.sql import functions as F

from migration_spark import mysql, mysql_relations, postgres, postgres_relations
from migration_spark.database_refusals import refusals
from migration_spark.errors import DatabaseError, SpecError
from migration_spark.remedies import Subject
from migration_spark.splits import STANDARD, Cuts, Limits, wanted
from migration_spark.typed_rows import with_long_numbers
from migration_spark.visibility import Doubt, Look

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pyspark.sql import DataFrame, SparkSession

    from migration_spark.arguments import Clone
    from migration_spark.postgres import Ask
    from migration_spark.spec import Cluster, Extract

# A connection holds this many rows of a result at once, and fewer if rows are large.
_FETCH_ROWS, _FETCH_BYTES = 10_000, 32 * 1024**2
_FEWEST_FETCHED, _FETCHED_OF_UNKNOWN_SIZE = 10, 1_000
# The driver's own sessions with a clone: for small queries, and for audits.
_SMALL_AT_ONCE, AUDITS_AT_ONCE = 2, 2
_DIALECTS: dict[str, Any] = {"aurora-postgresql": postgres, "aurora-mysql": mysql}
_RELATIONS: dict[str, Any] = {"aurora-postgresql": postgres_relations, "aurora-mysql": mysql_relations}


class CloneDatabase:
    """A clone, as its reader sees it."""

    def __init__(self, spark: SparkSession, cluster: Cluster, clone: Clone, job: str = "") -> None:
        """Begin every statement with a mark of the `job`, since domains share clones."""
        self._spark = spark
        self.mark = f"/* migration {re.sub(r'[^A-Za-z0-9_.-]', '', job)} */"
        self._small = threading.BoundedSemaphore(_SMALL_AT_ONCE)
        self._audits = threading.BoundedSemaphore(AUDITS_AT_ONCE)
        self.cluster, self.clone = cluster, clone
        self.subject = Subject(cluster.name, f"{clone.host}:{clone.port}", cluster.user)
        if cluster.engine not in _DIALECTS:
            raise SpecError(f"{cluster.name}: engine {cluster.engine} is not known; known are {', '.join(_DIALECTS)}")
        self.dialect = _DIALECTS[cluster.engine]
        self._relations = _RELATIONS[cluster.engine]
        self._url = self.dialect.url(clone.host, clone.port, cluster.database)
        name = "spark.migration.password." + cluster.name
        password = spark.conf.get(name, None)
        if not password:
            raise SpecError(f"{name} is not set; give it as EMR.secret@<secret> in spark-defaults")
        self._properties = {
            "user": cluster.user,
            "password": password,
            "driver": self.dialect.DRIVER,
            "sessionInitStatement": self.dialect.session(),
            # Spark compares text by bytes, and a database by its own collations, so filters stay in Spark.
            "pushDownPredicate": "false",
            "prepareQuery": self.mark,
        }

    def query(self, sql: str) -> list[dict[str, Any]]:
        """Return the rows of a small query, each by column label.

        Raises:
            DatabaseError: The clone refuses the query; has its message.
        """
        with self.asking() as ask:
            return ask(sql)

    @contextmanager
    def asking(self, extract: Extract | None = None) -> Iterator[Ask]:
        """Yield a function like `query` that uses one connection, since opening one takes longer than a query.

        Raises:
            DatabaseError: The clone refuses a query; has its message and the extract.
        """
        with self.connected() as connection:
            yield self._asker(connection, extract)

    @contextmanager
    def refusals(self, extract: Extract | None = None) -> Iterator[None]:
        """Turn the clone's refusals in the context, for an extract or for all, into the job's errors.

        Raises:
            DatabaseError: The clone refuses a query; has its message.
        """
        with refusals(self.subject.reading(extract) if extract else self.subject):
            yield

    @contextmanager
    def connected(self) -> Iterator[Any]:
        """Yield a JDBC connection with the readers' session settings; wait while too many are open.

        Raises:
            DatabaseError: The clone refuses the connection; has its message.
        """
        with self._small, self._connection() as connection:
            yield connection

    def end_statements(self) -> None:
        """End every session of this job that runs a statement, on the driver and on executors."""
        with self._connection() as connection:
            for session in self._asker(connection)(self.dialect.running(self.mark)):
                with self.refusals():
                    connection.createStatement().execute(self.dialect.ending(int(session["id"])))

    @contextmanager
    def _connection(self) -> Iterator[Any]:
        jvm: Any = self._spark.sparkContext._jvm
        jvm.org.apache.spark.sql.execution.datasources.jdbc.DriverRegistry.register(self.dialect.DRIVER)
        properties = jvm.java.util.Properties()
        for name in ("user", "password"):
            properties.setProperty(name, self._properties[name])
        with self.refusals():
            connection = jvm.java.sql.DriverManager.getConnection(self._url, properties)
        try:
            with self.refusals():
                connection.createStatement().execute(self.dialect.session())
            yield connection
        finally:
            # Closing fails if the server has already ended the session.
            with suppress(Py4JJavaError):
                connection.close()

    def _asker(self, connection: Any, extract: Extract | None = None) -> Ask:
        def ask(sql: str) -> list[dict[str, Any]]:
            with self.refusals(extract):
                return _rows(connection, f"{self.mark} {sql}")

        return ask

    def audit(self, extract: Extract) -> list[int]:
        """Return the database's own figures of an extract: rows, then values and bytes per column."""
        with self._auditing(extract) as ask:
            answers = [ask(query) for query in self.dialect.audits(extract, self.dialect.encoding(ask))]
        return [int(str(value)) for (figures,) in answers for value in figures.values()]

    def where_counts(self, extract: Extract) -> list[int]:
        """Return the source's rows, and how many of them satisfy the extract's filter."""
        with self._auditing(extract) as ask:
            (counts,) = ask(self.dialect.where_counts(extract))
        return [int(str(value)) for value in counts.values()]

    @contextmanager
    def _auditing(self, extract: Extract) -> Iterator[Ask]:
        """Yield a function like `query` for queries that may take an hour; small queries do not wait for these."""
        with self._audits, self._connection() as connection:
            yield self._asker(connection, extract)

    def look(self, extracts: list[Extract]) -> list[Look]:
        """Return each extract's source, and the doubts that it is wholly visible, over one connection."""
        with self.connected() as connection:
            return [self._look(self._asker(connection, extract), extract) for extract in extracts]

    def _look(self, ask: Ask, extract: Extract) -> Look:
        source, doubts = self._relations.look(ask, extract, self.cluster.user)
        failure = ""
        if source is not None and not doubts:
            try:
                ask(f"{self.dialect.select(extract, None)} LIMIT 0")
            except DatabaseError as error:
                failure = str(error)
                if self._relations.is_refusal(error):
                    fix = f"let {self.cluster.user} read it whole, with all that it is made of"
                    doubts.append(Doubt(f"{extract.source} is not wholly readable ({error.words}): {fix}"))
        return Look(source, tuple(doubts), failure)

    def columns(self, extract: Extract) -> list[dict[str, Any]]:
        """Return the source's columns as `name` and `type`; none if the source does not exist.

        Raises:
            DatabaseError: The database's text has no known encoding.
        """
        with self.asking(extract) as ask:
            wrong = self.dialect.encoding_problem(self.dialect.encoding(ask))
            if wrong:
                raise DatabaseError(f"{self.subject}: {wrong}")
            return ask(self.dialect.columns(extract))

    def counters(self, extract: Extract) -> list[int]:
        """Return the clone's write counters."""
        with self.asking(extract) as ask:
            return list(self.dialect.counters(ask, extract))

    def cuts(self, extract: Extract, limit: Limits = STANDARD, *, other_cuts: bool = False) -> Cuts:
        """Return the cuts of the extract's source, by its statistics."""
        with self.asking(extract) as ask:
            size = self.dialect.size(ask, extract)
            count, apart = wanted(extract, size, limit, more=other_cuts)
            position, predicates = self.dialect.splits(ask, extract, count, shifted=other_cuts)
            fetched = self.dialect.FETCH_SIZE or rows_at_once(self.dialect.row_bytes(ask, extract))
        # A source that cannot be cut so finely is read like a small table, unless speculation forbids it.
        apart = limit.speculation or (apart and len(predicates) > extract.connections)
        return Cuts(position, tuple(predicates), fetched, apart)

    def read(self, extract: Extract, *, other_cuts: bool = False) -> DataFrame:
        """Return the extract's rows as the database's text; at most `connections` tasks read at once."""
        return self.rows(extract, self.cuts(extract, other_cuts=other_cuts))

    def rows(self, extract: Extract, cuts: Cuts, predicates: Sequence[str] = (), tasks: int = 0) -> DataFrame:
        """Return the rows of all ranges or of some, as the database's text; at most `connections` tasks read.

        Spark has no limit per host, hence the coalesce per clone before any union.
        """
        ranges = list(predicates or cuts.predicates)
        table = f"({self.dialect.select(extract, cuts.position)}) AS extract"
        properties = {**self._properties, "fetchsize": str(cuts.fetch_rows)}
        url = self._url + self.dialect.reading(extract)
        # Spark queries the clone for the columns' types.
        with self.refusals(extract):
            rows = self._spark.read.jdbc(url, table, predicates=ranges, properties=properties)
        return (
            with_long_numbers(rows.drop("$place"), extract)
            .withColumn("_cluster", F.lit(self.cluster.name))
            .coalesce(min(tasks or extract.connections, len(ranges)))
        )


def rows_at_once(row_bytes: int) -> int:
    """Return how many rows of about this size a connection fetches at once, so that memory stays bounded."""
    if row_bytes <= 0:
        return _FETCHED_OF_UNKNOWN_SIZE
    return max(_FEWEST_FETCHED, min(_FETCH_ROWS, _FETCH_BYTES // row_bytes))


def _rows(connection: Any, sql: str) -> list[dict[str, Any]]:
    # A prepared statement, as Spark uses, so that a question mark means the same in both.
    statement = connection.prepareStatement(sql)
    rows = statement.executeQuery()
    facts = rows.getMetaData()
    labels = [facts.getColumnLabel(n + 1) for n in range(facts.getColumnCount())]
    records = []
    while rows.next():
        records.append({label: rows.getObject(n + 1) for n, label in enumerate(labels)})
    statement.close()
    return records


def union(frames: list[DataFrame]) -> DataFrame:
    """Return all rows of frames with the same columns."""
    return reduce(lambda left, right: left.unionByName(right), frames)
