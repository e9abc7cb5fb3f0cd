"""The counts of rows by class and cluster, and the lines for the table writer."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from py4j.protocol import Py4JJavaError

if TYPE_CHECKING:
    from tests.unit.java.functions import Functions

NUMBER = 2**40  # Py4J makes a Java `long` of it
TYPES = "n string, c string, u boolean"


@pytest.fixture
def counts(jvm: Any) -> Any:
    """Return counts that the catalog knows; Spark's context, which only a session has, does no more."""
    made = jvm.migration.RowCounts()
    known = made.getClass().getDeclaredField("KNOWN")
    known.setAccessible(True)
    known.get(None)[NUMBER] = made
    return made


def test_each_row_counts_once_in_its_class_and_its_cluster(functions: Functions, jvm: Any, counts: Any) -> None:
    rows: list[list[Any]] = [
        ["item", "east", False], ["item", "east", False], ["rejected", "east", False], ["item", "west", True],
        [None, "west", True], ["item", None, True], [None, None, False], ["item", "east", False],
    ]  # fmt: skip
    assert counts.isZero()

    assert functions.call(f"counted_{NUMBER}", TYPES, *rows) == [True, True, False, True, False, True, False, True]

    assert not counts.isZero()
    taken = jvm.migration.RowCounts.take(NUMBER)
    assert taken.splitlines() == ["3 item east", "1 item west", "1 rejected east", "2 unmatched west"]
    with pytest.raises(Py4JJavaError, match="NoSuchFunctionException"):
        functions.described(f"counted_{NUMBER}", TYPES)


def test_counts_of_tasks_are_added_and_a_copy_stays_as_it_is(functions: Functions, jvm: Any, counts: Any) -> None:
    functions.call(f"counted_{NUMBER}", TYPES, ["item", "east", False], ["late", "east", True])
    copy = counts.copy()

    counts.merge(copy)

    assert jvm.migration.RowCounts.take(NUMBER).splitlines() == ["2 item east", "2 late east", "2 unmatched east"]
    (rows,) = [dict(classes) for classes in copy.value().values()]
    assert {str(name): count for name, count in rows.items()} == {"item": 1, "late": 1, "unmatched": 1}
    copy.reset()
    assert copy.isZero()
    assert not counts.isZero()


def test_the_function_of_counts_is_asked_once_for_each_row(functions: Functions, counts: Any) -> None:
    assert not counts.isRegistered()
    assert functions.described(f"counted_{NUMBER}", TYPES) == [
        "Counted", ["string", "string", "boolean"], "boolean", False,
    ]  # fmt: skip


OLD, NEW = ({"id": {"S": "k"}, "n": {"N": "1"}, "x": {"S": x}} for x in ("old", "é"))
CHANGES: list[tuple[Any, Any, Any]] = [
    (None, NEW, {"put": NEW, "was": None}),
    (OLD, NEW, {"put": NEW, "was": OLD}),
    (OLD, None, {"delete": {"id": {"S": "k"}, "n": {"N": "1"}}, "was": OLD}),
]


def test_a_change_is_what_to_put_or_the_key_to_delete_and_what_was_there(functions: Functions) -> None:
    lines = [
        [before and json.dumps({"Item": before}), after and json.dumps({"Item": after})] for before, after, _ in CHANGES
    ]

    made = functions.call("change", "b string, a string, k string", *[[*line, '["id","n"]'] for line in lines])

    assert [json.loads(change) for change in made] == [expected for _, _, expected in CHANGES]
    assert [next(iter(json.loads(change))) for change in made] == ["put", "put", "delete"]


def test_a_change_follows_the_key_that_its_call_names(functions: Functions) -> None:
    line = json.dumps({"Item": OLD})

    made = functions.call("change", "b string, a string, k string", [line, None, '["id"]'], [line, None, '["n"]'])

    assert [json.loads(change)["delete"] for change in made] == [{"id": {"S": "k"}}, {"n": {"N": "1"}}]


def test_a_catalog_has_the_name_that_spark_gives_it_and_lists_its_functions(jvm: Any) -> None:
    catalog = jvm.migration.Functions()
    catalog.initialize("migration", None)
    namespace = jvm.java.util.regex.Pattern.compile(",").split("inner")  # Py4J makes no array of a list

    assert catalog.name() == "migration"
    listed = [identifier.name() for identifier in catalog.listFunctions(namespace)]
    assert sorted(listed) == sorted(NAMES)
    assert {tuple(identifier.namespace()) for identifier in catalog.listFunctions(namespace)} == {("inner",)}


NAMES = [
    "item", "reason", "row_hash", "source_marks", "source_term", "source_key", "source_texts", "export_marks",
    "export_bits", "export_term", "export_key", "export_texts", "export_raw", "change", "typed", "difference", "again",
    "marked", "superseded", "cluster_of",
]  # fmt: skip
