"""The writer's expressions keep DynamoDB's limits and name every attribute that they must, for any item."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from table_writer import conditions
from table_writer.conditions import MOST_BYTES, MOST_OPERATORS, MOST_VALUE_BYTES, Expression, absent, changed, unchanged
from table_writer.items import Item, canonical, from_json, same, to_json
from table_writer.settling import APPLIED, CONFLICT

from tests.unit.lambdas.tables import KEY, ORDER, MemoryStore, MemoryTable, holds, item, put, updated, writer

NUMBERS = st.sampled_from(["0", "-0", "1", "1.0", "1E0", "0.10", "-12.5", "1" * 38])
TEXTS = st.text(st.sampled_from('aé🥂"\\'), max_size=3)
BYTES = st.binary(max_size=3)
SCALARS = st.one_of(
    TEXTS.map(lambda value: {"S": value}),
    NUMBERS.map(lambda value: {"N": value}),
    BYTES.map(lambda value: {"B": value}),
    st.booleans().map(lambda value: {"BOOL": value}),
    st.just({"NULL": True}),
    st.sets(TEXTS, min_size=1).map(lambda value: {"SS": list(value)}),
    st.sets(st.sampled_from(["1", "2.5", "-3"]), min_size=1).map(lambda value: {"NS": list(value)}),
    st.sets(BYTES, min_size=1).map(lambda value: {"BS": list(value)}),
)


def nested(inner: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    """Return values, lists of them and maps of them."""
    return st.one_of(
        inner,
        st.lists(inner, max_size=2).map(lambda value: {"L": value}),
        st.dictionaries(st.sampled_from(["a", "é"]), inner, max_size=2).map(lambda value: {"M": value}),
    )


VALUES = nested(nested(SCALARS))
ATTRIBUTES = st.dictionaries(st.sampled_from(["price", "remark", "a.b", "#x", ":y", "size", "é"]), VALUES, max_size=4)
busy = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # a busy machine is no failure
ITEMS = ATTRIBUTES.map(lambda attributes: {"id": {"S": "k"}, **attributes})


def placeholders(*texts: str) -> set[str]:
    return {placeholder for text in texts for placeholder in re.findall(r"[#:]\w+", text)}


def operators(condition: str) -> int:
    return len(re.findall(r" AND |=|attribute_(?:not_)?exists\(", condition))


def held_to_the_limits(expression: Expression) -> None:
    assert len(expression.condition.encode()) <= MOST_BYTES
    assert len(expression.update.encode()) <= MOST_BYTES
    assert operators(expression.condition) <= MOST_OPERATORS
    used = placeholders(expression.condition, expression.update)
    assert used == {*expression.names, *expression.values}
    assert all(len(name) <= 255 for name in used)


@busy
@given(ITEMS, ITEMS)
def test_an_update_makes_the_old_item_the_new_one(was: Item, new: Item) -> None:
    expression = changed(was, new, KEY)
    if expression is None:
        assert same(was, new)
        return

    held_to_the_limits(expression)
    assert holds(expression, was)
    assert same(updated(expression, was), new)


@busy
@given(ITEMS, ITEMS, ITEMS)
def test_an_update_meets_the_old_item_alone_and_overwrites_nothing_of_another(
    was: Item, new: Item, stored: Item
) -> None:
    expression = changed(was, new, KEY)
    if expression is None or not holds(expression, stored):
        return

    # What it met has the old item's attributes all, and what it adds is in none but the new one.
    assert all(canonical(stored[name]) == canonical(value) for name, value in was.items())
    after = updated(expression, stored)
    assert {name: value for name, value in stored.items() if name not in was} == {
        name: value for name, value in after.items() if name not in new
    }


@busy
@given(ITEMS, ITEMS)
def test_an_unchanged_item_is_one_that_has_all_of_the_old_ones_attributes(was: Item, stored: Item) -> None:
    expression = unchanged(was, KEY)

    held_to_the_limits(expression)
    has_all = all(name in stored and canonical(stored[name]) == canonical(value) for name, value in was.items())
    assert holds(expression, stored) == has_all
    assert not holds(expression, None)


@busy
@given(ITEMS, ITEMS, ITEMS)
def test_no_put_loses_what_another_wrote(was: Item, new: Item, theirs: Item) -> None:
    table = MemoryTable({"k": theirs})

    answer = writer(table, MemoryStore([put(new, was)])).apply(ORDER)

    after = table.items["k"]
    if same(theirs, was):
        assert (answer["conflicts"], same(after, new)) == (0, True)
    elif same(theirs, new):
        assert (answer["already"], same(after, new)) == (1, True)
    else:
        assert answer["conflicts"] == 1
        assert all(
            name in after and canonical(after[name]) == canonical(value)
            for name, value in theirs.items()
            if name not in was or canonical(was[name]) != canonical(value)
        )


@busy
@given(ITEMS)
def test_an_item_is_the_same_after_a_line(value: Item) -> None:
    assert from_json(to_json(value)) == value


@pytest.mark.parametrize(
    ("attribute", "other", "equal"),
    [
        ({"N": "1"}, {"N": "1.00"}, True),
        ({"N": "1"}, {"S": "1"}, False),
        ({"N": "1"}, {"BOOL": True}, False),
        ({"N": "1" * 38}, {"N": "1" * 37 + "2"}, False),
        ({"NS": ["1", "2"]}, {"NS": ["2.0", "1"]}, True),
        ({"SS": ["a", "b"]}, {"SS": ["b", "a"]}, True),
        ({"NS": ["1", "2"]}, {"NS": ["1", "3"]}, False),
        ({"SS": ["a", "b"]}, {"SS": ["a"]}, False),
        ({"SS": ["a"]}, {"L": [{"S": "a"}]}, False),
        ({"BS": [b"a", b"b"]}, {"BS": [b"b", b"a"]}, True),
        ({"BS": [b"a", b"b"]}, {"BS": [b"a", b"c"]}, False),
        ({"L": [{"S": "a"}, {"S": "b"}]}, {"L": [{"S": "b"}, {"S": "a"}]}, False),
        ({"M": {"a": {"N": "1"}}}, {"M": {"a": {"N": "1.0"}}}, True),
        ({"M": {"a": {"N": "1"}}}, {"M": {"a": {"N": "1"}, "b": {"NULL": True}}}, False),
        ({"B": b"AA=="}, {"S": "AA=="}, False),
        ({"NULL": True}, {"BOOL": True}, False),
    ],
)
def test_values_are_equal_as_dynamodb_holds_them(
    *, attribute: dict[str, Any], other: dict[str, Any], equal: bool
) -> None:
    assert (canonical(attribute) == canonical(other)) is equal
    assert same({"x": attribute}, {"x": other}) is equal


@pytest.mark.parametrize(
    ("attribute", "value"),
    [
        ({"N": "1.0"}, ("N", Decimal(1))),
        ({"NS": ["1.0", "2"]}, ("NS", frozenset({Decimal(1), Decimal(2)}))),
        ({"SS": ["a", "b"]}, ("SS", frozenset({"a", "b"}))),
        ({"BS": [b"a"]}, ("BS", frozenset({b"a"}))),
        ({"L": [{"S": "a"}, {"N": "1"}]}, ("L", (("S", "a"), ("N", Decimal(1))))),
        ({"M": {"a": {"N": "1"}}}, ("M", frozenset({("a", ("N", Decimal(1)))}))),
        ({"S": "a"}, ("S", "a")),
    ],
)
def test_a_value_is_compared_with_its_kind_and_each_of_its_parts(attribute: dict[str, Any], value: object) -> None:
    assert canonical(attribute) == value


def test_a_condition_names_what_must_be_there_and_what_must_be_missing() -> None:
    assert unchanged(item("k", a=1, b=2), KEY, ["b"], ["c"]) == Expression(
        "attribute_exists(#0) AND attribute_not_exists(#1) AND #2=:0 AND #3=:1",
        {"#0": "id", "#1": "c", "#2": "b", "#3": "a"},
        {":0": {"N": "2"}, ":1": {"N": "1"}},
        "",
    )


def test_an_update_names_what_it_sets_and_what_it_removes() -> None:
    assert changed(item("k", a=1, b=2, c=3), item("k", a=1, b=5, d=4), KEY, ["a"]) == Expression(
        "attribute_exists(#3) AND attribute_not_exists(#1) AND #0=:2 AND #2=:3 AND #4=:4",
        {"#0": "b", "#1": "d", "#2": "c", "#3": "id", "#4": "a"},
        {":0": {"N": "5"}, ":1": {"N": "4"}, ":2": {"N": "2"}, ":3": {"N": "3"}, ":4": {"N": "1"}},
        "SET #0=:0,#1=:1 REMOVE #2",
    )


def of_attributes(count: int, value: int, name_bytes: int = 1) -> Item:
    return item("k", **{f"{number:0{name_bytes}}": value for number in range(count)})


def test_as_many_attributes_are_conditioned_as_an_expression_has_room_for() -> None:
    """One operator for the key, one for each attribute and one for each AND between them."""
    fits, beyond = of_attributes(149, 0), of_attributes(150, 0)

    assert operators(unchanged(fits, KEY).condition) == 299
    assert len(unchanged(fits, KEY).values) == 149
    assert len(unchanged(beyond, KEY).values) == 149
    assert changed(fits, of_attributes(149, 1), KEY) is not None
    assert changed(beyond, of_attributes(150, 1), KEY) is None


def test_the_length_of_a_condition_bounds_it_too(monkeypatch: pytest.MonkeyPatch) -> None:
    text = unchanged(of_attributes(20, 0), KEY).condition
    for more, values in ((0, 20), (-1, 19)):
        monkeypatch.setattr(conditions, "MOST_BYTES", len(text) + more)
        assert len(unchanged(of_attributes(20, 0), KEY).values) == values


@pytest.mark.parametrize(("most", "values"), [(5, 2), (4, 1)])
def test_the_operators_of_a_condition_are_counted_each(monkeypatch: pytest.MonkeyPatch, most: int, values: int) -> None:
    monkeypatch.setattr(conditions, "MOST_OPERATORS", most)

    assert len(unchanged(of_attributes(20, 0), KEY).values) == values


@pytest.mark.parametrize(("most", "values"), [(29, 1), (28, 0)])
def test_the_bytes_of_names_values_and_placeholders_are_counted_each(
    monkeypatch: pytest.MonkeyPatch, most: int, values: int
) -> None:
    """The key's name in quotes and `#0` have 6 bytes, `{"é": {"S": "é"}}` in UTF-8 with `#1` and `:0` has 23."""
    monkeypatch.setattr(conditions, "MOST_VALUE_BYTES", most)

    assert len(unchanged(item("k", é="é"), KEY).values) == values


def test_the_limits_are_those_that_dynamodb_documents() -> None:
    assert (MOST_BYTES, MOST_OPERATORS, MOST_VALUE_BYTES) == (4096, 300, 2_097_152)


@pytest.mark.parametrize(
    ("was", "new", "fits"),
    [
        (of_attributes(149, 0), item("k"), True),
        (of_attributes(150, 0), item("k"), False),
        (item("k"), of_attributes(130, 0), True),
        (item("k"), of_attributes(140, 0), False),  # 4 KB of attribute_not_exists
    ],
    ids=["removed", "too-many-removed", "added", "too-many-added"],
)
def test_an_update_writes_no_attribute_that_its_condition_has_no_room_for(*, was: Item, new: Item, fits: bool) -> None:
    expression = changed(was, new, KEY)

    assert (expression is not None) == fits
    assert expression is None or same(updated(expression, was), new)


def test_a_removed_attribute_of_a_large_item_comes_before_all_that_stays() -> None:
    was = of_attributes(300, 0)
    expression = changed(was, {name: value for name, value in was.items() if name != "299"}, KEY)

    assert expression is not None
    assert holds(expression, was)
    assert not holds(expression, {**was, "299": {"N": "7"}})


def test_what_is_added_and_removed_counts_too() -> None:
    was, new = of_attributes(60, 0), item("k", **{f"new{number}": 1 for number in range(60)})
    expression = changed(was, new, KEY)

    assert expression is not None
    held_to_the_limits(expression)
    assert same(updated(expression, was), new)
    many = item("k", **{f"new{number}": 1 for number in range(140)})
    assert changed(was, many, KEY) is None


def test_what_differs_and_what_changes_with_each_write_comes_before_all_else() -> None:
    was = of_attributes(300, 0)
    new = {**was, "299": {"N": "1"}, "added": {"S": "x"}}
    expression = changed(was, new, KEY, ["298", "297", "missing"])

    assert expression is not None
    held_to_the_limits(expression)
    compared = re.findall(r"(#\w+)=", expression.condition)
    assert [expression.names[name] for name in compared[:5]] == ["299", "298", "297", "0", "1"]
    assert not holds(expression, {**was, "297": {"N": "7"}})
    assert not holds(expression, {**was, "added": {"N": "7"}})
    assert same(updated(expression, was), new)


def test_values_of_more_than_two_megabytes_are_left_out() -> None:
    large = {"S": "a" * (MOST_VALUE_BYTES // 3)}
    was = item("k", one=large, two=large, three=large, small=1)

    kept = unchanged(was, KEY)

    assert {kept.names[name] for name in re.findall(r"(#\w+)=", kept.condition)} == {"one", "two", "small"}
    small = item("k", one=1, two=2, three=3)
    assert changed(was, small, KEY) is None
    assert changed(small, item("k", one=large, two=large, three=large), KEY) is None


def test_an_item_is_absent_where_its_partition_key_is() -> None:
    assert absent(("pk", "sk")) == Expression("attribute_not_exists(#0)", {"#0": "pk"}, {}, "")


def test_a_foreign_change_of_a_large_items_attribute_that_nothing_names_is_left_alone() -> None:
    """Beyond what an expression holds, an update still writes only what differs."""
    was = of_attributes(300, 0)
    table = MemoryTable({"k": {**was, "250": {"N": "7"}}})

    answer = writer(table, MemoryStore([put({**was, "299": {"N": "1"}}, was)])).apply(replace(ORDER))

    assert answer[CONFLICT] == 1
    assert answer[APPLIED] == 0
    assert table.items["k"]["250"] == {"N": "7"}
