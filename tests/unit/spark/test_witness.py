"""The witness's own reading of values, independent of the jobs' reading."""

from __future__ import annotations

import ast
import re
from decimal import Decimal
from pathlib import Path

import pytest
from migration_spark.redaction import key_hash
from migration_spark.witness.exported import ItemComparison, attribute_text, decoded, key_of, may_be_deleted
from migration_spark.witness.findings import Findings
from migration_spark.witness.landed import _locator
from migration_spark.witness.sampling import Sample
from migration_spark.witness.values import Odd, landed, same, same_document, same_real, sampled, shown
from migration_spark.witness.verdict import Testimony

from tests.spark.tables import extract, table

EXPORTED = 1_800_000_000
JAVA = Path("spark/java")
PYTHON = Path("spark/migration_spark/witness")


def test_no_class_of_the_witness_uses_one_of_the_jobs() -> None:
    users = [path.name for path in (JAVA / "witness").glob("*.java") if "migration" in _code(path)]
    assert users == []


def test_the_jobs_classes_do_not_use_the_witness() -> None:
    assert [path.name for path in (JAVA / "migration").glob("*.java") if "witness" in _code(path)] == []


def _code(path: Path) -> str:
    return re.sub(r"/\*.*?\*/|//[^\n]*", "", path.read_text("utf-8"), flags=re.DOTALL)


def test_what_the_witness_shares_with_the_jobs_is_what_the_decision_lists() -> None:
    shared = set()
    for path in PYTHON.glob("*.py"):
        for node in _run_time(path):
            module = str(node.module) if isinstance(node, ast.ImportFrom) else ""
            if isinstance(node, ast.ImportFrom) and re.match(r"migration_spark(?!\.witness)", module):
                shared |= {f"{module}.{alias.name}" for alias in node.names}
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in _MODULES:
                shared.add(f"migration_spark.{node.value.id}.{node.attr}")
    assert shared - {f"migration_spark.{module}" for module in _MODULES} == {
        "migration_spark.jvm_functions.rejection",
        "migration_spark.jvm_functions.source_marks",
        "migration_spark.identifiers.quoted",
        "migration_spark.item_tasks.in_session",
        "migration_spark.item_tasks.own_session",
        "migration_spark.mysql_relations",
        "migration_spark.postgres_relations",
        "migration_spark.redaction.key_hash",
        "migration_spark.attribute_kinds.excluded",
        "migration_spark.attribute_kinds.expires",
        "migration_spark.attribute_kinds.kinds_of",
        "migration_spark.typed_rows.UNREADABLE",
        "migration_spark.typed_rows.select",
    }


_MODULES = ("jvm_functions", "typed_rows")


def _run_time(path: Path) -> list[ast.AST]:
    """Return a module's syntax tree without imports for annotations."""
    tree = ast.parse(path.read_text("utf-8"))
    tree.body = [
        statement
        for statement in tree.body
        if not (isinstance(statement, ast.If) and ast.unparse(statement.test) == "TYPE_CHECKING")
    ]
    return list(ast.walk(tree))


@pytest.mark.parametrize(
    ("cell", "kind", "value"),
    [
        (None, "text", None),
        ("-7", "bigint", -7),
        ("1.50", "numeric(5,2)", Decimal("1.50")),
        ("NaN", "numeric", "NaN"),
        ("Infinity", "double", float("inf")),
        ("false", "boolean", False),
        ("-1", "date", -1),
        ("AP/+", "bytes", b"\x00\xff\xfe"),
        (["1", None], "bigint[]", (1, None)),
        (["a", None], "text[]", ("a", None)),
        ({"odd": "infinity"}, "date", Odd("infinity")),
        ("é", "text", "é"),
    ],
)
def test_what_the_driver_gave_is_read_as_what_it_is(cell: object, kind: str, value: object) -> None:
    assert sampled(cell, kind) == value


def test_raw_rows_have_the_same_values() -> None:
    assert landed(bytearray(b"a"), "bytes") == b"a"
    assert landed([1, None], "bigint[]") == (1, None)
    assert landed("1.5", "numeric") == Decimal("1.50")
    assert landed(None, "numeric") is None


@pytest.mark.parametrize(
    ("left", "right", "kind"),
    [
        (float("nan"), float("nan"), "double"),
        (-0.0, 0.0, "double"),
        (7.038531e-26, 7.0385310000000001e-26, "real"),
        ('{"a": 1.0, "b": [true]}', '{"b":[true],"a":1.00}', "json"),
        (None, None, "text"),
    ],
)
def test_values_that_mean_the_same_are_the_same(left: object, right: object, kind: str) -> None:
    assert same(left, right, kind)


@pytest.mark.parametrize(
    ("left", "right", "kind"),
    [
        (0.1, 0.10000000000000002, "double"),
        (7.038531e-26, 7.0385313e-26, "real"),
        ('{"a": 1}', '{"a": true}', "json"),
        ('{"a": 1}', '{"a": "1"}', "json"),
        ('{"a": 1}', "no json", "json"),
        ("a", "a ", "text"),
        (1, True, "bigint"),
        (None, "", "text"),
        (Odd("infinity"), None, "date"),
        (("a",), ("a", None), "text[]"),
    ],
)
def test_values_that_differ_in_anything_are_not(left: object, right: object, kind: str) -> None:
    assert not same(left, right, kind)


def test_a_real_is_rounded_once() -> None:
    """The double nearest to 7.038531e-26 lies between two floats; rounding through it gives the wrong float."""
    assert same_real(Decimal("7.038531E-26"), 7.038531e-26)
    assert not same_real(Decimal("7.0385313E-26"), 7.038531e-26)
    assert not same_real(float("inf"), 1.0)
    assert not same_real(1e300, 1.0)


@pytest.mark.parametrize(
    ("expires", "deleted"),
    [
        (None, False),
        (EXPORTED + 1, False),
        (EXPORTED, True),
        (EXPORTED - 5 * 365 * 86_400 + 1, True),
        (EXPORTED - 5 * 365 * 86_400, False),
        (-62_135_596_800, False),
    ],
)
def test_dynamodb_deletes_what_expired_within_five_years(expires: int | None, deleted: bool) -> None:  # noqa: FBT001 - a parameter
    assert may_be_deleted(expires, EXPORTED) is deleted


@pytest.mark.parametrize(
    ("primary_key", "item_key", "rows", "by"),
    [
        (("id",), ("day",), [("a", 1.0, 1)], ["id"]),
        ((), ("day", "id"), [("a", 1.0, 1), ("b", 1.0, 1)], ["id", "day"]),
        ((), ("id",), [("a", 1.0, 1), ("a", 1.0, 1)], ["id", "day"]),
        ((), ("id",), [("a", 1.0, 1), (None, 1.0, 1)], ["id", "day"]),
        ((), ("size",), [("a", 1.0, 1)], ["id", "day"]),
        (("absent",), (), [("a", 1.0, 1)], ["id", "day"]),
        ((), (), [("a", 1.0, 1)], ["id", "day"]),
    ],
)
def test_raw_rows_are_looked_up_by_a_key_that_is_one(
    primary_key: tuple[str, ...], item_key: tuple[str, ...], rows: list[tuple[object, ...]], by: list[str]
) -> None:
    source = extract({"id": "text", "size": "real", "day": "date"})
    located_by = _locator(source, [Sample("one", rows, None, None, primary_key)], item_key)
    assert [column.name for column in located_by] == by


def test_deep_documents_are_no_documents_and_do_not_end_the_job() -> None:
    deep = "[" * 100_000 + "]" * 100_000
    assert not same_document(deep, deep + " ")


def test_an_exported_line_is_decoded_to_its_types_and_values() -> None:
    line = (
        '{"Item": {"s": {"S": "x"}, "n": {"N": "1.50"}, "b": {"B": "AP/+"}, "t": {"BOOL": true}, '
        '"z": {"NULL": true}, "ss": {"SS": ["b", "a"]}, "ns": {"NS": ["1.0"]}, '
        '"m": {"M": {"l": {"L": [{"N": "1"}]}}}}}'
    )
    assert decoded(line) == {
        "s": ("S", "x"),
        "n": ("N", Decimal("1.5")),
        "b": ("B", b"\x00\xff\xfe"),
        "t": ("BOOL", True),
        "z": ("NULL", True),
        "ss": ("SS", frozenset("ab")),
        "ns": ("NS", frozenset([Decimal(1)])),
        "m": ("M", {"l": ("L", [("N", Decimal(1))])}),
    }


@pytest.mark.parametrize(
    "line", ["", "{}", "[]", '{"Item": {"a": {"S": "x"}, "a": {"S": "x"}}}', '{"Item": {"a": {}}}']
)
def test_a_line_that_is_no_item_is_refused(line: str) -> None:
    with pytest.raises((ValueError, KeyError, TypeError)):
        decoded(line)


def test_an_attribute_of_another_type_is_another_one_and_an_unknown_one_is_told() -> None:
    agreement = ItemComparison(table({"id": "text", "n": "bigint", "s": "text"}), ["id", "n", "s"])
    wanted = {"id": ("S", "a"), "n": ("N", Decimal(1)), "s": None}
    assert agreement.differing(wanted, {"id": ("S", "a"), "n": ("N", Decimal("1.0"))}) == []
    assert agreement.differing(wanted, {"id": ("S", "a"), "n": ("S", "1"), "s": ("S", ""), "x": ("S", "")}) == [
        "n",
        "s",
        "x",
    ]


def test_what_the_catalog_excludes_or_tolerates_is_no_difference() -> None:
    columns = {"id": "text", "n": "double", "s": "text"}
    agreement = ItemComparison(table(columns, exclude=("s",), tolerances={"n": "0.01"}), list(columns))
    wanted = {"id": ("S", "a"), "n": ("N", 0.5), "s": ("S", "x")}
    assert agreement.differing(wanted, {"id": ("S", "a"), "n": ("N", Decimal("0.509"))}) == []
    assert agreement.differing(wanted, {"id": ("S", "a"), "n": ("N", Decimal("0.52"))}) == ["n"]


def test_equal_numbers_are_one_key_however_they_are_written() -> None:
    spec = table({"id": "numeric"})
    assert key_of(spec, {"id": ("N", Decimal("1.0"))}) == key_of(spec, {"id": ("N", Decimal("1E0"))})
    assert key_of(spec, {"id": ("N", 1.0)}) == key_of(spec, {"id": ("N", Decimal(1))})
    assert key_of(spec, {"id": ("S", "1")}) != key_of(spec, {"id": ("N", Decimal(1))})


def test_what_is_shown_of_a_value_is_bounded() -> None:
    assert shown("x" * 2000) == "x" * 1024 + "…"
    assert attribute_text(("B", b"\x01")) == "B:01"
    assert attribute_text(None) == "(absent)"


def test_the_findings_of_a_table_are_counted_and_a_few_of_them_shown() -> None:
    findings = Findings()
    findings.count("thing", "one", "sampled", 400)
    for _ in range(300):
        findings.differs("thing", "one", [{"column": "a", "key": "k", "clone": "1", "landed": "2"}])
    findings.differs("thing", "one", [{"column": "a", "key": "k", "clone": "1", "exported": "2"}])
    testimony = Testimony({"Thing": findings})

    assert [sum(kind in sample for sample in testimony.samples) for kind in ("landed", "exported")] == [100, 1]
    assert testimony.counts == {"sampled": 400, "landed": 0, "exported": 0, "differences": 301}
    assert testimony.document({"Thing-thing": {"one": 5000}}) == {
        "Thing-thing": {"one": {"rows": 5000, "sampled": 400, "landed": 0, "exported": 0, "differences": 301}}
    }
    assert testimony.added_to("All well.", differs=False) == (
        "The witness found 301 differences in 400 sampled rows. The first: Thing "
        f"{key_hash('k')} in one (thing): a has different values in the clone and in raw/. Both are in the report."
    )
