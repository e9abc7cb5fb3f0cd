"""Fingerprints and terms are equal for equal items only, from either side."""

from __future__ import annotations

import itertools
import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.unit.java.functions import Plan

if TYPE_CHECKING:
    from tests.unit.java.functions import Functions

LONG, LONGER = "x" * 64, "x" * 200
VALUES: list[tuple[str, str, list[Any]]] = [
    ("S", "string", [None, "", "a", "b", "ab", LONG, LONG[:-1], LONG[:-1] + "y", LONGER, LONGER + "x"]),
    ("N", "string", [None, "0", "1", "-1", "10", "0.1", "NaN"]),
    ("BOOL", "boolean", [None, True, False]),
    ("SS", "array<string>", [None, ["a"], ["b"], ["a", "b"], ["a,b"], ['a","b']]),
    ("L", "array<string>", [None, [], ["a"], ["a", "a"], ["b", "a"], ["a", "b"], [None]]),
    ("DOCUMENT", "string", [None, "{}", '{"a":1}', '{"a":"1"}', '{"a":[]}', '{"a":{}}', '{"a":null}', '{"b":1}', '{"a":1,"b":1}', '{"a":true}', '{"a":"true"}']),
]  # fmt: skip
ALIKE: list[tuple[str, str, list[Any]]] = [
    ("N", "string", ["1", "1.0", "1e0", "+1", "10e-1"]),
    ("SS", "array<string>", [["a", "b"], ["b", "a"], ["a", "b", "a"]]),
    ("DOCUMENT", "string", ['{"a":1,"b":[1.0]}', ' {"b" : [1e0],"a":1.0}']),
    ("SS", "array<string>", [None, []]),
    ("EPOCH_SECONDS", "timestamp", ["2027-01-01T00:00:00Z", "2027-01-01T00:00:00.9Z"]),
]
FUNCTIONS = ("source_marks", "source_term")


def plan_of(kind: str, sql_type: str, **roles: Any) -> Plan:
    return Plan({"id": ("string", "S"), "x": (sql_type, kind), "y": (sql_type, kind)}, key=("id",), **roles)


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize(("kind", "sql_type", "values"), VALUES)
def test_two_items_that_differ_stand_for_different_things(
    functions: Functions, name: str, kind: str, sql_type: str, values: list[Any]
) -> None:
    rows = [["k", *pair] for pair in itertools.product(values, repeat=2)]

    texts = [json.dumps(marks) for marks in functions.of_rows(name, plan_of(kind, sql_type), *rows)]

    assert len(set(texts)) == len(rows)


@pytest.mark.parametrize("name", [*FUNCTIONS, "row_hash", "source_texts"])
@pytest.mark.parametrize(("kind", "sql_type", "values"), ALIKE)
def test_two_items_that_mean_the_same_stand_for_the_same(
    functions: Functions, name: str, kind: str, sql_type: str, values: list[Any]
) -> None:
    results = functions.of_rows(name, plan_of(kind, sql_type), *[["k", value, value] for value in values])

    assert [result for result in results if result != results[0]] == []


KEYS = Plan({"a": ("string", "S"), "b": ("string", "N"), "x": ("string", "S")}, key=("a", "b"))


def test_items_of_one_key_have_one_key_and_others_another(functions: Functions) -> None:
    keys = [["a", "1"], ["a", "2"], ["b", "1"], ["a1", "1"], ["", "1"], ["a" * 70, "1"], ["a" * 71, "1"]]
    rows = [[*key, rest] for key in keys for rest in ("x", "y", None)]

    marks = functions.of_rows("source_marks", KEYS, *rows)
    terms = functions.of_rows("source_term", KEYS, *rows)

    assert len({tuple(row[:2]) for row in marks}) == len({row[0] for row in terms}) == len(keys)
    assert [row[0] for row in marks] == [row[0] for row in terms]
    assert functions.of_rows("source_key", KEYS, *rows) == [row[:2] for row in terms]
    same = functions.of_rows("source_marks", KEYS, ["a", "1.0", "x"])
    assert same == marks[:1]
    alone = Plan({"a": ("string", "S"), "b": ("string", "N")})
    hashes = functions.of_rows("row_hash", alone, *keys)
    seeded = [row[:1] for row in hashes]
    assert len({tuple(row) for row in seeded}) == len(keys)


def test_the_parts_of_a_key_are_not_taken_for_one_another(functions: Functions) -> None:
    plan = Plan({"a": ("string", "S"), "b": ("string", "S")}, key=("a", "b"))
    rows = [["ab", "c"], ["a", "bc"], ["abc", ""], ["", "abc"], ["a", None], [None, "a"]]

    for name in ("source_marks", "source_term", "row_hash"):
        assert (
            len(
                {
                    json.dumps(result[:2] if name != "source_term" else result[0])
                    for result in functions.of_rows(name, plan, *rows)
                }
            )
            == 6
        )


def test_a_terms_numbers_follow_the_seed_and_its_key_does_not(functions: Functions) -> None:
    (term,), (reseeded,) = (
        functions.of_rows("source_term", plan_of("S", "string", seed=seed), ["k", "a", "b"]) for seed in (1, 2)
    )

    assert term[0] == reseeded[0]
    assert term[2:] != reseeded[2:]


@pytest.mark.parametrize(
    ("text", "expires"),
    [
        ("100", 100),
        ("1e2", 100),
        ("-5", -5),
        ("1.5", None),
        (None, None),
        ("NaN", None),
        ("9" * 19, None),
        ("99.0", 99),
    ],
)
def test_an_item_may_expire_at_the_whole_second_that_its_time_to_live_says(
    functions: Functions, text: str | None, expires: int | None
) -> None:
    plan = Plan({"id": ("string", "S"), "until": ("string", "N")}, key=("id",), ttl="until")
    line = json.dumps({"Item": {"id": {"S": "k"}, **({"until": {"N": text}} if text else {})}})

    assert functions.of_rows("source_key", plan, ["k", text])[0][1] == expires
    assert functions.of_rows("source_term", plan, ["k", text])[0][1] == expires
    assert functions.of_lines("export_key", plan, line)[0][1] == expires
    without = Plan(plan.columns, key=("id",))
    assert functions.of_rows("source_term", without, ["k", text])[0][1] is None


LOOSE = Plan(
    {name: ("string", kind) for name, kind in (("id", "S"), ("a", "S"), ("n", "N"), ("b", "S"), ("m", "N"), ("skip", "S"))},
    key=("id",), loose=("n", "m"), excluded=("skip",),
)  # fmt: skip
EXACT = 3  # id, a and b
ROW = ["k", "a", "10", "b", "20", "s"]


def difference(functions: Functions, source: Any, target: Any, exact: int, tolerances: list[float]) -> Any:
    """Return the comparison's result for two items' marks, called as its SQL does."""
    differs = [a ^ b for a, b in zip(source[3], target[3], strict=True)]
    both = [number for pair in zip(source[4], target[4], strict=True) for number in pair]
    row = [source[2] ^ target[2], *differs, *both]
    types = ",".join(f"c{n}:{'bigint' if n <= len(differs) else 'double'}" for n in range(len(row)))
    (result,) = functions.call(
        "difference", f"r struct<{types}>, e int, t array<double>", [row, exact, [float(t) for t in tolerances]]
    )
    return result


@pytest.mark.parametrize(
    ("changes", "changed", "marks"),
    [
        ({}, False, []),
        ({"a": "z"}, True, [1]),
        ({"b": "z"}, True, [2]),
        ({"a": "z", "b": "z"}, True, [1, 2]),
        ({"a": None}, True, [1]),
        ({"n": "10.5"}, False, [6]),
        ({"n": "9.5"}, False, [6]),
        ({"n": "10.51"}, True, [4]),
        ({"n": "9.4"}, True, [4]),
        ({"m": "22"}, False, [7]),
        ({"m": "22.1"}, True, [5]),
        ({"n": "11", "m": "21"}, True, [4, 7]),
        ({"n": None}, True, [4]),
        ({"n": "NaN"}, True, [4]),
        ({"skip": "z"}, False, [8]),
        ({"skip": None, "a": "z"}, True, [1, 8]),
        ({"skip": "z", "n": "10.1", "m": "30"}, True, [6, 5, 8]),
    ],
)
def test_a_difference_is_told_by_its_attribute_and_hidden_by_its_tolerance_alone(
    functions: Functions, changes: dict[str, str | None], *, changed: bool, marks: list[int]
) -> None:
    other = [changes.get(name, value) for name, value in zip(LOOSE.columns, ROW, strict=True)]
    source, target = functions.of_rows("source_marks", LOOSE, ROW, other)

    result = difference(functions, source, target, EXACT + 1, [0.5, 2])

    assert result == [changed, marks]


def test_an_attribute_that_no_source_has_is_a_difference(functions: Functions) -> None:
    item = {"id": {"S": "k"}, "a": {"S": "a"}}
    plan = Plan({"id": ("string", "S"), "a": ("string", "S")}, key=("id",))
    (source,) = functions.of_rows("source_marks", plan, ["k", "a"])
    same, more = functions.of_lines(
        "export_marks", plan, json.dumps({"Item": item}), json.dumps({"Item": {**item, "new": {"S": "x"}}})
    )

    assert same == source
    assert more[:2] == source[:2]
    assert difference(functions, source, more, 3, []) == [True, [2]]
    terms = functions.of_lines(
        "export_term", plan, *[json.dumps({"Item": {**item, **x}}) for x in ({}, {"new": {"S": "x"}})]
    )
    assert terms[0][2:] != terms[1][2:]


def test_all_exact_attributes_are_named_where_only_the_whole_differs(functions: Functions) -> None:
    (marks,) = functions.of_rows("source_marks", LOOSE, ROW)
    collided = [*marks[:2], marks[2] ^ 1, *marks[3:]]

    assert difference(functions, marks, collided, EXACT + 1, [0.5, 2]) == [True, [0, 1, 2, 3]]


def test_numbers_with_a_tolerance_are_told_as_doubles(functions: Functions) -> None:
    marks = functions.of_rows(
        "source_marks", LOOSE, ROW, ["k", "a", None, "b", "NaN", "s"], ["k", "a", "-1.5", "b", "1e3", "s"]
    )

    assert [row[4] for row in marks] == [[10.0, 20.0], ["NaN", "NaN"], [-1.5, 1000.0]]


LINES = Plan({"id": ("string", "S"), "n": ("string", "N"), "f": ("boolean", "BOOL"), "b": ("binary", "B"), "s": ("array<string>", "SS"), "t": ("array<string>", "NS"), "l": ("array<string>", "L"), "d": ("string", "DOCUMENT")}, key=("id",))  # fmt: skip
NONE = [None] * 8


def texts(**by_name: str) -> list[str | None]:
    return [by_name.get(name) for name in LINES.columns]


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ('"id":{"S":"k"}', texts(id="k")),
        ('"id":{"N":"1"}', NONE),
        ('"id":{"NULL":true}', NONE),
        ('"id":{"S":"k"},"n":{"N":"1.50"}', texts(id="k", n="1.5")),
        ('"n":{"N":1}', NONE),
        ('"n":{"N":"x"}', NONE),
        ('"n":{"S":"1"}', NONE),
        ('"f":{"BOOL":true}', texts(f="true")),
        ('"f":{"BOOL":false}', texts(f="false")),
        ('"f":{"BOOL":"true"}', NONE),
        ('"f":{"BOOL":null}', NONE),
        ('"b":{"B":"AP8="}', texts(b="00FF")),
        ('"b":{"B":"*"}', NONE),
        ('"s":{"SS":["b","a"]}', texts(s='["a","b"]')),
        ('"s":{"SS":["a","a"]}', texts(s='["a","a"]')),
        ('"s":{"SS":[1]}', NONE),
        ('"s":{"SS":{"a":"b"}}', NONE),
        ('"s":{"NS":["1"]}', NONE),
        ('"s":{"SS":"a"}', NONE),
        ('"t":{"NS":["2.0","10"]}', texts(t='["10","2"]')),
        ('"t":{"NS":["x"]}', NONE),
        ('"t":{"SS":["1"]}', NONE),
        ('"l":{"L":[{"S":"a"},{"N":"1.0"},{"BOOL":true},{"NULL":true},{"M":{"a":{"L":[]}}}]}', texts(l='[S:"a",N:1,BOOL:"true",NULL:"true",{"a":[]}]')),
        ('"l":{"L":[{"S":1}]}', NONE),
        ('"l":{"L":[{"N":1}]}', NONE),
        ('"l":{"L":[{"N":"x"}]}', NONE),
        ('"l":{"L":[{"BOOL":"true"}]}', NONE),
        ('"l":{"L":[{"NULL":false}]}', NONE),
        ('"l":{"L":[{"NULL":"true"}]}', NONE),
        ('"l":{"L":[{"S":"a","N":"1"}]}', NONE),
        ('"l":{"L":["a"]}', NONE),
        ('"l":{"L":[{}]}', NONE),
        ('"l":{"L":[{"B":"AA=="}]}', NONE),
        ('"l":{"L":{"a":{"S":"b"}}}', NONE),
        ('"l":{"L":[{"L":{"a":1}}]}', NONE),
        ('"l":{"L":[{"M":[]}]}', NONE),
        ('"d":{"M":{"b":{"S":"x"},"a":{"M":{}}}}', texts(d='{"a":{},"b":S:"x"}')),
        ('"d":{"M":{"a":"x"}}', NONE),
        ('"d":{"M":[]}', NONE),
        ('"d":{"S":"{}"}', NONE),
        ('"d":{"L":[]}', NONE),
        ('"id":{"S":"k"},"zz":{"S":"x"}', texts(id="k")),
    ],
)  # fmt: skip
def test_an_attribute_of_a_line_is_told_if_it_is_of_its_kind(
    functions: Functions, attributes: str, expected: list[str | None]
) -> None:
    assert functions.of_lines("export_texts", LINES, f'{{"Item":{{{attributes}}}}}') == [expected]


NO_ITEMS = [
    "", "{}", "[]", "x", '{"Item":{}}', '{"Item":[]}', '{"item":{"id":{"S":"k"}}}', '{"Item":{"id":{"S":"k"}}',
    '{"Item":{"id":{"S":"k"}}} x', '{"Item":{"id":{"S":"k"}}} {}', '{"Item":{"id":{"S":"k"}},"x":1}',
    '{"Item":{"id":"k"}}', '{"Item":{"id":{}}}', '{"Item":{"id":{"S":"k","N":"1"}}}',
    '{"Item":{"id":{"S":"k"},"id":{"S":"k"}}}', '{"Item":{"zz":{"S":"k"},"zz":{"S":"k"}}}', '{"Item":{"zz":{}}}',
    '{"Item":{"zz":"k"}}', '{"Item":{"zz":{"S":"k","N":"1"}}}', '{"Item":{"d":{"M":{"a":{"S":"x"},"a":{"S":"x"}}}}}',
    '{"Metadata":1,"Item":{"id":{"S":"k"}}}', '{"Item":{"id":{"S":"k"}}}}',
]  # fmt: skip


@pytest.mark.parametrize("line", NO_ITEMS)
def test_a_line_that_is_not_one_item_alone_is_none(functions: Functions, line: str) -> None:
    for name in ("export_texts", "export_marks", "export_term"):
        assert functions.of_lines(name, LINES, line) == [None], name


def test_a_line_after_one_that_is_none_is_read_as_if_it_were_the_first(functions: Functions) -> None:
    good = '{"Item":{"id":{"S":"k"}}}'
    bad = [
        '{"Item":{"id":{"S":"long"},"n":{"N":"1"},"zz":{"S":"k"},"zz":{}}}',
        '{"Item":{"id":{"S":"kk"},"new":{"S":"x"}}}',
    ]

    for name in ("export_texts", "export_marks", "export_term", "export_key"):
        results = functions.of_lines(name, LINES, good, *bad, good)
        assert results[0] == results[3], name
    rows = functions.of_rows("source_texts", KEYS, ["a", "1", "x"], [None, None, None], ["a", "NaN", None])
    assert rows == [["a", "1", "x"], [None] * 3, ["a", None, None]]


@pytest.mark.parametrize(
    ("line", "is_read"),
    [
        ('{"Item":{"id":{"S":"k"}}}', True),
        ('{"Item":{"id":{"S":"k"},"until":{"N":"5"},"x":{"S":"a"},broken', True),
        ('{"Item":{"x":{"S":"a"},"until":{"N":"5"},"id":{"S":"k"}}}', True),
        ('{"Item":{"x":"a","id":{"S":"k"}}}', False),
        ('{"Item":{"id":{"S":"k","N":"1"}}}', False),
        ('{"Item":{"id":"k"}}', False),
        ('{"Item":{"id":{"S":"k"},"x":{"S":', False),
        ('{"item":{"id":{"S":"k"}}}', False),
        ("x", False),
        ("[]", False),
    ],
)
def test_a_key_is_read_as_far_as_it_is_needed(functions: Functions, line: str, *, is_read: bool) -> None:
    plan = Plan({"id": ("string", "S"), "until": ("string", "N"), "x": ("string", "S")}, key=("id",), ttl="until")
    (of_line,) = functions.of_lines("export_key", plan, line)

    assert (of_line is not None) is is_read
    if is_read:
        (of_row,) = functions.of_rows("source_key", plan, ["k", "5" if "until" in line else None, None])
        assert of_line == of_row


def test_a_line_is_shown_as_it_says_its_attributes(functions: Functions) -> None:
    plan = Plan({"id": ("string", "S"), "l": ("array<string>", "L"), "x": ("string", "S")}, key=("id",))
    lines = [
        '{"Item":{"id":{"S":"k"},"l":{"L":[{"S":"a"}]},"b":{"S":"1"},"a":{"S":"1"}}}',
        '{"Item":{"id":{"N":"1.0"},"x":{}}}',
        "no JSON",
    ]

    assert functions.of_lines("export_raw", plan, *lines) == [
        ["S:k", 'L:[{"S":"a"}]', None, "a,b"], ["N:1.0", None, None, None], [None] * 4,
    ]  # fmt: skip


def test_a_time_to_live_may_be_the_first_attribute(functions: Functions) -> None:
    plan = Plan({"until": ("string", "N"), "id": ("string", "S")}, key=("id",), ttl="until")

    assert functions.of_rows("source_key", plan, ["100", "k"])[0][1] == 100
    assert functions.of_rows("source_term", plan, ["100", "k"])[0][1] == 100


def test_a_set_with_an_entry_that_no_item_holds_is_told_as_none(functions: Functions) -> None:
    for kind, entries in (("SS", ["a", None]), ("NS", ["1", None]), ("NS", ["1", "x"])):
        assert functions.of_rows("source_texts", Plan({"x": ("array<string>", kind)}), [entries]) == [[None]], kind
