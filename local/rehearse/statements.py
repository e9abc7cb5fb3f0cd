"""Treatment of each statement of a PostgreSQL dump: executed, executed if possible, or skipped.

A migration needs tables, their rows, and the types of their columns. It needs no owner, privilege, index, trigger,
default or collation, because none of them changes a byte of a row.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

import sqlglot
from sqlglot import TokenType
from sqlglot.errors import SqlglotError

_FLAGS = re.IGNORECASE | re.DOTALL
_SKIPPED = re.compile(
    rb"(?:CREATE|ALTER|DROP)\s+(?:ROLE|USER(?!\s+MAPPING)|GROUP)\b|GRANT\b|REVOKE\b|REASSIGN\b|ALTER\s+DEFAULT\s+PRIVILEGES\b"
    rb"|(?:SET|RESET)\s+(?:LOCAL\s+|SESSION\s+)?(?:SESSION\s+AUTHORIZATION|AUTHORIZATION|ROLE)\b"
    rb"|ALTER\s.*\sOWNER\s+TO\s+[^;]+;\s*$|(?:CREATE|ALTER|DROP|COMMENT\s+ON)\s+DATABASE\b"
    rb"|SET\s+default_tablespace\s*=\s*(?!'')|(?:BEGIN|START\s+TRANSACTION|COMMIT|END)\s*;\s*$",
    _FLAGS,
)
# Those without a label fail silently: they undo what a new database lacks, or are settings of other versions.
_OPTIONAL: tuple[tuple[str, bytes], ...] = (
    ("", rb"(?:DROP|COMMENT|SECURITY|VACUUM|ANALYZE|RESET|NOTIFY)\b|SET\s(?!.*search_path)"),
    ("", rb"SELECT\s+(?:pg_catalog\.)?(?:setval|pg_restore_\w+|lo_\w+)\("),
    ("", rb"ALTER\s+TABLE\s.*\sDROP\s|ALTER\s.*\s(?:CLUSTER\s+ON|REPLICA\s+IDENTITY|SET\s+STATISTICS|SET\s+STORAGE)\b"),
    ("extension", rb"(?:CREATE|ALTER)\s+EXTENSION\b"),
    ("index", rb"CREATE\s+(?:UNIQUE\s+)?INDEX\b|ALTER\s+INDEX\b|CREATE\s+STATISTICS\b"),
    ("trigger", rb"CREATE\s+(?:OR\s+REPLACE\s+)?(?:CONSTRAINT\s+|EVENT\s+)?TRIGGER\b"),
    ("trigger", rb"ALTER\s.*\s(?:ENABLE|DISABLE)\s.*TRIGGER\b"),
    ("constraint", rb"ALTER\s+TABLE\s.*\sADD\s+(?:CONSTRAINT|PRIMARY|UNIQUE|FOREIGN|CHECK|EXCLUDE)\b"),
    ("default", rb"ALTER\s.*\sSET\s+DEFAULT\b"),
    ("function", rb"(?:CREATE(?:\s+OR\s+REPLACE)?|ALTER)\s+(?:FUNCTION|PROCEDURE|AGGREGATE|OPERATOR|CAST|TRANSFORM)\b"),
    ("function", rb"CREATE\s+(?:\w+\s+){0,4}LANGUAGE\s+\w+;|CREATE\s+(?:DEFAULT\s+)?CONVERSION\b|CREATE\s+ACCESS\s"),
    ("text search setting", rb"(?:CREATE|ALTER)\s+TEXT\s+SEARCH\b"),
    ("rule", rb"CREATE\s+(?:OR\s+REPLACE\s+)?RULE\b"),
    ("policy", rb"(?:CREATE|ALTER)\s+POLICY\b"),
    ("publication", rb"(?:CREATE|ALTER)\s+(?:PUBLICATION|SUBSCRIPTION)\b"),
    ("collation", rb"(?:CREATE|ALTER)\s+COLLATION\b"),
    ("foreign table", rb"(?:CREATE|ALTER|IMPORT)\s+(?:FOREIGN|SERVER|USER\s+MAPPING)\b"),
    ("view", rb"CREATE\s+(?:OR\s+REPLACE\s+)?(?:RECURSIVE\s+)?(?:MATERIALIZED\s+)?VIEW\b|REFRESH\b"),
    ("sequence setting", rb"ALTER\s+SEQUENCE\b"),
)
_OPTIONAL_STATEMENTS = tuple((label, re.compile(pattern, _FLAGS)) for label, pattern in _OPTIONAL)
_SCHEMA = re.compile(rb"CREATE\s+SCHEMA\s+(?:IF\s+NOT\s+EXISTS\s+)?(?!AUTHORIZATION)(\"[^\"]+\"|\w+)", _FLAGS)
_POLICY_ROLES = re.compile(rb"\sTO\s+(.*?)(?:\sUSING\b|\sWITH\s+CHECK\b|;)", _FLAGS)
_CUT = re.compile(rb"\bCOLLATE\b|\bDEFAULT\b", re.IGNORECASE)
_EVERYWHERE = re.compile(r"C|POSIX|default|ucs_basic|pg_c_utf8|unicode|und-x-icu|[a-z]{2,3}-x-icu")
_DEFINES = re.compile(rb"(?:CREATE|ALTER)\b", re.IGNORECASE)
_AFTER_DEFAULT = (
    "NOT",
    "NULL",
    "CONSTRAINT",
    "CHECK",
    "PRIMARY",
    "UNIQUE",
    "REFERENCES",
    "GENERATED",
    "COLLATE",
    "FOREIGN",
)
_QUOTED = (TokenType.STRING, TokenType.IDENTIFIER)
_NO_ROLES = {b"public", b"current_user", b"session_user", b"current_role"}


@dataclass(frozen=True)
class Step:
    """The treatment of a statement: its `text` for the database, and the `label` to report if that is refused."""

    kind: Literal["needed", "optional", "skipped"]
    text: bytes
    label: str = ""


def step_for(statement: bytes, *, without_defaults: bool = False) -> Step:
    """Return the treatment of a statement."""
    if _SKIPPED.match(statement):
        return Step("skipped", b"")
    if schema := _SCHEMA.match(statement):
        return Step("needed", b"CREATE SCHEMA IF NOT EXISTS " + schema[1] + b";")
    text = statement
    if _DEFINES.match(statement) and _CUT.search(statement):
        text = _without_clauses(statement, without_defaults=without_defaults)
    for label, pattern in _OPTIONAL_STATEMENTS:
        if pattern.match(statement):
            return Step("optional", _roles_of(statement) + text if label == "policy" else text, label)
    return Step("needed", text)


def _roles_of(policy: bytes) -> bytes:
    """Return statements that create the roles of a policy, without which the policy would fail."""
    match = _POLICY_ROLES.search(policy)
    names = [name.strip() for name in match[1].split(b",")] if match else []
    create = b"DO $role$ BEGIN CREATE ROLE %s; EXCEPTION WHEN duplicate_object THEN NULL; END $role$; "
    return b"".join(create % name for name in names if name.lower() not in _NO_ROLES)


def _without_clauses(statement: bytes, *, without_defaults: bool) -> bytes:
    """Return a definition without its collations, and optionally without its defaults."""
    text = statement.decode("latin-1")  # each byte is one character and stays unchanged
    try:
        tokens = sqlglot.tokenize(text, dialect="postgres")
    except SqlglotError:
        return statement
    cuts: list[tuple[int, int]] = []
    number = 0
    while number < len(tokens):
        word = "" if tokens[number].token_type in _QUOTED else tokens[number].text.upper()
        end = number
        if word == "COLLATE":
            end = number + 1
            while end + 2 < len(tokens) and tokens[end + 1].token_type == TokenType.DOT:
                end += 2
            # A collation of every server stays, because a generated column may depend on it.
            if end < len(tokens) and _EVERYWHERE.fullmatch(tokens[end].text):
                number = end + 1
                continue
        elif word == "DEFAULT" and without_defaults and _is_of_column(tokens, number):
            end = _end_of_default(tokens, number)
        if end > number:
            cuts.append((tokens[number].start, tokens[min(end, len(tokens) - 1)].end + 1))
        number = end + 1
    for start, stop in reversed(cuts):
        # Line feeds stay, so line numbers match those of the dump.
        text = text[:start] + "\n" * text[start:stop].count("\n") + text[stop:]
    return text.encode("latin-1")


def _is_of_column(tokens: list[sqlglot.Token], number: int) -> bool:
    """Return whether a DEFAULT belongs to a column, and not to an identity, a foreign key or a partition."""
    before = tokens[number - 1].text.upper()
    after = tokens[number + 1].text.upper() if number + 1 < len(tokens) else ";"
    return before not in ("BY", "SET") and after != ";" and not after.startswith("PARTITION")


def _end_of_default(tokens: list[sqlglot.Token], number: int) -> int:
    """Return the index of the last token of a default's expression."""
    depth, at = 0, number + 1
    while at < len(tokens):
        token = tokens[at]
        if token.token_type in (TokenType.L_PAREN, TokenType.R_PAREN):
            depth += 1 if token.token_type == TokenType.L_PAREN else -1
        ends = token.token_type in (TokenType.COMMA, TokenType.SEMICOLON) or (
            token.text.upper() in _AFTER_DEFAULT and token.token_type not in _QUOTED and at > number + 1
        )
        if depth < 0 or (depth == 0 and ends):
            return at - 1
        at += 1
    return len(tokens) - 1
