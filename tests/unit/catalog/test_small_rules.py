"""Rules of one line each, tested one by one."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from catalog.case_style import attribute_name, table_name
from catalog.emr_workers import DISK_GB, MEMORY_GB, heap_gb
from catalog.field_types import DomainName
from catalog.models import Table
from tests.unit.catalog.rates import COUNTED, PLAN, messages, table
from tests.unit.catalog.rates import EXTRACTS as ALL

KEY = {"partition": {"name": "id", "type": "N"}}
PLAIN = f"SELECT {COUNTED}, rate.id AS id, rate.room AS room, rate.seen AS seen FROM rate"


def test_the_workers_are_those_of_emr_serverless() -> None:
    assert {vcpus: (min(sizes), max(sizes), len(sizes)) for vcpus, sizes in MEMORY_GB.items()} == {
        1: (2, 8, 7), 2: (4, 16, 13), 4: (8, 30, 23), 8: (16, 60, 12), 16: (32, 120, 12), 32: (60, 244, 3),
    }  # fmt: skip
    assert list(MEMORY_GB[8]) == [16, 20, 24, 28, 32, 36, 40, 44, 48, 52, 56, 60]
    assert list(MEMORY_GB[16]) == [32, 40, 48, 56, 64, 72, 80, 88, 96, 104, 112, 120]
    assert list(MEMORY_GB[32]) == [60, 120, 244]
    assert DISK_GB == {"STANDARD": (20, 200), "SHUFFLE_OPTIMIZED": (20, 2000)}
    assert [heap_gb(size) for size in (2, 8, 11, 16, 30, 60, 120, 244)] == [1, 7, 10, 14, 27, 54, 109, 221]


@pytest.mark.parametrize(
    ("column", "attribute", "named"),
    [
        ("rate_plan_code", "ratePlanCode", "RatePlanCode"),
        ("id", "id", "IdTable"),
        ("_id", "id", "IdTable"),
        ("abc", "abc", "Abc"),
        ("ab", "ab", "AbTable"),
        ("2nd_rate", "c2ndRate", "C2ndRate"),
        ("__", "column", "Column"),
        ("a__b", "aB", "ABTable"),
    ],
)
def test_a_name_of_a_database_becomes_one_of_dynamodb(column: str, attribute: str, named: str) -> None:
    assert (attribute_name(column), table_name(column)) == (attribute, named)


def test_a_catalog_that_is_read_cannot_be_changed_and_holds_no_unknown_key() -> None:
    read = table(PLAIN)

    with pytest.raises(ValidationError, match="frozen"):
        read.name = "Other"
    with pytest.raises(ValidationError, match="colour"):
        Table.model_validate({**read.model_dump(by_alias=True), "colour": "red"})


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("max_rejects", 1.5, "must be a whole number"),
        ("allow_empty", [], "must be true or false"),
        ("attributes", [], "must be a mapping of keys to values"),
        ("key", "id", "must be a mapping of keys to values"),
        ("extracts", [], "must be a mapping of keys to values"),
        ("indexes", {}, "must be a list"),
        ("name", 7, "must be a text; quote it if it looks like a number, a date or true"),
    ],
)
def test_a_value_of_another_kind_is_refused_in_the_catalogs_words(field: str, value: Any, message: str) -> None:
    from catalog.validation import validate  # noqa: PLC0415 - of this test alone

    fields = {**table(PLAIN).model_dump(by_alias=True, exclude_unset=True), field: value}

    assert message in [finding.message for finding in validate(Table, fields)[1]]


GROUPED = {"driving": {"extract": "rate", "cardinality": {"group by": ["id"]}}}


def drops(select: str, **facts: Any) -> bool:
    """Return whether a select is told to drop rows."""
    return any("can drop rows" in message for message in messages(select, **facts))


def multiplies(select: str, **facts: Any) -> bool:
    return any("multiplies rows" in message for message in messages(select, **facts))


UNION = f"SELECT {COUNTED}, rate.id AS id FROM rate UNION ALL SELECT {COUNTED}, rate.id AS id FROM rate"
OF_FILTERED = (
    "SELECT _cluster, id FROM (SELECT {} _cluster, id FROM rate {} UNION ALL SELECT {} _cluster, id FROM rate {})"
)


@pytest.mark.parametrize(
    ("select", "facts", "is_reported"),
    [
        (UNION, {}, True),
        (UNION, {"max_filtered": 5}, True),
        (UNION, GROUPED, True),
        (OF_FILTERED.format("", "WHERE flag", "", "WHERE NOT flag"), {"max_filtered": 5}, False),
        (OF_FILTERED.format("", "WHERE flag", "", ""), {"max_filtered": 5}, True),
        (OF_FILTERED.format("", "WHERE flag", "", "WHERE NOT flag"), {}, True),
        (OF_FILTERED.format("DISTINCT", "", "DISTINCT", ""), {"max_filtered": 5}, False),
        (OF_FILTERED.format("DISTINCT", "", "DISTINCT", ""), GROUPED, False),
        (OF_FILTERED.format("", "GROUP BY _cluster, id", "", "GROUP BY _cluster, id"), GROUPED, False),
        (OF_FILTERED.format("", "GROUP BY _cluster, id", "", "GROUP BY _cluster, id"), {"max_filtered": 5}, True),
        (OF_FILTERED.format("DISTINCT", "", "", ""), {"max_filtered": 5}, True),
    ],
)
def test_two_branches_multiply_rows_unless_each_narrows_as_the_catalog_says(
    select: str, facts: dict[str, Any], *, is_reported: bool
) -> None:
    assert multiplies(select, **facts) is is_reported


@pytest.mark.parametrize(
    ("operation", "facts", "is_reported"),
    [
        ("UNION", {}, True),
        ("UNION ALL", {}, False),
        ("EXCEPT", {}, True),
        ("INTERSECT", {}, True),
        ("EXCEPT ALL", {}, True),
        ("UNION", GROUPED, False),
        ("EXCEPT", GROUPED, True),
        ("INTERSECT", GROUPED, True),
        ("UNION", {"max_filtered": 5}, False),
        ("EXCEPT", {"max_filtered": 5}, False),
    ],
)
def test_a_set_operation_drops_rows_unless_the_catalog_allows_it(
    operation: str, facts: dict[str, Any], *, is_reported: bool
) -> None:
    branch = f"SELECT {COUNTED}, rate.id AS id FROM rate"

    assert drops(f"{branch} {operation} {branch}", **facts) is is_reported


LONE = "SELECT {} FROM plan {}"


@pytest.mark.parametrize(
    ("inner", "is_single_row"),
    [
        (LONE.format("max(plan.name) AS name", ""), True),
        (LONE.format("count(*) AS name", "WHERE plan.active"), True),
        ("SELECT 'x' AS name", True),
        (LONE.format("max(plan.name) AS name", "GROUP BY plan.active"), False),
        (LONE.format("max(plan.name) AS name", "HAVING count(*) > 1"), False),
        (LONE.format("max(plan.name) AS name", "QUALIFY row_number() OVER (ORDER BY name) > 1"), False),
        ("SELECT n AS name LATERAL VIEW explode(array(1, 2)) t AS n", False),
        ("SELECT explode(array(1, 2)) AS name", False),
        ("SELECT 1 AS one, stack(2, 'a', 'b') AS name", False),
        (LONE.format("plan.name AS name", ""), False),
        (LONE.format("plan.name AS name", "WHERE plan.active"), False),
        ("SELECT 'x' AS name WHERE false", False),
        (LONE.format("max(plan.name) OVER () AS name", ""), False),
        ("SELECT plan.name FROM plan LATERAL VIEW explode(array(1)) t AS n", False),
    ],
)
def test_a_subquery_of_one_row_may_be_joined_without_a_condition(inner: str, *, is_single_row: bool) -> None:
    select = f"SELECT {COUNTED}, rate.id AS id, p.name AS name FROM rate CROSS JOIN ({inner}) AS p"

    assert (not multiplies(select) and not drops(select)) is is_single_row


@pytest.mark.parametrize(
    ("condition", "is_fixed"),
    [
        ("ON plan.plan_code = rate.plan_code", True),
        ("ON plan.plan_code <=> rate.plan_code", True),
        ("ON plan.plan_code IN ('a', 'b')", True),
        ("ON plan.plan_code > rate.plan_code", False),
        ("ON rate.room = 'x'", False),
        ("ON rate.room = 'x' AND plan.plan_code = rate.plan_code", True),
        ("ON plan.plan_code = rate.plan_code AND rate.room = 'x'", True),
        ("ON plan.plan_code = rate.plan_code OR rate.room = 'x'", False),
        ("ON rate.room = 'x' OR plan.plan_code = rate.plan_code", False),
        ("ON plan.plan_code = rate.plan_code OR plan.name = rate.room", True),
        ("ON (plan.plan_code = rate.plan_code)", True),
        ("USING (plan_code)", True),
        ("ON true", False),
        ("", False),
    ],
)
def test_a_join_is_on_an_equality_with_the_joined_relation(condition: str, *, is_fixed: bool) -> None:
    select = f"SELECT {COUNTED}, {PLAN}, rate.id AS id FROM rate LEFT JOIN plan {condition}"

    assert (not multiplies(select)) is is_fixed


def is_nondeterministic(expression: str, clause: str = "") -> bool:
    """Return whether an attribute is told to differ from read to read."""
    phrases = (
        "takes whichever row",
        "has the order in which",
        "needs an ORDER BY",
        "keeps whichever",
        "each time",
        "depends on",
    )
    select = f"SELECT {COUNTED}, rate.id AS id, {expression} AS x FROM rate {clause}"
    return any(any(words in message for words in phrases) for message in messages(select))


@pytest.mark.parametrize("function", ["first", "first_value", "last", "last_value", "any_value"])
def test_what_comes_first_needs_an_order(function: str) -> None:
    assert is_nondeterministic(f"{function}(rate.room)")
    assert is_nondeterministic(f"{function}(rate.room) OVER (PARTITION BY rate.id)")
    assert not is_nondeterministic(f"{function}(rate.room) OVER (PARTITION BY rate.id ORDER BY rate.code)")


@pytest.mark.parametrize("function", ["collect_list", "collect_set", "array_agg"])
def test_what_is_collected_needs_an_order(function: str) -> None:
    assert is_nondeterministic(f"{function}(rate.room)")
    assert not is_nondeterministic(f"sort_array({function}(rate.room))")
    assert not is_nondeterministic(f"sort_array({function}(rate.room) FILTER (WHERE rate.flag))")
    assert is_nondeterministic(f"size({function}(rate.room) FILTER (WHERE rate.flag))")
    assert is_nondeterministic(f"{function}(rate.room) OVER (PARTITION BY rate.id)")
    assert not is_nondeterministic(f"{function}(rate.room) OVER (PARTITION BY rate.id ORDER BY rate.code)")


@pytest.mark.parametrize(
    "call",
    [
        "row_number()",
        "rank()",
        "dense_rank()",
        "percent_rank()",
        "cume_dist()",
        "ntile(2)",
        "lag(rate.room)",
        "lead(rate.room)",
    ],
)
def test_a_place_needs_an_order(call: str) -> None:
    assert is_nondeterministic(f"{call} OVER (PARTITION BY rate.id)")
    assert not is_nondeterministic(f"{call} OVER (PARTITION BY rate.id ORDER BY rate.code)")
    assert not is_nondeterministic("max(rate.room) OVER (PARTITION BY rate.id)")


@pytest.mark.parametrize("clause", ["LIMIT 5", "LIMIT 5 OFFSET 2", "TABLESAMPLE (5 ROWS)"])
def test_a_part_of_the_rows_is_whichever_comes(clause: str) -> None:
    assert is_nondeterministic("rate.room", clause)


@pytest.mark.parametrize(
    ("text", "is_reported"),
    [
        ("age(rate.seen)", True),
        ("age(rate.seen, rate.seen)", False),
        ("unix_timestamp()", True),
        ("unix_timestamp(rate.seen)", False),
        ("age(coalesce(rate.seen, rate.seen))", True),
        ("age(greatest(rate.seen, rate.seen), rate.seen)", False),
        ("age(array(1, 2)[0])", True),
        ("DATE 'today'", True),
        ("DATE ' Today '", True),
        ("TIMESTAMP 'now'", True),
        ("CAST('yesterday' AS DATE)", True),
        ("CAST('tomorrow' AS TIMESTAMP)", True),
        ("CAST('today' AS STRING)", False),
        ("'today'", False),
        ("DATE '2027-01-01'", False),
        ("concat('now', 'today')", False),
        ("'now()'", False),
        ("rate.room", False),
    ],
)
def test_a_moment_is_told_where_it_is_now(text: str, *, is_reported: bool) -> None:
    from catalog.determinism import in_text  # noqa: PLC0415 - of this test alone

    assert bool(list(in_text(text, "spark", ()))) is is_reported
    assert bool(list(in_text(text, "postgres", ()))) is is_reported


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        ({"billing_mode": "PROVISIONED"}, "PROVISIONED needs `capacity: {read: …, write: …}`"),
        ({"billing_mode": "PROVISIONED", "capacity": {"read": 5, "write": 5}}, None),
        ({"capacity": {"read": 5, "write": 5}}, "needs `billing_mode: PROVISIONED`; an on-demand table has no capacity of its own"),
        ({"on_demand_maximum": {"read": 5, "write": 5}}, None),
        ({"warm_throughput": {"read": 12_000, "write": 4_000}}, None),
        ({"warm_throughput": {"read": 11_999, "write": 4_000}}, "is 11999, but must be at least 12000, as an on-demand table has initially: raise it, or remove warm_throughput"),
        ({"warm_throughput": {"read": 12_000, "write": 3_999}}, "is 3999, but must be at least 4000, as an on-demand table has initially: raise it, or remove warm_throughput"),
        ({"billing_mode": "PROVISIONED", "capacity": {"read": 5, "write": 6}, "warm_throughput": {"read": 5, "write": 6}}, None),
        ({"billing_mode": "PROVISIONED", "capacity": {"read": 5, "write": 6}, "warm_throughput": {"read": 5, "write": 5}}, "is 5, but must be at least 6, as the table's capacity is: raise it, or remove warm_throughput"),
        ({"compare": {"tolerances": {"room": "0"}}}, None),
        ({"compare": {"tolerances": {"room": "0.5"}}}, None),
        ({"compare": {"tolerances": {"room": "-0.5"}}}, "is -0.5, but must be at least 0"),
        ({"compare": {"tolerances": {"room": "Infinity"}}}, "is Infinity, but must be at least 0"),
        ({"compare": {"tolerances": {"room": "x"}}}, "is 'x', but must be a number"),
        ({"compare": {"exclude": ["room"]}}, None),
        ({"compare": {"exclude": ["id"]}}, "id is part of the key, by which items are found"),
        ({"ttl": "seen"}, "needs `attributes: {seen: epoch_seconds}`"),
        ({"ttl": "seen", "attributes": {"seen": "epoch_seconds"}}, None),
        ({"key": {**KEY, "sort": {"name": "id", "type": "N"}}}, "is the partition key already"),
        ({"key": {"partition": {"name": "id", "type": "S"}}}, "is S, but the select returns id as N"),
        ({"indexes": [{"name": "byRoom", "partition": {"name": "room", "type": "S"}}] * 2}, "'byRoom' is another index's name already"),
        ({"indexes": [{"name": "byRoom", "partition": {"name": "room", "type": "N"}}]}, "is N, but the select returns room as S"),
        ({"indexes": [{"name": "byRoom", "partition": {"name": "room", "type": "S"}, "capacity": {"read": 1, "write": 1}}]}, "needs `billing_mode: PROVISIONED`; an on-demand table has no capacity of its own"),
        ({"on_duplicate_key": {"latest": "seen"}}, None),
        ({"on_duplicate_key": {"latest": "gone"}}, "'gone' is not a column that the select returns"),
    ],
)  # fmt: skip
def test_what_must_fit_what_else(facts: dict[str, Any], message: str | None) -> None:
    assert messages(PLAIN, **facts) == ([] if message is None else [message])


@pytest.mark.parametrize(
    ("column_type", "is_fine"),
    [
        ("numeric(1,0)", True),
        ("numeric(38,38)", True),
        ("numeric(38, 0)", True),
        ("numeric(0,0)", False),
        ("numeric(39,0)", False),
        ("numeric(5,6)", False),
        ("numeric(5)", False),
        ("decimal(5,2)", False),
        ("bigint", True),
        ("int", False),
    ],
)
def test_a_number_has_38_digits_and_no_more_decimals_than_digits(column_type: str, *, is_fine: bool) -> None:
    extracts = {"rate": {"source": "rate", "group": "shops", "columns": {"id": "bigint", "x": column_type}}}

    if is_fine:
        assert table(PLAIN, extracts=extracts).extracts["rate"].columns["x"] == column_type.replace(" ", "")
    else:
        with pytest.raises(ValidationError):
            table(PLAIN, extracts=extracts)


@pytest.mark.parametrize("name", ["_cluster", "_source_row", "_source_key", "_unmatched_plan", "_unmatched_"])
def test_a_column_that_the_jobs_name_themselves_is_refused(name: str) -> None:
    extracts = {"rate": {"source": "rate", "group": "shops", "columns": {"id": "bigint", name: "text"}}}
    problems = messages(f"SELECT {COUNTED}, rate.id AS id FROM rate", extracts=extracts)

    assert problems == ["is a name that the jobs use: rename it here, and add this name to database_names"]


@pytest.mark.parametrize(
    ("left_out", "expected"),
    [
        (["x"], []),
        (["x", "y"], []),
        (["id"], ["id is read as well: remove it here or from columns"]),
        (["x", "x"], ["x is listed twice"]),
        (["x", "y", "x"], ["x is listed twice"]),
    ],
)
def test_a_column_is_left_out_once_and_not_read(left_out: list[str], expected: list[str]) -> None:
    columns = {"id": "bigint", "room": "text"}
    extracts = {"rate": {"source": "rate", "group": "shops", "columns": columns, "left_out": left_out}}

    assert messages(f"SELECT {COUNTED}, rate.id AS id FROM rate", extracts=extracts) == expected


@pytest.mark.parametrize("name", ["verify-rates", "rates-catch-up"])
def test_a_domain_that_would_have_the_machine_of_another_one_is_refused(name: str) -> None:
    names = TypeAdapter(DomainName)
    assert names.validate_python("verify") == "verify"
    with pytest.raises(ValidationError, match="begins with verify- or ends with -catch-up, which are reserved"):
        names.validate_python(name)


@pytest.mark.parametrize("prefix", ["aws:x", "migration:x"])
def test_a_tag_that_is_not_free_is_refused(prefix: str) -> None:
    assert table(PLAIN, tags={"owner": "us", "my:aws:x": "y"}).tags == {"owner": "us", "my:aws:x": "y"}
    with pytest.raises(ValidationError, match="begins with aws: or migration:, which are reserved"):
        table(PLAIN, tags={prefix: "y"})


ORDERED = {"on_duplicate_key": {"latest": "x"}}


@pytest.mark.parametrize(
    ("expression", "declared", "is_reported"),
    [
        ("rate.any_number", None, True),
        ("rate.any_number", "N", True),
        ("rate.room", "N", True),
        ("rate.code", "N", True),
        ("rate.facts", "N", True),
        ("rate.room", None, False),
        ("rate.price", None, False),
        ("rate.price", "N", False),
        ("rate.id", "N", False),
        ("concat(rate.room, '1')", "N", True),
        ("CAST(rate.id AS STRING)", "N", True),
        ("CAST(rate.room AS BIGINT)", "N", False),
        ("lower(rate.room)", "N", True),
        ("rate.id + 1", "N", False),
    ],
)
def test_the_latest_row_is_not_told_by_a_number_in_text(
    expression: str, declared: str | None, *, is_reported: bool
) -> None:
    attributes = {"x": declared} if declared else {}
    problems = messages(
        f"SELECT {COUNTED}, rate.id AS id, {expression} AS x FROM rate", attributes=attributes, **ORDERED
    )

    warning = "x is ordered as text, where 9 comes after 10: give its column the type numeric(p,s)"
    assert (warning in problems) is is_reported


@pytest.mark.parametrize(
    ("select", "is_read"),
    [
        (f"SELECT {COUNTED}, rate.id AS id FROM rate", True),
        ("SELECT plan._cluster AS _cluster, 1 AS id FROM plan", False),
        (
            "SELECT plan._cluster AS _cluster, 1 AS id FROM plan LEFT SEMI JOIN rate ON rate.plan_code = plan.plan_code",
            False,
        ),
        ("SELECT _cluster, id FROM (SELECT _cluster, id FROM rate)", True),
        ("SELECT plan._cluster AS _cluster, 1 AS id FROM plan EXCEPT SELECT rate._cluster, rate.id FROM rate", False),
    ],
)
def test_a_select_returns_rows_of_the_driving_extract(select: str, *, is_read: bool) -> None:
    message = "returns no row of the driving extract rate: read it in the outermost FROM"
    tables = {name: extract for name, extract in ALL.items() if name in select or name == "rate"}

    assert (message not in messages(select, extracts=tables)) is is_read
