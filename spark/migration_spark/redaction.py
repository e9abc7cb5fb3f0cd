"""What leaves the account instead of a row's values: hashes of keys, and words that quote no row.

Causes reach mail, the log of Step Functions and reports. Values stay in the bucket: in manifest.json, report.json,
rejects/, mismatches/ and the failures' own values.
"""

from __future__ import annotations

import hashlib
import re
from typing import NamedTuple

_HASH_CHARACTERS = 12
# Classes of SQLSTATE whose words name connections, objects and SQL, never a row; the other ones may quote a value.
# https://www.postgresql.org/docs/current/errcodes-appendix.html
# https://dev.mysql.com/doc/mysql-errors/8.0/en/server-error-reference.html
_CLASSES_OF_NO_ROW = ("08", "0A", "25", "26", "28", "3D", "3F", "40", "42", "53", "54", "55", "57", "58")
_STATES_OF_NO_ROW = ("22012",)  # division by zero
# Errors of MySQL that have no state of their own (HY000): https://dev.mysql.com/doc/mysql-errors/8.0/en/
_MYSQL_CODES_OF_NO_ROW = (1021, 1037, 1041, 1045, 1105, 1194, 1205, 1290, 1449, 3024)
_CONDITION = re.compile(r"\[([A-Z][A-Z0-9_.]+)\]")


class Sample(NamedTuple):
    """A few rows' keys in two writings: with their values, and with a hash instead."""

    values: str
    hashed: str


def key_hash(key: str) -> str:
    """Return how a key is named where its values must not be read: `key` and 12 hexadecimal digits of its SHA-256."""
    digest = hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
    return f"key {digest[:_HASH_CHARACTERS]}"


def database_words(words: str, state: str, code: int) -> str:
    """Return a database's words if they name no row, or else how to find them."""
    if state[:2] in _CLASSES_OF_NO_ROW or state in _STATES_OF_NO_ROW or code in _MYSQL_CODES_OF_NO_ROW:
        return words
    return f"SQLSTATE {state or 'unknown'}, code {code}; its words may quote a row and stay in the bucket, in failures/"


def database_codes(state: str, code: int) -> str:
    """Return a database's codes in words: every engine has a SQLSTATE, and MySQL a number besides."""
    return f"SQLSTATE {state or 'unknown'}{f', error {code}' if code else ''}"


def unforeseen(error: BaseException, first_line: str) -> str:
    """Return what may be said of an error that the job does not foresee: its message may quote a row.

    Spark names the condition of its errors in brackets. Analysis sees no row.
    """
    if type(error).__name__ in ("AnalysisException", "ParseException") or first_line.startswith(
        "An error occurred while"
    ):
        return first_line
    match = _CONDITION.match(first_line)
    condition = f"{match[1]}; " if match else ""
    return f"{condition}its words may quote a row and stay in the bucket, in failures/"
