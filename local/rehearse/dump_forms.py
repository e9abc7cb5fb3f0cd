"""Forms of a dump, each read as a stream of plain SQL: compressed, archived, or in another encoding."""

from __future__ import annotations

import bz2
import codecs
import gzip
import io
import lzma
import re
import shutil
import subprocess
import tempfile
import zipfile
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast

import zstandard

from local.aurora.binaries import find_postgres
from local.errors import DataError
from local.rehearse import packed_forms

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


HEAD_BYTES = 1 << 16
_CUSTOM, _TAR, _TAR_AT, _ZIP = b"PGDMP", b"ustar", 257, b"PK\x03\x04"
_TABLE_OF_CONTENTS = "toc.dat"
_COMPRESSED: dict[bytes, Callable[[IO[bytes]], Any]] = {
    b"\x1f\x8b": gzip.open,
    b"BZh": bz2.open,
    b"\xfd7zXZ\x00": lzma.open,
    b"\x28\xb5\x2f\xfd": lambda raw: zstandard.ZstdDecompressor().stream_reader(raw, read_across_frames=True),
}
_SET_ENCODING = re.compile(r"^(SET client_encoding = )'\w+'", re.MULTILINE)
_UTF16 = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
POSTGRESQL, MYSQL = "PostgreSQL", "MySQL"
_OTHER_SYSTEMS = {
    MYSQL: re.compile(
        rb"-- (?:MySQL|MariaDB) dump|-- phpMyAdmin|/\*M!|/\*!4\d{4} |ENGINE\s*=\s*(?:InnoDB|MyISAM)"
        rb"|CREATE TABLE (?:IF NOT EXISTS )?`"
    ),
    "SQLite": re.compile(rb"PRAGMA foreign_keys"),
    "SQL Server": re.compile(rb"^(?:USE|SET ANSI_NULLS|CREATE TABLE) .*\r?\nGO\b|^SET QUOTED_IDENTIFIER", re.MULTILINE),
}
_READ_ERRORS = (OSError, EOFError, lzma.LZMAError, zstandard.ZstdError, zipfile.BadZipFile, UnicodeError)
# Parts on which no row depends; other needless parts are skipped statement by statement.
_RESTORE = ("--no-owner", "--no-privileges", "--no-tablespaces", "--no-publications", "--no-subscriptions")


def is_archive_folder(path: Path) -> bool:
    """Return whether a folder is a dump in pg_dump's directory format."""
    return (path / _TABLE_OF_CONTENTS).exists()


@contextmanager
def plain_sql(path: Path, system: str = POSTGRESQL) -> Iterator[IO[bytes]]:
    """Yield a dump of a database system as a stream of plain SQL.

    Raises:
        DataError: The dump is empty, of another database system, or unreadable.
    """
    try:
        with ExitStack() as stack:
            yield _plain(path, stack, system)
    except _READ_ERRORS as error:
        raise DataError(f"{path}: cannot be read: {error}") from error


def _plain(path: Path, stack: ExitStack, system: str) -> IO[bytes]:
    if path.is_dir():
        return _restored(path, path, stack)
    raw = stack.enter_context(path.open("rb"))
    start = raw.read(8)
    raw.seek(0)
    opened = next((open_it for magic, open_it in _COMPRESSED.items() if start.startswith(magic)), None)
    content: IO[bytes] | io.BufferedReader = io.BufferedReader(cast("Any", opened(raw)), HEAD_BYTES) if opened else raw
    is_packed, head = opened is not None, _peek(content)
    if not head:
        raise DataError(f"{path}: is empty")
    if head.startswith(_ZIP):
        content = packed_forms.only_file(path, content, stack)
        is_packed, head = True, _peek(content)
    packed_forms.refuse_unknown(path, head)
    is_tar = head[_TAR_AT:].startswith(_TAR)
    if head.startswith(_CUSTOM) or is_tar:
        archive = _unpacked(content, stack) if is_packed else path
        if is_tar:
            packed_forms.refuse_other_tar(path, archive, _TABLE_OF_CONTENTS)
        return _restored(path, archive, stack)
    _refuse_other_systems(path, head, system)
    encoding = _encoding(head)
    if encoding is not None:
        return cast("IO[bytes]", _Recoded(codecs.getreader(encoding)(content)))
    if b"\0" in head:
        raise DataError(
            f"{path}: is not SQL; make it with mysqldump"
            if system == MYSQL
            else f"{path}: is neither SQL nor an archive of pg_dump; make it with pg_dump"
        )
    return content


def _peek(content: IO[bytes] | io.BufferedReader) -> bytes:
    return cast("io.BufferedReader", content).peek(HEAD_BYTES)[:HEAD_BYTES]


def _encoding(head: bytes) -> str | None:
    """Return the encoding of a file with a byte order mark or in UTF-16, or None."""
    marked = "utf-8" if head.startswith(codecs.BOM_UTF8) else _UTF16.get(head[:2])
    if marked is not None:
        return marked
    if head[1:2] == b"\0" and head[3:4] == b"\0":
        return "utf-16-le"
    return "utf-16-be" if head[:1] == b"\0" and head[2:3] == b"\0" else None


def is_of(system: str, head: bytes) -> bool:
    """Return whether the beginning of a dump shows that it is of a system."""
    # A value may look like anything, so only the text before the first rows counts.
    before_rows = re.split(rb"^(?:INSERT|COPY)\b", head, maxsplit=1, flags=re.MULTILINE)[0]
    return _OTHER_SYSTEMS[system].search(before_rows) is not None


def _refuse_other_systems(path: Path, head: bytes, wanted: str) -> None:
    for system in _OTHER_SYSTEMS:
        if system != wanted and is_of(system, head):
            hint = "use DATA= with a folder of CSV files"
            if system == MYSQL:
                hint = "write engine: aurora-mysql in clusters.yaml, or propose a catalog with make init"
            raise DataError(f"{path}: is a dump of {system}, but its clusters are {wanted}; {hint}")


def _unpacked(content: IO[bytes] | io.BufferedReader, stack: ExitStack) -> Path:
    """Return the decompressed file of an archive."""
    target = stack.enter_context(tempfile.NamedTemporaryFile(prefix="migration-dump-"))  # noqa: SIM115 - the stack closes it
    shutil.copyfileobj(content, target)
    target.flush()
    return Path(target.name)


def _restored(path: Path, archive: Path, stack: ExitStack) -> IO[bytes]:
    """Return the plain SQL that pg_restore writes of an archive."""
    postgres = find_postgres()
    program = packed_forms.restoring_program(path, archive, postgres.program("pg_restore"))
    errors = stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 - the stack closes it
    # The server's account may be unable to enter the archive's folder, so pg_restore runs as this user.
    process = subprocess.Popen(
        [str(program), *_RESTORE, "--file=-", str(archive.resolve())],
        stdout=subprocess.PIPE,
        stderr=errors,
        env=postgres.options()["env"],
    )
    stack.callback(_end, process, errors, path)
    return cast("IO[bytes]", process.stdout)


def _end(process: subprocess.Popen[bytes], errors: IO[bytes], path: Path) -> None:
    """Wait for the end of pg_restore.

    Raises:
        DataError: The archive cannot be read.
    """
    rest = process.stdout.read(1) if process.stdout else b""
    if rest:
        process.kill()  # the reader stopped before the end, and reports why
    code = process.wait()
    errors.seek(0)
    said = errors.read().decode("utf-8", "replace").strip().splitlines()
    if code > 0:
        raise DataError(f"{path}: {(said or ['pg_restore gave no reason'])[0].removeprefix('pg_restore: ')}")


class _Recoded(io.RawIOBase):
    """A dump recoded to UTF-8, its declared encoding included: an editor or a shell wrote it in another one."""

    def __init__(self, reader: codecs.StreamReader) -> None:
        super().__init__()
        self._reader = reader
        self._first = True

    def read(self, size: int = -1) -> bytes:
        """Return about `size` bytes, or none at the end."""
        text = self._reader.read(max(1, size // 2) if size >= 0 else -1)
        if self._first:
            self._first = False
            text = _SET_ENCODING.sub(r"\1'UTF8'", text.removeprefix("\ufeff"), count=1)
            return text.encode() or (self.read(size) if text != "" else b"")
        return text.encode()
