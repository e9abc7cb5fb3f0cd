"""A finding has its line and column in the file, and its message."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from catalog.case_style import name_all
from catalog.field_types import MEANINGS
from catalog.key_proposal import propose_key
from catalog.located_yaml import Document, Finding
from catalog.source_schema import SourceColumn, SourceTable

if TYPE_CHECKING:
    from pathlib import Path

TEXT = """\
name: shop
tables:
  - name: Order
    ttl: due
    select: |

      SELECT a,
        b
    list: [x, y]
"""


@pytest.fixture
def document(tmp_path: Path) -> Document:
    path = tmp_path / "shop.yaml"
    path.write_text(TEXT)
    return Document(path)


@pytest.mark.parametrize(
    ("finding", "position", "key"),
    [
        (Finding(("name",), "m"), (1, 7), "name"),
        (Finding(("name",), "m", on_key=True), (1, 1), "name"),
        (Finding(("tables", 0, "ttl"), "m"), (4, 10), "tables.Order.ttl"),
        (Finding(("tables", 0, "ttl"), "m", on_key=True), (4, 5), "tables.Order.ttl"),
        (Finding(("tables", 0), "m"), (3, 5), "tables.Order"),
        (Finding(("tables", 0), "m", on_key=True), (3, 5), "tables.Order"),
        (Finding(("tables", 0, "gone", "name"), "m"), (3, 5), "tables.Order.gone.name"),
        (Finding(("tables", 1, "name"), "m"), (3, 3), "tables.1.name"),
        (Finding(("tables", 0, "list", 1), "m"), (9, 15), "tables.Order.list.1"),
        (Finding(("tables", 0, "select"), "m"), (5, 13), "tables.Order.select"),
        (Finding(("tables", 0, "select"), "m", text_line=2, text_column=8), (7, 14), "tables.Order.select"),
        (Finding(("tables", 0, "select"), "m", text_line=3), (8, 7), "tables.Order.select"),
        (Finding(("tables", 0, "ttl"), "m", text_line=1, text_column=3), (4, 10), "tables.Order.ttl"),
        (Finding((), "m"), (1, 1), ""),
    ],
)
def test_a_finding_is_told_with_its_line_column_and_key(
    document: Document, finding: Finding, position: tuple[int, int], key: str
) -> None:
    problem = document.problem(finding)

    assert ((problem.line, problem.column), problem.key, problem.message) == (position, key, "m")


@pytest.mark.parametrize(
    ("text", "finding", "position"),
    [
        ("", Finding(("name",), "m"), (None, None)),
        ("name: |\n\n", Finding(("name",), "m", text_line=1, text_column=2), (2, 2)),
        ("name: |\n\n    SELECT\n  # of YAML\n", Finding(("name",), "m", text_line=2, text_column=2), (3, 6)),
    ],
)
def test_a_finding_has_a_position_as_far_as_the_file_has_one(
    tmp_path: Path, text: str, finding: Finding, position: tuple[int | None, int | None]
) -> None:
    path = tmp_path / "short.yaml"
    path.write_text(text)
    problem = Document(path).problem(finding)

    assert (problem.line, problem.column) == position


def test_a_key_that_is_written_twice_is_named_wherever_it_is(tmp_path: Path) -> None:
    path = tmp_path / "twice.yaml"
    path.write_text("a: 1\nb:\n  - c: 1\n    d: 2\n    c: 3\na: 2\n")

    problems = [(problem.line, problem.column, problem.message) for problem in Document(path).problems]

    assert sorted(problems) == [
        (5, 5, "the key 'c' is written twice, first in line 3"),
        (6, 1, "the key 'a' is written twice, first in line 1"),
    ]


def test_each_pattern_has_words_of_its_own() -> None:
    assert all(len(words) > 20 for words in MEANINGS.values())
    assert len(set(MEANINGS.values())) == len(MEANINGS) == 12


@pytest.mark.parametrize(
    ("kind", "is_warned"), [("real", True), ("double", True), ("numeric(9,2)", False), ("bigint", False)]
)
def test_a_key_of_an_inexact_number_is_told(kind: str, *, is_warned: bool) -> None:
    table = SourceTable("rate", (SourceColumn("price", kind, nullable=False),), ("price",))
    warnings = propose_key(table, {"price": kind}, name_all("rate", ["price"])).warnings

    assert warnings == ([f"price is a {kind}: two values that look equal can be two keys"] if is_warned else [])


@pytest.mark.parametrize(
    ("column", "warning"),
    [
        (SourceColumn("id", "bigint", nullable=False), None),
        (SourceColumn("id", "bigint"), "id may be null, and a row with a null is rejected"),
        (
            SourceColumn("id", "text", nullable=False, ignores_case=True),
            (
                "id ignores case in the database, but DynamoDB and joins in Spark do not: use lower() in both, "
                "and set accept_collisions: true in the key"
            ),
        ),
    ],
)
def test_what_a_person_should_think_of_a_key_is_told(column: SourceColumn, warning: str | None) -> None:
    table = SourceTable("rate", (column,), ("id",))

    assert propose_key(table, {"id": "bigint"}, name_all("rate", ["id"])).warnings == ([warning] if warning else [])
