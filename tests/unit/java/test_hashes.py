"""Seen hashes, bit maps, the clusters of folders, and the hash of a row."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.unit.java.functions import Plan

if TYPE_CHECKING:
    from tests.unit.java.functions import Functions


def test_a_hash_is_met_again_if_and_only_if_it_was_met(functions: Functions) -> None:
    # More than the table's first size, and alike in the bits by which tasks are dealt out; with zero and negative ones.
    numbers = [0, -1, 1, -(2**63), 2**63 - 1, *(n << 20 for n in range(1, 5000)), *(-n for n in range(2, 3000))]

    assert functions.call("again", "h bigint", *[[n] for n in numbers]) == [False] * len(numbers)
    twice = functions.call("again", "h bigint", *[[n] for n in (*numbers, *numbers)])
    assert twice == [False] * len(numbers) + [True] * len(numbers)


def test_the_bit_of_a_number_is_looked_up(functions: Functions) -> None:
    bits = base64.b64encode(bytes([0b00000101, 0b10000000])).decode()

    bits_set = functions.call("marked", "b binary, n bigint", *[[bits, n] for n in range(16)])

    assert [n for n, is_set in enumerate(bits_set) if is_set] == [0, 2, 15]


@pytest.mark.parametrize(
    ("path", "cluster"),
    [
        ("s3://b/raw/x/$cluster=one/part-0.parquet", "one"),
        ("/$cluster=first/part-0.parquet", "first"),
        ("s3://b/raw/x/%24cluster=a%20b/part-0.parquet", "a b"),
        ("s3://b/raw/x/$cluster=a+b/part-0.parquet", "a+b"),
        ("s3://b/$cluster=old/x/$cluster=new/part-0.parquet", "new"),
    ],
)
def test_a_landed_file_is_its_folders_clusters(functions: Functions, path: str, cluster: str) -> None:
    assert functions.call("cluster_of", "f string", [path], [path]) == [cluster, cluster]


def test_files_of_several_clusters_are_told_apart_and_one_of_none_is_an_error(functions: Functions) -> None:
    first, second, third = functions.call("cluster_of", "f string", ["x/$cluster=a/f"], ["x/$cluster=b/f"], ["x/f"])

    assert (first, second) == ("a", "b")
    assert third == "failed: java.lang.IllegalArgumentException: x/f lies in no cluster's folder"


def hashes(functions: Functions, kind: str, sql_type: str, *values: Any) -> list[str]:
    plan = Plan({"x": (sql_type, kind), "y": (sql_type, kind)})
    return [json.dumps(result) for result in functions.of_rows("row_hash", plan, *[[value, None] for value in values])]


@pytest.mark.parametrize(
    ("kind", "sql_type", "values"),
    [
        ("S", "string", [None, "", "a", "b", "aa"]),
        ("N", "string", [None, "1", "2", "NaN", "Infinity", "-Infinity", "x"]),
        ("DOCUMENT", "string", [None, "{}", "x", "y", '{"a":1}']),
        ("SS", "array<string>", [None, ["a"], ["b"]]),
    ],
)
def test_rows_of_different_values_have_different_hashes(
    functions: Functions, kind: str, sql_type: str, values: list[Any]
) -> None:
    row_hashes = hashes(functions, kind, sql_type, *values)

    assert len(set(row_hashes)) == len(values)
    moved = functions.of_rows(
        "row_hash", Plan({"x": (sql_type, kind), "y": (sql_type, kind)}), *[[None, v] for v in values[1:]]
    )
    assert {json.dumps(result) for result in moved} & set(row_hashes) == set()


def test_an_unknown_function_and_a_plan_that_is_none_are_errors(functions: Functions) -> None:
    (message,) = functions.call("item", "r struct<a:string>, p string", [["x"], "no plan"])
    assert message.startswith("failed: java.lang.IllegalArgumentException: the row plan is not valid JSON: no plan")
    plan = Plan({"a": ("string", "S")}, key=("b",)).text
    (message,) = functions.call("item", "r struct<a:string>, p string", [["x"], plan])
    assert message == "failed: java.lang.IllegalArgumentException: the row plan has no attribute b"


def test_a_plan_is_read_anew_where_it_changes(functions: Functions) -> None:
    first, second = (Plan({name: ("string", "S")}).text for name in ("a", "b"))

    lines = functions.call("item", "r struct<a:string>, p string", *[[["x"], plan] for plan in (first, second, first)])

    assert [list(json.loads(line)["Item"]) for line in lines] == [["a"], ["b"], ["a"]]
