"""A result column is followed to the one column of an extract behind it, or it counts as unknown."""

from __future__ import annotations

import pytest

from tests.unit.catalog.rates import COUNTED, EXTRACTS, messages, traced

KEY = {"partition": {"name": "k", "type": "S"}}
UNION = "UNION multiplies rows of rate: read it in one branch"
UNRESOLVED = "returns columns that cannot be resolved: name them instead of writing *"


def refusal(reason: str) -> str:
    return f"different source rows may mean one key: {reason}; or accept this with accept_collisions: true"


def unknown(column: str) -> str:
    return refusal(f"{column} cannot be followed to a column of an extract")


COLUMNS = ["_cluster", *EXTRACTS["rate"]["columns"]]
BRANCHES = "SELECT _cluster, lower(room) AS k FROM rate UNION ALL SELECT _cluster, room AS {} FROM rate"


@pytest.mark.parametrize(
    ("select", "reasons"),
    [
        (
            (f"SELECT {COUNTED}, rate.room AS k FROM "
            "(SELECT _cluster, plan_code AS room, lower(room) AS x FROM rate) AS rate(_cluster, x, room)"),
            [unknown("rate.room")],
        ),
        (
            f"SELECT {COUNTED}, rate.room AS k FROM rate AS rate({', '.join(reversed(COLUMNS))})",
            [unknown("rate.room")],
        ),
        (f"SELECT u._cluster AS _cluster, u.k AS k FROM ({BRANCHES.format('other')}) AS u", [
            refusal("its value comes from a subquery, a set operation or a table function"), UNION
        ]),
        (
            f"SELECT {COUNTED}, lower(rate.room) AS k FROM rate EXCEPT SELECT {COUNTED}, rate.room AS k FROM rate",
            [refusal("LOWER(rate.room) can map two values to one")],
        ),
        (f"SELECT {COUNTED}, rate.plan_code AS k FROM rate PIVOT (max(id) FOR room IN ('a', 'b')) AS rate", [
            unknown("rate.plan_code")
        ]),
    ],
)  # fmt: skip
def test_a_key_is_not_followed_through_what_renames_or_mixes_columns(select: str, reasons: list[str]) -> None:
    assert messages(select, key=KEY, max_filtered=1) == reasons


def test_one_name_in_two_queries_may_mean_two_relations() -> None:
    inner = "SELECT s._cluster, s.room AS k FROM rate AS s"

    assert messages(f"SELECT s._cluster AS _cluster, s.k AS k FROM ({inner}) AS s", key=KEY) == []


def test_a_key_from_a_list_is_not_followed_to_the_list() -> None:
    select = f"SELECT {COUNTED}, t.label AS k FROM rate LATERAL VIEW OUTER explode(labels) t AS label"

    assert messages(select, key=KEY) == [
        refusal("its value comes from a subquery, a set operation or a table function"),
        "LATERAL VIEW explode multiplies rows of rate: return the list as one attribute",
    ]


def test_columns_of_one_name_of_two_extracts_are_not_one_column() -> None:
    branches = "SELECT _cluster, plan_code AS k FROM rate UNION ALL SELECT plan._cluster, plan.plan_code FROM plan"

    assert refusal("its value comes from a subquery, a set operation or a table function") in messages(
        f"SELECT u._cluster AS _cluster, u.k AS k FROM ({branches}) AS u", key=KEY, max_filtered=1
    )


@pytest.mark.parametrize(
    "query",
    [
        f"{BRANCHES.format('k')} UNION ALL SELECT * EXCEPT (id) FROM rate",
        f"SELECT * EXCEPT (id) FROM rate UNION ALL {BRANCHES.format('k')}",
    ],
)
def test_a_star_of_a_union_with_an_unknown_branch_is_unknown(query: str) -> None:
    assert UNRESOLVED in messages(f"SELECT * FROM ({query}) AS u", key=KEY, max_filtered=1)


def test_a_star_of_a_union_whose_columns_are_renamed_is_unknown() -> None:
    select = f"SELECT * FROM ({BRANCHES.format('k')}) AS u(_cluster, k)"

    assert UNRESOLVED in messages(select, key=KEY, max_filtered=1)


@pytest.mark.parametrize("change", ["EXCEPT (room)", "REPLACE (lower(room) AS room)", "RENAME (room AS k)"])
def test_a_star_that_changes_columns_is_unknown(change: str) -> None:
    assert UNRESOLVED in messages(f"SELECT * {change} FROM rate")
    assert UNRESOLVED in messages(f"SELECT rate.* {change} FROM rate")


def test_a_union_of_unequal_branches_is_left_to_spark() -> None:
    select = f"SELECT {COUNTED}, rate.room AS k FROM rate UNION ALL SELECT {COUNTED} FROM rate"

    assert messages(select, key=KEY, max_filtered=1) == [UNION]


def test_the_cluster_of_a_row_is_a_column_of_text() -> None:
    assert messages("SELECT * FROM rate") == []
    assert messages("SELECT rate.*, rate._cluster AS k FROM rate", key=KEY) == []


def test_the_columns_of_a_key_are_named_in_the_order_of_its_expression() -> None:
    expression = "concat(concat(rate.id, '#', hex(rate.room)), '#', rate.property_id)"
    row = "rate._source_row AS _source_row, struct(rate.id, rate.room, rate.property_id) AS _source_key"

    assert traced(f"SELECT {COUNTED}, {expression} AS k FROM rate", key=KEY) == (
        f"SELECT {row}, {COUNTED}, {expression} AS k FROM rate"
    )
