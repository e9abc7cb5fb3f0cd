"""Loading of a PostgreSQL dump into its own database: all tables and rows, and other objects if possible."""

from __future__ import annotations

import re
import subprocess
import threading
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import psycopg
from psycopg import sql

from local.aurora.server import ADMIN
from local.errors import DataError
from local.rehearse.dump_forms import HEAD_BYTES, plain_sql
from local.rehearse.script import Script
from local.rehearse.statements import step_for

if TYPE_CHECKING:
    from pathlib import Path
    from typing import IO

    from local.aurora.server import PostgresServer
    from local.rehearse.script import Piece
    from local.source_data import Tell

# Encodings that a client may have, but no database: https://www.postgresql.org/docs/18/multibyte.html
_CLIENT_ONLY = {"BIG5", "GB18030", "GBK", "JOHAB", "SHIFT_JIS_2004", "SJIS", "UHC"}
_ENCODING = re.compile(rb"^SET client_encoding = '(\w+)'|ENCODING\s*=\s*'(\w+)'", re.MULTILINE)
_CONNECT = re.compile(rb"\\(?:c|connect)\s+(?:-reuse-previous=on\s+)?[\"']?(?:dbname=')?([^\s\"']+)")
_TABLE = re.compile(rb"CREATE\s+(?:\w+\s+){0,2}TABLE\b", re.IGNORECASE)
_FILLS = re.compile(rb"INSERT|WITH|DO|CALL|MERGE|SELECT\s+INTO|CREATE\s+TABLE\b.*\bAS\b", re.IGNORECASE | re.DOTALL)
_MAINTENANCE = {"postgres", "template1"}
_HARMLESS_COMMANDS = (
    b"\\restrict",
    b"\\unrestrict",
    b"\\encoding",
    b"\\set",
    b"\\unset",
    b"\\pset",
    b"\\timing",
    b"\\echo",
)
_ERROR = re.compile(r"^psql:<stdin>:(\d+): (?:ERROR|FATAL): +(.*)$", re.MULTILINE)
_NO_EXTENSION = re.compile(r'extension "([^"]+)" is not available')
_FROM_DEFAULT = re.compile(r"function .* does not exist|relation .* does not exist|schema .* does not exist")


class _SeveralDatabasesError(Exception):
    """The dump has several databases, and switches to another than the wanted one."""


@dataclass
class _Load:
    """A run of a dump through psql."""

    path: Path
    wanted: str  # the database to load if the dump has several
    without_defaults: bool
    only_wanted: bool = False
    labels: dict[int, str] = field(default_factory=dict)  # of optional statements, by their line in psql's input
    offsets: list[tuple[int, int]] = field(default_factory=lambda: [(0, 0)])  # a line, and the lines added before it
    line: int = 1  # the next line of psql's input
    database: str = ""
    others: dict[str, None] = field(default_factory=dict)  # skipped databases
    tables: bool = False  # whether the dump creates any
    rows: bool = False  # whether the dump has any
    elsewhere: bool = False  # whether the current database is skipped, like postgres or template1

    def feed(self, content: IO[bytes], target: IO[bytes]) -> None:
        """Send the dump to psql without the statements that a migration does not need."""
        for piece in Script(content):
            text = self._text(piece)
            self.line += text.count(b"\n")
            target.write(text)

    def dump_line(self, line: int) -> int:
        """Return the line of the dump for a line of psql's input."""
        return line - next(offset for start, offset in reversed(self.offsets) if start <= line)

    def _text(self, piece: Piece) -> bytes:
        lines = b"\n" * piece.text.count(b"\n")
        if piece.kind == "command":
            self._command(piece)
            return piece.text if piece.text.startswith(b"\\encoding") and not self.elsewhere else lines
        if self.elsewhere:
            return lines
        if piece.kind != "statement":
            self.rows = self.rows or (piece.kind == "rows" and not piece.text.startswith(b"\\."))
            return piece.text
        self.rows = self.rows or _FILLS.match(piece.text) is not None
        self.tables = self.tables or _TABLE.match(piece.text) is not None
        step = step_for(piece.text, without_defaults=self.without_defaults)
        if step.kind == "skipped":
            return lines
        if step.kind == "needed":
            return step.text + b"\n" * (len(lines) - step.text.count(b"\n"))
        # psql reads ON_ERROR_STOP once per line.
        offset = self.offsets[-1][1]
        first, after = self.line + 2, self.line + 4 + len(lines)
        self.offsets += [(self.line, offset + 2), (after, offset + 4)]
        self.labels.update(dict.fromkeys(range(first, first + len(lines) + 1), step.label))
        return b"\n\\set ON_ERROR_STOP 0\n" + step.text + b"\n\\set ON_ERROR_STOP 1\n"

    def _command(self, piece: Piece) -> None:
        connect = _CONNECT.match(piece.text)
        if connect is None:
            if not piece.text.startswith(_HARMLESS_COMMANDS):
                command = piece.text.split()[0].decode("utf-8", "replace")
                raise DataError(
                    f"line {piece.line} is a psql command ({command}), which make rehearse does not run; use pg_dump"
                )
            return
        name = connect[1].decode("utf-8", "replace")
        self.elsewhere = name != self.wanted and (
            name in _MAINTENANCE or self.only_wanted or self.database == self.wanted
        )
        if self.elsewhere:
            self.others[name] = None
        elif self.database in ("", name):
            self.database = name
        else:
            raise _SeveralDatabasesError


def load_dump(path: Path, server: PostgresServer, database: str, tell: Tell) -> None:
    """Load a dump into a new database of a running server, in the dump's encoding.

    Raises:
        DataError: The dump cannot be read, or the database refuses a table or a row; the message says where.
    """
    only_wanted = False
    for without_defaults in (False, True):
        load = _Load(path, database, without_defaults, only_wanted)
        _create_database(path, server, database)
        try:
            code, said = _run(load, server, database)
        except _SeveralDatabasesError:
            load, only_wanted = _Load(path, database, without_defaults, only_wanted=True), True
            _create_database(path, server, database)
            code, said = _run(load, server, database)
        errors = [(int(line), message) for line, message in _ERROR.findall(said)]
        if code == 0:
            there = [name for name in load.others if name != "template1"]
            if there and not load.database:
                raise DataError(
                    f"{path}: has no database {database}, but {', '.join(there)}: set the group's database "
                    "in clusters.yaml (make init: DOMAIN) to the one to load"
                )
            _tell_skipped(load, errors, tell)
            return
        if not (errors and _FROM_DEFAULT.search(errors[-1][1])):
            break
    raise DataError(f"{path}: {_reason(load, errors, said)}")


def _create_database(path: Path, server: PostgresServer, database: str) -> None:
    with plain_sql(path) as content:
        head = content.read(HEAD_BYTES)
    named = {(for_client or for_database).decode().upper() for for_client, for_database in _ENCODING.findall(head)}
    encoding = next((name for name in sorted(named - {"UTF8", "UTF-8"}) if name not in _CLIENT_ONLY), "UTF8")
    statement = sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING {}{}").format(
        sql.Identifier(database),
        sql.Literal(encoding),
        sql.SQL("" if encoding == "UTF8" else " LC_COLLATE 'C' LC_CTYPE 'C'"),
    )
    with psycopg.connect(server.dsn(), autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(database)))
        connection.execute(statement)


def _run(load: _Load, server: PostgresServer, database: str) -> tuple[int, str]:
    """Return psql's exit code and its error output."""
    postgres = server.postgres
    target = ["-h", "127.0.0.1", "-p", str(server.port), "-U", ADMIN, "-d", database]
    process = subprocess.Popen(
        [str(postgres.program("psql")), *target, "-X", "-q", "-o", "/dev/null", "-v", "ON_ERROR_STOP=1", "-f", "-"],
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        **postgres.options(server.password),
    )
    said: list[bytes] = []
    listener = threading.Thread(target=lambda: said.append(process.stderr.read() if process.stderr else b""))
    listener.start()
    try:
        with plain_sql(load.path) as content:
            if process.stdin is not None:
                load.feed(content, process.stdin)
                process.stdin.close()
    except BrokenPipeError:
        pass  # psql has stopped with an error, which its output has
    except _SeveralDatabasesError:
        process.kill()
        raise
    except DataError as error:
        process.kill()
        text = str(error)
        raise DataError(text if text.startswith(str(load.path)) else f"{load.path}: {text}") from error
    finally:
        code = process.wait()
        listener.join()
    return code, b"".join(said).decode("utf-8", "replace")


def _tell_skipped(load: _Load, errors: list[tuple[int, str]], tell: Tell) -> None:
    skipped = [(label, message) for line, message in errors if (label := load.labels.get(line, ""))]
    for label, count in Counter(label for label, _ in skipped).items():
        reason = next(message for other, message in skipped if other == label)
        tell(f"{load.path.name}: skipped {count} x {label}, on which no row depends ({reason})")
    others = [name for name in load.others if name not in _MAINTENANCE]
    if others:
        tell(f"{load.path.name}: loaded the database {load.database}, skipped {', '.join(others)}")
    if load.tables and not load.rows:
        tell(f"{load.path.name}: has no rows: dump without --schema-only")
    if load.without_defaults:
        tell(f"{load.path.name}: skipped all column defaults, on which no row depends")


def _reason(load: _Load, errors: list[tuple[int, str]], said: str) -> str:
    if not errors:
        return (said.strip().splitlines() or ["no reason given"])[0]
    line, message = errors[-1]
    missing = [match[1] for _, other in errors if (match := _NO_EXTENSION.search(other))]
    extensions = ", ".join(missing)
    hint = f"; this PostgreSQL has no extension {extensions}: dump without tables that need it (--exclude-table)"
    if not missing:
        hint = "" if load.tables else "; the dump creates no table: dump without --data-only"
    return f"line {load.dump_line(line)}: {message}{hint}"
