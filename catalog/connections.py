"""Read-only connections to a database whose schema is read: PostgreSQL by psycopg, MySQL by pymysql.

Only `python -m catalog check --from` and `init` connect, so the drivers are imported on first use.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, unquote, urlsplit

from catalog.authorities import authorities, is_rds
from catalog.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ENGINES = {
    "postgresql": "aurora-postgresql",
    "postgres": "aurora-postgresql",
    "mysql": "aurora-mysql",
    "mariadb": "aurora-mysql",
}
CONNECT_SECONDS = 10
_STATEMENT_SECONDS = 60
Rows = list[dict[str, Any]]


class RefusedError(Exception):
    """The database refuses a statement.

    Attributes:
        words: The database's message.
        state: PostgreSQL's SQLSTATE; empty for MySQL.
        code: MySQL's number; 0 for PostgreSQL.
        position: The character of the statement where the error is, counted from 1; None if the database names none.
    """

    def __init__(self, words: str, *, state: str = "", code: int = 0, position: int | None = None) -> None:
        super().__init__(words)
        self.words, self.state, self.code, self.position = words, state, code, position


@dataclass(frozen=True)
class Connection:
    """An open connection, with its address (without the password) and its user."""

    engine: str
    address: str
    user: str
    run: Callable[[str], Rows]


def engine_of(url: str) -> str:
    """Return the engine of a URL.

    Raises:
        SourceError: It is not the URL of a database.
    """
    parts = urlsplit(url)
    if parts.scheme not in ENGINES or not parts.path.strip("/"):
        # The message does not repeat the text: an invalid URL may hold a password anywhere.
        raise SourceError(
            "--from needs a database's URL: postgresql://user@host:5432/database or mysql://user@host:3306/database"
        )
    return ENGINES[parts.scheme]


def shown(url: str) -> str:
    """Return a URL without its password."""
    parts = urlsplit(url)
    user = f"{parts.username}@" if parts.username else ""
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{user}{parts.hostname or ''}{port}{parts.path}"


def postgres_trust(parts: SplitResult) -> dict[str, Any]:
    """Return the TLS options for a server of RDS; for any other server the URL decides."""
    return {"sslmode": "verify-full", "sslrootcert": authorities()} if is_rds(parts.hostname) else {}


def mysql_trust(parts: SplitResult) -> dict[str, Any]:
    """Return the same for MySQL, whose URLs have no TLS options."""
    of_rds = {"ssl_ca": authorities(), "ssl_verify_cert": True, "ssl_verify_identity": True}
    return of_rds if is_rds(parts.hostname) else {}


def mysql_options(parts: SplitResult) -> dict[str, Any]:
    """Return pymysql's connection options."""
    return {
        "host": parts.hostname or "localhost",
        "port": parts.port or 3306,
        "user": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        "database": parts.path.strip("/"),
        "connect_timeout": CONNECT_SECONDS,
        **mysql_trust(parts),
    }


def first_line(error: Exception) -> str:
    """Return the first line of an error's message."""
    return str(error).strip().splitlines()[0]


@contextmanager
def connected(url: str) -> Iterator[Connection]:
    """Yield a connection that cannot write.

    Raises:
        SourceError: The URL is invalid, or the database refuses the connection.
    """
    engine = engine_of(url)
    with (_postgres if engine == "aurora-postgresql" else _mysql)(urlsplit(url)) as (user, run):
        yield Connection(engine, shown(url), user, run)


@contextmanager
def _postgres(parts: SplitResult) -> Iterator[tuple[str, Callable[[str], Rows]]]:
    import psycopg  # noqa: PLC0415 - needed here alone
    from psycopg.rows import dict_row  # noqa: PLC0415 - likewise

    def run(statement: str) -> Rows:
        try:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []
        except psycopg.Error as error:
            position = int(error.diag.statement_position) if error.diag.statement_position else None
            words = error.diag.message_primary or first_line(error)
            raise RefusedError(words, state=error.sqlstate or "", position=position) from error

    try:
        opened = psycopg.connect(
            parts.geturl(),
            connect_timeout=CONNECT_SECONDS,
            autocommit=True,
            row_factory=dict_row,
            **postgres_trust(parts),
        )
    except psycopg.Error as error:
        raise SourceError(f"{shown(parts.geturl())}: {first_line(error)}") from error
    with opened as connection:
        connection.execute("SET default_transaction_read_only = on")
        (user,) = run("SELECT current_user::text AS name")
        yield str(user["name"]), run


@contextmanager
def _mysql(parts: SplitResult) -> Iterator[tuple[str, Callable[[str], Rows]]]:
    import pymysql  # noqa: PLC0415 - needed here alone
    from pymysql.cursors import DictCursor  # noqa: PLC0415 - likewise

    def run(statement: str) -> Rows:
        try:
            with connection.cursor() as cursor:
                cursor.execute(statement)
                return [{name: _text(value) for name, value in row.items()} for row in cursor.fetchall()]
        except pymysql.Error as error:
            raise RefusedError(str(error.args[-1]), code=int(error.args[0])) from error

    try:
        opened = pymysql.connect(
            read_timeout=_STATEMENT_SECONDS, charset="utf8mb4", cursorclass=DictCursor, **mysql_options(parts)
        )
    except pymysql.Error as error:
        raise SourceError(f"{shown(parts.geturl())}: {error.args[-1]}") from error
    with opened as connection:
        (user,) = run("SELECT substring_index(current_user(), '@', 1) AS name")
        yield str(user["name"]), run


def _text(value: object) -> object:
    return value.decode() if isinstance(value, bytes) else value
