"""Any SQL keyword works as a table and a column: Spark parses the proposed select, the database the extract."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import psycopg
import pytest

from catalog.database_check import ask_all, databases
from catalog.empty_frames import select_problems
from catalog.introspection import describe
from catalog.loader import load_catalog
from catalog.proposal import propose, propose_clusters
from catalog.source_schema import Source, SourceColumn, SourceTable
from local.aurora.fleet import running_fleet

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pyspark.sql import SparkSession

    from local.aurora.server import PostgresServer

# What the jobs call columns of their own, in their frames and their files.
OWN = (
    "cluster", "_cluster", "_row", "_place", "_values", "_unreadable", "_source_row", "_source_key",
    "_unmatched_thing", "_rejected", "_class", "_hash", "_marks", "_kind", "_keyed", "_expires", "_item", "_tie",
    "_source", "_lone", "_keyless", "_key", "_seen", "_number", "_latest", "_term", "_slot", "_mark", "_expected",
    "_deal", "_collides", "_bucket", "_bits", "_at", "_again", "_trace", "_reason", "_rank", "_orphan",
    "_difference", "_winner", "_n", "reason", "row", "rejected", "key", "item", "values",
)  # fmt: skip


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    with running_fleet(tmp_path_factory.mktemp("words") / "aurora") as fleet:
        fleet.start_sources(["one"])
        yield fleet.server("one")


def proposed(folder: Path, source: Source) -> Path:
    """Write the proposed catalog of a source."""
    (folder / "domains").mkdir()
    (folder / "clusters.yaml").write_text(propose_clusters(source, "main"), "utf-8")
    (folder / "domains/shop.yaml").write_text(propose(source, "shop", "main").text, "utf-8")
    return folder


def table(name: str, words: list[str]) -> SourceTable:
    columns = [SourceColumn(word, "text") for word in words]
    return SourceTable(name, (SourceColumn("the id", "bigint", nullable=False), *columns), ("the id",))


def test_spark_reads_a_select_of_columns_and_tables_called_as_its_words(tmp_path: Path, spark: SparkSession) -> None:
    words = [row.keyword.lower() for row in spark.sql("SELECT keyword FROM sql_keywords()").collect()]
    tables = (table("thing", [*dict.fromkeys([*words, *OWN])]), table("select", words[:9]))
    folder = proposed(tmp_path, Source("aurora-postgresql", "there", "shop", tables))

    assert len(words) > 300
    assert select_problems(load_catalog(folder), folder, spark) == []

    (tmp_path / "tables").mkdir()
    every = tuple(table(word, [word]) for word in words)
    folder = proposed(tmp_path / "tables", Source("aurora-mysql", "there", "shop", every))
    parser = spark._jsparkSession.sessionState().sqlParser()
    assert [parser.parsePlan(proposal.select) for proposal in load_catalog(folder).domains["shop"].tables] != []


def test_postgresql_reads_an_extract_of_columns_and_tables_called_as_its_words(
    tmp_path: Path, server: PostgresServer
) -> None:
    with psycopg.connect(server.dsn(), autocommit=True) as connection:
        words = [word for (word,) in connection.execute("SELECT word FROM pg_get_keywords()")]
        columns = ", ".join(f'"{word}" text' for word in dict.fromkeys([*words, *OWN]))
        connection.execute(f'CREATE TABLE thing ("the id" bigint PRIMARY KEY, {columns})'.encode())
        for word in words:
            connection.execute(f'CREATE TABLE "{word}" ("{word}" text PRIMARY KEY)'.encode())
        url = f"postgresql://postgres:{server.password}@127.0.0.1:{server.port}/postgres?sslmode=disable"
    folder = proposed(tmp_path, dataclasses.replace(describe(url), location="there"))
    catalog = load_catalog(folder)

    answer = ask_all(catalog, folder, databases(catalog, [url]))

    assert (answer.problems, answer.warnings) == ([], [])
    assert len(catalog.domains["shop"].tables) == len(words) + 1
