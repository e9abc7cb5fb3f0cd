"""`catalog check --from` runs an extract's own statements against a database, and says where one is refused."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from migration_spark import postgres

from catalog import database_check
from catalog.connections import Connection, RefusedError, engine_of, shown
from catalog.database_check import Answer, ask_all, databases
from catalog.errors import SourceError
from catalog.loader import load_catalog
from tests.catalog_folder import write_catalog

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from catalog.models import Catalog

CLUSTERS = """\
groups:
  shops:
    engine: {engine}
    database: shop
    user: reader
    password_secret: shop/{{cluster}}
    clusters: [shop-1, shop-2]
  stores:
    engine: aurora-postgresql
    database: store
    user: reader
    password_secret: store/{{cluster}}
    clusters: [store-1]
"""
ORDERS = """\
domain: orders
tables:
  - name: Order
    extracts:
      line:
        source: line
        group: shops
        columns: {id: bigint, number: smallint}
        where: |
          number > 0
          AND number < 9
      buyer:
        source: buyer
        group: stores
        columns: {id: bigint}
        left_out: [born]
    driving: {extract: line, cardinality: one item per row}
    select: |
      SELECT line._cluster AS _cluster, buyer._cluster IS NULL AS _unmatched_buyer, line.id AS id
      FROM line
      LEFT JOIN buyer ON buyer.id = line.id
    key:
      partition: {name: id, type: N}
"""
SHOP, STORE = "postgresql://me:secret@shop/shop", "postgresql://me@store/store"
ENOUGH = 100 * 1024


@dataclass
class Database:
    """A database that answers the jobs' questions from its tables, and refuses statements that hold a text."""

    columns: dict[str, dict[str, str]]
    encoding: str = "UTF8"
    lacking: tuple[str, ...] = ()
    size: tuple[int, int] = (0, 0)
    refusals: dict[str, RefusedError] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def run(self, statement: str) -> list[dict[str, Any]]:
        self.asked.append(statement)
        for text, refusal in self.refusals.items():
            if text in statement:
                raise refusal
        table = next((name for name in self.columns if f"'{name}'" in statement), None)
        there = [{"name": name, "type": kind} for name, kind in self.columns.get(table or "", {}).items()]
        size, rows = self.size
        answers: list[tuple[str, list[dict[str, Any]]]] = [
            ("server_encoding", [{"encoding": self.encoding}]),
            ("format_type(base.type", there),
            ("column_type AS type", there),
            ("relkind::text AS kind", [self._relation(table)] if table else []),
            ("has_column_privilege", [{"name": name} for name in self.lacking]),
            ("AS bytes", [{"bytes": size, "rows": rows, "version": 150_000}]),
            ("FILTER (WHERE reltuples > 0)", [{"rows": None}]),
            ("AS c0, ", [{"c0": "shop", "c1": table}]),
            ("table_type AS type", [{"type": "BASE TABLE", "engine": "InnoDB", "size": None}]),
            ("AS amount", [{"size": size, "amount": rows}]),
        ]
        return next((rows for text, rows in answers if text in statement), [])

    def read(self) -> list[str]:
        """Return the statements that read or explain the source."""
        return [text for text in self.asked if text.endswith("LIMIT 0") or text.startswith("EXPLAIN")]

    @staticmethod
    def _relation(table: str) -> dict[str, Any]:
        return {
            "name": f"public.{table}",
            "kind": "r",
            "persistence": "p",
            "populated": True,
            "system": False,
            "asked": True,
            "usage": True,
            "filtered": False,
            "forced": False,
            "owner": "o",
            "masked": False,
            "admin": False,
            "damaged": False,
        }


def whole() -> Database:
    """Return a database in which nothing is wrong."""
    return Database({"line": {"id": "bigint", "number": "smallint"}, "buyer": {"id": "bigint", "born": "date"}})


@pytest.fixture
def there(monkeypatch: pytest.MonkeyPatch) -> dict[str, Database]:
    """Return the databases by URL, to be filled by the test."""
    by_url: dict[str, Database] = {}

    @contextmanager
    def connected(url: str) -> Iterator[Connection]:
        yield Connection(engine_of(url), shown(url), "me", by_url[url].run)

    monkeypatch.setattr(database_check, "connected", connected)
    return by_url


def catalog(folder: Path, *changes: tuple[str, str], engine: str = "aurora-postgresql") -> Catalog:
    """Write and return a catalog with changes to its domain."""
    return load_catalog(write_catalog(folder, CLUSTERS.format(engine=engine), ORDERS, *changes))


def asked(folder: Path, database: Database, there: dict[str, Database], *changes: tuple[str, str]) -> Answer:
    """Return the answer of one database for the extract line."""
    there[SHOP] = database
    there[STORE] = whole()
    return ask_all(catalog(folder, *changes), folder, {"shops": [SHOP], "stores": [STORE]})


def problems(folder: Path, answer: Answer) -> list[str]:
    return [str(problem).removeprefix(f"{folder}/domains/orders.yaml:") for problem in answer.problems]


SHOWN = "(postgresql://me@shop/shop)"


def test_a_sound_database_is_asked_for_no_row(tmp_path: Path, there: dict[str, Database]) -> None:
    database = whole()

    answer = asked(tmp_path, database, there)

    assert answer == Answer(
        [],
        [],
        [
            "postgresql://me@shop/shop: 1 extract checked with LIMIT 0 as me",
            "postgresql://me@store/store: 1 extract checked with LIMIT 0 as me",
        ],
    )
    assert database.asked[:2] == [postgres.session(), "SET statement_timeout = '60s'"]
    values = '"id"::bigint AS "id", "number"::bigint AS "number"'
    where = "number > 0\nAND number < 9\n"
    figures = [
        "count(*) AS c0",
        'count("id") AS c1, coalesce(sum(octet_length(("id"::bigint)::text)), 0) AS c2',
        'count("number") AS c3, coalesce(sum(octet_length(("number"::bigint)::text)), 0) AS c4',
    ]
    assert database.read() == [
        f'SELECT {values} FROM "public"."line" LIMIT 0',
        f'SELECT {values} FROM "public"."line" WHERE {where} LIMIT 0',
        f'EXPLAIN SELECT {", ".join(figures)} FROM "public"."line" WHERE {where}',
        f'EXPLAIN SELECT count(*) AS total, count(*) FILTER (WHERE ({where}\n)) AS inside FROM "public"."line"',
    ]
    assert there[STORE].read()[1] == 'SELECT "id"::bigint AS "id" FROM "public"."buyer" LIMIT 0'
    assert len(there[STORE].read()) == 3


def test_mysql_is_asked_in_its_own_words(tmp_path: Path, there: dict[str, Database]) -> None:
    url = "mysql://me@shop/shop"
    there[url] = database = Database({"line": {"id": "bigint", "number": "smallint"}}, size=(ENOUGH + 1, 1))

    answer = ask_all(catalog(tmp_path, engine="aurora-mysql"), tmp_path, {"shops": [url]})

    assert answer.problems == []
    assert answer.warnings == [
        (
            "mysql://me@shop/shop: a row of line has about 100 KB on disk by the statistics, and an item has at most "
            "400 KB (Order-line): larger ones are rejected"
        ),
        "the group stores was not checked: add --from stores=URL",
    ]
    assert not any("statement_timeout" in statement for statement in database.asked)
    assert database.read()[1] == (
        "SELECT CAST(`id` AS SIGNED) AS `id`, CAST(`number` AS SIGNED) AS `number` FROM `line` LIMIT 0"
    )


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        (
            {"encoding": "SQL_ASCII"},
            "7:16: tables.Order.extracts.line.group: the database is in SQL_ASCII, whose text may be no text",
        ),
        (
            {"columns": {}},
            (
                "6:17: tables.Order.extracts.line.source: line does not exist: write a table of another schema as "
                "schema.table"
            ),
        ),
        (
            {"columns": {"line": {"id": "bigint"}}},
            "8:39: tables.Order.extracts.line.columns.number: line.number is missing",
        ),
        (
            {"columns": {"line": {"id": "bigint", "number": "text"}}},
            (
                "8:39: tables.Order.extracts.line.columns.number: line.number is text, the catalog says smallint: it "
                "may be text"
            ),
        ),
        (
            {"lacking": ("number",)},
            (
                "6:17: tables.Order.extracts.line.source: me may not read number of public.line: GRANT SELECT ON "
                "public.line TO me"
            ),
        ),
        (
            {"refusals": {'"line" LIMIT 0': RefusedError("no room left", position=3)}},
            "6:17: tables.Order.extracts.line.source: no room left",
        ),
        (
            {"refusals": {"AND number < 9\n LIMIT 0": RefusedError("no such operator", position=1)}},
            "10:11: tables.Order.extracts.line.where: no such operator",
        ),
        (
            {"refusals": {"EXPLAIN SELECT count(*) AS c0": RefusedError("no such operator")}},
            "9:16: tables.Order.extracts.line.where: no such operator",
        ),
        (
            {"refusals": {"EXPLAIN SELECT count(*) AS total": RefusedError("no such operator")}},
            "9:16: tables.Order.extracts.line.where: no such operator",
        ),
    ],
    ids=["encoding", "table", "column", "type", "privilege", "source", "filter", "audits", "counts"],
)
def test_what_a_database_refuses_is_said_once_at_its_line(
    tmp_path: Path, there: dict[str, Database], changed: dict[str, Any], problem: str
) -> None:
    database = whole()
    for name, value in changed.items():
        setattr(database, name, value)

    answer = asked(tmp_path, database, there)

    assert problems(tmp_path, answer) == [f"{problem} {SHOWN}"]
    assert answer.warnings == []


@pytest.mark.parametrize(
    ("word", "offset", "position"),
    [("number > 0", 0, "10:11"), ("> 0", 0, "10:18"), ("AND", 0, "11:11"), ("number < 9", 9, "11:24")],
)
def test_a_position_of_the_database_becomes_one_of_the_filter(
    tmp_path: Path, there: dict[str, Database], word: str, offset: int, position: str
) -> None:
    where = "number > 0\nAND number < 9\n"
    statement = f'SELECT "id"::bigint AS "id", "number"::bigint AS "number" FROM "public"."line" WHERE {where} LIMIT 0'
    database = whole()
    begins = statement.index("number > 0") + where.index(word) + offset
    database.refusals = {statement: RefusedError("is wrong", position=begins + 1)}

    answer = asked(tmp_path, database, there)

    assert problems(tmp_path, answer) == [f"{position}: tables.Order.extracts.line.where: is wrong {SHOWN}"]


def test_without_a_filter_a_refusal_is_the_sources(tmp_path: Path, there: dict[str, Database]) -> None:
    database = whole()
    database.refusals = {"EXPLAIN": RefusedError("is wrong", position=4)}
    where = "        where: |\n          number > 0\n          AND number < 9\n"

    answer = asked(tmp_path, database, there, (where, ""))

    assert problems(tmp_path, answer) == [f"6:17: tables.Order.extracts.line.source: is wrong {SHOWN}"]
    assert not any("AS total" in statement for statement in database.asked)


def test_columns_that_a_run_would_stop_at_are_warned_of_though_others_are_wrong(
    tmp_path: Path, there: dict[str, Database]
) -> None:
    database = whole()
    database.columns = {"line": {"id": "bigint", "born": "date", "kind": "text"}}
    database.size = (ENOUGH * 2, 1)

    answer = asked(tmp_path, database, there)

    assert len(answer.problems) == 1
    assert answer.warnings == [
        (
            "postgresql://me@shop/shop: line has born, kind (Order-line), neither read nor in left_out: an official "
            "run stops with ColumnsNotListed"
        )
    ]


@pytest.mark.parametrize(
    ("size", "kilobytes"),
    [((ENOUGH, 1), None), ((ENOUGH + 1, 1), "100"), ((ENOUGH * 30, 3), "1,000"), ((ENOUGH * 9, 0), None)],
)
def test_rows_that_may_be_no_items_are_warned_of(
    tmp_path: Path, there: dict[str, Database], size: tuple[int, int], kilobytes: str | None
) -> None:
    database = whole()
    database.size = size
    warning = (
        f"postgresql://me@shop/shop: a row of line has about {kilobytes} KB on disk by the statistics, and an item has "
        "at most 400 KB (Order-line): larger ones are rejected"
    )

    assert asked(tmp_path, database, there).warnings == ([warning] if kilobytes else [])


def test_a_group_has_the_urls_of_its_names_its_clusters_and_its_engine(tmp_path: Path) -> None:
    shops = catalog(tmp_path)

    assert databases(shops, [SHOP]) == {"shops": [SHOP], "stores": [SHOP]}
    assert databases(shops, [f"shops={SHOP}", f"shop-2={STORE}", f"store-1={STORE}"]) == {
        "shops": [SHOP, STORE],
        "stores": [STORE],
    }


def test_a_bare_url_is_for_the_groups_of_its_engine(tmp_path: Path) -> None:
    both = catalog(tmp_path, engine="aurora-mysql")

    assert databases(both, ["mysql://me@shop/shop"]) == {"shops": ["mysql://me@shop/shop"]}
    assert databases(both, [STORE]) == {"stores": [STORE]}


@pytest.mark.parametrize(
    ("option", "engine", "words"),
    [
        (
            f"shop={SHOP}",
            "aurora-postgresql",
            "--from shop=…: clusters.yaml has no group or cluster with that name; did you mean 'shops'?",
        ),
        (
            f"store-2={SHOP}",
            "aurora-postgresql",
            "--from store-2=…: clusters.yaml has no group or cluster with that name; did you mean 'store-1'?",
        ),
        (f"qqq={SHOP}", "aurora-postgresql", "--from qqq=…: clusters.yaml has no group or cluster with that name"),
        (
            "mysql://me:secret@shop/shop",
            "aurora-postgresql",
            "mysql://me@shop/shop is of aurora-mysql, but clusters.yaml says aurora-postgresql",
        ),
        (
            "stores=mysql://me:secret@shop/shop",
            "aurora-mysql",
            "mysql://me@shop/shop is of aurora-mysql, but clusters.yaml says aurora-postgresql",
        ),
        (
            f"shop-1={SHOP}",
            "aurora-mysql",
            "postgresql://me@shop/shop is of aurora-postgresql, but clusters.yaml says aurora-mysql",
        ),
    ],
)
def test_a_url_that_fits_no_group_is_refused_without_its_password(
    tmp_path: Path, option: str, engine: str, words: str
) -> None:
    with pytest.raises(SourceError) as refused:
        databases(catalog(tmp_path, engine=engine), [option])

    assert str(refused.value) == words
