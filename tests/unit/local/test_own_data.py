"""What somebody gives a rehearsal is looked at before anything is started, and refused in one sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from catalog.described import Source, SourceColumn, SourceTable
from catalog.loader import load_catalog
from catalog.proposed_files import write_proposal
from local.errors import DataError
from local.rehearse.__main__ import alone
from local.rehearse.own_data import OwnData

if TYPE_CHECKING:
    from pathlib import Path

    from catalog.models import Catalog


def table(name: str, *references: str) -> SourceTable:
    return SourceTable(name, (SourceColumn("id", "bigint", nullable=False),), ("id",), references=references)


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    write_proposal(Source("aurora-postgresql", "there", "shop", (table("a"),)), "shop", "main", tmp_path / "catalog")
    return load_catalog(tmp_path / "catalog")


def refusal(catalog: Catalog, **given: Any) -> str:  # noqa: ANN401 - its fields
    with pytest.raises(DataError) as refused:
        OwnData(catalog, "shop", print, **given).check()
    return str(refused.value)


def test_a_folder_of_mydumper_is_told_from_one_with_a_dump_per_cluster(catalog: Catalog, tmp_path: Path) -> None:
    folder = tmp_path / "dump"
    folder.mkdir()
    assert refusal(catalog, dump=folder) == (
        f"{folder}: no dump for main-1; name each after its cluster, like main-1.sql"
    )
    (folder / "shop.a-schema.sql.zst").touch()
    assert refusal(catalog, dump=folder) == (
        f"{folder}: is a dump of mydumper, which is of MySQL, but the rehearsal runs PostgreSQL; "
        "give DATA=folder of CSV files"
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

    assert list(load_catalog(alone(tmp_path, "shop-others-2", folder)).domains) == ["shop-others-2"]
