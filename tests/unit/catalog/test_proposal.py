"""A proposal from a schema is a valid file, with a mark wherever a person must decide."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from migration_spark import mysql, postgres, schema
from migration_spark.spec import Cluster, Column, Extract

from catalog.loader import read_catalog
from catalog.proposal import propose
from catalog.source_schema import Source, SourceColumn, SourceTable
from catalog.source_types import catalog_type, plain

if TYPE_CHECKING:
    from pathlib import Path

C = SourceColumn
CHOOSE = "choose columns that differ in every row, or leave the table out"
LENGTHS = {"numeric": "(12,2)", "decimal": "(12,2)", "character": "(3)", "character varying": "(20)", "varchar": "(20)"}
COPY = SourceTable(
    "film_copy",
    (
        C("store", "character varying(9)", nullable=False, ignores_case=True),
        C("copy_no", "integer", nullable=False),
        C("since", "timestamp with time zone", nullable=False),
        C("facts", "jsonb"),
        C("shape", "polygon"),
        C("Odd Name", "text"),
    ),
    ("store", "copy_no", "since"),
    rows=7_000_000,
)
COPY_TEXT = """\
# yaml-language-server: $schema=../../docs/schemas/domain.schema.json
# Proposed from postgresql://me@there/film: its schema and statistics were read, none of its rows.
# Resolve each DECIDE, then run `python -m catalog check`.
# clusters.yaml needs the group shops, of engine aurora-postgresql and database film.
domain: films
tables:
  - name: FilmCopy
    extracts:
      film_copy:
        source: film_copy
        group: shops
        connections: 4   # about 7,000,000 rows, split by blocks
        columns:
          store: text
          copy_no: integer
          since: timestamptz
          facts: json
          # shape: polygon has no mapping: leave the column out, or cast it in a view
          odd_name: text
        database_names: {odd_name: "Odd Name"}
        left_out: [shape]
    driving: {extract: film_copy, cardinality: one item per row}
    select: |
      SELECT film_copy._cluster AS _cluster,
             concat(film_copy.store, '#', film_copy.copy_no) AS filmCopyKey,
             film_copy.store AS store,
             film_copy.copy_no AS copyNo,
             film_copy.since AS since,
             film_copy.facts AS facts,
             film_copy.odd_name AS oddName
      FROM film_copy
    # DECIDE: store ignores case in the database, but DynamoDB and joins in Spark do not: use lower() in both, \
and set accept_collisions: true in the key
    key:
      partition: {name: filmCopyKey, type: S}
      sort: {name: since, type: S}
    attributes: {facts: M}   # DECIDE: M for objects, L for arrays; without it the text as S
    # stream: FilmCopy-Stream   # for the changes of an official run's table

"""


def source(*tables: SourceTable, engine: str = "aurora-postgresql", zero_dates: bool = False) -> Source:
    return Source(engine, "postgresql://me@there/film", "film", tables, zero_dates)  # type: ignore[arg-type]  # an engine


def table(*columns: SourceColumn, key: tuple[str, ...] = ("id",), **facts: object) -> SourceTable:
    return SourceTable("thing", (C("id", "bigint", nullable=False), *columns), key, **facts)  # type: ignore[arg-type]  # a table's fields


def warnings(*columns: SourceColumn, engine: str = "aurora-postgresql", **facts: object) -> list[str]:
    return propose(source(table(*columns, **facts), engine=engine), "films", "shops").warnings  # type: ignore[arg-type]  # a table's fields


def test_a_table_becomes_a_part_of_the_file() -> None:
    proposal = propose(source(COPY), "films", "shops")

    assert proposal.text == COPY_TEXT
    assert proposal.warnings == [
        "film_copy: " + COPY_TEXT.split("DECIDE: ")[1].splitlines()[0],
        "film_copy.shape: polygon has no mapping: leave the column out, or cast it in a view",
    ]


@pytest.mark.parametrize(
    "key",
    [
        ("id",),
        ("id", "at"),
        ("flag",),
        ("at", "id"),
        ("list", "flag", "id"),
        ("names",),
        ("flag_text", "on", "id"),
        ("blob", "names", "facts", "flag_text", "at"),
        ("ratio", "list", "flag_text", "id"),
        (),
    ],
)
def test_a_proposal_is_a_catalog_that_holds(tmp_path: Path, key: tuple[str, ...]) -> None:
    columns = [
        C("flag", "boolean"),
        C("at", "date"),
        C("list", "integer[]"),
        C("flag_text", "text"),
        C("facts", "json"),
        C("names", "text[]"),
        C("blob", "bytea"),
        C("ratio", "double precision"),
        C("on", "text"),
        C("null", "integer"),
        C("_cluster", "text"),
        C("shape", "polygon"),
        C("Ein Name", "text"),
        C("yes", "box"),
    ]
    (tmp_path / "domains").mkdir()
    (tmp_path / "clusters.yaml").write_text(
        "groups: {shops: {engine: aurora-postgresql, database: d, user: u, password_secret: s, clusters: [a]}}"
    )
    proposal = propose(source(table(*columns, key=key), COPY), "films", "shops")
    (tmp_path / "domains/films.yaml").write_text(proposal.text)

    assert read_catalog(tmp_path)[1] == []


@pytest.mark.parametrize(
    ("key", "expression"),
    [
        (("a", "b", "id"), "concat(replace(replace(thing.a, '%', '%25'), '#', '%23'), '#', thing.b)"),
        (("id", "a", "at"), "concat(thing.id, '#', thing.a)"),
        (("a", "id", "at"), "concat(thing.a, '#', thing.id)"),
        (("blob", "names", "a", "at"), (
            "concat(hex(thing.`blob`), '#', replace(replace(to_json(thing.names), '%', '%25'), '#', '%23'), '#', "
            "thing.a)"
        )),
        (("list", "id", "at"), "concat(CAST(thing.`list` AS STRING), '#', thing.id)"),
    ],
)  # fmt: skip
def test_a_key_of_several_columns_tells_their_values_apart(key: tuple[str, ...], expression: str) -> None:
    columns = [C("a", "text"), C("b", "text"), C("at", "date"), C("blob", "bytea"), C("names", "text[]")]
    columns.append(C("list", "integer[]"))

    text = propose(source(table(*columns, key=key)), "films", "shops").text

    assert f"             {expression} AS thingKey,\n" in text


@pytest.mark.parametrize(("engine", "jobs"), [("aurora-postgresql", postgres), ("aurora-mysql", mysql)])
def test_every_type_that_the_jobs_read_is_proposed_as_they_accept_it(engine: str, jobs: object) -> None:
    types = jobs.TYPES  # type: ignore[attr-defined]  # both have it
    for name in types:
        database_type = name + LENGTHS.get(name, "") if not name.endswith(" unsigned") else name
        proposed = catalog_type(engine, database_type)

        assert proposed is not None, name
        extract = Extract(
            "T", "t", "t", (Cluster("c", "g", engine, "d", "u"),), (Column("x", proposed),), None, 2, broadcast=False
        )
        schema.check({("t", "c"): [{"name": "x", "type": database_type}]}, [extract], {"c": types})


@pytest.mark.parametrize(
    "database_type", ["int", "tinyint(1)", "bit(8)", "varchar(20)", "decimal(10,2) unsigned zerofill"]
)
def test_a_type_is_named_as_the_jobs_name_it(database_type: str) -> None:
    assert plain(database_type) == schema.plain(database_type).replace("bit(n)", "bit")


def test_what_no_job_reads_is_not_proposed() -> None:
    for kind in ("polygon", "bit(1)", "tsvector", "record[]"):
        assert catalog_type("aurora-postgresql", kind) is None
    assert catalog_type("aurora-mysql", "geometry") is None


@pytest.mark.parametrize(
    ("column", "engine", "warning"),
    [
        (C("x", "character(3)"), "aurora-postgresql", "thing.x: the padding is not part of the value"),
        (
            C("x", "tinyint(1)"),
            "aurora-mysql",
            "thing.x: values other than 0 and 1 are rejected; use smallint for a count",
        ),
        (C("x", "longtext"), "aurora-mysql", "thing.x: use json if it holds documents"),
        (
            C("x", "timestamp without time zone"),
            "aurora-postgresql",
            "thing.x: it has no time zone and is read as UTC",
        ),
        (
            C("x", "numeric(50,2)"),
            "aurora-postgresql",
            "thing.x: it may have any number of digits and becomes text; use `attributes: {…: N}` if 38 are enough",
        ),
        (
            C("x", "text[]"),
            "aurora-postgresql",
            "thing.x: becomes a list; use `attributes: {…: SS}` if order and duplicates do not matter",
        ),
    ],
)
def test_a_column_that_needs_thought_is_said(column: SourceColumn, engine: str, warning: str) -> None:
    assert warnings(column, engine=engine) == [warning]


def test_zero_dates_are_said_where_the_server_allows_them() -> None:
    proposal = propose(source(table(C("x", "date")), engine="aurora-mysql", zero_dates=True), "films", "shops")

    assert proposal.warnings == [
        "thing.x: the server allows zero dates, which are rejected; as text, the select can replace them"
    ]


@pytest.mark.parametrize(
    ("columns", "guess"),
    [
        ((C("a", "text"), C("b", "text", nullable=False), C("c", "text", is_distinct=True)), "c"),
        ((C("a", "text"), C("b", "text", nullable=False)), "b"),
        ((C("p", "polygon", is_distinct=True), C("a", "text")), "a"),
    ],
)
def test_a_table_without_a_key_is_guessed_to_have_one_that_the_statistics_know(
    columns: tuple[SourceColumn, ...], guess: str
) -> None:
    proposal = propose(source(SourceTable("thing", columns)), "films", "shops")

    assert f"      partition: {{name: {guess}, type: S}}\n" in proposal.text
    assert f"thing: there is neither a primary nor a unique key; {guess} is a guess: {CHOOSE}" in proposal.warnings


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"key": ()}, [f"thing: there is neither a primary nor a unique key; id is a guess: {CHOOSE}"]),
        ({"has_primary_key": False}, ["thing: there is no primary key; this is a unique key"]),
        (
            {"key": ("id", "shape")},
            [
                "thing: shape of its key cannot be read, and the rest may not be unique",
                "thing.shape: polygon has no mapping: leave the column out, or cast it in a view",
            ],
        ),
        ({"bytes_per_row": 200 * 1024}, ["thing: a row has about 200 KB, and an item at most 400 KB"]),
        ({"key": ("ratio",)}, ["thing: ratio may be null, and a row with a null is rejected",
                               "thing: ratio is a double: two values that look equal can be two keys"]),
    ],
)  # fmt: skip
def test_a_table_that_needs_thought_is_said(facts: dict[str, object], expected: list[str]) -> None:
    columns = [C("shape", "polygon")] if "shape" in facts.get("key", ()) else [C("ratio", "double precision")]  # type: ignore[operator]  # a tuple

    assert warnings(*columns, **facts) == expected
