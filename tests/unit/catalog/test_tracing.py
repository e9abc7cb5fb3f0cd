"""A traced select also returns the driving row and the key's source columns."""

from __future__ import annotations

import pytest
import sqlglot

from catalog.tracing import Tracer
from tests.unit.catalog.rates import COUNTED, PLAN, table, traced

ROW = "rate._source_row AS _source_row"
KEY = "struct(rate.id) AS _source_key"
TRACED = {
    f"SELECT {COUNTED}, rate.id AS id FROM rate": f"SELECT {ROW}, {KEY}, {COUNTED}, rate.id AS id FROM rate",
    "SELECT r._cluster AS _cluster, r.id AS id FROM rate AS r": (
        "SELECT r._source_row AS _source_row, struct(r.id) AS _source_key, r._cluster AS _cluster, r.id AS id "
        "FROM rate AS r"
    ),
    "SELECT `r s`._cluster AS _cluster, `r s`.id AS id FROM rate AS `r s`": (
        "SELECT `r s`._source_row AS _source_row, struct(`r s`.id) AS _source_key, "
        "`r s`._cluster AS _cluster, `r s`.id AS id FROM rate AS `r s`"
    ),
    "select  -- what is sold\n  _cluster, id FROM rate": (
        f"select {ROW}, {KEY},  -- what is sold\n  _cluster, id FROM rate"
    ),
    f"SELECT '🏨 SELECT' AS word, {COUNTED}, rate.id AS id FROM rate": (
        f"SELECT {ROW}, {KEY}, '🏨 SELECT' AS word, {COUNTED}, rate.id AS id FROM rate"
    ),
    f"SELECT /*+ BROADCAST(plan) */ {COUNTED}, {PLAN}, rate.id AS id FROM rate LEFT JOIN plan USING (plan_code)": (
        f"SELECT /*+ BROADCAST(plan) */ {ROW}, {KEY}, {COUNTED}, {PLAN}, rate.id AS id FROM rate "
        "LEFT JOIN plan USING (plan_code)"
    ),
    f"SELECT ALL {COUNTED}, rate.id AS id FROM rate": f"SELECT ALL {ROW}, {KEY}, {COUNTED}, rate.id AS id FROM rate",
    f"SELECT {COUNTED}, (SELECT max(x.id) FROM rate AS x) AS most, rate.id AS id FROM rate": (
        f"SELECT {ROW}, {KEY}, {COUNTED}, (SELECT max(x.id) FROM rate AS x) AS most, rate.id AS id FROM rate"
    ),
    "(SELECT _cluster, id FROM rate)": f"(SELECT {ROW}, {KEY}, _cluster, id FROM rate)",
    "SELECT * FROM rate": f"SELECT {KEY}, * FROM rate",
    f"SELECT rate.*, {PLAN} FROM rate LEFT JOIN plan ON plan.plan_code = rate.plan_code": (
        f"SELECT {KEY}, rate.*, {PLAN} FROM rate LEFT JOIN plan ON plan.plan_code = rate.plan_code"
    ),
    "WITH n AS (SELECT *, rank() OVER (ORDER BY id) AS r FROM rate) SELECT n._cluster AS _cluster, n.id AS id FROM n": (
        f"WITH n AS (SELECT {KEY}, *, rank() OVER (ORDER BY id) AS r FROM rate) "
        "SELECT n._source_row AS _source_row, n._source_key AS _source_key, n._cluster AS _cluster, n.id AS id FROM n"
    ),
    "SELECT s._cluster AS _cluster, s.id AS id FROM (SELECT _cluster, id + 1 AS id FROM rate AS r) AS s": (
        "SELECT s._source_row AS _source_row, s._source_key AS _source_key, s._cluster AS _cluster, s.id AS id FROM "
        "(SELECT r._source_row AS _source_row, struct(r.id) AS _source_key, _cluster, id + 1 AS id FROM rate AS r) AS s"
    ),
    "SELECT * FROM (SELECT _cluster, id FROM rate)  AS s": (
        f"SELECT * FROM (SELECT {ROW}, {KEY}, _cluster, id FROM rate)  AS s"
    ),
    f"SELECT {COUNTED}, rate.id AS id FROM rate LEFT JOIN rate AS next ON next.id = rate.id + 1": (
        f"SELECT {ROW}, {KEY}, {COUNTED}, rate.id AS id FROM rate LEFT JOIN rate AS next ON next.id = rate.id + 1"
    ),
    "SELECT _cluster, id FROM rate WHERE flag UNION ALL SELECT _cluster, id FROM rate AS r WHERE NOT flag": (
        f"SELECT {ROW}, {KEY}, _cluster, id FROM rate WHERE flag UNION ALL "
        "SELECT r._source_row AS _source_row, struct(r.id) AS _source_key, _cluster, id FROM rate AS r WHERE NOT flag"
    ),
    f"SELECT {COUNTED}, label AS id FROM rate LATERAL VIEW explode(labels) AS label": (
        f"SELECT {ROW}, {COUNTED}, label AS id FROM rate LATERAL VIEW explode(labels) AS label"
    ),
    f"SELECT {COUNTED}, {PLAN}, (plan.name) AS id FROM rate LEFT JOIN plan ON plan.plan_code = rate.plan_code": (
        f"SELECT {ROW}, struct(plan.name) AS _source_key, {COUNTED}, {PLAN}, (plan.name) AS id FROM rate "
        "LEFT JOIN plan ON plan.plan_code = rate.plan_code"
    ),
}
TRACED["SELECT r._cluster AS _cluster, r.id AS id FROM rate AS r LEFT SEMI JOIN rate AS s ON s.id = r.id"] = (
    "SELECT r._source_row AS _source_row, struct(r.id) AS _source_key, r._cluster AS _cluster, r.id AS id "
    "FROM rate AS r LEFT SEMI JOIN rate AS s ON s.id = r.id"
)
ON = "plan.plan_code = rate.plan_code"
TRACED |= {
    f"SELECT {COUNTED}, {PLAN}, rate.id AS id FROM (rate LEFT JOIN plan ON {ON})": (
        f"SELECT {ROW}, {KEY}, {COUNTED}, {PLAN}, rate.id AS id FROM (rate LEFT JOIN plan ON {ON})"
    ),
    f"SELECT {COUNTED}, rate.id AS id, plan.* FROM rate LEFT JOIN plan ON {ON}": (
        f"SELECT {ROW}, {KEY}, {COUNTED}, rate.id AS id, plan.* FROM rate LEFT JOIN plan ON {ON}"
    ),
    "SELECT _cluster, id, plan_code AS `a select b` FROM rate": (
        f"SELECT {ROW}, {KEY}, _cluster, id, plan_code AS `a select b` FROM rate"
    ),
    "SELECT _cluster, id FROM rate UNION ALL SELECT _cluster, l FROM rate LATERAL VIEW explode(labels) AS l": (
        f"SELECT {ROW}, _cluster, id FROM rate UNION ALL "
        f"SELECT {ROW}, _cluster, l FROM rate LATERAL VIEW explode(labels) AS l"
    ),
}
TRACED["SELECT*FROM rate"] = f"SELECT {KEY},*FROM rate"
TRACED[r"SELECT _cluster, id, 'it\'s select x' AS w FROM rate"] = (
    rf"SELECT {ROW}, {KEY}, _cluster, id, 'it\'s select x' AS w FROM rate"
)
NEXT = "rate LEFT JOIN rate AS next ON next.id = rate.id + 1"
UNTRACED = [
    f"SELECT DISTINCT {COUNTED}, rate.id AS id FROM rate",
    "SELECT max(rate._cluster) AS _cluster, rate.id AS id FROM rate GROUP BY rate.id",
    "SELECT max(rate._cluster) AS _cluster, max(rate.id) AS id FROM rate",
    "SELECT _cluster, id FROM (SELECT max(_cluster) AS _cluster, id FROM rate GROUP BY id) AS s",
    "SELECT _cluster, id FROM (SELECT DISTINCT _cluster, id FROM rate) AS s",
    "SELECT _cluster, id FROM rate UNION SELECT _cluster, id FROM rate",
    "SELECT * FROM rate WHERE flag UNION ALL SELECT * FROM rate WHERE NOT flag",
    "SELECT _cluster, id FROM rate UNION ALL SELECT 'c', 1",
    "SELECT _cluster, id FROM rate EXCEPT SELECT 'c', 1",
    "WITH n(_cluster, i) AS (SELECT _cluster, id FROM rate) SELECT _cluster, i AS id FROM n",
    "SELECT _cluster, i AS id FROM (SELECT _cluster, id FROM rate) AS n(_cluster, i)",
    "SELECT * FROM rate LEFT JOIN rate AS next ON next.id = rate.id + 1",
    "SELECT a._cluster, a.id FROM rate AS a JOIN rate AS b ON a.id = b.id",
    "WITH n AS (SELECT _cluster, id FROM rate) SELECT a._cluster, a.id FROM n AS a LEFT JOIN n AS b ON a.id = b.id",
    "SELECT * FROM rate WHERE flag UNION ALL SELECT _cluster, id FROM rate WHERE NOT flag",
    "SELECT _cluster, id FROM rate WHERE NOT flag UNION ALL SELECT * FROM rate WHERE flag",
    "SELECT _cluster, id FROM rate PIVOT (max(price) FOR room IN ('a', 'b')) AS rate",
    "SELECT r._cluster AS _cluster, r.id AS id FROM rate AS r(id, _cluster)",
    f"SELECT {COUNTED}, rate.id AS id FROM rate NATURAL LEFT JOIN plan",
    f"SELECT {COUNTED}, rate.id AS id FROM {NEXT} JOIN plan ON {ON}",
    f"SELECT {COUNTED}, rate.id AS id FROM {NEXT} LEFT SEMI JOIN plan ON {ON}",
    f"SELECT {COUNTED}, rate.id AS id FROM {NEXT} LEFT ANTI JOIN plan ON {ON}",
]


@pytest.mark.parametrize(("select", "text"), TRACED.items())
def test_the_driving_row_is_returned_beside_all_else(select: str, text: str) -> None:
    assert traced(select) == text
    sqlglot.parse_one(text, dialect="spark")


@pytest.mark.parametrize("select", UNTRACED)
def test_a_result_row_of_several_driving_rows_is_not_traced(select: str) -> None:
    assert traced(select) is None


def test_rows_of_a_group_are_not_traced() -> None:
    driving = {"extract": "rate", "cardinality": {"group by": ["id"]}}

    assert traced(f"SELECT {COUNTED}, rate.id AS id FROM rate", driving=driving) is None


def test_a_key_of_columns_from_two_queries_is_left_out() -> None:
    select = (
        f"SELECT s._cluster AS _cluster, concat(s.id, '#', plan.name) AS id, {PLAN} "
        "FROM (SELECT _cluster, id, plan_code FROM rate) AS s LEFT JOIN plan ON plan.plan_code = s.plan_code"
    )

    assert traced(select) == select.replace(
        "SELECT s._cluster", "SELECT s._source_row AS _source_row, s._cluster"
    ).replace("(SELECT ", "(SELECT rate._source_row AS _source_row, ")


@pytest.mark.parametrize(
    ("select", "plain"),
    [
        ("SELECT _cluster, id, lower(room) AS room, (night) AS theNight FROM rate", {"id": "id", "theNight": "night"}),
        (
            f"SELECT {COUNTED}, {PLAN}, rate.plan_code AS c, plan.plan_code AS p FROM rate LEFT JOIN plan ON true",
            {"c": "plan_code"},
        ),
        (
            f"SELECT {COUNTED}, rate.id AS id, next.id AS nextId FROM rate LEFT JOIN rate AS next ON next.id = rate.id",
            {"id": "id"},
        ),
        ("SELECT _cluster, n.i AS id FROM (SELECT _cluster, id AS i, 1 AS one FROM rate) AS n", {"id": "id"}),
        ("SELECT max(_cluster) AS _cluster, id, max(night) AS night FROM rate GROUP BY id", {"id": "id"}),
        (
            "SELECT _cluster, id, room AS a FROM rate WHERE flag UNION ALL SELECT _cluster, id, plan_code FROM rate",
            {"id": "id"},
        ),
        (
            (
                "SELECT rate._cluster AS _cluster, rate.id AS id, rate.room AS room FROM rate WHERE flag UNION ALL "
                "SELECT rate._cluster, rate.id, next.room FROM rate LEFT JOIN rate AS next ON next.id = rate.id"
            ),
            {"id": "id"},
        ),
        (
            (
                "SELECT u._cluster AS _cluster, u.room AS id FROM (SELECT _cluster, room FROM rate WHERE flag "
                "UNION ALL (SELECT _cluster, room FROM rate AS r WHERE NOT flag "
                "UNION ALL SELECT _cluster, room FROM rate)) AS u"
            ),
            {"id": "room"},
        ),
    ],
)
def test_an_attribute_that_is_a_driving_column_as_it_is_is_named(select: str, plain: dict[str, str]) -> None:
    rates = table(select)
    columns = Tracer(select, rates.extracts, "rate").plain_columns()

    assert {name: column for name, column in columns.items() if name != "_cluster"} == plain
