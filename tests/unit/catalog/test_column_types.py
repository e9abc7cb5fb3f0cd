"""Everything that lists types agrees with the one list of catalog/column_types.py."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest
from migration_spark import attribute_kinds, typed_rows
from migration_spark import column_types as jobs
from migration_spark.witness import sampling

from catalog import jobs_types, source_types, types_page
from catalog.column_types import CATALOG_TYPES, DECLARED_TYPES, ENGINE_TYPES, MYSQL_TYPES
from catalog.item_models import AttributeType
from catalog.type_entries import CatalogType, DatabaseType
from tests.spark.tables import table

ROOT = Path(__file__).parents[3]
NAMES = {kind.name for kind in CATALOG_TYPES}
DIGITS = "numeric(12,2)"


def cases(path: str) -> set[str]:
    """Return the texts that a Java module's switches distinguish."""
    labels = re.findall(r"case ((?:\"[^\"]+\"(?:, )?)+) ->", (ROOT / path).read_text("utf-8"))
    return {name for label in labels for name in re.findall(r"\"([^\"]+)\"", label)}


def test_the_jobs_have_the_list_of_the_catalog() -> None:
    assert jobs_types.JOBS_MODULE.read_text("utf-8") == jobs_types.jobs_module(), "run `make schema`"


def test_the_page_has_the_tables_of_the_list() -> None:
    text = types_page.PAGE.read_text("utf-8")

    assert text == types_page.types_page(text), "run `make schema`"
    assert re.findall(r"<!-- types: (\w+) -->", text) == ["attributes", "declared", "postgres", "mysql", "cuts"]


def test_a_new_entry_reaches_the_jobs_and_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    vector = DatabaseType("vector", ("bytes",), cut="sample")
    for module in (jobs_types, types_page):
        monkeypatch.setattr(module, "MYSQL_TYPES", (*MYSQL_TYPES, vector))

    module, page = jobs_types.jobs_module(), types_page.types_page(types_page.PAGE.read_text("utf-8"))

    assert '    "vector": ("bytes",),\n' in module
    assert ', "uuid", "vector"),\n' in module
    assert "longblob, vector | `bytes` |\n" in page
    assert "varchar, uuid, vector | at values of a sample" in page


@pytest.mark.parametrize("engine", ENGINE_TYPES)
def test_no_type_of_a_database_is_listed_twice_or_has_an_unknown_type(engine: str) -> None:
    types = ENGINE_TYPES[engine]

    assert len({kind.name for kind in types}) == len(types)
    assert {source_types.by_name(name).name for kind in types for name in kind.read_as} <= NAMES
    assert all(source_types.database_entry(engine, kind.name) is kind for kind in types)


def test_every_type_that_attributes_may_declare_is_described() -> None:
    assert {kind.name for kind in DECLARED_TYPES} == set(get_args(AttributeType)) == set(attribute_kinds._DECLARED)
    assert {name for kind in CATALOG_TYPES for name in kind.declarable} == {kind.name for kind in DECLARED_TYPES}


@pytest.mark.parametrize("kind", CATALOG_TYPES, ids=lambda kind: kind.name)
def test_the_jobs_make_the_attribute_that_the_list_says(kind: CatalogType) -> None:
    name = DIGITS if kind.name == "numeric(p,s)" else kind.name
    data_type = typed_rows._sql_type(name)
    made = attribute_kinds.kind_of_type("x", data_type)
    declared = {
        other: attribute_kinds.kind_of(table({"x": name}, attributes={"x": other}), "x", data_type)
        for other in kind.declarable
    }

    assert attribute_kinds.STORED.get(made, made) == kind.attribute == source_types.attribute_type(name)
    assert {other: attribute_kinds.STORED.get(made, made) for other, made in declared.items()} == {
        other: source_types.ATTRIBUTE_OF_DECLARED[other] for other in kind.declarable
    }


@pytest.mark.parametrize("kind", CATALOG_TYPES, ids=lambda kind: kind.name)
def test_every_value_leaves_each_database_once(kind: CatalogType) -> None:
    assert [kind.postgres.count("{}"), kind.mysql.count("{}")] == [1, 1]
    assert [kind.postgres.count("{"), kind.mysql.count("{")] == [1, 1]


def test_java_makes_a_value_of_every_type_that_does_not_leave_the_database_as_it_is() -> None:
    made = {name for name in NAMES if name not in typed_rows._AS_IS} - {"numeric(p,s)"}

    assert cases("spark/java/migration/ValueReader.java") >= {*made, "decimal"}


def test_the_witness_reads_every_type_with_code_of_its_own() -> None:
    assert cases("spark/java/witness/Getters.java") >= NAMES - {"numeric(p,s)"}
    assert {name: kind.simpleString() for name, kind in sampling._TYPES.items()} == {
        name: spark for name, spark in jobs.SPARK_TYPES.items() if name != "numeric(p,s)"
    }


def test_types_are_grouped_by_their_values() -> None:
    assert source_types.WHOLE == typed_rows.WHOLE == ("smallint", "integer", "bigint")
    assert source_types.TEXTS == ("numeric", "text", "uuid", "json")
    assert source_types.MOMENTS == ("date", "timestamp", "timestamptz")
    assert source_types.LISTS == ("text[]", "bigint[]")


@pytest.mark.parametrize(
    ("column", "attribute"),
    [
        *((name, "S") for name in ("text", "uuid", "json", "numeric", "date", "timestamp", "timestamptz")),
        *((name, "N") for name in ("smallint", "integer", "bigint", "real", "double", "numeric(9,2)")),
        ("boolean", "BOOL"),
        ("bytes", "B"),
        ("text[]", "L"),
        ("bigint[]", "L"),
    ],
)
def test_a_column_becomes_the_attribute_that_its_type_says(column: str, attribute: str) -> None:
    assert source_types.attribute_type(column) == attribute
