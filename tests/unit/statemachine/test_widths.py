"""The widths of outcomes and of a job's arguments, and what the syntax of an expression says of its value."""

from __future__ import annotations

import json
from typing import Any

import pytest

from statemachine.errors import DefinitionError
from statemachine.expressions import ExpressionError, can_be_nothing, constant_members, is_expression, parse, variables
from statemachine.outcomes import Outcomes, job_bytes, job_properties, names_of

ARN = len("arn:aws-us-gov:dynamodb:longest-region:000000000000:table/Rate-rehearsal")
CHILD = ARN + len("/import/01693685827463-2d8752fd")
TABLE = len("Rate-rehearsal")
MANIFEST = len(f"export/{'d' * 31}/{'r' * 64}/Rate/AWSDynamoDB/01693685827463-2d8752fd/manifest-summary.json")
WIDTHS = {
    "name": TABLE, "tableName": TABLE, "arn": ARN, "tableArn": ARN, "importArn": CHILD, "exportArn": CHILD,
    "manifest": MANIFEST, "id": 36, "tableId": 36, "endpoint": 253, "port": 5, "createdAt": 35, "position": 300,
    "cause": 77, "imported": 20, "exported": 20, "applied": 20, "already": 20, "expired": 20,
}  # fmt: skip


def each(*outputs: dict[str, Any], items: object = None) -> dict[str, Any]:
    """Return a Map whose items end with these outputs."""
    ends = {f"End{number}": {"Type": "Pass", "Output": output, "End": True} for number, output in enumerate(outputs)}
    more = {
        "Quiet": {"Type": "Pass", "End": True},
        "On": {"Type": "Pass", "Output": {"odd": "{% $x %}"}, "Next": "Quiet"},
    }
    return {"Type": "Map", "Items": ["Rate"] if items is None else items, "ItemProcessor": {"States": {**ends, **more}}}


@pytest.mark.parametrize("field", WIDTHS)
def test_each_field_of_an_outcome_is_as_wide_as_its_service_lets_it_be(field: str) -> None:
    # A list of one object, whose only member has a name, quotes, a colon and a comma.
    around = 2 + 1 + 2 + len(field) + len('"":"",')

    assert Outcomes(77).bytes_of(each({field: "{% $x %}"})) == around + WIDTHS[field]


def test_the_widest_outcome_of_each_item_counts() -> None:
    narrow, wide = {"ok": True}, {"ok": False, "cause": "{% $x %}"}
    outcome_bytes = 1 + 2 + len("ok") + 6 + len("false") + len("cause") + 6 + 77

    for outputs in ((narrow, wide), (wide, narrow)):
        assert Outcomes(77).bytes_of(each(*outputs)) == 2 + outcome_bytes
        assert Outcomes(77).bytes_of(each(*outputs, items=[{"name": "A"}, "B"])) == 2 + 2 * outcome_bytes
        assert Outcomes(77, ("T", "T", "U")).bytes_of(each(*outputs, items="{% $lanes %}")) == 2 + 3 * outcome_bytes
    assert Outcomes(77).bytes_of(each()) == 2
    with pytest.raises(DefinitionError, match=r"an outcome's field odd has no maximum width: add one in statemachine"):
        Outcomes(77).bytes_of(each({"odd": "{% $x %}"}))
    assert names_of(each(items=[{"name": "A"}, "B"])) == ["A", "B"]


def job(properties: str = "") -> dict[str, Any]:
    spark = [{"Classification": "spark-defaults", "Properties": properties}]
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::emr-serverless:startJobRun.sync",
        "Arguments": {"ConfigurationOverrides": {"ApplicationConfiguration": spark}},
    }


def test_the_arguments_of_the_largest_job_hold_every_clone_and_every_export() -> None:
    small, largest = job(), job('{"spark.a": "1"}')
    own = len(json.dumps(largest["Arguments"]))
    clone = {"c": {"host": "h" * 253, "port": 65535, "createdAt": "t" * 35, "position": "p" * 300}}
    export = {"table": "Rate", "manifest": "m" * MANIFEST}
    clones = {"Type": "Map", "Items": ["c", "c"]}
    tables = {"Type": "Map", "Items": [{"name": "Rate"}]}
    others = {"Lanes": {"Type": "Map", "Items": "{% $lanes %}"}, "Destroy": clones, "End": {"Type": "Succeed"}}
    lanes = {"ApplyPuts": {"Type": "Map", "Items": "{% $lanes %}"}}

    def counted(**states: object) -> int:
        return job_bytes({"StartAt": "A", "States": {"A": small, "B": largest, **states}})

    def escaped(document: object) -> int:
        return len(json.dumps(json.dumps(document)))

    assert counted() == counted(**others) == counted(**lanes) == own
    # The port is counted beside the zero of the empty document.
    assert counted(CloneClusters=clones) == own + 2 * (escaped(clone) + 1)
    assert counted(MigrateTables=tables) == counted(ExportTables=tables) == own + escaped(export)
    assert job_bytes({"StartAt": "A", "States": {"CloneClusters": clones}}) == 0


def test_the_properties_of_the_largest_job_are_counted() -> None:
    small = job("{% $merge([{\"spark.a\": \"1\"}, {'spark.b': 'x'}]) %}")
    large = job("{% $merge([{\"spark.a\": \"spark.x\"}, {'spark.b': 'x', 'spark.c.d': $e, 'other': 1}]) %}")

    assert job_properties({"StartAt": "A", "States": {"A": small, "B": large, "C": {"Type": "Pass"}}}) == 3
    assert job_properties({"StartAt": "A", "States": {"B": large, "A": small}}) == 3
    assert job_properties({"StartAt": "A", "States": {"C": {"Type": "Pass"}}}) == 0


@pytest.mark.parametrize(
    ("value", "is_whole"),
    [("{% 1 %}", True), ("{% 1 %} \n", True), ("{% 1", False), ("1 %}", False), (" {% 1 %}", False), (1, False)],
)
def test_a_text_is_an_expression_as_a_whole_or_not_at_all(*, value: object, is_whole: bool) -> None:
    assert is_expression(value) is is_whole


TOTAL = ("count", "exists", "millis", "now")
STRICT = (
    "append", "boolean", "contains", "floor", "hash", "join", "merge", "min", "not", "power", "replace", "string",
    "substring", "sum", "toMillis", "type",
)  # fmt: skip


@pytest.mark.parametrize("name", TOTAL)
def test_some_functions_always_have_a_result(name: str) -> None:
    assert can_be_nothing(f"{{% ${name}($x.y) %}}", {}) is False


@pytest.mark.parametrize("name", STRICT)
def test_most_functions_have_a_result_if_their_first_argument_has_one(name: str) -> None:
    assert can_be_nothing(f"{{% ${name}($x, $x.y) %}}", {}) is False
    assert can_be_nothing(f"{{% ${name}($x.y, $x) %}}", {}) is True


@pytest.mark.parametrize("name", ["lookup", "map", "filter", "reduce", "max", "keys", "parse", "uuid"])
def test_other_functions_may_have_none(name: str) -> None:
    assert can_be_nothing(f"{{% ${name}($x) %}}", {}) is True


@pytest.mark.parametrize(
    ("expression", "nothing"),
    [
        ("'text'", False),
        ("7", False),
        ("true", False),
        ("null", False),
        ("$x", False),
        ("$x.y", True),
        *((f"$x.y {sign} $x.z", False) for sign in ("=", "!=", "in", "and", "or", "&")),
        *((f"$x.y {sign} 1", True) for sign in ("<", "<=", ">", ">=", "+", "-", "*", "/", "%")),
        *((f"1 {sign} $x.y", True) for sign in ("<", "+", "-")),
        ("1 + $x", False),
        ("[$x.y]", False),
        ("{'a': $x.y}", False),
        ("-$x", False),
        ("-$x.y", True),
        ("$x = 1 ? 2 : 3", False),
        ("$x = 1 ? 2", True),
        ("$x = 1 ? $x.y : 3", True),
        ("$x = 1 ? 2 : $x.y", True),
        ("$exists($x.y) ? $x.y : $x.z", True),
        ("$x = 1 and $exists($x.y) ? $x.y : 3", False),
        ("$exists($x.y) and $x = 1 ? $x.y : 3", False),
        ("$x = 1 or $exists($x.y) ? $x.y : 3", True),
        ("$not($exists($x.y)) ? $x.y : 3", True),
        ("$count($x.y) ? $x.y : 3", True),
        ("$exists($x.y.z) ? $x.y : 3", True),
        ("($a := 1; $x.y)", True),
        ("($x.y; 1)", False),
        ("$known.member", False),
        ("$known.member.deeper", True),
        ("$known[0].member", True),
        ("$known.member[0]", True),
        ("a", True),
        ("$string($x).a", True),
        ("{'a': 1}.a", True),
        ("$x[0]", True),
        ("[1, 2][3]", True),
        ("{'a': 1}[1]", True),
        ("$states.input[0]", True),
        ("$states.context.Map[0]", True),
        ("$exists($x.y) ? $x.y[0] : 3", True),
        ("$exists($x) ? $lookup($y, 'z') : 3", True),
        ("$other.member", True),
        ("$states.context.Execution.Name", False),
        ("$states.input", False),
        ("$states.input.a", True),
        ("$states.result", True),
        ("$states.result.a", True),
        ("$states.errorOutput.Error", True),
        ("function($v) { 1 }", True),
    ],
)
def test_the_syntax_says_whether_an_expression_has_a_value(expression: str, *, nothing: bool) -> None:
    assert can_be_nothing(f"{{% {expression} %}}", {"known": frozenset({"member"})}) is nothing


@pytest.mark.parametrize(
    ("value", "members"),
    [
        ({"a": 1, "b": 2}, {"a", "b"}),
        ("{% {'a': 1, 'b': $x} %}", {"a", "b"}),
        ("{% ($c := 1; {'a': $c}) %}", {"a"}),
        ("{% ({'a': 1}; {'b': 1}) %}", {"b"}),
        ("{% $x ? {'a': 1, 'b': 2} : {'b': 3, 'c': 4} %}", {"b"}),
        ("{% $x ? {'a': 1} : $y %}", set()),
        ("{% {$x: 1, 'a': 2} %}", {"a"}),
        ("{% $x %}", set()),
        ("{% ['a'] %}", set()),
        ("text", set()),
        (7, set()),
    ],
)
def test_the_members_of_an_assigned_object_are_those_of_every_case(value: object, members: set[str]) -> None:
    assert constant_members(value) == members


@pytest.mark.parametrize(
    ("expression", "read"),
    [
        ("$a & $b.c", {"a", "b"}),
        ("$states.input & $.x", set()),
        ("($a := $b; $a)", {"b"}),
        ("$map($a, function($b, $c) { $b & $c & $d })", {"a", "d"}),
        ("$lookup($a, 'x')", {"a"}),
        ("($f := function($x) { $x }; $f($a))", {"a"}),
        ("{'k': $a, $b: 1}", {"a", "b"}),
        ("[$a, [$b]]", {"a", "b"}),
        ("$a ? $b : $c", {"a", "b", "c"}),
        ("$a[$b = 1].c.(d & $e)", {"a", "b", "e"}),
        ("-$a", {"a"}),
        ("'$a'", set()),
        ("$$.a", set()),
    ],
)
def test_the_variables_that_an_expression_reads_are_found_wherever_they_are(expression: str, read: set[str]) -> None:
    assert variables(f"{{% {expression} %}}") == variables(f"{{%{expression}%}}") == read


def test_an_expression_that_does_not_parse_is_an_error_of_its_own() -> None:
    with pytest.raises(ExpressionError, match=r"^Expected \) before end of expression$"):
        parse("{% ( %}")
