"""A catalog is proposed for well-known databases, and has no problem."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from rich.console import Console

from bench.mariadb import SERVER, mariadb
from catalog.introspection import describe
from catalog.loader import load_catalog
from catalog.proposed_files import write_proposal
from local.errors import DataError
from local.rehearse.init import propose_from

if TYPE_CHECKING:
    from catalog.models import Catalog

SCHEMAS = Path("tests/data/schemas")
NO_ZONE = "it has no time zone and is read as UTC"
FOREIGN = "it or a part of it is a foreign table: migrate it from the database that holds its rows"
UNLOGGED = "it or a part of it is unlogged, so a clone may lack its rows: ALTER TABLE … SET LOGGED"
NO_KEY = (
    "there is neither a primary nor a unique key; b is a guess: choose columns that differ in every row, or leave "
    "the table out"
)
VIEW = "it is a view of rows from other tables: name it in --tables to migrate it"
NO_CASE = (
    "ignores case in the database, but DynamoDB and joins in Spark do not: use lower() in both, "
    "and set accept_collisions: true in the key"
)


def keys(catalog: Catalog) -> dict[str, str]:
    """Return each table's key: its attributes with their types."""
    return {
        table.name: " ".join(f"{part.name}:{part.type}" for part in table.key.attributes)
        for domain in catalog.domains.values()
        for table in domain.tables
    }


def proposed(name: str, folder: Path) -> tuple[Catalog, list[str]]:
    """Return the catalog proposed for a dump, and its warnings."""
    with (folder / "said.txt").open("w+") as file:
        console = Console(file=file, width=200)
        assert propose_from(SCHEMAS / f"{name}.sql", None, folder / "catalog", console, lambda _: None)
        file.seek(0)
        said = [line.removeprefix("warning: ") for line in file.read().splitlines() if line.startswith("warning: ")]
    return load_catalog(folder / "catalog"), said


def test_pagila_is_proposed_whole(tmp_path: Path) -> None:
    catalog, said = proposed("pagila", tmp_path)

    assert keys(catalog) == {
        "Actor": "actorId:N",
        "Customer": "customerId:N",
        "Film": "filmId:N",
        "FilmActor": "actorId:N filmId:N",
        "Language": "languageId:N",
        "Payment": "paymentDate:S paymentId:N",
        "Rental": "rentalId:N",
        "Store": "storeId:N",
    }
    film = next(table for table in catalog.domains["pagila"].tables if table.name == "Film").extracts["film"]
    assert (film.columns["release_year"], film.columns["rating"], film.left_out) == ("integer", "text", ("fulltext",))
    assert said == [
        "film.special_features: becomes a list; use `attributes: {…: SS}` if order and duplicates do not matter",
        "film.fulltext: tsvector has no mapping: leave the column out, or cast it in a view",
        f"film_list: {VIEW}",
        "language.name: the padding is not part of the value",
        f"rental_by_store: {VIEW.replace('a view', 'a materialized view')}",
    ]


def test_northwind_is_proposed_whole(tmp_path: Path) -> None:
    catalog, said = proposed("northwind", tmp_path)

    assert said == []
    assert keys(catalog) == {
        "Categories": "categoryId:N",
        "CustomerCustomerDemo": "customerId:S customerTypeId:S",
        "CustomerDemographics": "customerTypeId:S",
        "Customers": "customerId:S",
        "Employees": "employeeId:N",
        "OrderDetails": "orderId:N productId:N",
        "Orders": "orderId:N",
        "Products": "productId:N",
        "UsStates": "stateId:N",
    }


def test_chinook_is_proposed_whole_though_every_name_needs_quotes(tmp_path: Path) -> None:
    catalog, said = proposed("chinook", tmp_path)

    assert said == [f"Invoice.InvoiceDate: {NO_ZONE}"]
    assert keys(catalog) == {
        "Album": "albumId:N",
        "Artist": "artistId:N",
        "Invoice": "invoiceId:N",
        "Playlist": "playlistId:N",
        "PlaylistTrack": "playlistId:N trackId:N",
        "Track": "trackId:N",
    }


@pytest.mark.skipif(SERVER is None, reason="MariaDB is not installed")
@pytest.mark.parametrize(
    ("name", "wanted", "warnings"),
    [
        (
            "sakila",
            {
                "Address": "addressId:N",
                "Film": "filmId:N",
                "FilmCategory": "filmId:N categoryId:N",
                "Language": "languageId:N",
                "Staff": "staffId:N",
            },
            [
                "address.location: geometry has no mapping: leave the column out, or cast it in a view",
                f"film_list: {VIEW}",
                "film_text: its engine is not InnoDB, so a clone lacks its rows: ALTER TABLE … ENGINE = InnoDB",
            ],
        ),
        (
            "employees",
            {
                "Departments": "deptNo:S",
                "DeptEmp": "empNo:N deptNo:S",
                "Employees": "empNo:N",
                "Titles": "titlesKey:S fromDate:S",
            },
            [f"current_dept_emp: {VIEW}", f"departments: dept_no {NO_CASE}"],
        ),
    ],
)
def test_a_mysql_database_is_proposed_whole(
    tmp_path: Path, name: str, wanted: dict[str, str], warnings: list[str]
) -> None:
    with mariadb(tmp_path) as server:
        server.run((SCHEMAS / f"{name}.sql").read_text("utf-8"))
        source = describe(f"mysql://reader:{server.password}@127.0.0.1:{server.port}/shop")
    _, said = write_proposal(source, name, "main", tmp_path / "catalog")

    assert keys(load_catalog(tmp_path / "catalog")) == wanted
    assert [line for line in warnings if line not in said] == []


def test_a_dump_of_what_no_run_can_move_is_refused_with_the_reasons(tmp_path: Path) -> None:
    (tmp_path / "odd.sql").write_text("CREATE UNLOGGED TABLE a (id integer);\nCREATE TABLE b (c polygon);\n")

    with pytest.raises(DataError) as refused:
        propose_from(tmp_path / "odd.sql", None, tmp_path / "catalog", Console(quiet=True), lambda _: None)

    assert str(refused.value) == (
        f"{tmp_path}/odd.sql has no table that can be migrated: a: {UNLOGGED}; b: none of its columns can be read"
    )


def test_tables_of_every_kind_are_proposed_or_left_out_with_the_reason(tmp_path: Path) -> None:
    catalog, said = proposed("kinds", tmp_path)

    assert keys(catalog) == {
        "Deep": "id:N day:S",
        "Guess": "b:N",
        "Made": "id:N",
        "OldParent": "id:N",
        "Pairs": "a:N b:S",
        "Typed": "id:N",
    }
    made = next(table for table in catalog.domains["kinds"].tables if table.name == "Made").extracts["made"]
    assert made.columns == {"id": "bigint", "twice": "bigint", "thrice": "bigint", "label": "text"}
    assert said == [
        f"far: {FOREIGN}",
        f"far_parts: {FOREIGN}",
        f"guess: {NO_KEY}",
        "guess: b may be null, and a row with a null is rejected",
        "nothing: none of its columns can be read",
        "old_child: it inherits from a table that is read with its rows: name it in --tables to migrate it separately",
        "pairs: there is no primary key; this is a unique key",
        f"quick: {UNLOGGED}",
        f"quick_parts: {UNLOGGED}",
        f"totals: {VIEW.replace('a view', 'a materialized view')}",
        f"two: {VIEW}",
    ]


def test_a_catalog_that_is_there_is_not_written_over(tmp_path: Path) -> None:
    (tmp_path / "shop.sql").write_text("CREATE TABLE a (id integer PRIMARY KEY);\n")
    quiet = Console(quiet=True)
    assert propose_from(tmp_path / "shop.sql", None, tmp_path, quiet, lambda _: None)

    with pytest.raises(DataError, match=r"domains/shop\.yaml already exists: remove it, or choose another domain"):
        propose_from(tmp_path / "shop.sql", None, tmp_path, quiet, lambda _: None)


@pytest.mark.parametrize(
    ("dump", "domain", "message"),
    [
        ("gone.sql", None, "gone.sql does not exist"),
        ("Makefile", "My Shop", "DOMAIN=My Shop must be lower-case letters, digits and hyphens, at most 31"),
    ],
)
def test_a_wrong_call_is_one_sentence(tmp_path: Path, dump: str, domain: str | None, message: str) -> None:
    with pytest.raises(DataError) as refused:
        propose_from(Path(dump), domain, tmp_path, Console(quiet=True), lambda _: None)

    assert str(refused.value) == message
