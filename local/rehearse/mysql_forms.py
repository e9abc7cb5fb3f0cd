"""Forms of a MySQL dump: a single file, compressed or not, or mydumper's folder of files."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from local.errors import DataError
from local.rehearse.dump_forms import HEAD_BYTES, MYSQL, is_archive_folder, is_of, plain_sql

if TYPE_CHECKING:
    from pathlib import Path

_OF_POSTGRES = re.compile(
    rb"^PGDMP|^-- PostgreSQL database|^SET client_encoding|^COPY .* FROM stdin|pg_catalog\.", re.MULTILINE
)
_MYDUMPER = re.compile(
    r"^(?P<database>.+?)(?:\.(?P<table>.+?))?"
    r"(?P<part>-schema-create|-schema-view|-schema-triggers|-schema-post|-schema-sequence|-schema|-metadata|\.\d[\d.]*|)"
    r"\.(?P<form>sql|dat|csv|json|txt)(?:\.(?:gz|zst))?$"
)
# Tables, then rows, then the views that read them.
_ORDER = ("-schema-sequence", "-schema", "", "-schema-view")
_SYSTEM_DATABASES = {"mysql", "sys", "information_schema", "performance_schema"}


def is_mysql_dump(path: Path) -> bool:
    """Return whether a file or folder is a dump of MySQL.

    Raises:
        DataError: It cannot be read.
    """
    if path.is_dir():
        return not is_archive_folder(path) and is_mydumper(path)
    with plain_sql(path, MYSQL) as content:
        return is_of(MYSQL, content.read(HEAD_BYTES))


def is_mydumper(path: Path) -> bool:
    """Return whether a folder is a dump of mydumper: a file per table.

    Raises:
        DataError: It is a dump of MySQL Shell, whose rows are not SQL.
    """
    if (path / "@.json").exists():
        raise DataError(f"{path}: is a dump of MySQL Shell, whose rows are not SQL; dump with mysqldump or mydumper")
    return path.is_dir() and any(path.glob("*-schema.sql*"))


def files_of(path: Path, database: str) -> tuple[list[Path], list[str]]:
    """Return the files of a dump in loading order, and the skipped ones of a folder.

    Raises:
        DataError: The folder has several databases without the wanted one, or rows in a form other than SQL.
    """
    if path.is_file():
        return [path], []
    parts = [(file, match) for file in sorted(path.iterdir()) if (match := _MYDUMPER.match(file.name))]
    databases = {match["database"] for _, match in parts} - _SYSTEM_DATABASES
    if database not in databases and len(databases) > 1:
        raise DataError(
            f"{path}: has no database {database}, but {', '.join(sorted(databases))}: set the group's database in "
            "clusters.yaml (make init: DOMAIN) to the one to load"
        )
    wanted = database if database in databases else next(iter(databases), "")
    own = [(file, match) for file, match in parts if match["database"] == wanted]
    other_form = next((file.name for file, match in own if match["form"] != "sql"), None)
    if other_form is not None:
        raise DataError(f"{path}: {other_form} is not SQL; dump with mydumper without --load-data and --csv")
    by_part = [(_ORDER.index(part), file) for file, match in own if (part := _part(match["part"])) in _ORDER]
    skipped = [f"database {name}" for name in sorted(databases - {wanted})]
    skipped += [f"file {file.name}" for file, match in own if match["part"] in ("-schema-triggers", "-schema-post")]
    return [file for _, file in sorted(by_part)], skipped


def refuse_postgres(path: Path, head: bytes) -> None:
    """Check that a dump is not of PostgreSQL.

    Raises:
        DataError: It is.
    """
    if _OF_POSTGRES.search(head):
        raise DataError(
            f"{path}: is a dump of PostgreSQL, but its clusters are MySQL; write engine: aurora-postgresql in "
            "clusters.yaml, or propose a catalog with make init"
        )


def _part(part: str) -> str:
    return "" if part.startswith(".") else part
