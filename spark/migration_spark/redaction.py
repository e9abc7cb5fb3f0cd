"""Redaction of row values in everything that leaves the account: hashes of keys, and messages that quote no row.

Causes reach mail, the log of Step Functions and reports. Values stay in the bucket: in manifest.json, report.json,
rejects/, mismatches/ and the failures' value documents.
"""

from __future__ import annotations

import hashlib
import re
from typing import NamedTuple

_HASH_CHARACTERS = 12
# Classes of SQLSTATE whose messages name connections, objects and SQL, never a row; other classes may quote a value.
# https://www.postgresql.org/docs/current/errcodes-appendix.html
# https://dev.mysql.com/doc/mysql-errors/8.0/en/server-error-reference.html
_CLASSES_OF_NO_ROW = ("08", "0A", "25", "26", "28", "3D", "3F", "40", "42", "53", "54", "55", "57", "58")
_STATES_OF_NO_ROW = ("22012",)  # division by zero
# Errors of MySQL with the general state HY000: https://dev.mysql.com/doc/mysql-errors/8.0/en/
_MYSQL_CODES_OF_NO_ROW = (1021, 1037, 1041, 1045, 1105, 1194, 1205, 1290, 1449, 3024)
_CONDITION = re.compile(r"\[([A-Z][A-Z0-9_.]+)\]")


class Sample(NamedTuple):
    """Description of a few rows, once with their keys' values and once with hashes instead."""

    values: str
    hashed: str


def key_hash(key: str) -> str:
    """Return a key's redacted name: `key` and 12 hexadecimal digits of its SHA-256."""
    digest = hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
    return f"key {digest[:_HASH_CHARACTERS]}"


def database_words(words: str, state: str, code: int) -> str:
    """Return a database's message if it quotes no row, or else where to find it."""
    if state[:2] in _CLASSES_OF_NO_ROW or state in _STATES_OF_NO_ROW or code in _MYSQL_CODES_OF_NO_ROW:
        return words
    return f"SQLSTATE {state or 'unknown'}, code {code}; its words may quote a row and stay in the bucket, in failures/"


def database_codes(state: str, code: int) -> str:
    """Return a database's codes as text: a SQLSTATE, and MySQL's error number."""
    return f"SQLSTATE {state or 'unknown'}{f', error {code}' if code else ''}"


def first_line(error: BaseException) -> str:
    """Return the first line of an error's message."""
    return (str(error).strip().splitlines() or ["no message"])[0]


def unforeseen(error: BaseException) -> str:
    """Return a description that quotes no row of an unexpected error, whose message may quote a row.

    Spark names the condition of its errors in brackets. Errors of analysis never quote a row.
    """
    line = first_line(error)
    if type(error).__name__ in ("AnalysisException", "ParseException") or line.startswith("An error occurred while"):
        return line
    match = _CONDITION.match(line)
    condition = f"{match[1]}; " if match else ""
    return f"{condition}its words may quote a row and stay in the bucket, in failures/"
