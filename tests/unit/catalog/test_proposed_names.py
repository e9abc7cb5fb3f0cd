"""Any name that a database allows gets a proposed name that the catalog, Spark and DynamoDB can distinguish."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import sqlglot
from migration_spark import mysql, postgres
from migration_spark.spec import read_spec

from catalog.case_style import attribute_name, extract_name, name_all, quoted, table_name, unused
from catalog.loader import load_catalog, read_catalog
from catalog.proposal import propose, propose_clusters
from catalog.source_schema import Source, SourceColumn, SourceTable
from catalog.spec import build_spec

if TYPE_CHECKING:
    from pathlib import Path

    from migration_spark.spec import Extract

    from catalog.models import Domain

C = SourceColumn
# Words that SQL, Spark or YAML take for their own.
WORDS = """
    from to end desc when group limit left right on select case table user order cross natural using union default
    primary current_date all and not null true interval values index key value timestamp date column window distinct
    between like is in as by anti semi minus exclude lateral full outer no yes off y n trailing leading both any some
    having where with cube rollup filter over pivot unpivot map array struct exists check sort cluster distribute
    position extract first last row rows range unknown collate escape percent tablesample transform reduce
"""
# What people have: of ORMs, of other languages, at the limit of length, and what the jobs call their own.
ODD = [
    *(
        "createdAt",
        "created_at",
        "CreatedAt",
        "CREATEDAT",
        "Order ID",
        "déjà vu",
        "größe",
        "名前",
        "1st",
        "a.b",
        'say "x"',
    ),
    *("foo_1", "foo1", "_id", "ID", "x__y", "x_y", "cluster", "_cluster", "_row", "_place", "_values", "_source_row"),
    *("_unmatched_x", "$row", "`", "a`b", "it's", "%s", "#", "-- a", "{x}", "n" * 63, "ü" * 31),
]


def source(*tables: SourceTable, engine: str = "aurora-postgresql") -> Source:
    return Source(engine, "there", "shop", tables)  # type: ignore[arg-type]  # an engine


def table(name: str, columns: list[str]) -> SourceTable:
    return SourceTable(name, (C("id", "bigint", nullable=False), *[C(name, "text") for name in columns]), ("id",))


def written(folder: Path, text: str, engine: str = "aurora-postgresql") -> Path:
    """Write a proposal as a catalog."""
    (folder / "domains").mkdir()
    (folder / "clusters.yaml").write_text(propose_clusters(source(engine=engine), "main"))
    (folder / "domains/shop.yaml").write_text(text)
    return folder


def domain(folder: Path, *tables: SourceTable, engine: str = "aurora-postgresql") -> tuple[Domain, list[Extract]]:
    """Return what is proposed, which holds, and its extracts as the jobs have them."""
    text = propose(source(*tables, engine=engine), "shop", "main").text
    assert read_catalog(written(folder, text, engine))[1] == []
    catalog = load_catalog(folder)
    spec = read_spec(build_spec(catalog, "shop"), "shop")
    return catalog.domains["shop"], [extract for table in spec.tables for extract in table.extracts]


@pytest.mark.parametrize("columns", [WORDS.split(), ODD], ids=["words", "odd"])
def test_every_column_is_proposed_and_the_file_holds(tmp_path: Path, columns: list[str]) -> None:
    proposed, (extract,) = domain(tmp_path, table("thing", columns))

    names = [column.name for column in extract.columns]
    assert {column.database_name for column in extract.columns} == {"id", *columns}
    assert len({name.lower() for name in names}) == len(columns) + 1
    assert proposed.tables[0].extracts["thing"].left_out == ()


@pytest.mark.parametrize(
    "word", [*WORDS.split(), "userAccount", "User", "Order Items", "order", "a.b", "größe", "名前", "1st"]
)
def test_every_table_is_proposed_and_the_file_holds(tmp_path: Path, word: str) -> None:
    name = f'"{word}"' if "." in word else word
    _, (extract,) = domain(tmp_path, table(name, ["note"]))

    assert f'."{word}"' in postgres.select(extract, None)


def test_tables_of_one_name_in_two_schemas_are_told_apart(tmp_path: Path) -> None:
    tables = [table(name, []) for name in ("item", "sales.item", "hr.item", "Item", "tv", "e")]
    proposed, extracts = domain(tmp_path, *tables)

    assert [table.name for table in proposed.tables] == ["Item", "SalesItem", "HrItem", "Item_2", "TvTable", "ETable"]
    assert [extract.source for extract in extracts] == [table.name for table in tables]


def test_a_column_is_read_under_the_name_that_the_database_has_for_it(tmp_path: Path) -> None:
    _, (extract,) = domain(tmp_path, table("Order Items", ["Ein Name", "_cluster"]))

    assert postgres.select(extract, None) == (
        'SELECT "id"::bigint AS "id", "Ein Name"::text AS "ein_name", "_cluster"::text AS "cluster" '
        'FROM "public"."Order Items"'
    )
    assert '"Ein Name"' in postgres.audits(extract)[0]
    assert '"ein_name"' not in postgres.audits(extract)[0]


def test_mysql_reads_a_column_under_its_own_name_too(tmp_path: Path) -> None:
    _, (extract,) = domain(tmp_path, table("order", ["Ein Name", "rank"]), engine="aurora-mysql")

    assert mysql.select(extract, None) == (
        "SELECT CAST(`id` AS SIGNED) AS `id`, CONVERT(`Ein Name` USING utf8mb4) AS `ein_name`, "
        "CONVERT(`rank` USING utf8mb4) AS `rank` FROM `order`"
    )
    assert "`ein_name`" not in mysql.audits(extract)[0]


def test_names_that_differ_only_in_case_stay_two() -> None:
    naming = name_all("thing", ["userId", "userid", "UserID"])

    assert naming.columns == {"userId": "userId", "userid": "userid_2", "UserID": "UserID_3"}
    assert naming.attributes == {"userId": "userId", "userid": "userid2", "UserID": "userID3"}


def test_a_name_that_the_catalog_can_use_keeps_it_before_others_are_worded() -> None:
    naming = name_all("thing", ["user id", "user_id"])

    assert list(naming.columns.items()) == [("user id", "user_id_2"), ("user_id", "user_id")]
    assert naming.attributes == {"user id": "userId2", "user_id": "userId"}


@pytest.mark.parametrize(
    ("column", "attribute"),
    [("rate_plan_code", "ratePlanCode"), ("createdAt", "createdAt"), ("CreatedAt", "createdAt"), ("ID", "id"),
     ("ORDER_NO", "orderNo"), ("_id", "id"), ("user_createdAt", "userCreatedAt"), ("_1", "c1"), ("__", "column")],
)  # fmt: skip
def test_an_attribute_is_worded_in_camel_case(column: str, attribute: str) -> None:
    assert attribute_name(column) == attribute


@pytest.mark.parametrize(("source", "name"), [("base_rate", "BaseRate"), ("tv", "TvTable"), ("1st", "C1st")])
def test_a_table_is_worded_in_pascal_case(source: str, name: str) -> None:
    assert table_name(source) == name


@pytest.mark.parametrize(
    "word",
    [
        *("both", "by", "check", "exclude", "group", "leading", "order", "setminus", "sort", "to", "trailing"),
        *("select", "from", "current_role", "system_user", "user_id", "id"),
    ],
)
def test_a_keyword_of_spark_is_quoted_in_the_select(word: str) -> None:
    is_plain = word in ("user_id", "id")

    assert [quoted(word), quoted(word.upper())] == (
        [word, word.upper()] if is_plain else [f"`{word}`", f"`{word.upper()}`"]
    )


@pytest.mark.parametrize(
    ("wanted", "taken", "name"),
    [
        ("id", [], "id"),
        ("id", ["ID"], "id_2"),
        ("id", ["ID", "id_2"], "id_3"),
        ("n" * 63, ["N" * 63], "n" * 61 + "_2"),
        ("n" * 63, ["n" * 63, *(f"{'n' * 61}_{number}" for number in range(2, 10))], "n" * 60 + "_10"),
    ],
)
def test_a_name_that_is_taken_gets_a_number_within_63_characters(wanted: str, taken: list[str], name: str) -> None:
    assert unused(wanted, taken) == name


@pytest.mark.parametrize(
    ("source", "extract"),
    [
        ("userAccount", "user_account"),
        ("größe", "grosse"),
        ("GRÖSSE Nr 1", "grosse_nr_1"),
        ("名前", "source"),
        ("1st", "c1st"),
        ("N" * 64, "n" * 62),
        (f"{'N' * 61}-{'N' * 9}", "n" * 61),
        ("item2Price", "item2_price"),
        ("sales.Item", "item"),
        ("n" * 63, "n" * 63),
    ],
)
def test_an_extract_is_worded_in_snake_case(source: str, extract: str) -> None:
    assert extract_name(source) == extract


@pytest.mark.parametrize(
    ("extract", "message"),
    [
        (
            "columns: {userId: text, userid: text}",
            "is userId for Spark, which ignores the case of names: rename it, and add it to database_names",
        ),
        (
            "columns: {a: text, b: text}, database_names: {b: a}",
            "is the column a of the database, as a is: read it once",
        ),
        ("columns: {a: text}, database_names: {b: c}", "'b' is not among the columns"),
        (
            "columns: {a: text}, database_names: {a: c}, left_out: [c]",
            "c is read as well: remove it here or from columns",
        ),
    ],
)
def test_names_that_say_nothing_or_two_things_are_refused(tmp_path: Path, extract: str, message: str) -> None:
    text = (
        "domain: shop\ntables:\n  - name: Thing\n"
        f"    extracts: {{thing: {{source: thing, group: main, {extract}}}}}\n"
        "    driving: {extract: thing}\n    select: SELECT thing._cluster AS _cluster, 'x' AS x FROM thing\n"
        "    key: {partition: {name: x, type: S, accept_collisions: true}}\n"
    )
    (problem,) = [p.message for p in read_catalog(written(tmp_path, text))[1] if p.message != "x"]

    assert problem == message


@pytest.mark.parametrize("word", ["select", "order", "null", "from", "Order ID"])
def test_a_row_is_traced_by_a_key_whose_name_is_a_word_of_sql(tmp_path: Path, word: str) -> None:
    thing = SourceTable("order", (C(word, "bigint", nullable=False), C("note", "text")), (word,))
    domain(tmp_path, thing)

    (table_spec,) = build_spec(load_catalog(tmp_path), "shop")["tables"]

    name = "order_id" if " " in word else f"`{word}`"
    assert f"struct(`order`.{name}) AS _source_key" in table_spec["traced"]
    assert sqlglot.parse_one(table_spec["traced"], dialect="spark")


def test_a_domain_of_documents_and_moments_is_proposed_with_what_a_person_decides(tmp_path: Path) -> None:
    columns = (
        C("id", "bigint", nullable=False),
        C("on", "jsonb"),
        C("expires at", "timestamp with time zone"),
        C("expiry_note", "text"),
    )
    text = propose(source(SourceTable("null", columns, ("id",))), "shop", "main").text

    assert '    attributes: {"on": M}   # DECIDE: M for objects, L for arrays; without it the text as S\n' in text
    assert (
        "    # ttl: expiresAt   # DECIDE: `attributes: {expiresAt: epoch_seconds}` and this, "
        "if DynamoDB should delete items by it\n"
    ) in text
    assert (
        read_catalog(
            written(tmp_path, text.replace("    # ttl", "    ttl").replace(": M}", ": M, expiresAt: epoch_seconds}"))
        )[1]
        == []
    )


def test_a_key_is_not_proposed_as_what_items_expire_by() -> None:
    thing = SourceTable("thing", (C("expires_at", "date", nullable=False),), ("expires_at",))

    assert "ttl" not in propose(source(thing), "shop", "main").text
