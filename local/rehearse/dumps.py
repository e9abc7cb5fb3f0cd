"""Load a dump of PostgreSQL into a database: plain SQL, the same gzipped, or pg_dump's custom format."""

from __future__ import annotations

import gzip
import re
import subprocess
import threading
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

import psycopg
from psycopg import sql

from local.aurora.binaries import find_postgres
from local.aurora.server import ADMIN
from local.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from local.aurora.server import PostgresServer
    from local.sources import Tell

_CUSTOM, _GZIP = b"PGDMP", b"\x1f\x8b"
_BLOCK = 1 << 20
_TOLD_PERCENT = 20
_OWNER = re.compile(rb'^(?:ALTER .* OWNER TO|GRANT .* TO|ALTER DEFAULT PRIVILEGES FOR ROLE) ("[^"]+"|\w+)')
_OTHER_DATABASE = re.compile(rb"^(\\connect|CREATE DATABASE)\b")
_OTHER_SYSTEMS = (b"-- MySQL dump", b"-- MariaDB dump", b"/*M!")


def load_dump(path: Path, server: PostgresServer, database: str, tell: Tell) -> None:
    """Load a dump into a new database of a running server.

    Raises:
        DataError: The dump cannot be read, or the database refuses something in it; says what and where.
    """
    custom = _begins(path).startswith(_CUSTOM)
    roles = set() if custom else _roles(path)
    with psycopg.connect(server.dsn(), autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database)))
        for (known,) in connection.execute("SELECT rolname FROM pg_roles"):
            roles.discard(known)
        for role in sorted(roles):
            connection.execute(sql.SQL("CREATE ROLE {}").format(sql.Identifier(role)))
    postgres = find_postgres()
    place = ["-h", "127.0.0.1", "-p", str(server.port), "-U", ADMIN, "-d", database]
    restore = ["pg_restore", *place, "--no-owner", "--no-privileges", "--exit-on-error", "--format=custom"]
    run_sql = ["psql", *place, "-X", "-q", "-o", "/dev/null", "-v", "ON_ERROR_STOP=1", "-f", "-"]
    program, *arguments = restore if custom else run_sql
    process = subprocess.Popen(
        [str(postgres.programs / program), *arguments],
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        **postgres.options(server.password),
    )
    said: list[bytes] = []
    listener = threading.Thread(target=lambda: said.append(process.stderr.read() if process.stderr else b""))
    listener.start()
    _feed(path, process, tell)
    code = process.wait()
    listener.join()
    if code != 0:
        raise DataError(f"{path}: {_reason(b''.join(said).decode('utf-8', 'replace'))}")


def _begins(path: Path) -> bytes:
    """Return a dump's first bytes.

    Raises:
        DataError: It is none that can be loaded.
    """
    try:
        with _opened(path) as content:
            begin = content.read(4096)
    except (OSError, EOFError) as error:
        raise DataError(f"{path}: cannot be read: {error}") from error
    if not begin:
        raise DataError(f"{path}: is empty")
    if begin.startswith(_OTHER_SYSTEMS):
        raise DataError(f"{path}: is a dump of MySQL, but the rehearsal runs PostgreSQL; give DATA=folder of CSV files")
    if not begin.startswith(_CUSTOM) and b"\0" in begin:
        raise DataError(
            f"{path}: is neither SQL nor pg_dump's custom format; make it with pg_dump, plain or --format=custom"
        )
    return begin


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    with path.open("rb") as raw:
        if raw.read(2) == _GZIP:
            raw.seek(0)
            with gzip.open(raw) as content:
                yield content  # type: ignore[misc]  # a GzipFile reads as a file does
        else:
            raw.seek(0)
            yield raw


def _roles(path: Path) -> set[str]:
    """Return the roles that a plain dump names: they own things, but are not in it.

    Raises:
        DataError: It would go to a database of its own.
    """
    roles, in_rows = set(), False
    with _opened(path) as content:
        for number, line in enumerate(content, start=1):
            if in_rows:
                in_rows = line.rstrip() != b"\\."
            elif line.startswith(b"COPY ") and line.rstrip().endswith(b"FROM stdin;"):
                in_rows = True
            elif _OTHER_DATABASE.match(line):
                raise DataError(
                    f"{path}: line {number} goes to a database of its own; dump one database, without --create"
                )
            elif found := _OWNER.match(line):
                roles.add(found[1].decode("utf-8", "replace").strip('"'))
    return roles - {"PUBLIC"}


def _feed(path: Path, process: subprocess.Popen[bytes], tell: Tell) -> None:
    """Give the dump to the program; tell how far it is, now and then."""
    if process.stdin is None:
        return
    size, told = path.stat().st_size, 0
    try:
        with _opened(path) as content, process.stdin as target:
            while block := content.read(_BLOCK):
                target.write(block)
                raw = getattr(content, "fileobj", content)  # what of the file itself was read, gzipped or not
                percent = 100 * raw.tell() // max(1, size)
                if told + _TOLD_PERCENT <= percent < 100:  # noqa: PLR2004 - of a hundred
                    told = percent
                    tell(f"{path.name}: {percent} % given to PostgreSQL")
    except BrokenPipeError:
        return  # it has stopped with an error, and says so itself
    except (OSError, EOFError) as error:
        process.kill()
        raise DataError(f"{path}: cannot be read to its end: {error}") from error


def _reason(said: str) -> str:
    lines = [line for line in said.splitlines() if line.strip()]
    first = next((line for line in lines if "ERROR" in line or "error:" in line), (lines or ["no reason given"])[0])
    first = re.sub(r"^psql:<stdin>:(\d+): ", r"line \1: ", first).removeprefix("pg_restore: ")
    hint = ""
    if "extension" in first and ("available" in first or "control file" in first):
        hint = "; the embedded PostgreSQL has no such extension: dump without it (pg_dump --exclude-extension)"
    return first + hint
