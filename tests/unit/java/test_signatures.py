"""Signatures of the functions, by which Spark casts arguments and results."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from py4j.protocol import Py4JJavaError

if TYPE_CHECKING:
    from tests.unit.java.functions import Functions

ROW, ROWS = "struct<a:string,n:bigint>", "r struct<a:string,n:bigint>, p string"
LINE = "l string, p string"
MARKS = "struct<k1:bigint,k2:bigint,h:bigint,f:array<bigint>,loose:array<double>>"
TERM, KEY = "struct<k1:bigint,expires:bigint,x:bigint,y:bigint>", "struct<k1:bigint,expires:bigint>"
HASH = "struct<h1:bigint,h2:bigint>"


@pytest.mark.parametrize(
    ("name", "types", "called", "inputs", "result", "is_same"),
    [
        ("item", ROWS, "Item", [ROW, "string"], "string", True),
        ("reason", ROWS, "Reason", [ROW, "string"], "string", True),
        ("row_hash", ROWS, "Hash", [ROW, "string"], HASH, True),
        ("source_marks", ROWS, "SourceMarks", [ROW, "string"], MARKS, True),
        ("source_term", ROWS, "SourceTerm", [ROW, "string"], TERM, True),
        ("source_key", ROWS, "SourceKey", [ROW, "string"], KEY, True),
        ("source_texts", ROWS, "SourceTexts", [ROW, "string"], "array<string>", True),
        ("export_marks", LINE, "ExportMarks", ["string", "string"], MARKS, True),
        ("export_bits", LINE, "ExportBits", ["string", "string"], "struct<k1:bigint,k2:bigint,h:bigint>", True),
        ("change", "b string, a string, k string", "Change", ["string", "string", "string"], "string", True),
        ("export_term", LINE, "ExportTerm", ["string", "string"], TERM, True),
        ("export_key", LINE, "ExportKey", ["string", "string"], KEY, True),
        ("export_texts", LINE, "ExportTexts", ["string", "string"], "array<string>", True),
        ("export_raw", LINE, "ExportRaw", ["string", "string"], "array<string>", True),
        ("typed", "t struct<c:string>, m struct<c:double,bad:string>, p string", "Typed", ["struct<c:string>", "struct<c:double,bad:string>", "string"], "struct<c:double,bad:string>", False),
        ("difference", "r struct<h:bigint,f:bigint>, e int, t array<double>", "Difference", ["struct<h:bigint,f:bigint>", "int", "array<double>"], "struct<changed:boolean,marks:array<int>>", True),
        ("again", "h bigint", "Again", ["bigint"], "boolean", False),
        ("marked", "b binary, n bigint", "Marked", ["binary", "bigint"], "boolean", True),
        ("superseded", "f bigint, r bigint, p string", "SupersededRows", ["bigint", "bigint", "string"], "boolean", True),
        ("cluster_of", "f string", "ClusterOf", ["string"], "string", True),
    ],
)  # fmt: skip
def test_a_function_says_what_it_takes_and_gives(
    functions: Functions, name: str, types: str, called: str, inputs: list[str], result: str, *, is_same: bool
) -> None:
    assert functions.described(name, types) == [called, inputs, result, is_same]


@pytest.mark.parametrize(
    ("name", "types", "expected"),
    [
        ("row_hash", ROWS, []),
        ("source_marks", ROWS, []),
        ("source_term", ROWS, ["expires"]),
        ("source_key", ROWS, ["expires"]),
        ("export_bits", LINE, []),
        ("difference", "r struct<h:bigint,f:bigint>, e int, t array<double>", ["marks[]"]),
    ],
)
def test_spark_checks_no_field_for_null_that_a_function_always_fills(
    functions: Functions, name: str, types: str, expected: list[str]
) -> None:
    assert functions.nulls(name, types) == expected


@pytest.mark.parametrize("name", ["gone", "export_marks_7", "export_terms", "item_1"])
def test_a_function_that_is_not_known_is_an_error(functions: Functions, name: str) -> None:
    with pytest.raises(Py4JJavaError, match="NoSuchFunctionException"):
        functions.described(name, LINE)
