"""A select that can drop or multiply driving rows is reported, however the join or filter is written."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.cross_field_rules import table_findings
from tests.unit.catalog.rates import COUNTED, PLAN, PROPERTY, messages, table

LEFT_JOIN_PLAN = "write LEFT JOIN plan and return `plan._cluster IS NULL AS _unmatched_plan`"
ALLOW = ", or allow a number of dropped rows with max_filtered"
WHERE_IT_IS_READ = f"put the condition into the extract's `where`{ALLOW}"
COLUMNS = f"{COUNTED}, {PLAN}, rate.id AS id"
KEY = {"partition": {"name": "id", "type": "N", "accept_collisions": True}}
ON = "plan.plan_code = rate.plan_code"
DROPS = {
    f"SELECT {COLUMNS} FROM rate JOIN plan ON {ON}": f"INNER JOIN plan can drop rows of rate: {LEFT_JOIN_PLAN}{ALLOW}",
    f"SELECT {COLUMNS} FROM rate INNER JOIN plan ON {ON}": (
        f"INNER JOIN plan can drop rows of rate: {LEFT_JOIN_PLAN}{ALLOW}"
    ),
    f"SELECT {COLUMNS} FROM plan JOIN rate ON {ON}": f"INNER JOIN rate can drop rows of rate: {LEFT_JOIN_PLAN}{ALLOW}",
    f"SELECT {COLUMNS} FROM (rate JOIN plan ON {ON})": (
        f"INNER JOIN plan can drop rows of rate: {LEFT_JOIN_PLAN}{ALLOW}"
    ),
    f"SELECT {COUNTED}, rate.id AS id FROM rate LEFT SEMI JOIN rate AS r ON r.id = rate.id": (
        f"LEFT SEMI JOIN r can drop rows of rate: {WHERE_IT_IS_READ}"
    ),
    f"SELECT {COUNTED}, rate.id AS id FROM rate LEFT ANTI JOIN rate AS r ON r.id = rate.room": (
        f"LEFT ANTI JOIN r can drop rows of rate: {WHERE_IT_IS_READ}"
    ),
    f"SELECT {COLUMNS} FROM rate LEFT JOIN plan ON {ON} WHERE plan.active": (
        f"WHERE can drop rows of rate: {WHERE_IT_IS_READ}"
    ),
    f"SELECT {COUNTED}, rate.id AS id FROM rate WHERE rate.price > 1": (
        f"WHERE can drop rows of rate: {WHERE_IT_IS_READ}"
    ),
    f"SELECT {COUNTED}, rate.id AS id FROM rate WHERE EXISTS (SELECT 1 FROM rate AS r WHERE r.id = rate.id)": (
        f"WHERE can drop rows of rate: {WHERE_IT_IS_READ}"
    ),
    f"WITH some AS (SELECT * FROM rate WHERE flag) SELECT {COUNTED}, rate.id AS id FROM some AS rate": (
        f"WHERE can drop rows of rate: {WHERE_IT_IS_READ}"
    ),
    f"SELECT {COUNTED}, rate.id AS id FROM (SELECT * FROM (SELECT * FROM rate WHERE flag)) AS rate": (
        f"WHERE can drop rows of rate: {WHERE_IT_IS_READ}"
    ),
    f"SELECT {COUNTED}, rate.id AS id FROM rate QUALIFY row_number() OVER (PARTITION BY room ORDER BY id) = 1": (
        f"QUALIFY can drop rows of rate: {WHERE_IT_IS_READ}"
    ),
    f"SELECT DISTINCT {COUNTED}, rate.id AS id FROM rate": (
        f"DISTINCT can drop rows of rate: declare which rows make one item with `cardinality: {{group by: […]}}`{ALLOW}"
    ),
    "SELECT max(rate._cluster) AS _cluster, rate.id AS id FROM rate GROUP BY rate.id": (
        f"GROUP BY can drop rows of rate: declare which rows make one item with `cardinality: {{group by: […]}}`{ALLOW}"
    ),
    "SELECT max(rate._cluster) AS _cluster, max(rate.id) AS id FROM rate": (
        "an aggregate without GROUP BY can drop rows of rate: declare which rows make one item with "
        f"`cardinality: {{group by: […]}}`{ALLOW}"
    ),
    "SELECT max(rate._cluster) AS _cluster, 7 AS id FROM rate": (
        "an aggregate without GROUP BY can drop rows of rate: declare which rows make one item with "
        f"`cardinality: {{group by: […]}}`{ALLOW}"
    ),
    f"SELECT {COUNTED}, rate.id AS id FROM rate EXCEPT SELECT 'c', 1": (
        f"EXCEPT can drop rows of rate: return every row{ALLOW}"
    ),
}
MULTIPLIES = {
    f"SELECT {COLUMNS} FROM rate CROSS JOIN plan": (
        "CROSS JOIN plan multiplies rows of rate: join plan on an equality with its columns"
    ),
    f"SELECT {COLUMNS} FROM rate, plan": (
        "CROSS JOIN plan multiplies rows of rate: join plan on an equality with its columns"
    ),
    f"SELECT {COLUMNS} FROM rate JOIN plan": (
        "INNER JOIN plan multiplies rows of rate: join plan on an equality with its columns"
    ),
    f"SELECT {COLUMNS} FROM rate LEFT JOIN plan ON true": (
        "LEFT JOIN plan multiplies rows of rate: join plan on an equality with its columns"
    ),
    f"SELECT {COLUMNS} FROM rate LEFT JOIN plan ON rate.flag": (
        "LEFT JOIN plan multiplies rows of rate: join plan on an equality with its columns"
    ),
    f"SELECT {COLUMNS} FROM rate LEFT JOIN plan ON {ON} OR plan.active": (
        "LEFT JOIN plan multiplies rows of rate: join plan on an equality with its columns"
    ),
    f"SELECT {COUNTED}, rate.id AS id FROM rate LATERAL VIEW OUTER explode(labels) AS label": (
        "LATERAL VIEW explode multiplies rows of rate: return the list as one attribute"
    ),
    f"SELECT {COUNTED}, rate.id AS id, explode_outer(rate.labels) AS label FROM rate": (
        "explode_outer() multiplies rows of rate: return the list as one attribute"
    ),
    f"SELECT {COUNTED}, rate.id AS id, posexplode_outer(rate.labels) AS label FROM rate": (
        "posexplode_outer() multiplies rows of rate: return the list as one attribute"
    ),
    f"SELECT {COUNTED}, rate.id AS id, INLINE_OUTER(rate.labels) AS label FROM rate": (
        "inline_outer() multiplies rows of rate: return the list as one attribute"
    ),
    f"SELECT {COUNTED}, rate.id AS id, stack(2, 'a', 'b') AS label FROM rate": (
        "stack() multiplies rows of rate: return the list as one attribute"
    ),
    f"SELECT {COUNTED}, rate.id AS id FROM rate UNION ALL SELECT {COUNTED}, rate.id FROM rate": (
        "UNION multiplies rows of rate: read it in one branch"
    ),
    f"SELECT {COUNTED}, rate.id AS id FROM rate UNION ALL SELECT 'c', 1": (
        "UNION adds rows that are not rows of rate's: remove the branch"
    ),
    f"SELECT {COLUMNS} FROM rate FULL JOIN plan ON {ON}": (
        f"FULL JOIN plan adds rows that are not rows of rate's: {LEFT_JOIN_PLAN}"
    ),
    f"SELECT {COLUMNS} FROM rate RIGHT JOIN plan ON {ON}": (
        f"RIGHT JOIN plan adds rows that are not rows of rate's: {LEFT_JOIN_PLAN}"
    ),
    f"SELECT {COLUMNS} FROM plan LEFT JOIN rate ON {ON}": (
        f"LEFT JOIN rate adds rows that are not rows of rate's: {LEFT_JOIN_PLAN}"
    ),
    f"SELECT {COLUMNS} FROM rate NATURAL LEFT JOIN plan": (
        "NATURAL LEFT JOIN plan also joins on _cluster: write LEFT JOIN plan ON …"
    ),
}
KEEPS = [
    f"SELECT {COUNTED}, rate.id AS id FROM (rate)",
    (
        f"SELECT {COUNTED}, rate.id AS id, x.name IS NULL AS _unmatched_plan, x.name IS NULL AS _unmatched_property "
        "FROM rate LEFT JOIN (plan JOIN property ON property.name = plan.name) AS x ON x.plan_code = rate.plan_code"
    ),
    # Spark refuses a column beside an aggregate.
    "SELECT max(rate._cluster) AS _cluster, rate.id AS id FROM rate",
    f"SELECT {COLUMNS} FROM rate LEFT JOIN plan ON {ON}",
    f"SELECT {COLUMNS} FROM rate LEFT OUTER JOIN plan ON plan.plan_code <=> rate.plan_code AND plan.active",
    f"SELECT {COLUMNS} FROM rate LEFT JOIN plan USING (plan_code)",
    f"SELECT {COLUMNS} FROM plan RIGHT JOIN rate ON {ON}",
    f"SELECT {COLUMNS}, {PROPERTY} FROM rate LEFT JOIN (plan JOIN property ON property.name = plan.name) ON {ON}",
    f"SELECT {COUNTED}, p.one AS one, rate.id AS id FROM rate CROSS JOIN (SELECT max(price) AS one FROM rate) AS p",
    f"SELECT {COUNTED}, rate.id AS id FROM rate LEFT JOIN (SELECT id FROM rate WHERE flag GROUP BY id) AS c USING (id)",
    f"SELECT {COUNTED}, rate.id AS id, (SELECT max(r.price) FROM rate AS r WHERE r.id < rate.id) AS best FROM rate",
    f"SELECT {COUNTED}, rate.id AS id, sum(rate.price) OVER (PARTITION BY rate.room) AS total FROM rate",
    f"SELECT {COUNTED}, rate.id AS id, json_tuple(rate.facts, 'a') AS a FROM rate",
]


@pytest.mark.parametrize(("select", "message"), DROPS.items())
def test_a_part_that_can_drop_rows_is_named_unless_it_is_meant(select: str, message: str) -> None:
    assert messages(select, key=KEY) == [message]
    assert messages(select, key=KEY, max_filtered=1) == []


@pytest.mark.parametrize(("select", "message"), MULTIPLIES.items())
def test_a_part_that_multiplies_rows_is_named_whatever_is_allowed(select: str, message: str) -> None:
    assert messages(select, key=KEY) == [message]
    assert messages(select, key=KEY, max_filtered=1) == [message]


@pytest.mark.parametrize("select", KEEPS)
def test_a_select_that_keeps_every_row_is_fine(select: str) -> None:
    assert messages(select) == []


def test_a_comma_join_is_an_inner_join() -> None:
    select = f"SELECT {COLUMNS} FROM rate, plan WHERE {ON}"

    assert messages(select) == [
        f"WHERE can drop rows of rate: {WHERE_IT_IS_READ}",
        f"CROSS JOIN plan can drop rows of rate: {LEFT_JOIN_PLAN}{ALLOW}",
    ]
    assert messages(select, max_filtered=1) == []


def test_a_lateral_view_drops_rows_with_an_empty_list() -> None:
    select = f"SELECT {COUNTED}, rate.id AS id FROM rate LATERAL VIEW explode(labels) AS label"

    assert messages(select) == [
        "LATERAL VIEW explode multiplies rows of rate: return the list as one attribute",
        f"LATERAL VIEW can drop rows of rate: write LATERAL VIEW OUTER{ALLOW}",
    ]


GROUPS = {"extract": "rate", "cardinality": {"group by": ["id"]}}


@pytest.mark.parametrize("call", ["explode", "posexplode", "inline"])
def test_a_list_that_becomes_rows_may_be_empty(call: str) -> None:
    listed = f"SELECT _cluster, id, {call}(labels) AS label FROM rate"
    select = f"SELECT r.id AS id, max(r._cluster) AS _cluster FROM ({listed}) AS r GROUP BY r.id"
    dropped = f"{call}() can drop rows of rate: write {call}_outer(){ALLOW}"

    assert messages(select, driving=GROUPS, key=KEY) == [dropped]
    assert messages(select, driving=GROUPS, key=KEY, max_filtered=1) == []
    assert messages(select.replace(call, f"{call}_outer"), driving=GROUPS, key=KEY) == []
    assert messages(select.replace(f"{call}(", "stack(2, "), driving=GROUPS, key=KEY) == []


def test_a_list_of_pairs_becomes_rows_with_two_names() -> None:
    columns = "explode_outer(map(rate.id, rate.room)) AS (k, v)"

    assert messages(f"SELECT {COUNTED}, rate.id AS id, {columns} FROM rate")[1:] == [
        "explode_outer() multiplies rows of rate: return the list as one attribute"
    ]


def test_rows_that_are_multiplied_and_then_chosen_are_fine_if_the_catalog_says_so() -> None:
    select = f"SELECT {COUNTED}, rate.id AS id FROM rate LATERAL VIEW OUTER posexplode(labels) AS n, label WHERE n = 0"

    assert messages(select, max_filtered=5) == []


def test_a_group_of_rows_may_be_one_item_but_is_not_filtered() -> None:
    select = "SELECT max(rate._cluster) AS _cluster, max(rate.id) AS id FROM rate GROUP BY rate.room"
    groups = {"extract": "rate", "cardinality": {"group by": ["room"]}}

    assert messages(select, driving=groups, key=KEY) == []
    assert messages(select.replace("GROUP", "WHERE flag GROUP"), driving=groups, key=KEY) == [
        f"WHERE can drop rows of rate: {WHERE_IT_IS_READ}"
    ]
    assert messages(f"{select} HAVING count(*) > 1", driving=groups, key=KEY) == [
        f"HAVING can drop rows of rate: {WHERE_IT_IS_READ}"
    ]


def test_a_select_without_the_driving_rows_is_refused() -> None:
    select = f"SELECT plan._cluster AS _cluster, {PLAN}, 1 AS id FROM plan"

    expected = ["returns no row of the driving extract rate: read it in the outermost FROM"]
    assert messages(select) == expected
    assert messages(f"{select} LEFT SEMI JOIN rate ON rate.plan_code = plan.plan_code") == expected
    assert messages(f"{select} LEFT ANTI JOIN rate ON rate.plan_code = plan.plan_code") == expected
    assert messages(f"{select} EXCEPT SELECT _cluster, true, id FROM rate") == expected


@pytest.mark.parametrize(
    ("select", "message"),
    [
        (
            f"SELECT {COUNTED}, rate.id AS id FROM rate;",
            "must not end with ;: the jobs embed it in a query of their own",
        ),
        (
            f"SELECT {COUNTED}, rate.id AS id FROM default.rate",
            "reads 'default.rate', which is not an extract (there are rate)",
        ),
        (
            "SELECT * FROM rate LATERAL VIEW OUTER posexplode(labels) AS n, label WHERE n = 0",
            "returns columns that cannot be resolved: name them instead of writing *",
        ),
        (
            f"SELECT {COUNTED}, rate.id AS id FROM rate LEFT JOIN rate USING (id)",
            "two relations of a FROM have the name 'rate': give each its own name",
        ),
        (
            f"WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i FROM n) SELECT {COUNTED}, rate.id AS id FROM rate",
            "must not be recursive: the jobs' Spark has no WITH RECURSIVE",
        ),
    ],
)
def test_a_select_that_cannot_be_followed_is_refused(select: str, message: str) -> None:
    assert messages(select, max_filtered=1) == [message]


UNFOLLOWED = (
    "different source rows may mean one key: rate.id cannot be followed to a column of an extract; or accept this with "
    "accept_collisions: true"
)
EACH = f"SELECT {COUNTED}, rate.id AS id FROM rate"
MANY = "SELECT rate._cluster, rate.id FROM rate LEFT JOIN plan ON plan.plan_code > 'a'"
MANY_ROWS = "LEFT JOIN plan multiplies rows of rate: join plan on an equality with its columns"
NO_PLAN = "must return `plan._cluster IS NULL AS _unmatched_plan`: rows without their reference are counted"
TWICE = "UNION multiplies rows of rate: read it in one branch"
SOME = "SELECT * FROM rate WHERE flag"
SAME_PROPERTY = "property.property_id = rate.property_id"


@pytest.mark.parametrize(
    ("select", "facts", "reported"),
    [
        (f"{EACH}\nPIVOT (max(price) FOR room IN ('a', 'b')) AS rate", {}, [
            (UNFOLLOWED, None),
            (f"PIVOT can drop rows of rate: return every row{ALLOW}", 1),
        ]),
        (f"{EACH}\nUNPIVOT (v FOR n IN (price, ratio)) AS rate", {}, [
            (UNFOLLOWED, None),
            (f"UNPIVOT can drop rows of rate: return every row{ALLOW}", 1),
        ]),
        (f"{EACH}\nUNION\n{EACH}\nUNION ALL\n{EACH}\nWHERE flag", {"key": KEY}, [
            (TWICE, 5),
            (TWICE, 3),
            (f"UNION can drop rows of rate: write UNION ALL{ALLOW}", 3),
            (f"WHERE can drop rows of rate: {WHERE_IT_IS_READ}", 6),
        ]),
        (f"SELECT r._cluster AS _cluster, r.id AS id FROM\n({MANY}) AS r", {}, [(NO_PLAN, None), (MANY_ROWS, 2)]),
        (f"SELECT r._cluster AS _cluster, r.id AS id FROM\n({MANY}) AS r WHERE r.id > 1", {"max_filtered": 1}, [
            (NO_PLAN, None)
        ]),
        (f"SELECT r._cluster AS _cluster, r.id AS id FROM\n({EACH} UNION ALL\n{MANY}) AS r", {"key": KEY}, [
            (NO_PLAN, None), (TWICE, 3), (MANY_ROWS, 3)
        ]),
        (f"{EACH}\nJOIN (SELECT max(plan.name) AS name FROM plan) AS p ON p.name = rate.room", {}, [
            (NO_PLAN, None), (f"INNER JOIN p can drop rows of rate: write LEFT JOIN p{ALLOW}", 2)
        ]),
        (f"{EACH}\nJOIN (SELECT max(plan.name) AS room FROM plan) AS p USING (room)", {}, [
            (NO_PLAN, None), (f"INNER JOIN p can drop rows of rate: write LEFT JOIN p{ALLOW}", 2)
        ]),
        (
            f"SELECT r._cluster AS _cluster, r.id AS id FROM\n({EACH} UNION ALL\n{MANY}) AS r WHERE r.id > 1",
            {"key": KEY, "max_filtered": 1},
            [(NO_PLAN, None)],
        ),
        (f"SELECT b._cluster AS _cluster, b.id AS id FROM ({SOME}) AS a RIGHT JOIN\n({SOME}) AS b ON a.id = b.id", {}, [
            (f"WHERE can drop rows of rate: {WHERE_IT_IS_READ}", 2)
        ]),
        (f"{EACH} JOIN\n({SOME}) AS b ON b.id = rate.id", {}, [
            (f"INNER JOIN b can drop rows of rate: write LEFT JOIN b{ALLOW}", 2),
            (f"WHERE can drop rows of rate: {WHERE_IT_IS_READ}", 2),
        ]),
        (f"{EACH} LEFT JOIN\n({SOME}) AS b ON b.id = rate.id", {}, []),
        (f"SELECT {COLUMNS} FROM plan RIGHT JOIN ({SOME}) AS rate ON {ON} JOIN\nrate AS b ON b.id = rate.id", {}, [
            (f"INNER JOIN b can drop rows of rate: write LEFT JOIN b{ALLOW}", 2),
            (f"WHERE can drop rows of rate: {WHERE_IT_IS_READ}", 1),
        ]),
        (
            (
                f"SELECT {COLUMNS}, {PROPERTY} FROM property RIGHT JOIN rate JOIN\nplan ON {ON} "
                f"ON {SAME_PROPERTY}"
            ),
            {},
            [(f"INNER JOIN plan can drop rows of rate: {LEFT_JOIN_PLAN}{ALLOW}", 2)],
        ),
        (f"SELECT {COLUMNS}, {PROPERTY} FROM plan RIGHT JOIN\n(property JOIN rate ON {SAME_PROPERTY}) ON {ON}", {}, [
            (
                (
                    "INNER JOIN rate can drop rows of rate: write LEFT JOIN property and return "
                    f"`property._cluster IS NULL AS _unmatched_property`{ALLOW}"
                ),
                2,
            ),
        ]),
    ],
)  # fmt: skip
def test_a_part_that_changes_the_number_of_rows_is_reported_at_its_line(
    select: str, facts: dict[str, Any], reported: list[tuple[str, int | None]]
) -> None:
    findings = table_findings(table(select, **facts), {"shops": "aurora-postgresql"}, ())

    assert [(finding.message, finding.text_line) for finding in findings] == reported
