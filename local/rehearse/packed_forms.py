"""Archives and compressions of dumps: an archive of a single file is opened, any other gives one clear error."""

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
# In archives of pg_dump 16 and later (format 1.15) one byte names the compression:
# https://github.com/postgres/postgres/blob/REL_18_0/src/bin/pg_dump/pg_backup_archiver.c
_WITH_PACKERS, _COMPRESSION_AT, _ARCHIVES = b"\x01\x0f", 11, {2: "lz4", 3: "zstd"}
_UNKNOWN = {
    b"\x04\x22\x4d\x18": ("lz4", "lz4 -d"),
    b"7z\xbc\xaf\x27\x1c": ("7-Zip", "7z x"),
    b"Rar!\x1a\x07": ("RAR", "unrar x"),
    b"\x1f\x9d": ("compress", "uncompress"),
}


def refuse_unknown(path: Path, head: bytes) -> None:
    """Check that a dump is not in an unsupported compression.

    Raises:
        DataError: It is; the message has the program that unpacks it.
    """
    for magic, (packer, command) in _UNKNOWN.items():
        if head.startswith(magic):
            raise DataError(f"{path}: is packed by {packer}: unpack it first ({command})")


def restoring_program(path: Path, archive: Path, own: Path) -> Path:
    """Return a pg_restore that supports an archive's compression: the given one, or else this machine's.

    Raises:
        DataError: Neither supports it.
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
            f"{path}: is compressed by {packer}, which this pg_restore lacks: dump with --compress=gzip, or use the "
            "output of pg_restore --file=dump.sql from the machine of the dump"
        )
    return Path(system)


def only_file(path: Path, content: IO[bytes] | io.BufferedReader, stack: ExitStack) -> io.BufferedReader:
    """Return the only file of a ZIP archive.

    Raises:
        DataError: It has no file or several, a password, or is damaged.
    """
    try:
        archive = stack.enter_context(zipfile.ZipFile(_seekable(content, stack)))
        names = [entry.filename for entry in archive.infolist() if not entry.is_dir()]
        if len(names) != 1:
            raise DataError(f"{path}: has {len(names)} files: unpack it, and use the one that is the dump")
        return io.BufferedReader(cast("Any", archive.open(names[0])), _BUFFER_BYTES)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError) as error:
        raise DataError(f"{path}: cannot be read: {error}; unpack it first (unzip)") from error


def refuse_other_tar(path: Path, archive: Path, table_of_contents: str) -> None:
    """Check that pg_dump made a tar archive.

    Raises:
        DataError: It did not; the message says which file to use.
    """
    try:
        with tarfile.open(archive) as opened:
            names = [entry.name.removeprefix("./") for entry in opened if entry.isfile()]
    except (tarfile.TarError, EOFError):
        return  # pg_restore reports the problem
    if table_of_contents in names:
        return
    folder = next((Path(name).parent for name in names if Path(name).name == table_of_contents), None)
    what = f"use the folder {folder}" if folder is not None else f"use the dump ({', '.join(names[:3])})"
    raise DataError(f"{path}: is not an archive of pg_dump, but of {len(names)} files: unpack it, and {what}")


def _seekable(content: IO[bytes] | io.BufferedReader, stack: ExitStack) -> IO[bytes]:
    if content.seekable():
        return content
    target = stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 - the stack closes it
    shutil.copyfileobj(content, target)
    return target
