"""Each problem of a table is reported at the steps that lead to it, with what was probably meant."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.cross_field_rules import table_findings
from catalog.located_yaml import Finding
from tests.unit.catalog.rates import COUNTED, table

KEY = {"partition": {"name": "id", "type": "N"}}
PLAIN = f"SELECT {COUNTED}, rate.id AS id, rate.room AS room, rate.seen AS seen FROM rate"
COLUMNS = {"id": "bigint", "room": "text", "seen": "timestamptz"}
MISSING = "{!r} is not a column that the select returns"
INDEX = {"name": "byRoom", "partition": {"name": "room", "type": "S"}}
ON_KEY = {"on_key": True}


def rate(**facts: Any) -> dict[str, Any]:  # noqa: ANN401 - a table's fields
    """Return the extracts of a table that reads rates alone; `facts` replace the extract's."""
    return {"extracts": {"rate": {"source": "rate", "group": "shops", "columns": COLUMNS, **facts}}}


@pytest.mark.parametrize(
    ("facts", "steps", "message", "more"),
    [
        (
            rate(group="shop"),
            ("extracts", "rate", "group"),
            "'shop' is not a group of clusters.yaml (there are shops)",
            {"suggestion": "shops"},
        ),
        (
            rate(where="seen > now()"),
            ("extracts", "rate", "where"),
            "now() answers differently each time, and the comparison reads the clones again",
            {"text_line": 1, "text_column": 8},
        ),
        (
            rate(columns={**COLUMNS, "_cluster": "text"}),
            ("extracts", "rate", "columns", "_cluster"),
            "is a name that the jobs use: rename it here, and add this name to database_names",
            ON_KEY,
        ),
        (
            rate(columns={**COLUMNS, "Room": "text"}),
            ("extracts", "rate", "columns", "Room"),
            "is room for Spark, which ignores the case of names: rename it, and add it to database_names",
            ON_KEY,
        ),
        (
            rate(columns={**COLUMNS, "hall": "text"}, database_names={"hall": "room"}),
            ("extracts", "rate", "columns", "hall"),
            "is the column room of the database, as room is: read it once",
            ON_KEY,
        ),
        (
            rate(database_names={"rom": "Room No"}),
            ("extracts", "rate", "database_names", "rom"),
            "'rom' is not among the columns",
            {"suggestion": "room", **ON_KEY},
        ),
        (
            rate(left_out=["code", "room"]),
            ("extracts", "rate", "left_out", 1),
            "room is read as well: remove it here or from columns",
            {},
        ),
        (
            rate(database_names={"room": "Room"}, left_out=["Room"]),
            ("extracts", "rate", "left_out", 0),
            "Room is read as well: remove it here or from columns",
            {},
        ),
        (rate(left_out=["a", "b", "a"]), ("extracts", "rate", "left_out", 2), "a is listed twice", {}),
        ({"driving": {"extract": "rates"}}, ("driving", "extract"), "'rates' is not among the extracts rate", {
            "suggestion": "rate"
        }),
        (
            {"driving": {"extract": "rate", "cardinality": {"group by": ["id", "rom"]}}},
            ("driving", "cardinality"),
            "'rom' is not a column of the extract rate",
            {"suggestion": "room"},
        ),
        (
            {"select": "SELECT rate.id AS id FROM rate"},
            ("select",),
            "must return the driving row's cluster: rate._cluster AS _cluster",
            {},
        ),
        (
            {"select": f"SELECT {COUNTED}, rate.id AS id FROM (SELECT * EXCEPT (room) FROM rate) AS rate"},
            ("key", "partition"),
            (
                "different source rows may mean one key: rate.id cannot be followed to a column of an extract; "
                "or accept this with accept_collisions: true"
            ),
            {},
        ),
        (
            {"select": f"{PLAIN[:-10]}, rate.id AS _cluste FROM rate"},
            ("select",),
            "returns _cluste, which begins with _ and would not become an attribute: rename it",
            {"suggestion": "_cluster"},
        ),
        (
            {"select": PLAIN.replace("rate.room AS", "rate.rom AS")},
            ("select",),
            "rate has no column 'rom' among those that the catalog reads",
            {"suggestion": "room", "text_line": 1, "text_column": 55},
        ),
        (
            {"key": {"partition": {"name": "seen", "type": "S"}}, "attributes": {"seen": "epoch_seconds"}},
            ("key", "partition", "type"),
            "is S, but the select returns seen as N",
            {},
        ),
        (
            {"select": f"{PLAIN}\nWHERE rate.id > 1"},
            ("select",),
            (
                "WHERE can drop rows of rate: put the condition into the extract's `where`, or allow a number of "
                "dropped rows with max_filtered"
            ),
            {"text_line": 2, "text_column": 12},
        ),
        ({"attributes": {"rom": "M"}}, ("attributes", "rom"), MISSING.format("rom"), {"suggestion": "room", **ON_KEY}),
        (
            {"compare": {"tolerances": {"rom": "1"}}},
            ("compare", "tolerances", "rom"),
            MISSING.format("rom"),
            {"suggestion": "room", **ON_KEY},
        ),
        ({"compare": {"exclude": ["room", "sen"]}}, ("compare", "exclude", 1), MISSING.format("sen"), {
            "suggestion": "seen"
        }),
        ({"catch_up": {"version": ["seen", "rom"]}}, ("catch_up", "version", 1), MISSING.format("rom"), {
            "suggestion": "room"
        }),
        ({"on_duplicate_key": {"latest": "sen"}}, ("on_duplicate_key", "latest"), MISSING.format("sen"), {
            "suggestion": "seen"
        }),
        ({"ttl": "sen", "attributes": {"seen": "epoch_seconds"}}, ("ttl",), MISSING.format("sen"), {
            "suggestion": "seen"
        }),
        (
            {"key": {"partition": {"name": "idd", "type": "N"}}},
            ("key", "partition", "name"),
            MISSING.format("idd"),
            {"suggestion": "id"},
        ),
        (
            {"key": {**KEY, "sort": {"name": "rom", "type": "S"}}},
            ("key", "sort", "name"),
            MISSING.format("rom"),
            {"suggestion": "room"},
        ),
        (
            {"indexes": [INDEX, {**INDEX, "name": "bySeen", "sort": {"name": "sen", "type": "S"}}]},
            ("indexes", 1, "sort", "name"),
            MISSING.format("sen"),
            {"suggestion": "seen"},
        ),
        (
            {"attributes": {"room": "epoch_seconds"}},
            ("attributes", "room"),
            "is declared epoch_seconds, but its column is text; that takes date or timestamp or timestamptz",
            {},
        ),
        (
            {"key": {"partition": {"name": "id", "type": "S"}}},
            ("key", "partition", "type"),
            "is S, but the select returns id as N",
            {},
        ),
        (
            {"indexes": [{**INDEX, "sort": {"name": "seen", "type": "N"}}]},
            ("indexes", 0, "sort", "type"),
            "is N, but the select returns seen as S",
            {},
        ),
        (
            {
                "select": f"{PLAIN[:-10]}, rate.id + 1 AS next FROM rate",
                "indexes": [
                    {"name": "byNext", "partition": {"name": "next", "type": "N"}},
                    {**INDEX, "sort": {"name": "next", "type": "S"}},
                ],
            },
            ("indexes", 1, "sort", "type"),
            "is S, but next is N in another key",
            {},
        ),
        ({"indexes": [INDEX, INDEX]}, ("indexes", 1, "name"), "'byRoom' is another index's name already", {}),
        (
            {"indexes": [{**INDEX, "sort": {"name": "room", "type": "S"}}]},
            ("indexes", 0, "sort", "name"),
            "is the partition key already",
            {},
        ),
        ({"ttl": "seen"}, ("ttl",), "needs `attributes: {seen: epoch_seconds}`", {}),
        (
            {"compare": {"exclude": ["room", "id"]}},
            ("compare", "exclude", 1),
            "id is part of the key, by which items are found",
            {},
        ),
        (
            {"compare": {"tolerances": {"room": "x"}}},
            ("compare", "tolerances", "room"),
            "is 'x', but must be a number",
            {},
        ),
        (
            {"compare": {"tolerances": {"room": "-1"}}},
            ("compare", "tolerances", "room"),
            "is -1, but must be at least 0",
            {},
        ),
        (
            {"indexes": [{**INDEX, "sort": {"name": "seen", "type": "S", "accept_collisions": True}}]},
            ("indexes", 0, "sort", "accept_collisions"),
            "is only for a table's key: items may share an index's key",
            ON_KEY,
        ),
        (
            {"indexes": [{"name": "byRoom", "partition": {**INDEX["partition"], "accept_collisions": True}}]},
            ("indexes", 0, "partition", "accept_collisions"),
            "is only for a table's key: items may share an index's key",
            ON_KEY,
        ),
        (
            {"on_duplicate_key": {"latest": "room"}, "attributes": {"room": "N"}},
            ("on_duplicate_key", "latest"),
            "room is ordered as text, where 9 comes after 10: give its column the type numeric(p,s)",
            {},
        ),
        (
            {
                "select": PLAIN.replace("rate.room AS room", "lower(rate.room) AS room"),
                "key": {"partition": {**KEY["partition"], "accept_collisions": True}, "sort": INDEX["partition"]},
            },
            ("key", "sort"),
            (
                "different source rows may mean one key: LOWER(rate.room) can map two values to one; "
                "or accept this with accept_collisions: true"
            ),
            {},
        ),
    ],
)  # fmt: skip
def test_a_problem_is_reported_at_its_steps(
    facts: dict[str, Any], steps: tuple[str | int, ...], message: str, more: dict[str, Any]
) -> None:
    changed = table(**{"select": PLAIN, **rate(), **facts})
    findings = list(table_findings(changed, {"shops": "aurora-postgresql"}, ("tables", 3)))

    assert findings == [Finding(("tables", 3, *steps), message, **more)]


def test_an_attribute_may_end_with_an_underscore() -> None:
    select = PLAIN.replace("AS room", "AS room_")
    changed = table(select, indexes=[{"name": "byRoom", "partition": {"name": "room_", "type": "S"}}])

    assert list(table_findings(changed, {"shops": "aurora-postgresql"}, ())) == []


def test_types_that_are_not_sure_are_not_compared() -> None:
    changed = table(PLAIN, key={"partition": {"name": "id", "type": "S"}}, attributes={"room": "epoch_seconds"})

    assert list(table_findings(changed, {"shops": "aurora-mysql"}, (), types_are_sure=False)) == []


def test_a_tolerance_that_is_no_number_hides_no_other() -> None:
    tolerances = {"room": "x", "seen": "-1"}
    findings = table_findings(table(PLAIN, compare={"tolerances": tolerances}), {"shops": "aurora-postgresql"}, ())

    assert [finding.steps[-1] for finding in findings] == ["room", "seen"]


def test_a_select_without_the_driving_rows_is_reported_at_the_select() -> None:
    changed = table("SELECT plan._cluster AS _cluster, 1 AS id FROM plan")
    changed = table(changed.select, extracts={**rate()["extracts"], "plan": changed.extracts["plan"]})
    (_, *findings) = table_findings(changed, {"shops": "aurora-mysql"}, ("tables", 3))

    assert findings == [
        Finding(
            ("tables", 3, "select"),
            "returns no row of the driving extract rate: read it in the outermost FROM",
        )
    ]


def test_columns_that_cannot_be_resolved_are_reported_at_the_select() -> None:
    findings = list(table_findings(table("SELECT * EXCEPT (id) FROM rate"), {"shops": "aurora-mysql"}, ("tables", 3)))

    assert findings == [
        Finding(("tables", 3, "select"), "returns columns that cannot be resolved: name them instead of writing *")
    ]


@pytest.mark.parametrize(
    ("engines", "reported"),
    [
        ({"shops": "aurora-postgresql"}, ["user"]),
        ({"shops": "aurora-mysql"}, ["@@"]),
        ({"shops": ""}, ["user"]),
        ({"other": "aurora-mysql"}, ["group", "user"]),
    ],
)
def test_a_condition_is_read_in_the_dialect_of_its_group(engines: dict[str, str], reported: list[str]) -> None:
    words = {
        "user() depends on the user or on the server's settings, so the comparison may see other rows": "user",
        "a variable depends on the session and on the server's settings": "@@",
        "'shops' is not a group of clusters.yaml (there are other)": "group",
    }
    where = "room = user" if "user" in reported else "room = @@x"
    findings = table_findings(table(PLAIN, **rate(where=where)), engines, ())

    assert [words[finding.message] for finding in findings] == reported


@pytest.mark.parametrize(
    ("parts", "instead"),
    [
        (", rate.room, rate.code", "; write concat(rate.room, '#', rate.code)"),
        (
            ", rate.room, rate.plan_code",
            "; write concat(replace(replace(rate.room, '%', '%25'), '#', '%23'), '#', rate.plan_code)",
        ),
        (", rate.room, rate.`id`", "; write concat(rate.room, '#', rate.`id`)"),
        (", rate.room, lower(rate.code)", ""),
        (", rate.room, 'x'", ""),
        (", plan.name, rate.gone", ""),
        (", rate.room, (rate.id)", ""),
        ("", ""),
    ],
)
def test_what_to_write_instead_of_concat_ws_is_proposed_for_columns_alone(parts: str, instead: str) -> None:
    assert refused_keys(f"concat_ws('#'{parts})") == [
        f"concat_ws() skips nulls and does not escape the separator{instead}"
    ]


def test_nothing_is_proposed_instead_of_another_function() -> None:
    ambiguous = "its parts are ambiguous: a part can contain the separator, or there is no separator"

    assert refused_keys("concat(rate.room, rate.plan_code)") == [ambiguous]


def test_a_column_of_a_star_may_collide_as_another_may() -> None:
    attributes = {"seen": "epoch_seconds"}
    key = {"partition": {"name": "seen", "type": "N"}}
    findings = table_findings(table("SELECT * FROM rate", key=key, attributes=attributes), {"shops": ""}, ())

    assert [finding.message for finding in findings] == [REFUSED.format("epoch_seconds drops the fraction of a second")]


REFUSED = "different source rows may mean one key: {}; or accept this with accept_collisions: true"


def refused_keys(expression: str) -> list[str]:
    """Return why a key's expression is refused."""
    key = {"partition": {"name": "k", "type": "S"}}
    changed = table(f"SELECT {COUNTED}, {expression} AS k FROM rate", key=key)
    messages = [
        finding.message
        for finding in table_findings(changed, {"shops": "aurora-postgresql"}, ())
        if finding.steps == ("key", "partition")
    ]
    before, after = REFUSED.split("{}")
    return [message.removeprefix(before).removesuffix(after) for message in messages]
