"""A select's result columns are known with their types, also those of a star, and no name is there twice."""

from __future__ import annotations

import pytest

from catalog.selects import read_select
from tests.unit.catalog.rates import table

PLAN = {"plan_code": "text", "name": "text", "active": "boolean", "_cluster": "text"}
NO_NAM = "has no column 'nam' among those that the catalog reads"
DOCUMENTS = "(SELECT named_struct('part', 1) AS doc FROM plan) AS s"


@pytest.mark.parametrize(
    ("select", "columns", "problems"),
    [
        ("SELECT * FROM plan", PLAN, []),
        ("SELECT plan.name, lower(plan.name) AS small FROM plan", {"name": "text", "small": None}, []),
        ("SELECT plan.name AS x FROM plan UNION ALL SELECT plan.active FROM plan", {"x": "text"}, []),
        ("SELECT plan.*, plan.name AS other FROM plan", {**PLAN, "other": "text"}, []),
        ("SELECT plan.name AS name, plan.* FROM plan", {"name": "text", **PLAN}, ["returns name twice"]),
        ("SELECT plan.*, plan.name AS name FROM plan", PLAN, ["returns name twice"]),
        (
            "SELECT plan.*, plan.name AS Name FROM plan",
            PLAN,
            ["returns name and Name, which Spark cannot distinguish: rename one"],
        ),
        ("SELECT plan.name, plan.name FROM plan", {"name": "text"}, ["returns name twice"]),
        ("SELECT plan.name AS name, plan.* FROM plan JOIN property USING (name)", {"name": "text", **PLAN}, []),
        (
            "SELECT plan.name AS name, plan.* FROM plan JOIN property USING (name) JOIN plan AS p ON p.name = 'x'",
            {"name": "text", **PLAN},
            [],
        ),
        (
            "SELECT plan.name AS name, plan.* FROM plan JOIN property ON property.name = plan.name",
            {"name": "text", **PLAN},
            ["returns name twice"],
        ),
        (
            "SELECT plan.name || 'x' FROM plan",
            {},
            ["result column 1 (plan.name || 'x') has no name: add AS and a name"],
        ),
        ("SELECT PLAN.* FROM plan", PLAN, []),
        (
            "SELECT s.doc.part AS a, s.nam AS b FROM (SELECT named_struct('part', 1) AS doc FROM plan) AS s",
            {"a": None, "b": None},
            [f"s {NO_NAM}"],
        ),
        (
            "SELECT doc.part AS a, s.nam AS b FROM (SELECT named_struct('part', 1) AS doc FROM plan) AS s",
            {"a": None, "b": None},
            [f"s {NO_NAM}"],
        ),
        (
            "SELECT x.name AS a, plan.nam AS b FROM plan",
            {"a": None, "b": None},
            [
                "x.name: 'x' is not read here (there are plan)",
                f"plan {NO_NAM}",
            ],
        ),
        (
            "SELECT u.name AS a, plan.nam AS b FROM (SELECT * FROM plan) AS u JOIN plan ON true",
            {"a": "text", "b": None},
            [f"plan {NO_NAM}"],
        ),
        (
            "SELECT plan.name AS nam, plan.nam AS b FROM plan",
            {"nam": "text", "b": None},
            [f"plan {NO_NAM}"],
        ),
        ("SELECT plan.name AS a, upper(a) AS b FROM plan", {"a": "text", "b": None}, []),
        ("SELECT col AS c FROM plan LATERAL VIEW explode(array(name)) t", {"c": None}, []),
        (
            "SELECT s.nam AS a FROM (SELECT plan.name AS name FROM plan) AS s",
            {"a": None},
            [f"s {NO_NAM}"],
        ),
        ("SELECT s.nam AS a FROM (SELECT * FROM plan) AS s", {"a": None}, []),
        (
            "SELECT nam AS a FROM plan JOIN property ON true",
            {"a": None},
            ["no extract here has a column 'nam' among those that the catalog reads"],
        ),
        ("SELECT nam AS a FROM plan JOIN (SELECT * FROM property) AS p ON true", {"a": None}, []),
        ("SELECT plan.doc.part AS a FROM plan", {"a": None}, []),
        ("SELECT PLAN.NAME AS a, Active AS b FROM plan", {"a": "text", "b": "boolean"}, []),
        (
            "SELECT plan.name AS a, p.name AS b FROM plan AS p",
            {"a": None, "b": "text"},
            ["plan.name: 'plan' is not read here (there are p)"],
        ),
    ],
)
def test_the_columns_of_a_select_are_known(select: str, columns: dict[str, str], problems: list[str]) -> None:
    read = read_select(select, table("plan. property.").extracts, ())

    assert (read.columns, [finding.message for finding in read.findings]) == (columns, problems)
    assert read.known
    assert read.scope is not None


@pytest.mark.parametrize(
    ("select", "problem"),
    [
        ("SELECT 1 AS a; SELECT 2 AS b", "must be one SELECT"),
        ("DROP TABLE plan", "must be one SELECT"),
        ("", "must be one SELECT"),
        ("SELECT 1 AS a ;", "must not end with ;: the jobs embed it in a query of their own"),
        (
            "WITH RECURSIVE t AS (SELECT 1 AS n UNION ALL SELECT n FROM t) SELECT n AS n FROM t",
            "must not be recursive: the jobs' Spark has no WITH RECURSIVE",
        ),
        ("SELECT FROM FROM", "is not SQL that Spark reads, near 'FROM'"),
        ("SELECT 'open", "is not SQL that Spark reads: Error tokenizing 'SELECT 'ope'"),
    ],
)
def test_what_is_no_single_select_has_no_columns(select: str, problem: str) -> None:
    read = read_select(select, table("plan.").extracts, ("select",))

    assert [finding.message for finding in read.findings] == [problem]
    assert (read.columns, read.known, read.scope, read.value("a")) == ({}, False, None, None)


@pytest.mark.parametrize(
    ("select", "problem"),
    [
        ("SELECT x.a AS a FROM other AS x", "reads 'other', which is not an extract (there are rate, plan)"),
        ("SELECT x.a AS a FROM s.plan AS x", "reads 's.plan', which is not an extract (there are rate, plan)"),
        (
            "SELECT plan.name AS a FROM plan JOIN rate AS plan ON true",
            "two relations of a FROM have the name 'plan': give each its own name",
        ),
    ],
)
def test_a_select_of_anything_but_extracts_is_not_looked_into(select: str, problem: str) -> None:
    read = read_select(select, table("plan.").extracts, ("select",))

    assert problem in [finding.message for finding in read.findings]
    assert (read.scope, read.value("a")) == (None, None)
