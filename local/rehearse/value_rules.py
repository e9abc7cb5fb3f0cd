"""SQL that detects texts which PostgreSQL would refuse, guess or round as values of a column type."""

from __future__ import annotations

from decimal import Context, Decimal
from typing import TYPE_CHECKING

from psycopg import sql

from catalog.source_types import MOMENTS
from local.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import psycopg

# PostgreSQL's names of the catalog's types, if they differ.
_NAMES = {"double": "double precision", "bytes": "bytea"}
# Decimal digits that the type keeps for any value: https://www.postgresql.org/docs/18/datatype-numeric.html
_FLOATS = {"real": (6, "1e-30"), "double": (15, "1e-290")}
_YEAR_FIRST = r"^\s*(\d{4}|[+-]?infinity\s*$)"
_DAY = r"^\s*\d{4,}-?\d\d?-?\d\d?"
_ZONE = r"[0-9.:]\s*([AaPp][Mm]\s*)?([Zz]|[A-Za-z]{3,}[A-Za-z_/]*|[+-]\d\d?(:?\d\d){0,2})\s*$"


def type_name(kind: str) -> str:
    """Return PostgreSQL's name of a catalog type."""
    return _NAMES.get(kind, kind)


def refuse_wrong(connection: psycopg.Connection, texts: sql.Composed, path: Path, kinds: Mapping[str, str]) -> None:
    """Check that every text of a table is a value of its type, which the type does not change.

    Raises:
        DataError: It has the row and column of the first wrong value.
    """
    if not kinds:
        return
    problems = sql.SQL(", ").join(_problem_of(kind, name) for name, kind in kinds.items())
    first = sql.SQL(
        "SELECT row, problem FROM (SELECT row_number() OVER () AS row, coalesce({}) AS problem FROM {}) AS looked_at "
        "WHERE problem IS NOT NULL LIMIT 1"
    ).format(problems, texts)
    for row, (name, text, problem) in connection.execute(first):
        raise DataError(f"{path}: row {row}, column {name}: {text!r} {problem}; correct the value or the type")
    _refuse_rounded(connection, texts, path, {name: kind for name, kind in kinds.items() if kind in _FLOATS})


def _refuse_rounded(connection: psycopg.Connection, texts: sql.Composed, path: Path, floats: Mapping[str, str]) -> None:
    """Refuse the first number with more digits than a floating-point type can hold."""
    if not floats:
        return
    columns = {name: sql.Identifier(name) for name in floats}
    values = [sql.SQL("{}::{}::float8").format(columns[name], sql.SQL(type_name(floats[name]))) for name in floats]
    comma = sql.SQL(", ")
    # Arrays avoid conflicts between the file's column names and those of the query.
    query = sql.SQL(
        "SELECT row, name, text, value FROM (SELECT row_number() OVER () AS row, {}::text[] AS names, "
        "ARRAY[{}] AS texts, ARRAY[{}] AS numbers, ARRAY[{}] AS longs FROM {}) AS looked_at, "
        "unnest(names, texts, numbers, longs) AS number(name, text, value, is_long) WHERE is_long"
    ).format(
        sql.Literal(list(floats)),
        comma.join(columns.values()),
        comma.join(values),
        comma.join(_is_long(floats[name], column) for name, column in columns.items()),
        texts,
    )
    with connection.cursor(name="floats") as cursor:
        for row, name, text, value in cursor.execute(query):
            if _is_rounded(text, value):
                kind = floats[name]
                raise DataError(
                    f"{path}: row {row}, column {name}: {text!r} is rounded by {kind}; correct the value or the type"
                )


def _problem_of(kind: str, name: str) -> sql.Composed:
    """Return SQL for the problem of a column's text as a value of a type, or null without one.

    The result is an array: the column, the text, and the words that follow it.
    """
    column = sql.Identifier(name)
    is_invalid = sql.SQL("NOT pg_input_is_valid({}, {})").format(column, sql.Literal(type_name(kind)))
    cases = [(is_invalid, f"is not a valid {kind}")]
    value = sql.SQL("{}::{}").format(column, sql.SQL(type_name(kind)))
    if kind.startswith("numeric("):
        cases.append((sql.SQL("{}::numeric <> {}").format(column, value), f"is rounded by {kind}"))
    elif kind == "bytes":
        cases.append((sql.SQL("{} !~ '^\\\\x'").format(column), "does not begin with \\x, as bytes do"))
    elif kind in MOMENTS:
        cases += _of_moments(kind, column, value)
    then = sql.SQL("WHEN {} THEN ARRAY[{}, {}, {}]")
    whens = [then.format(wrong, sql.Literal(name), column, sql.Literal(words)) for wrong, words in cases]
    return sql.SQL("CASE WHEN {} IS NULL THEN NULL {} END").format(column, sql.SQL(" ").join(whens))


def _of_moments(kind: str, column: sql.Identifier, value: sql.Composed) -> list[tuple[sql.Composed, str]]:
    year = sql.SQL("{} !~* {}").format(column, sql.Literal(_YEAR_FIRST))
    cases = [(year, "does not begin with a year of four digits, as in 2026-03-01")]
    if kind == "date":
        return [*cases, (sql.SQL("{}::timestamp <> {}::timestamp").format(column, value), "is rounded by date")]
    time = sql.SQL("regexp_replace({}, {}, '') ~ {}").format(column, sql.Literal(_DAY), sql.Literal(_ZONE))
    finite = sql.SQL("{} !~* 'infinity'").format(column)
    if kind == "timestamp":
        cases.append((time, "has an offset from UTC, which timestamp drops: declare it as timestamptz"))
    else:
        no_offset = sql.SQL("{} AND NOT {}").format(finite, time)
        cases.append((no_offset, "has no offset from UTC, as in 2026-03-01 10:00:00+00"))
    return [*cases, (sql.SQL("{} ~ '\\.\\d{{6}}\\d*[1-9]'").format(column), f"is rounded by {kind}")]


def _is_long(kind: str, column: sql.Identifier) -> sql.Composed:
    """Return the SQL condition for a number that may have more digits than its type."""
    digits, least = _FLOATS[kind]
    return sql.SQL(
        "{} ~ '[1-9]' AND (length(regexp_replace(regexp_replace({}, '[eE].*', ''), '[^0-9]', '', 'g')) > {} "
        "OR abs({}::float8) < {}::float8)"
    ).format(column, column, sql.Literal(digits), column, sql.Literal(least))


def _is_rounded(text: str, value: float) -> bool:
    """Return whether a type changes a number: the type's value, in as many digits, differs from the text."""
    number = Decimal(text.strip())
    if not number.is_finite():
        return False
    return Context(prec=len(number.as_tuple().digits)).plus(Decimal(value)) != number
