"""A proposal is written as files, and never over a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from catalog.errors import SourceError
from catalog.proposal import propose, propose_clusters
from catalog.proposed_files import write_proposal
from tests.unit.catalog.test_proposal import COPY, C, SourceTable, source, table

if TYPE_CHECKING:
    from pathlib import Path

NO_COLUMN = "none of its columns can be read"


def test_the_domain_and_its_clusters_are_written_into_folders_that_are_made(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "catalog"

    written, warnings = write_proposal(source(COPY), "films", "shops", folder)

    assert written == [folder / "clusters.yaml", folder / "domains/films.yaml"]
    assert written[0].read_text("utf-8") == propose_clusters(source(COPY), "shops")
    assert written[1].read_text("utf-8") == propose(source(COPY), "films", "shops").text
    assert warnings == propose(source(COPY), "films", "shops").warnings


def test_clusters_that_are_there_stay_and_a_second_domain_is_added(tmp_path: Path) -> None:
    write_proposal(source(COPY), "films", "shops", tmp_path)
    (tmp_path / "clusters.yaml").write_text("groups: {}\n")

    written, _ = write_proposal(source(table()), "things", "shops", tmp_path)

    assert written == [tmp_path / "domains/things.yaml"]
    assert (tmp_path / "clusters.yaml").read_text() == "groups: {}\n"


def test_a_domain_that_is_there_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    write_proposal(source(COPY), "films", "shops", tmp_path)
    before = (tmp_path / "domains/films.yaml").read_text("utf-8")

    with pytest.raises(SourceError) as refused:
        write_proposal(source(table()), "films", "shops", tmp_path)

    assert str(refused.value) == (
        f"{tmp_path}/domains/films.yaml already exists: remove it, or choose another domain with --domain"
    )
    assert (tmp_path / "domains/films.yaml").read_text("utf-8") == before


@pytest.mark.parametrize(
    ("tables", "reasons"),
    [
        ((), "it is empty"),
        (
            (SourceTable("a", (C("x", "polygon"),)), SourceTable("b", (C("x", "polygon"),))),
            f"a: {NO_COLUMN}; b: {NO_COLUMN}",
        ),
    ],
)
def test_a_database_without_a_table_that_can_be_migrated_says_why(
    tmp_path: Path, tables: tuple[SourceTable, ...], reasons: str
) -> None:
    with pytest.raises(SourceError) as refused:
        write_proposal(source(*tables), "films", "shops", tmp_path)

    assert str(refused.value) == f"postgresql://me@there/film has no table that can be migrated: {reasons}"
    assert list(tmp_path.iterdir()) == []
