"""User data: their loading, their division over the clusters, and the messages for wrong data."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
from decimal import Decimal
from typing import TYPE_CHECKING

import psycopg
import pyarrow as pa
import pytest
from pyarrow import parquet
from typer.testing import CliRunner

from catalog.__main__ import app
from catalog.loader import load_catalog
from local.aurora.fleet import Fleet, running_fleet
from local.errors import DataError
from local.rehearse.user_data import UserData
from tests.functional.tutorial import blocks, catalog_after_the_tutorial

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from catalog.models import Catalog


def silent(_: str) -> None:
    """Print nothing."""


@pytest.fixture(scope="module")
def tutorial(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    return load_catalog(catalog_after_the_tutorial(tmp_path_factory.mktemp("tutorial")))


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[Fleet]:
    with running_fleet(tmp_path / "aurora") as fleet:
        yield fleet


def rows(fleet: Fleet, cluster: str, database: str, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(fleet.server(cluster).dsn(database)) as connection:
        return connection.execute(query.encode()).fetchall()


def refusal(catalog: Catalog, fleet: Fleet, **options: object) -> str:
    """Return the message for refused data, or "nothing"."""
    own = UserData(catalog, "film-rental", silent, **options)  # type: ignore[arg-type]  # its fields
    try:
        own.check()
        own.fill(fleet, own.clusters(catalog))
    except DataError as error:
        return str(error)
    return "nothing"


def test_files_are_divided_over_the_clusters_by_a_column(tutorial: Catalog, fleet: Fleet, tmp_path: Path) -> None:
    csv = {
        "film": "\ufefffilm_id,title,rated,released,day_price,features,poster,facts,colour\n"
        '6b1e2f0a-0000-0000-0000-000000000001,"Café, ""2""",all,1999,0.99,"{a,b}",\\x00ff,"{""x"": 1}",red\n'
        "6b1e2f0a-0000-0000-0000-000000000002,,all,,1.99,,,,\n",
        "film_copy": "store_id,copy_no,film_id,shelf,bought\n"
        + "".join(f"{n},1,6b1e2f0a-0000-0000-0000-000000000001,A,2020-02-29\n" for n in range(20)),
    }
    moment = dt.datetime(2026, 3, 1, 10, tzinfo=dt.UTC)
    rental = {
        "store_id": list(range(20)),
        "copy_no": [1] * 20,
        "rented_at": [moment] * 20,
        "customer_id": [9 * 10**9] * 20,
        "returned_at": pa.nulls(20),
        "paid": [Decimal("1.98")] * 20,
        "stars": pa.array([4.5] * 20, pa.float32()),
    }
    parquet.write_table(pa.table(rental), tmp_path / "rental.parquet")
    for name, text in csv.items():
        (tmp_path / f"{name}.csv").write_text(text, "utf-8")
    own = UserData(tutorial, "film-rental", silent, data=tmp_path, split="store_id")

    own.check()
    own.fill(fleet, own.clusters(tutorial))

    assert rows(
        fleet, "filmdb", "film", "SELECT title, features, poster, facts::text, colour FROM film ORDER BY 1"
    ) == [
        ('Café, "2"', ["a", "b"], b"\x00\xff", '{"x": 1}', "red"),
        (None, None, None, None, None),
    ]
    shares = {
        cluster: {
            table: {store for (store,) in rows(fleet, cluster, "rental", f"SELECT store_id FROM {table}")}
            for table in ("film_copy", "rental")
        }
        for cluster in ("rentaldb-01", "rentaldb-02")
    }
    first, second = shares["rentaldb-01"], shares["rentaldb-02"]
    assert first["film_copy"] == first["rental"]
    assert second["film_copy"] == second["rental"]
    assert first["rental"]
    assert second["rental"]
    assert first["rental"] | second["rental"] == set(range(20))
    assert not first["rental"] & second["rental"]


def test_without_a_split_the_first_cluster_of_a_group_has_all_rows(
    tutorial: Catalog, fleet: Fleet, tmp_path: Path
) -> None:
    (tmp_path / "film.sql").write_text(blocks()["film-rental.sql"], "utf-8")
    own = UserData(tutorial, "film-rental", silent, dump=tmp_path / "film.sql")

    own.fill(fleet, own.clusters(tutorial))

    count = "SELECT (SELECT count(*) FROM film_copy), (SELECT count(*) FROM rental)"
    assert rows(fleet, "rentaldb-01", "rental", count) == [(300, 1200)]
    assert rows(fleet, "rentaldb-02", "rental", count) == [(0, 0)]
    assert rows(fleet, "filmdb", "film", "SELECT count(*) FROM film") == [(40,)]

    server = fleet.server("filmdb")
    url = f"postgresql://postgres:{server.password}@127.0.0.1:{server.port}/film"
    proposal = CliRunner().invoke(app, ["init", "--from", url, "--tables", "film,rental", "--group", "films"])
    assert proposal.exit_code == 0, proposal.stderr
    proposed = tmp_path / "proposed"
    (proposed / "domains").mkdir(parents=True)
    (proposed / "clusters.yaml").write_text("groups:\n" + blocks()["catalog/clusters.yaml"], "utf-8")
    (proposed / "domains/film.yaml").write_text(proposal.stdout, "utf-8")
    tables = {table.name: table for table in load_catalog(proposed).domains["film"].tables}
    ours = {table.name: table for table in tutorial.domains["film-rental"].tables}
    for name, extract in (("Film", "film"), ("Rental", "rental")):
        assert tables[name].extracts[extract].columns == ours[name].extracts[extract].columns
    assert (tables["Film"].key, tables["Rental"].key.sort) == (ours["Film"].key, ours["Rental"].key.sort)
    assert server.password not in proposal.stdout


def test_a_folder_with_a_dump_per_cluster_is_loaded_as_it_is(tutorial: Catalog, fleet: Fleet, tmp_path: Path) -> None:
    whole = blocks()["film-rental.sql"]
    for number, cluster in enumerate(("filmdb", "rentaldb-01", "rentaldb-02")):
        extra = f"DELETE FROM rental WHERE store_id % 2 = {number % 2};\n"
        (tmp_path / f"{cluster}.sql").write_text(whole + extra, "utf-8")
    own = UserData(tutorial, "film-rental", silent, dump=tmp_path)

    own.check()
    own.fill(fleet, own.clusters(tutorial))

    stores = "SELECT array_agg(DISTINCT store_id ORDER BY store_id) FROM rental"
    assert rows(fleet, "rentaldb-01", "rental", stores) == [([2, 4, 6],)]
    assert rows(fleet, "rentaldb-02", "rental", stores) == [([1, 3, 5],)]


@pytest.mark.parametrize(
    ("change", "split", "message"),
    [
        (
            ("", ""),
            "customer_id",
            (
                "SPLIT=customer_id: film_copy has no such column, and each of the 2 clusters of the group "
                "rentals would have all its rows; it has store_id, copy_no, film_id, shelf, bought. "
                "Name a column that all tables of the group have, or use a folder with a dump per cluster"
            ),
        ),
        (
            ("film_copy", "film_copies"),
            "store_id",
            ("the loaded data have no table film_copy; did you mean film_copies?"),
        ),
        (
            ("paid numeric(6,2)", "paid numeric(9,3)"),
            "store_id",
            (
                "rentaldb-01: rental.paid is numeric(9,3), which is wider than the catalog's numeric(6,2); "
                "rentaldb-02: rental.paid is numeric(9,3), which is wider than the catalog's numeric(6,2)."
            ),
        ),
        (("  released smallint,\n", ""), "store_id", "filmdb: film.released is missing."),
        (
            ("CREATE TABLE film (", "SET client_encoding = 'SQL_ASCII';\nCREATE TABLE film ("),
            "store_id",
            (
                "filmdb: the database is in SQL_ASCII, whose text may be no text: load it into a database with an "
                "encoding and dump that (pg_dump -E UTF8)"
            ),
        ),
    ],
    ids=["split-column", "table", "type", "column", "encoding"],
)
def test_a_dump_that_is_not_what_the_catalog_says_is_refused(
    tutorial: Catalog, fleet: Fleet, tmp_path: Path, change: tuple[str, str], split: str, message: str
) -> None:
    text = blocks()["film-rental.sql"]
    if change[0]:
        text = text[: text.index("INSERT")].replace(*change)
    (tmp_path / "film.sql").write_text(text, "utf-8")

    assert refusal(tutorial, fleet, dump=tmp_path / "film.sql", split=split) == message


def test_csv_files_that_are_not_what_the_catalog_says_are_refused_all_at_once(
    tutorial: Catalog, fleet: Fleet, tmp_path: Path
) -> None:
    (tmp_path / "film.csv").write_text("film_id;title;rated;released;day_price;features;poster\n")
    (tmp_path / "rentals.csv").write_text("a\n")
    (tmp_path / "film_copy.csv").write_text("store_id,copyno,film_id,shelf,bought\n")

    assert refusal(tutorial, fleet, data=tmp_path) == (
        f"{tmp_path}/film.csv: lacks the column facts; there is 'features'; "
        f"{tmp_path}/film_copy.csv: lacks the column copy_no; there is 'copyno'; "
        f"{tmp_path}/rental.csv (or .parquet) is missing; there is rentals.csv"
    )


def test_a_csv_value_that_does_not_fit_is_refused_with_its_line(
    tutorial: Catalog, fleet: Fleet, tmp_path: Path
) -> None:
    header = "film_id,title,rated,released,day_price,features,poster,facts\n"
    (tmp_path / "film.csv").write_text(f"{header}6b1e2f0a-0000-0000-0000-000000000001,a,all,next year,1,,,\n")
    (tmp_path / "film_copy.csv").write_text("store_id,copy_no,film_id,shelf,bought\n")
    (tmp_path / "rental.csv").write_text("store_id,copy_no,rented_at,customer_id,returned_at,paid,stars\n")

    assert refusal(tutorial, fleet, data=tmp_path) == (
        f"{tmp_path}/film.csv: row 1, column released: 'next year' is not a valid smallint; "
        "correct the value or the type"
    )


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16", "utf-8-sig"])
def test_csv_files_of_spreadsheets_are_read_with_their_separator_and_encoding(
    tutorial: Catalog, fleet: Fleet, tmp_path: Path, encoding: str
) -> None:
    title = "Käse für Frau Müller, Straße"
    header = "film_id;title;rated;released;day_price;features;poster;facts"
    row = f"6b1e2f0a-0000-0000-0000-000000000001;{title};all;1999;0.99;;;"
    (tmp_path / "film.csv").write_text(f"{header}\n{row}\n", encoding)
    (tmp_path / "film_copy.csv").write_text("store_id\tcopy_no\tfilm_id\tshelf\tbought\n")
    (tmp_path / "rental.csv").write_text("store_id|copy_no|rented_at|customer_id|returned_at|paid|stars\n")
    declared = "cp1252" if encoding == "cp1252" else None
    own = UserData(tutorial, "film-rental", silent, data=tmp_path, encoding=declared)

    own.fill(fleet, own.clusters(tutorial))

    assert rows(fleet, "filmdb", "film", "SELECT title, released FROM film") == [(title, 1999)]


def test_a_csv_file_that_is_not_in_utf_8_is_refused_until_its_encoding_is_declared(
    tutorial: Catalog, fleet: Fleet, tmp_path: Path
) -> None:
    (tmp_path / "film.csv").write_text("film_id,title,rated,released,day_price,features,poster,facts\n,Käse", "cp1252")
    (tmp_path / "film_copy.csv").write_text("store_id,copy_no,film_id,shelf,bought\n")
    (tmp_path / "rental.csv").write_text("store_id,copy_no,rented_at,customer_id,returned_at,paid,stars\n")

    assert refusal(tutorial, fleet, data=tmp_path) == (
        f"{tmp_path}/film.csv is not in UTF-8; name its encoding, like ENCODING=cp1252"
    )
    assert refusal(tutorial, fleet, data=tmp_path, encoding="cp9999") == (
        "ENCODING=cp9999 is not an encoding of Python; use one like cp1252 or latin-1"
    )


def test_an_unnamed_column_is_refused_by_its_number(tutorial: Catalog, fleet: Fleet, tmp_path: Path) -> None:
    (tmp_path / "film.csv").write_text("film_id,title,rated,released,day_price,features,poster,facts,\n")
    (tmp_path / "film_copy.csv").write_text("store_id,copy_no,film_id,shelf,bought\n")
    (tmp_path / "rental.csv").write_text("store_id,copy_no,rented_at,customer_id,returned_at,paid,stars\n")

    assert refusal(tutorial, fleet, data=tmp_path) == (
        f"{tmp_path}/film.csv: its first line names no column 9; name it, or remove the column"
    )


def test_clusters_without_a_dump_are_named(tutorial: Catalog, fleet: Fleet, tmp_path: Path) -> None:
    (tmp_path / "filmdb.sql").write_text("")

    assert refusal(tutorial, fleet, dump=tmp_path) == (
        f"{tmp_path}: no dump for rentaldb-01, rentaldb-02; name each after its cluster, like rentaldb-01.sql"
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--domain", "rate", "--dump", "x.sql"], "DOMAIN=rate is not in catalog; did you mean rates?"),
        (["--domain", "rates", "--dump", "x.sql"], "x.sql does not exist"),
        (
            ["--domain", "rates", "--data", "Makefile"],
            ("DATA=Makefile is not a folder; use one with a file per source table, or DUMP=Makefile"),
        ),
    ],
)
def test_a_wrong_call_is_one_sentence_and_exit_code_2(options: list[str], message: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "local.rehearse", "--catalog", "catalog", *options],
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": ".:lambdas:spark"},  # as the Makefile has it
    )

    assert (done.returncode, done.stdout) == (2, f"error: {message}\n")
