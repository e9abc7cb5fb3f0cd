"""What a database refused, out of the exceptions that wrap it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from py4j.java_gateway import is_instance_of
from py4j.protocol import Py4JJavaError

from migration_spark.errors import DatabaseError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyspark.sql import SparkSession


def distrust(gateway: Any, refusal: Any) -> str:
    """Return what is wrong with the server's certificate, and nothing where it is not what was refused."""
    words, cause = "", refusal
    while cause is not None:
        told = str(cause.getMessage() or "")
        if is_instance_of(gateway, cause, "javax.net.ssl.SSLException") or "could not be verified by" in told:
            words = words or told.splitlines()[0]
        cause = cause.getCause()
    trusted = "the release trusts the authorities in spark/certificates/authorities.pem for servers that they name"
    return f"{words}; {trusted}. Of a newer authority: make certificates, then deploy" if words else ""


@contextmanager
def refusals_of_tasks(spark: SparkSession, about: str) -> Iterator[None]:
    """Raise what a database refused to a Spark job's tasks as what it is.

    Raises:
        DatabaseError: With the database's words.
    """
    try:
        yield
    except Py4JJavaError as error:
        gateway, cause = spark.sparkContext._gateway, error.java_exception
        while cause is not None and not is_instance_of(gateway, cause, "java.sql.SQLException"):
            cause = cause.getCause()
        if cause is None:
            raise
        words, state = str(cause.getMessage()).splitlines()[0], str(cause.getSQLState())
        raise DatabaseError(about, words=words, state=state, code=int(cause.getErrorCode())) from error
