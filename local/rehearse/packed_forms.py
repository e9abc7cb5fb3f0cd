"""What dumps are packed in besides a stream: an archive of one file is opened, any other is one sentence."""

from __future__ import annotations

import io
import shutil
import tarfile
import tempfile
import zipfile
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast

from local.errors import DataError

if TYPE_CHECKING:
    from contextlib import ExitStack

_BUFFER_BYTES = 1 << 16
# Of an archive of pg_dump 16 and later (1.15 of the format) one byte says what compresses it:
# https://github.com/postgres/postgres/blob/REL_18_0/src/bin/pg_dump/pg_backup_archiver.c
_WITH_PACKERS, _COMPRESSION_AT, _ARCHIVES = b"\x01\x0f", 11, {2: "lz4", 3: "zstd"}
_UNKNOWN = {
    b"\x04\x22\x4d\x18": ("lz4", "lz4 -d"),
    b"7z\xbc\xaf\x27\x1c": ("7-Zip", "7z x"),
    b"Rar!\x1a\x07": ("RAR", "unrar x"),
    b"\x1f\x9d": ("compress", "uncompress"),
}


def refuse_unknown(path: Path, head: bytes) -> None:
    """Refuse what nothing here unpacks.

    Raises:
        DataError: Names the program that does.
    """
    for magic, (packer, command) in _UNKNOWN.items():
        if head.startswith(magic):
            raise DataError(f"{path}: is packed by {packer}: unpack it first ({command})")


def restoring_program(path: Path, archive: Path, own: Path) -> Path:
    """Return a pg_restore for an archive: its own, or this machine's where that one lacks the archive's compression.

    Raises:
        DataError: Neither has it.
    """
    with (archive / "toc.dat" if archive.is_dir() else archive).open("rb") as content:
        head = content.read(_COMPRESSION_AT + 1)
    packer = (
        _ARCHIVES.get(head[_COMPRESSION_AT]) if len(head) > _COMPRESSION_AT and head[5:7] >= _WITH_PACKERS else None
    )
    if packer is None or not head.startswith(b"PGDMP"):
        return own
    system = shutil.which("pg_restore")
    if system is None:
        raise DataError(
            f"{path}: is compressed by {packer}, which this pg_restore lacks: dump with --compress=gzip, or give what "
            "pg_restore --file=dump.sql makes of it where it was dumped"
        )
    return Path(system)


def only_file(path: Path, content: IO[bytes] | io.BufferedReader, stack: ExitStack) -> io.BufferedReader:
    """Return the one file of a ZIP archive.

    Raises:
        DataError: It has another number of files, a password, or is damaged.
    """
    try:
        archive = stack.enter_context(zipfile.ZipFile(_seekable(content, stack)))
        names = [entry.filename for entry in archive.infolist() if not entry.is_dir()]
        if len(names) != 1:
            raise DataError(f"{path}: holds {len(names)} files: unpack it, and give the one that is the dump")
        return io.BufferedReader(cast("Any", archive.open(names[0])), _BUFFER_BYTES)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError) as error:
        raise DataError(f"{path}: cannot be read: {error}; unpack it first (unzip)") from error


def refuse_other_tar(path: Path, archive: Path, table_of_contents: str) -> None:
    """Refuse a tar archive that pg_dump did not make.

    Raises:
        DataError: Says what of it to give.
    """
    try:
        with tarfile.open(archive) as opened:
            names = [entry.name.removeprefix("./") for entry in opened if entry.isfile()]
    except (tarfile.TarError, EOFError):
        return  # pg_restore says what is wrong
    if table_of_contents in names:
        return
    folder = next((Path(name).parent for name in names if Path(name).name == table_of_contents), None)
    what = f"give the folder {folder}" if folder is not None else f"give the dump ({', '.join(names[:3])})"
    raise DataError(f"{path}: is no archive of pg_dump, but one of {len(names)} files: unpack it, and {what}")


def _seekable(content: IO[bytes] | io.BufferedReader, stack: ExitStack) -> IO[bytes]:
    if content.seekable():
        return content
    target = stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 - the stack closes it
    shutil.copyfileobj(content, target)
    return target
