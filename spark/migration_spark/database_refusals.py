"""Refusals of a database, unwrapped from exceptions and completed with the clone, the extract and the remedy."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from py4j.java_gateway import is_instance_of
from py4j.protocol import Py4JJavaError
from pyspark import SparkContext
from pyspark.errors.exceptions.captured import CapturedException

from migration_spark.errors import DatabaseError, JobError
from migration_spark.remedies import Subject, kind_of, remedy

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_SQL = "java.sql.SQLException"
# Errors of py4j and PySpark that wrap an exception of the JVM.
OF_THE_JVM = (Py4JJavaError, CapturedException)
# PostgreSQL's driver names a server that it cannot connect to like this.
_UNREACHED = re.compile(r"Connection to (\S+:\d+) refused")
_NETWORK = ("java.io.IOException", "java.nio.channels.UnresolvedAddressException")


class Refusal(NamedTuple):
    """A database's message and codes, and the server and the extract if they are known."""

    words: str
    state: str
    code: int
    server: str
    read: tuple[str, ...]  # table and extract
    is_distrust: bool


def refusal_in(error: BaseException) -> Refusal | None:
    """Return the database's refusal within an error of the JVM, or None."""
    thrown = error.java_exception if isinstance(error, Py4JJavaError) else getattr(error, "_origin", None)
    gateway: Any = SparkContext._gateway
    if thrown is None or gateway is None:
        return None
    chain = list(_chain(thrown))
    refusal = next((cause for cause in chain if is_instance_of(gateway, cause, _SQL)), None)
    if refusal is None:
        return None
    trust = distrust(gateway, refusal)
    words = trust or _first_line(refusal)
    if not trust:
        network = [cause for cause in _chain(refusal) if any(is_instance_of(gateway, cause, name) for name in _NETWORK)]
        words += f" ({_named(network[-1])})" if network and _first_line(network[-1]) not in words else ""
    server, *read = _read(chain, words)
    return Refusal(
        words, str(refusal.getSQLState() or ""), int(refusal.getErrorCode()), server, tuple(read), bool(trust)
    )


def as_error(refusal: Refusal, subject: Subject) -> DatabaseError:
    """Return a refusal as the job's error: the clone, the extract, the database's message and the remedy."""
    kind = "trust" if refusal.is_distrust else kind_of(refusal.state, refusal.code)
    about = str(subject)
    return DatabaseError(
        about, words=refusal.words, state=refusal.state, code=refusal.code, remedy=remedy(kind, subject)
    )


@contextmanager
def refusals(subject: Subject, clones: Mapping[str, Subject] | None = None) -> Iterator[None]:
    """Turn a database's refusals in the context into the job's errors, whatever wraps them.

    `clones` are the clones that Spark's tasks may read in the context, by address; the error names the refusing one.

    Raises:
        DatabaseError: A database refuses; has its message.
    """
    try:
        yield
    except OF_THE_JVM as error:
        refusal = refusal_in(error)
        if refusal is None:
            raise
        clone = (clones or {}).get(refusal.server)
        if clone is not None:
            subject = subject._replace(cluster=clone.cluster, address=clone.address, user=clone.user)
        if refusal.read and not subject.extract:
            subject = subject._replace(table=refusal.read[0], extract=refusal.read[1])
        raise as_error(refusal, subject) from error


def as_job_error(error: Exception, run: str) -> Exception:
    """Return an error with the command that resumes the run, if resuming helps; convert an unconverted refusal."""
    refusal = refusal_in(error)
    if refusal is not None:
        error = as_error(refusal, Subject("", refusal.server, "", *refusal.read))
    if isinstance(error, JobError) and error.is_resumable:
        error.add(f"Resume with: migrate resume {run}")
    return error


def distrust(gateway: Any, refusal: Any) -> str:
    """Return the problem with the server's certificate, or an empty text for any other refusal."""
    words = ""
    for cause in _chain(refusal):
        message = str(cause.getMessage() or "")
        if is_instance_of(gateway, cause, "javax.net.ssl.SSLException") or "could not be verified by" in message:
            words = words or message.splitlines()[0]
    trusted = "the release trusts the authorities in spark/certificates/authorities.pem for servers that they name"
    return f"{words}; {trusted}. Of a newer authority: make certificates, then deploy" if words else ""


def _chain(thrown: Any) -> Iterator[Any]:
    """Yield an exception of the JVM and its causes."""
    while thrown is not None:
        yield thrown
        thrown = thrown.getCause()


def _first_line(thrown: Any) -> str:
    return (str(thrown.getMessage() or "").strip().splitlines() or ["no message"])[0].strip()


def _named(thrown: Any) -> str:
    """Return a network exception's class and message, since the message of an unknown host is only its name."""
    return f"{thrown.getClass().getSimpleName()}: {_first_line(thrown)}"


def _read(chain: list[Any], words: str) -> list[str]:
    """Return the address of the server that a task read last, and its table and extract: spark/java/certificates."""
    for thrown in chain:
        for beside in thrown.getSuppressed():
            if beside.getClass().getName() == "certificates.ServerRead":
                return str(beside.getMessage()).split(" ")
    match = _UNREACHED.search(words)
    return [match[1] if match else ""]
