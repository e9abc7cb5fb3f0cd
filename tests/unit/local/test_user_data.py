"""A rehearsal checks its arguments before anything starts, and refuses wrong ones in one sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from catalog.loader import load_catalog
from catalog.proposed_files import write_proposal
from catalog.source_schema import Source, SourceColumn, SourceTable
from local.errors import DataError, MariaDbError
from local.rehearse.__main__ import write_single_domain
from local.rehearse.mysql_data import check_engines
from local.rehearse.user_data import UserData

if TYPE_CHECKING:
    from pathlib import Path

    from catalog.models import Catalog


def table(name: str, *references: str) -> SourceTable:
    return SourceTable(name, (SourceColumn("id", "bigint", nullable=False),), ("id",), references=references)


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    write_proposal(Source("aurora-postgresql", "there", "shop", (table("a"),)), "shop", "main", tmp_path / "catalog")
    return load_catalog(tmp_path / "catalog")


def refusal(catalog: Catalog, **options: Any) -> str:  # noqa: ANN401 - its fields
    with pytest.raises(DataError) as refused:
        UserData(catalog, "shop", print, **options).check()
    return str(refused.value)


def test_a_folder_of_mydumper_is_told_from_one_with_a_dump_per_cluster(catalog: Catalog, tmp_path: Path) -> None:
    folder = tmp_path / "dump"
    folder.mkdir()
    assert refusal(catalog, dump=folder) == (
        f"{folder}: no dump for main-1; name each after its cluster, like main-1.sql"
    )
    (folder / "shop.a-schema.sql.zst").touch()
    assert refusal(catalog, dump=folder) == (
        f"{folder}: is a dump of mydumper, which is of MySQL, but its clusters are PostgreSQL; write engine: "
        "aurora-mysql in clusters.yaml, or propose a catalog with make init"
    )


def test_a_folder_of_mysql_shell_is_refused_with_what_to_dump_instead(catalog: Catalog, tmp_path: Path) -> None:
    (tmp_path / "@.json").touch()

    assert refusal(catalog, dump=tmp_path) == (
        f"{tmp_path}: is a dump of MySQL Shell, whose rows are not SQL; dump with mysqldump or mydumper"
    )


def test_files_of_values_are_loaded_into_postgresql_alone(tmp_path: Path) -> None:
    write_proposal(Source("aurora-mysql", "there", "shop", (table("a"),)), "shop", "main", tmp_path / "catalog")
    (tmp_path / "csv").mkdir()

    assert refusal(load_catalog(tmp_path / "catalog"), data=tmp_path / "csv") == (
        f"DATA={tmp_path}/csv: main-1 is Aurora MySQL in the catalog, but CSV and Parquet files can be loaded "
        "into PostgreSQL only; use DUMP=mysqldump.sql"
    )


def test_one_dump_holds_no_tables_of_two_engines(tmp_path: Path) -> None:
    write_proposal(Source("aurora-mysql", "there", "shop", (table("a"),)), "shop", "one", tmp_path / "catalog")
    write_proposal(Source("aurora-postgresql", "there", "shop", (table("b"),)), "other", "two", tmp_path / "other")
    mixed = [
        cluster for folder in ("catalog", "other") for cluster in load_catalog(tmp_path / folder).clusters.values()
    ]

    with pytest.raises(DataError, match=r"^one-1 is Aurora MySQL in the catalog and the other clusters are PostgreSQL"):
        check_engines(mixed, data=None, dump=tmp_path / "my.sql", single_dump=True)


def test_where_mariadb_is_missing_one_sentence_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_proposal(Source("aurora-mysql", "there", "shop", (table("a"),)), "shop", "main", tmp_path / "catalog")
    clusters = tuple(load_catalog(tmp_path / "catalog").clusters.values())
    monkeypatch.setattr("local.aurora.mariadb_programs.shutil.which", lambda *_, **__: None)

    with pytest.raises(MariaDbError) as refused:
        check_engines(clusters, data=None, dump=tmp_path / "my.sql", single_dump=True)

    assert str(refused.value) == (
        "mariadbd is missing, and Aurora MySQL runs on MariaDB here; install MariaDB's server "
        "(Debian, Ubuntu: apt-get install mariadb-server; macOS: brew install mariadb)"
    )


def test_a_rehearsal_deploys_its_own_domain_alone(tmp_path: Path) -> None:
    tables = [table(f"t{n}") for n in range(30)]
    written, _ = write_proposal(Source("aurora-postgresql", "there", "shop", tuple(tables)), "shop", "main", tmp_path)
    assert [path.name for path in written] == [
        "clusters.yaml",
        "shop-others.yaml",
        "shop-others-2.yaml",
        "shop-others-3.yaml",
    ]
    folder = tmp_path / "alone"
    (folder / "domains").mkdir(parents=True)
    (folder / "domains/old.yaml").touch()

    assert list(load_catalog(write_single_domain(tmp_path, "shop-others-2", folder)).domains) == ["shop-others-2"]
