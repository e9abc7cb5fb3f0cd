"""MySQL dumps load in every common form, clones are of one instant, and a rehearsal migrates every row."""

from __future__ import annotations

import datetime as dt
import gzip
import io
import json
import subprocess
import threading
import time
import zipfile
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from bench.mariadb import SERVER
from catalog.loader import load_catalog
from local.aurora.fleet import MYSQL, Fleet, running_fleet
from local.errors import DataError
from local.rehearse.mysql_dumps import load_mysql_dump
from local.rehearse.mysql_forms import is_mysql_dump
from local.rehearse.mysql_sharding import check_tables
from local.rehearse.user_data import UserData
from tests.functional.test_rehearse_whole import run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from catalog.models import Catalog
    from local.aurora.mariadb import MariaDbServer

pytestmark = pytest.mark.skipif(SERVER is None, reason="no mariadbd on this machine; .ci/packages installs one")
MYSQLDUMP = Path("tests/data/schemas/mysqldump.sql")
SMALL = (
    "-- MySQL dump 10.13\nCREATE TABLE `thing` (`id` int PRIMARY KEY, `name` varchar(9)) CHARSET=utf8mb4;\n"
    "INSERT INTO `thing` VALUES (1,'é🥂'),(2,NULL);\n"
)
ORDERED = dt.datetime.fromisoformat("2026-01-02T03:04:05.678")
ROWS = ((1, "é🥂"), (2, None))


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    with running_fleet(tmp_path_factory.mktemp("mysql") / "aurora") as running:
        running.start_sources(["one"], MYSQL)
        yield running


@pytest.fixture(scope="module")
def server(fleet: Fleet) -> MariaDbServer:
    return fleet.mysql_server("one")


def answer(server: MariaDbServer, query: str, database: str | None = "shop") -> tuple[Any, ...]:
    with server.connect(database) as connection, connection.cursor() as cursor:
        cursor.execute(query)
        return tuple(cursor.fetchall())


def zipped(*files: bytes) -> bytes:
    """Return files as an archive."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, content in enumerate(files):
            archive.writestr(f"dump/{number}.sql", content)
    return target.getvalue()


def loaded(server: MariaDbServer, path: Path) -> tuple[list[str], tuple[Any, ...]]:
    """Return the messages of a load and the rows of `thing`."""
    lines: list[str] = []
    load_mysql_dump(path, server, "shop", lines.append)
    return lines, answer(server, "SELECT * FROM thing ORDER BY id")


def test_what_mysqldump_writes_loads_whole_and_says_what_it_skips(server: MariaDbServer) -> None:
    lines: list[str] = []

    load_mysql_dump(MYSQLDUMP, server, "shop", lines.append)

    assert is_mysql_dump(MYSQLDUMP)
    assert answer(server, "SELECT * FROM `order` WHERE id < 3 ORDER BY id") == (
        (
            1, 1, ORDERED, "sehr; groß 'x' -- no comment", "it's",
            '{"a": 1.50, "b": [null]}', b"\x00\xff'", Decimal("12.50"),
            Decimal("15.00"), "6b1e2f0a-0000-0000-0000-000000000001", 1,
        ),
        (
            2, 2, None, "CREATE TABLE x (/* no */", "c\\d", None, b"abc\x00'", Decimal("0.00"),
            Decimal("0.00"), "x", 0,
        ),
    )  # fmt: skip
    assert answer(server, "SELECT id, name FROM user ORDER BY id") == ((1, "Ann"), (2, "Ann "), (3, "Zoë"))
    assert answer(server, "SELECT count(*) FROM `User`") == ((2,),)
    assert answer(server, "SELECT ID FROM seen ORDER BY 1") == ((1,), (2,), (3,))
    collation = "replaces the collation utf8mb4_0900_{}, which MariaDB lacks: no byte changes"
    index = "'(lower(`größe`))), CONSTRAINT `fk` FOREI'"
    assert lines == [
        (
            "mysqldump.sql: skipped 1 x indexes, constraints and computed defaults of order, on which no row depends "
            f"(MariaDB does not support the syntax that begins with {index})"
        ),
        "mysqldump.sql: skipped 1 x trigger, on which no row depends",
        "mysqldump.sql: skipped 1 x routine, on which no row depends",
        f"mysqldump.sql: utf8mb4_nopad_bin {collation.format('as_cs')}",
        f"mysqldump.sql: utf8mb4_unicode_520_nopad_ci {collation.format('ai_ci')}",
        "mysqldump.sql: the table User of MyISAM uses InnoDB here, as in Aurora MySQL",
    ]


@pytest.mark.parametrize(
    "pack",
    [
        str.encode,
        lambda text: gzip.compress(text.encode()),
        lambda text: zipped(text.encode()),
        lambda text: text.replace("\n", "\r\n").encode("utf-16"),
        lambda text: f"SET NAMES latin1;\n{text}".replace("🥂", "").encode("latin-1"),
        lambda text: f"SET SQL_MODE = 'NO_AUTO_VALUE_ON_ZERO';\nSTART TRANSACTION;\n{text}COMMIT;".encode(),
        lambda text: f"CREATE DATABASE `a`;\nUSE `a`;\nCREATE TABLE x (y int);\nUSE `shop`;\n{text}".encode(),
        lambda text: f"USE `shop`;\n{text}USE `z`;\nCREATE TABLE thing (y int);".encode(),
        lambda text: f"USE `other`;\n{text}".encode(),
        lambda text: text.replace(",(2", ";\nINSERT INTO thing VALUES (2").encode(),
    ],
    ids=["plain", "gzip", "zip", "utf-16", "latin1", "phpmyadmin", "second", "first", "other-name", "row-by-row"],
)
def test_every_form_of_dump_loads(server: MariaDbServer, tmp_path: Path, pack: Callable[[str], bytes]) -> None:
    (tmp_path / "my.sql").write_bytes(pack(SMALL))

    _, rows = loaded(server, tmp_path / "my.sql")

    assert rows in (ROWS, ((1, "é"), (2, None)))


def test_what_this_mysqldump_writes_loads(server: MariaDbServer, tmp_path: Path) -> None:
    (tmp_path / "first.sql").write_text(SMALL, "utf-8")
    loaded(server, tmp_path / "first.sql")
    address = ["--host=127.0.0.1", f"--port={server.port}", "--user=admin", f"--password={server.password}"]
    for options in (["--hex-blob", "shop"], ["--databases", "shop"]):
        with (tmp_path / "my.sql").open("wb") as target:
            subprocess.run(["mysqldump", *address, "--single-transaction", *options], check=True, stdout=target)  # noqa: S607 - the server's package has it

        assert loaded(server, tmp_path / "my.sql") == ([], ROWS)


def test_a_folder_of_mydumper_loads(server: MariaDbServer, tmp_path: Path) -> None:
    head, table, rows, _ = SMALL.split("\n")
    files = {
        "metadata": "# Started dump",
        "shop-schema-create.sql": "CREATE DATABASE `shop`;",
        "shop.thing-schema.sql": f"/*!40101 SET NAMES binary*/;\n{table}",
        "shop.thing.00000.sql": f"/*!40101 SET NAMES binary*/;\n{rows}",
        "shop.thing-schema-triggers.sql": "DELIMITER ;;",
        "other.thing-schema.sql": "CREATE TABLE thing (x int);",
    }
    for name, text in files.items():
        (tmp_path / f"{name}.gz").write_bytes(gzip.compress(f"{head}\n{text}\n".encode()))

    assert is_mysql_dump(tmp_path)
    assert loaded(server, tmp_path) == (
        [
            f"{tmp_path.name}: skipped database other, file shop.thing-schema-triggers.sql.gz, on which no row depends",
        ],
        ROWS,
    )


def test_a_column_that_only_mysql_computes_is_left_out_and_said(server: MariaDbServer, tmp_path: Path) -> None:
    (tmp_path / "my.sql").write_text(
        "CREATE TABLE thing (id int, up tinyint GENERATED ALWAYS AS (regexp_like(id, '1')) VIRTUAL, name text);\n"
        "INSERT INTO thing (id, name) VALUES (1,'é🥂'),(2,NULL);\n",
        "utf-8",
    )

    lines, rows = loaded(server, tmp_path / "my.sql")

    assert rows == ROWS
    assert lines[-1] == "my.sql: skipped the computed column thing.up, whose expression MariaDB does not support"


def test_texts_that_a_stand_in_would_join_stay_apart(server: MariaDbServer, tmp_path: Path) -> None:
    (tmp_path / "my.sql").write_text(
        "CREATE TABLE thing (id int, name varchar(9) COLLATE utf8mb4_fancy_ci UNIQUE);\n"
        "INSERT INTO thing VALUES (1,'a'),(2,'A');\n"
    )

    lines, rows = loaded(server, tmp_path / "my.sql")

    assert rows == ((1, "a"), (2, "A"))
    assert lines == [
        "my.sql: utf8mb4_nopad_bin replaces the collation utf8mb4_fancy_ci, which MariaDB lacks: no byte changes"
    ]


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        ("CREATE TABLE t (a int);\nINSERT INTO u VALUES (1);", "line 2: Table 'shop.u' doesn't exist"),
        (
            "CREATE TABLE t (a decimal(4,1));\n\nINSERT INTO t VALUES (1.25);",
            "line 3: Data truncated for column 'a' at row 1: the value would change",
        ),
        (
            "CREATE TABLE t (größe tinyint);\nINSERT INTO t VALUES (300);",
            "line 2: Out of range value for column 'größe' at row 1: the value would change",
        ),
        ("CREATE TABLE t (a text) CHARSET=nonsense;", "line 1: Unknown character set: 'nonsense'"),
        ("CREATE TABLE t (a);", "line 1: MariaDB does not support the syntax that begins with ')'"),
        ("USE a;\nCREATE TABLE t (a int);\nUSE b;\n", "has no database shop, but a, b: set the group"),
        ("LOAD DATA INFILE 'x' INTO TABLE t;", "line 1: it reads another file; use one dump with the"),
        ("CREATE TABLE t (a int);\nsource t.dump ;\n", "line 2: it reads another file; use one dump with the"),
        (zipped(b"one", b"two"), "has 2 files: unpack it, and use the one that is the dump"),
        (b"\x7fELF\x00\x01", "is not SQL; make it with mysqldump"),
        ("-- PostgreSQL database dump\n", "is a dump of PostgreSQL, but its clusters are MySQL; write engine: "),
    ],
)
def test_what_would_not_arrive_as_it_is_is_refused_with_its_line(
    server: MariaDbServer, tmp_path: Path, content: str | bytes, refusal: str
) -> None:
    (tmp_path / "my.sql").write_bytes(content if isinstance(content, bytes) else content.encode())

    with pytest.raises(DataError) as refused:
        load_mysql_dump(tmp_path / "my.sql", server, "shop", print)

    assert refusal in str(refused.value)


def test_a_clone_is_of_one_instant_while_others_write(
    fleet: Fleet, server: MariaDbServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each transaction adds a row to both tables and counts; a copy of two instants would disagree."""
    copying: list[int] = []

    def copy(command: list[Any], **options: Any) -> subprocess.CompletedProcess[Any]:  # noqa: ANN401 - as in subprocess
        for _ in range(2):
            time.sleep(0.3)  # so that an answer under way arrives
            copying.append(acknowledged[0])
        return subprocess.run(command, check=options["check"])

    monkeypatch.setattr("local.aurora.mariadb.subprocess", SimpleNamespace(run=copy, DEVNULL=subprocess.DEVNULL))
    with server.connect() as connection, connection.cursor() as cursor:
        for statement in (
            "DROP DATABASE IF EXISTS bank",
            "CREATE DATABASE bank",
            "CREATE TABLE bank.a (n int PRIMARY KEY, t varchar(2000))",
            "CREATE TABLE bank.b (n int PRIMARY KEY, t varchar(2000))",
        ):
            cursor.execute(statement)
    acknowledged, stop = [0], threading.Event()

    def write() -> None:
        with server.connect("bank") as connection, connection.cursor() as cursor:
            while not stop.is_set():
                number = acknowledged[0] + 1
                connection.begin()
                for table in ("a", "b"):
                    cursor.execute(f"INSERT INTO {table} VALUES (%s, repeat('x', 2000))", [number])
                connection.commit()
                acknowledged[0] = number

    writer = threading.Thread(target=write)
    writer.start()
    try:
        while acknowledged[0] < 200:
            stop.wait(0.01)
        before = acknowledged[0]
        fleet.clone("one", "one-clone")
        after = acknowledged[0]
    finally:
        stop.set()
        writer.join()

    clone = fleet.mysql_server("one-clone")
    ((rows, last, others),) = answer(
        clone, "SELECT count(*), max(n), (SELECT count(*) FROM b JOIN a USING (n)) FROM a", "bank"
    )
    assert copying[0] == copying[1], "somebody wrote while the files were copied"
    assert rows == last == others
    assert before <= copying[0] <= rows <= copying[0] + 1 <= after
    assert answer(clone, "SELECT @@read_only, @@event_scheduler", "bank") == ((1, "OFF"),)
    fleet.destroy("one-clone")
    assert fleet.endpoint("one-clone") is None


CLUSTERS = """groups:
  main:
    {engine: aurora-mysql, database: shop, user: reader, password_secret: "m/{cluster}", clusters: [maindb]}
  parts:
    {engine: aurora-mysql, database: part, user: reader, password_secret: "m/{cluster}", clusters: [part-1, part-2]}
"""
DOMAIN = """domain: shop
tables:
"""
ORDERS = "CREATE TABLE `order` (id int PRIMARY KEY, name varchar(9));\n"
TABLE = """  - name: {name}
    extracts:
      rows: {{source: {source}, group: {group}, connections: 1, columns: {{id: integer, name: text}}}}
    driving: {{extract: rows, cardinality: one item per row}}
    select: SELECT rows._cluster AS _cluster, rows.id AS id, rows.name AS name FROM rows
    key: {{partition: {{name: id, type: N}}}}
"""


@pytest.fixture
def shop(tmp_path: Path) -> Callable[[str], Catalog]:
    """Return a function that creates a catalog of the table `thing` in one group and `order` in another."""

    def made(clusters: str) -> Catalog:
        folder = tmp_path / "catalog"
        (folder / "domains").mkdir(parents=True)
        (folder / "clusters.yaml").write_text(clusters)
        tables = [("Thing", "thing", "main"), ("Order", "order", "parts")]
        texts = [TABLE.format(name=name, source=source, group=group) for name, source, group in tables]
        (folder / "domains/shop.yaml").write_text(DOMAIN + "".join(texts))
        return load_catalog(folder)

    return made


def test_the_rows_of_one_dump_are_divided_over_the_clusters_by_a_column(
    fleet: Fleet, shop: Callable[[str], Catalog], tmp_path: Path
) -> None:
    values = ",".join(f"({number},'{number % 7}')" for number in range(50))
    (tmp_path / "my.sql").write_text(f"{SMALL}{ORDERS}INSERT INTO `order` VALUES {values};\n", "utf-8")
    catalog = shop(CLUSTERS)
    own = UserData(catalog, "shop", print, dump=tmp_path / "my.sql", split="name")

    own.check()
    own.fill(fleet, own.clusters(catalog))

    query = "SELECT id, name FROM `order` ORDER BY id"
    first, second = (answer(fleet.mysql_server(name), query, "part") for name in ("part-1", "part-2"))
    assert sorted(first + second) == [(number, str(number % 7)) for number in range(50)]
    assert first
    assert second
    assert not {name for _, name in first} & {name for _, name in second}
    assert answer(fleet.mysql_server("maindb"), "SELECT * FROM thing ORDER BY id") == ROWS
    for name in ("maindb", "part-1", "part-2"):
        fleet.destroy(name)


def test_each_cluster_of_two_engines_gets_its_own_dump(
    fleet: Fleet, shop: Callable[[str], Catalog], tmp_path: Path
) -> None:
    catalog = shop(
        CLUSTERS.replace("{engine: aurora-mysql, database: part", "{engine: aurora-postgresql, database: part")
    )
    folder = tmp_path / "dumps"
    folder.mkdir()
    (folder / "maindb.sql").write_text(SMALL, "utf-8")
    for name in ("part-1", "part-2"):
        (folder / f"{name}.sql").write_text(ORDERS.replace("`", '"').replace("varchar(9)", "text"))
    own = UserData(catalog, "shop", print, dump=folder)

    own.check()
    own.fill(fleet, own.clusters(catalog))

    assert answer(fleet.mysql_server("maindb"), "SELECT * FROM thing ORDER BY id") == ROWS
    with psycopg.connect(fleet.server("part-2").dsn("part")) as connection:
        assert connection.execute('SELECT count(*) FROM "order"').fetchall() == [(0,)]
    answer(fleet.mysql_server("maindb"), "ALTER TABLE thing MODIFY name varbinary(99)")
    with pytest.raises(DataError, match=r"maindb: thing\.name is varbinary\(99\)"):
        check_tables(catalog, "shop", fleet, own.clusters(catalog))
    for name in ("maindb", "part-1", "part-2"):
        fleet.destroy(name)


def test_a_dump_of_mysql_is_migrated_by_the_catalog_that_is_proposed_for_it(tmp_path: Path) -> None:
    dump, catalog = tmp_path / "shop.sql.gz", tmp_path / "catalog"
    dump.write_bytes(gzip.compress(MYSQLDUMP.read_bytes()))

    proposal = run("local.rehearse.init", "--dump", str(dump), "--catalog", str(catalog))
    printed = run("local.rehearse", "--dump", str(dump), "--domain", "shop", "--catalog", str(catalog))

    assert f"next: make rehearse DUMP={dump} DOMAIN=shop CATALOG={catalog}" in proposal
    assert "engine: aurora-mysql" in (catalog / "clusters.yaml").read_text()
    assert "shop: MATCH. Every row arrived unchanged." in printed
    (report,) = Path("build/rehearsal").glob("shop-report.json")
    tables = json.loads(report.read_text("utf-8"))["tables"]
    assert {table["name"]: table["counts"]["matched"] for table in tables} == {"Order": 3, "User": 2, "User_2": 3}
