"""MySQL's CREATE TABLE, adapted to MariaDB without changing a byte of a value."""

from __future__ import annotations

import re
from dataclasses import dataclass

_FLAGS = re.IGNORECASE | re.DOTALL
_QUOTED = rb"'(?:[^'\\]|\\.|'')*'|\"(?:[^\"\\]|\\.|\"\")*\"|`(?:[^`]|``)+`"
_WORD = re.compile(
    _QUOTED + rb"|COLLATE\s*=?\s*'?(?P<collation>\w+)'?|ENGINE\s*=\s*'?(?P<engine>\w+)'?"
    rb"|(?P<charset>(?:CHARSET|CHARACTER\s+SET)\s*=?\s*'?gb18030\b'?)",
    _FLAGS,
)
# MariaDB supports no NOT NULL of computed columns, and no folder of table files that the server lacks.
_CUT = re.compile(
    _QUOTED + rb"|(?<=\bSTORED)\s+NOT\s+NULL|(?<=\bVIRTUAL)\s+NOT\s+NULL|\b(?:DATA|INDEX)\s+DIRECTORY\s*=\s*'[^']*'"
    rb"|\bTABLESPACE\s*=?\s*(?:`[^`]+`|\w+)|\b(?:ENCRYPTION|COMPRESSION)\s*=\s*'[^']*'",
    _FLAGS,
)
_PIECE = re.compile(_QUOTED + rb"|[(),]", _FLAGS)
_DROPPED = re.compile(
    rb"\s*(?:(?:UNIQUE|FULLTEXT|SPATIAL)(?:\s+(?:KEY|INDEX))?|KEY|INDEX|CHECK|FOREIGN\s+KEY"
    rb"|CONSTRAINT(?:\s+(?:`(?:[^`]|``)+`|(?!PRIMARY)\w+))?\s+(?!PRIMARY)\w+)[\s(`]",
    _FLAGS,
)
_DEFAULT = re.compile(rb"\s+DEFAULT\s+(?=\()", re.IGNORECASE)
_NAME = re.compile(rb"`(?:[^`]|``)+`|[^\s]+")
_COMPUTED = re.compile(_QUOTED + rb"|\bAS\s*\(", _FLAGS)
_PARTITIONS = re.compile(rb"(?:/\*!\d+\s*)?\bPARTITION\s+BY\b.*$", _FLAGS)
_CASELESS = re.compile(r"(?<!_as)_ci$")
INNODB = b"INNODB"


@dataclass(frozen=True)
class Adapted:
    """An adapted statement and its changes.

    Attributes:
        collations: The replaced collations with their replacements.
        engine: The table's engine at the source if it is not InnoDB, else empty.
    """

    text: bytes
    collations: dict[str, str]
    engine: str = ""


def adapt(statement: bytes, known: frozenset[str], *, exact: bool = False) -> Adapted:
    """Return a definition with collations that the server has, and with InnoDB, the engine of all Aurora tables.

    With `exact`, replacements of unknown collations compare bytes, so no two values are equal in them.
    """
    replaced: dict[str, str] = {}
    engines: list[str] = []

    def other(match: re.Match[bytes]) -> bytes:
        if match["engine"] is not None and match["engine"].upper() != INNODB:
            engines.append(match["engine"].decode("ascii", "replace"))
            return b"ENGINE=InnoDB"
        if match["charset"] is not None:
            return b"CHARACTER SET utf8mb4"  # MariaDB lacks gb18030; both hold all of Unicode
        if match["collation"] is None or (name := match["collation"].decode("ascii", "replace").lower()) in known:
            return match[0]
        replaced[name] = similar_collation(name, known, exact=exact)
        return f"COLLATE {replaced[name]}".encode()

    text = _CUT.sub(lambda match: match[0] if match[0][:1] in b"'\"`" else b"", _WORD.sub(other, statement))
    return Adapted(text, replaced, engines[0] if engines else "")


def similar_collation(collation: str, known: frozenset[str], *, exact: bool = False) -> str:
    """Return the known collation most similar to an unknown one of its character set.

    A collation that ignores case and accents is replaced by another such, so a filter matches the same rows as at the
    source. Trailing spaces count in it, as in all collations of UCA 9.0.
    https://dev.mysql.com/doc/refman/8.0/en/charset-unicode-sets.html
    """
    charset = collation.split("_", maxsplit=1)[0].replace("gb18030", "utf8mb4")
    endings = ("unicode_520_nopad_ci", "unicode_nopad_ci", "nopad_bin", "bin")
    wanted = endings if _CASELESS.search(collation) and not exact else endings[2:]
    return next((name for ending in wanted if (name := f"{charset}_{ending}") in known), f"{charset}_bin")


def reduce_definition(statement: bytes, *, without_computed: bool = False) -> tuple[bytes, list[str]]:
    """Return a definition without secondary indexes, constraints, computed defaults and partitions.

    With `without_computed` it also lacks its computed columns, and their names are returned; a dump has no values of
    them.
    """
    begin = next((mark.start() for mark in _PIECE.finditer(statement) if mark[0] == b"("), -1)
    if begin < 0:
        return statement, []
    pieces, start, depth, end = [], begin + 1, 0, len(statement)
    for match in _PIECE.finditer(statement, begin):
        mark = match[0]
        depth += (mark == b"(") - (mark == b")")
        if (mark == b"," and depth == 1) or depth == 0:
            pieces.append(statement[start : match.start()])
            start = match.end()
        if depth == 0:
            end = match.start()
            break
    kept = [_without_default(piece) for piece in pieces if not _DROPPED.match(piece)]
    computed = [piece for piece in kept if without_computed and _is_computed(piece)]
    columns = b",".join(piece for piece in kept if piece not in computed)
    names = [name[0].strip(b"`").decode("utf-8", "replace") for piece in computed if (name := _NAME.search(piece))]
    return statement[: begin + 1] + columns + _PARTITIONS.sub(b"", statement[end:]), names


def _is_computed(column: bytes) -> bool:
    return any(match[0][:1] not in b"'\"`" for match in _COMPUTED.finditer(column))


def _without_default(column: bytes) -> bytes:
    """Return a column without its computed default, which is in brackets."""
    match = _DEFAULT.search(column)
    if match is None:
        return column
    depth = 0
    for mark in _PIECE.finditer(column, match.end()):
        depth += (mark[0] == b"(") - (mark[0] == b")")
        if depth == 0:
            return column[: match.start()] + column[mark.end() :]
    return column
