"""Treatment of each statement of a MySQL dump: executed, executed if possible, or skipped.

A migration needs tables and their rows. It needs no account, trigger, routine, event or lock, because none of them
changes a byte of a row. https://dev.mysql.com/doc/refman/8.0/en/mysqldump.html describes the content of such a dump.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Kind = Literal["table", "rows", "needed", "optional", "skipped", "files", "use"]

_FLAGS = re.IGNORECASE | re.DOTALL
# Patterns match a statement without the marks of its conditional comments.
_CONDITION = re.compile(rb"/\*M?!\d*|\*/")
_DEFINER = re.compile(rb"\bDEFINER\s*=\s*(?:(?:`[^`]*`|'[^']*'|\w+)(?:\s*@\s*(?:`[^`]*`|'[^']*'|[\w.%]+))?)\s*", _FLAGS)
_SKIPPED: tuple[tuple[str, re.Pattern[bytes]], ...] = tuple(
    (label, re.compile(pattern, _FLAGS))
    for label, pattern in (
        ("trigger", rb"CREATE\s+(?:OR\s+REPLACE\s+)?TRIGGER\b"),
        ("event", rb"(?:CREATE|ALTER)\s+(?:OR\s+REPLACE\s+)?EVENT\b"),
        ("routine", rb"CREATE\s+(?:OR\s+REPLACE\s+)?(?:AGGREGATE\s+)?(?:FUNCTION|PROCEDURE|PACKAGE)\b"),
        ("account", rb"(?:CREATE|ALTER|DROP)\s+(?:OR\s+REPLACE\s+)?(?:USER|ROLE)\b|(?:GRANT|REVOKE)\b"),
        ("", rb"(?:UN)?LOCK\s+TABLES?\b|(?:ANALYZE|OPTIMIZE|FLUSH|CHANGE|RESET|KILL|PURGE|ST(?:ART|OP)\s+SLAVE)\b"),
        ("", rb"ALTER\s+TABLE\s.*\s(?:DISABLE|ENABLE)\s+KEYS\s*$|(?:CREATE|ALTER|DROP)\s+(?:DATABASE|SCHEMA)\b"),
        ("", rb"DROP\s+(?:TRIGGER|EVENT|FUNCTION|PROCEDURE|PACKAGE)\b"),
        # Notes report rounded values, so they must stay enabled.
        ("", rb"SET\s.*\bSQL_NOTES\b|SET\s+GLOBAL\b|SET\s+@@GLOBAL\."),
    )
)
_OPTIONAL: tuple[tuple[str, re.Pattern[bytes]], ...] = tuple(
    (label, re.compile(pattern, _FLAGS))
    for label, pattern in (
        ("view", rb"CREATE\s+(?:OR\s+REPLACE\s+)?(?:ALGORITHM\s*=\s*\w+\s+)?(?:SQL\s+SECURITY\s+\w+\s+)?VIEW\b"),
        ("", rb"DROP\b|(?:BEGIN|START\s+TRANSACTION|COMMIT)\b"),
        # Settings of other versions, but not those that say how values are written.
        ("", rb"SET\s(?!.*\b(?:NAMES|character_set_client|TIME_ZONE|NO_AUTO_VALUE_ON_ZERO|NO_BACKSLASH_ESCAPES|ANSI))"),
        ("constraint or index", rb"ALTER\s+TABLE\s+(?:`(?:[^`]|``)+`|\S+)\s+(?:ADD\s+(?!COLUMN\b)|AUTO_INCREMENT\b)"),
        ("constraint or index", rb"CREATE\s+(?:UNIQUE\s+|FULLTEXT\s+|SPATIAL\s+)?INDEX\b"),
        ("counter", rb"ALTER\s+TABLE\s.*\bMODIFY\b.*\bAUTO_INCREMENT\b"),
    )
)
_USE = re.compile(rb"USE\s+(?:`((?:[^`]|``)+)`|(\S+))\s*$", _FLAGS)
_TABLE = re.compile(
    rb"CREATE\s+(?:TEMPORARY\s+)?TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?"
    rb"(?:(?:`(?:[^`]|``)+`|\w+)\s*\.\s*)?(`(?:[^`]|``)+`|[^\s(`]+)",
    _FLAGS,
)
_ROWS = re.compile(rb"(?:INSERT|REPLACE)\b", _FLAGS)
_KINDS: tuple[tuple[Kind, re.Pattern[bytes]], ...] = (
    ("files", re.compile(rb"LOAD\s+DATA\b|(?:SOURCE|\\\.)\s", _FLAGS)),
    ("rows", _ROWS),
)


@dataclass(frozen=True)
class MySqlStep:
    """The treatment of a statement.

    Attributes:
        text: The statement for the server, or the database's name for `use`.
        label: The name to report if it is skipped or refused; empty to report nothing.
        name: The table of a CREATE TABLE.
    """

    kind: Kind
    text: bytes
    label: str = ""
    name: str = ""


def mysql_step(statement: bytes) -> MySqlStep:
    """Return the treatment of a statement."""
    # The beginning suffices for rows; the rest may be megabytes.
    if _ROWS.match(statement):
        return MySqlStep("rows", statement)
    bare = _DEFINER.sub(b"", _CONDITION.sub(b" ", statement).strip())
    if database := _USE.match(bare):
        return MySqlStep("use", (database[1] or database[2]).replace(b"``", b"`"))
    if table := _TABLE.match(bare):
        return MySqlStep("table", statement, name=_unquoted(table[1]))
    return _step_by_words(statement, bare)


def _step_by_words(statement: bytes, bare: bytes) -> MySqlStep:
    """Return the treatment of a statement; `bare` is it without conditions and definers."""
    for label, pattern in _SKIPPED:
        if not bare or pattern.match(bare):
            return MySqlStep("skipped", b"", label if bare else "")
    for label, pattern in _OPTIONAL:
        if pattern.match(bare):
            return MySqlStep("optional", bare if label == "view" else statement, label)
    for kind, pattern in _KINDS:
        if pattern.match(bare):
            return MySqlStep(kind, statement)
    return MySqlStep("needed", statement)


def _unquoted(name: bytes) -> str:
    text = name.decode("utf-8", "replace")
    return text[1:-1].replace("``", "`") if text.startswith("`") else text
