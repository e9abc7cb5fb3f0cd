"""Text that leaves the account quotes no row: hashes of keys, and only harmless messages of databases."""

from __future__ import annotations

import pytest
from migration_spark.errors import DatabaseError, RowsNotConserved
from migration_spark.import_refusals import first_refusal
from migration_spark.redaction import database_words, first_line, key_hash, unforeseen

from tests.spark.tables import table as table_of

SECRET = "hunter2-9999"


def test_a_key_is_named_by_the_same_hash_wherever_it_is_named() -> None:
    assert key_hash("k02") == "key 67b588cc7718"
    assert key_hash(SECRET) != key_hash(SECRET + " ")
    assert key_hash("\ud800")


@pytest.mark.parametrize(
    ("words", "state", "code"),
    [
        (f'ERROR: invalid input syntax for type integer: "{SECRET}"', "22P02", 0),
        (f'ERROR: invalid byte sequence for encoding "UTF8": {SECRET}', "22021", 0),
        (f"ERROR: value {SECRET} is out of range", "22003", 0),
        (f"ERROR: {SECRET} raised by a function", "P0001", 0),
        (f"Incorrect string value: {SECRET} for column", "HY000", 1366),
        (f"Truncated incorrect DOUBLE value: {SECRET}", "22007", 1292),
        (f"Duplicate entry {SECRET} for key", "23000", 1062),
        (f"something {SECRET}", "", 0),
    ],
)
def test_words_that_may_quote_a_row_stay_in_the_bucket(words: str, state: str, code: int) -> None:
    error = DatabaseError("the clone of one at 1.2.3.4:5432", words=words, state=state, code=code)

    assert SECRET not in str(error)
    assert str(error).startswith(f"the clone of one at 1.2.3.4:5432: SQLSTATE {state or 'unknown'}, code {code}; ")
    assert list(error.values) == [words]


@pytest.mark.parametrize(
    ("words", "state", "code"),
    [
        ('ERROR: relation "nothing" does not exist', "42P01", 0),
        ('FATAL: password authentication failed for user "r"', "28P01", 0),
        ("Connection refused", "08001", 0),
        ("ERROR: division by zero", "22012", 0),
        ("Lock wait timeout exceeded", "HY000", 1205),
    ],
)
def test_words_that_name_objects_and_connections_are_said(words: str, state: str, code: int) -> None:
    assert database_words(words, state, code) == words


# https://www.postgresql.org/docs/current/errcodes-appendix.html: connection, unsupported, transaction, statement name,
# authorization, catalog, schema, serialisation, syntax or access, resources, limits, state, operator, system.
WITHOUT_ROWS = ("08", "0A", "25", "26", "28", "3D", "3F", "40", "42", "53", "54", "55", "57", "58")
# Data, constraints, cursors, triggers and functions, whose words quote what they met.
WITH_ROWS = ("02", "21", "22", "23", "24", "27", "2F", "34", "38", "39", "44", "HV", "HY", "P0", "XX", "F0")


@pytest.mark.parametrize("state", WITHOUT_ROWS)
def test_every_class_of_errors_that_names_no_row_is_said(state: str) -> None:
    assert database_words("words", f"{state}000", 0) == "words"


@pytest.mark.parametrize("state", WITH_ROWS)
def test_no_class_of_errors_that_may_quote_a_row_is_said(state: str) -> None:
    assert "words " not in database_words("words of a row", f"{state}000", 0).replace("its words ", "")


@pytest.mark.parametrize("code", [1021, 1037, 1041, 1045, 1105, 1194, 1205, 1290, 1449, 3024])
def test_every_code_of_mysql_that_names_no_row_is_said(code: int) -> None:
    assert database_words("words", "HY000", code) == "words"
    assert database_words("words", "HY000", code + 1) != "words"


def test_an_error_that_no_job_foresees_is_named_by_its_condition() -> None:
    line = f"[CAST_INVALID_INPUT] The value '{SECRET}' of the type STRING cannot be cast"

    assert unforeseen(ValueError(SECRET)) == "its words may quote a row and stay in the bucket, in failures/"
    assert unforeseen(RuntimeError(line)).startswith("CAST_INVALID_INPUT; its words may quote a row")
    assert SECRET not in unforeseen(RuntimeError(line))


@pytest.mark.parametrize(
    ("words", "line"), [("\n the cause\nmore", "the cause"), (" \n", "no message"), ("", "no message")]
)
def test_an_error_is_summed_up_by_its_first_line(words: str, line: str) -> None:
    assert first_line(ValueError(words)) == line


@pytest.mark.parametrize("name", ["AnalysisException", "ParseException"])
def test_what_analysis_says_is_said_since_it_sees_no_row(name: str) -> None:
    error = type(name, (Exception,), {})("[UNRESOLVED_COLUMN] no column x")

    assert unforeseen(error) == "[UNRESOLVED_COLUMN] no column x"


def test_the_line_before_javas_own_words_is_said() -> None:
    line = "An error occurred while calling o1.parquet."

    assert unforeseen(RuntimeError(line)) == line
    assert "An error" not in unforeseen(RuntimeError(f"x {line}"))


def test_no_refusal_says_a_sample() -> None:
    table = table_of({"id": "text"})
    clean = dict.fromkeys(("unreadable", "rejected", "filtered", "duplicateKeys", "supersededKeys", "unmatched"), 0)
    for kind, count, error in (
        ("duplicate", "duplicateKeys", "DuplicateKeys"),
        ("filtered", "filtered", "RowsFiltered"),
        ("collision", "supersededKeys", "KeysCollide"),
    ):
        samples = {f"{kind}Samples": [SECRET], f"{kind}Hashes": [key_hash(SECRET)]}
        refusal = first_refusal((table,), {table.name: {**clean, "items": 1, count: 1, **samples}})
        assert refusal is not None
        assert refusal["error"] == error
        assert SECRET not in refusal["cause"]
        assert key_hash(SECRET) in refusal["cause"]


def test_an_error_keeps_the_values_beside_its_message() -> None:
    error = RowsNotConserved("Thing: rows are multiplied", [SECRET])

    assert (str(error), list(error.values)) == ("Thing: rows are multiplied", [SECRET])
