"""A database whose schema is read is only read, proves itself if it is RDS's, and is named without its password."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Self
from urllib.parse import urlsplit

import psycopg
import pymysql
import pytest
from psycopg.rows import dict_row
from pymysql.cursors import DictCursor

from catalog.authorities import VARIABLE, authorities, is_rds
from catalog.connections import RefusedError, connected, engine_of, mysql_options, mysql_trust, postgres_trust, shown
from catalog.errors import SourceError

AUTHORITIES = str(Path("spark/certificates/authorities.pem").resolve())
ENDPOINT = "c.cluster-x.eu-west-1.rds.amazonaws.com"


@dataclass
class Driver:
    """A driver that answers each statement, or refuses it; it records how it connects and what it runs."""

    answers: dict[str, Any]
    refusal: Exception | None = None
    asked: list[Any] = field(default_factory=list)
    closed: bool = False

    def connect(self, *arguments: object, **options: object) -> Self:
        self.asked.append((*arguments, options))
        if self.refusal is not None:
            raise self.refusal
        return self

    def execute(self, statement: bytes | str) -> Driver:
        text = statement.decode() if isinstance(statement, bytes) else statement
        self.asked.append(text)
        answer = self.answers.get(text)
        if isinstance(answer, Exception):
            raise answer
        self.description = answer is not None
        self.rows = answer or []
        return self

    def fetchall(self) -> list[dict[str, Any]]:
        assert self.description, "no result"
        rows: list[dict[str, Any]] = self.rows
        return rows

    def cursor(self) -> Cursor:
        return Cursor(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.closed = True


class Cursor:
    """pymysql's cursor, which closes without its connection."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver

    def __enter__(self) -> Driver:
        return self._driver

    def __exit__(self, *_: object) -> None:
        """Leave the connection open."""


class PostgresError(psycopg.Error):
    """An error of PostgreSQL with the server's facts."""

    def __init__(self, words: str, state: str | None, primary: str | None, position: str | None) -> None:
        self._facts = SimpleNamespace(message_primary=primary, statement_position=position)
        self._state = state
        super().__init__(words)

    @property
    def diag(self) -> Any:  # noqa: ANN401 - psycopg's own
        return self._facts

    @property
    def sqlstate(self) -> str | None:  # type: ignore[override]  # a class attribute of psycopg's
        return self._state


POSTGRES_USER, MYSQL_USER = (
    "SELECT current_user::text AS name",
    "SELECT substring_index(current_user(), '@', 1) AS name",
)


def test_the_authorities_are_those_of_the_release_unless_a_file_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    assert authorities() == AUTHORITIES
    monkeypatch.setenv(VARIABLE, "/etc/ours.pem")
    assert authorities() == "/etc/ours.pem"


@pytest.mark.parametrize(
    ("host", "is_it"),
    [
        (ENDPOINT, True),
        (ENDPOINT.upper(), True),
        (f"{ENDPOINT}.cn", True),
        (f"{ENDPOINT}.example.org", False),
        ("127.0.0.1", False),
        ("", False),
        (None, False),
    ],
)
def test_an_endpoint_of_rds_must_prove_itself(
    host: str | None,
    is_it: bool,  # noqa: FBT001 - a parameter
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    parts = urlsplit(f"postgresql://me@{host or ''}/d")
    mysql = {"ssl_ca": AUTHORITIES, "ssl_verify_cert": True, "ssl_verify_identity": True}

    assert is_rds(host) is is_it
    assert postgres_trust(parts) == ({"sslmode": "verify-full", "sslrootcert": AUTHORITIES} if is_it else {})
    assert mysql_trust(parts) == (mysql if is_it else {})


@pytest.mark.parametrize(
    ("scheme", "engine"),
    [
        ("postgresql", "aurora-postgresql"),
        ("postgres", "aurora-postgresql"),
        ("mysql", "aurora-mysql"),
        ("mariadb", "aurora-mysql"),
    ],
)
def test_the_scheme_of_a_url_is_its_engine(scheme: str, engine: str) -> None:
    assert engine_of(f"{scheme}://me@there/shop") == engine


@pytest.mark.parametrize(
    "url", ["oracle://me:secret@there/shop", "postgresql://me:secret@there", "mysql://me:secret@there/", "secret"]
)
def test_what_is_no_url_of_a_database_is_refused_without_being_repeated(url: str) -> None:
    with pytest.raises(SourceError) as refused:
        engine_of(url)

    assert str(refused.value) == (
        "--from needs a database's URL: postgresql://user@host:5432/database or mysql://user@host:3306/database"
    )


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgresql://me:secret@there:5433/shop", "postgresql://me@there:5433/shop"),
        ("mysql://there/shop", "mysql://there/shop"),
        ("mysql:///shop", "mysql:///shop"),
        ("postgresql://:secret@there/shop", "postgresql://there/shop"),
    ],
)
def test_a_url_is_shown_without_its_password(url: str, expected: str) -> None:
    assert shown(url) == expected


def test_mysql_gets_the_parts_of_a_url_with_their_characters_decoded() -> None:
    assert mysql_options(urlsplit("mysql://a%40b:p%2Fw@there:3307/shop/")) == {
        "host": "there",
        "port": 3307,
        "user": "a@b",
        "password": "p/w",
        "database": "shop",
        "connect_timeout": 10,
    }
    assert mysql_options(urlsplit(f"mysql://{ENDPOINT}/shop")) == {
        "host": ENDPOINT,
        "port": 3306,
        "user": "",
        "password": "",
        "database": "shop",
        "connect_timeout": 10,
        **mysql_trust(urlsplit(f"mysql://{ENDPOINT}/shop")),
    }
    assert mysql_options(urlsplit("mysql:///shop"))["host"] == "localhost"


def test_a_connection_to_postgresql_cannot_write(monkeypatch: pytest.MonkeyPatch) -> None:
    driver = Driver({POSTGRES_USER: [{"name": "reader"}], "SELECT 1 AS n": [{"n": 1}]})
    monkeypatch.setattr(psycopg, "connect", driver.connect)
    url = f"postgresql://me:secret@{ENDPOINT}/shop"

    with connected(url) as connection:
        assert (connection.engine, connection.address) == ("aurora-postgresql", f"postgresql://me@{ENDPOINT}/shop")
        assert connection.user == "reader"
        assert connection.run("SELECT 1 AS n") == [{"n": 1}]
        assert connection.run("SET x = 1") == []
        assert not driver.closed

    assert driver.closed
    options = {"connect_timeout": 10, "autocommit": True, "row_factory": dict_row, **postgres_trust(urlsplit(url))}
    assert driver.asked == [
        (url, options),
        "SET default_transaction_read_only = on",
        POSTGRES_USER,
        "SELECT 1 AS n",
        "SET x = 1",
    ]


def test_a_connection_to_mysql_reads_texts_that_come_as_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [{"name": b"id", "length": 4}, {"name": "kind", "length": None}]
    driver = Driver({MYSQL_USER: [{"name": b"reader"}], "SELECT columns": rows})
    monkeypatch.setattr(pymysql, "connect", driver.connect)
    url = "mysql://me:secret@there/shop"

    with connected(url) as connection:
        assert (connection.engine, connection.address, connection.user) == (
            "aurora-mysql",
            "mysql://me@there/shop",
            "reader",
        )
        assert connection.run("SELECT columns") == [{"name": "id", "length": 4}, {"name": "kind", "length": None}]
        assert not driver.closed

    assert driver.closed
    options = {
        "read_timeout": 60,
        "charset": "utf8mb4",
        "cursorclass": DictCursor,
        **mysql_options(urlsplit(url)),
    }
    assert driver.asked == [(options,), MYSQL_USER, "SELECT columns"]


@pytest.mark.parametrize(
    ("error", "facts"),
    [
        (PostgresError("x\nLINE 1", "42703", "there is no x", "8"), ("there is no x", "42703", 8)),
        (PostgresError(" no more memory\nLINE 1", None, None, None), ("no more memory", "", None)),
    ],
)
def test_a_refusal_of_postgresql_is_read_from_its_facts(
    error: Exception, facts: tuple[str, str, int | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    driver = Driver({POSTGRES_USER: [{"name": "reader"}], "SELECT x": error})
    monkeypatch.setattr(psycopg, "connect", driver.connect)

    with connected("postgresql://me@there/shop") as connection, pytest.raises(RefusedError) as refused:
        connection.run("SELECT x")

    words, state, position = facts
    assert str(refused.value) == words
    assert vars(refused.value) == {"words": words, "state": state, "code": 0, "position": position}


def test_a_refusal_of_mysql_is_read_from_its_number(monkeypatch: pytest.MonkeyPatch) -> None:
    error = pymysql.OperationalError(1054, "Unknown column 'x' in 'SELECT'")
    driver = Driver({MYSQL_USER: [{"name": "reader"}], "SELECT x": error})
    monkeypatch.setattr(pymysql, "connect", driver.connect)

    with connected("mysql://me@there/shop") as connection, pytest.raises(RefusedError) as refused:
        connection.run("SELECT x")

    assert vars(refused.value) == {
        "words": "Unknown column 'x' in 'SELECT'",
        "state": "",
        "code": 1054,
        "position": None,
    }


@pytest.mark.parametrize(
    ("scheme", "driver", "refusal"),
    [
        ("postgresql", psycopg, psycopg.OperationalError("refused\nIs the server running?")),
        ("mysql", pymysql, pymysql.OperationalError(2003, "refused")),
    ],
)
def test_a_connection_that_is_refused_is_named_without_its_password(
    scheme: str, driver: Any, refusal: Exception, monkeypatch: pytest.MonkeyPatch  # noqa: ANN401 - a module
) -> None:  # fmt: skip
    monkeypatch.setattr(driver, "connect", Driver({}, refusal).connect)

    with pytest.raises(SourceError) as refused, connected(f"{scheme}://me:secret@there/shop"):
        pass

    assert str(refused.value) == f"{scheme}://me@there/shop: refused"
