"""The customer's catalog loads, and a wrong one is reported."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from catalog.errors import CatalogError
from catalog.loader import load_catalog
from tests.customer import customer_catalog, customer_folder


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return Path(shutil.copytree(customer_folder(), tmp_path / "catalog"))


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def test_the_catalog_holds_nine_clusters_and_six_tables() -> None:
    catalog = customer_catalog()

    assert list(catalog.clusters) == ["lipsdb", *[f"dailydatadb-partition-0{n}" for n in range(1, 9)]]
    assert {name: [table.name for table in domain.tables] for name, domain in catalog.domains.items()} == {
        "availability": ["Inventory", "Restriction", "Allotment", "RestrictionAssociation"],
        "rates": ["BaseRate", "BaseRateAssociation"],
    }


def test_a_password_secret_is_named_after_its_cluster() -> None:
    catalog = customer_catalog()

    assert catalog.clusters["dailydatadb-partition-03"].password_secret == "migration/dailydatadb-partition-03/reader"


def test_both_domains_read_all_nine_clusters() -> None:
    catalog = customer_catalog()

    assert {len(catalog.clusters_of(domain)) for domain in catalog.domains} == {9}


@pytest.mark.parametrize(
    ("file", "old", "new", "sentence"),
    [
        (
            "domains/rates.yaml",
            "max_unmatched: 0",
            "max_unmatchd: 0",
            "tables.BaseRate.max_unmatchd: is not a known key; did you mean 'max_unmatched'?",
        ),
        (
            "domains/rates.yaml",
            "group: partitions",
            "group: partition",
            (
                "tables.BaseRate.extracts.rate.group: 'partition' is not a group of clusters.yaml "
                "(there are main, partitions); did you mean 'partitions'?"
            ),
        ),
        (
            "domains/rates.yaml",
            "numeric(38,20)",
            "numeric(39,20)",
            (
                "tables.BaseRate.extracts.rate.columns.net_amount: numeric(39,20): precision must be 1 to 38 "
                "and scale at most the precision"
            ),
        ),
        (
            "domains/rates.yaml",
            "driving: {extract: rate,",
            "driving: {extract: rates,",
            (
                "tables.BaseRate.driving.extract: 'rates' is not among the extracts rate, property, plan; "
                "did you mean 'rate'?"
            ),
        ),
        (
            "domains/availability.yaml",
            "attributes: {expiresAt: epoch_seconds}",
            "attributes: {}",
            "tables.Restriction.ttl: needs `attributes: {expiresAt: epoch_seconds}`",
        ),
        (
            "domains/availability.yaml",
            "domain: availability",
            "domain: avail",
            "domain: is 'avail', but the file is named availability.yaml",
        ),
        (
            "domains/rates.yaml",
            "property._cluster IS NULL AS _unmatched_property,",
            "",
            (
                "tables.BaseRate.select: must return `property._cluster IS NULL AS _unmatched_property`: "
                "rows without their reference are counted"
            ),
        ),
        ("domains/rates.yaml", "domain: rates", "domain: [rates", None),
        ("clusters.yaml", "clusters: [lipsdb]", "clusters: [Lips_DB]", None),
    ],
    ids=[
        "misspelt-key",
        "unknown-group",
        "too-many-digits",
        "driving-not-an-extract",
        "ttl-not-epoch-seconds",
        "domain-not-the-file-name",
        "orphans-not-counted",
        "no-yaml",
        "bad-cluster-name",
    ],
)
def test_a_wrong_catalog_is_refused_with_file_and_key(
    directory: Path, file: str, old: str, new: str, sentence: str | None
) -> None:
    change(directory / file, old, new)

    with pytest.raises(CatalogError) as refusal:
        load_catalog(directory)

    assert str(refusal.value).startswith(f"{directory / file}:")
    if sentence is not None:
        assert [problem.sentence for problem in refusal.value.problems] == [sentence]


def test_a_key_written_twice_is_refused(directory: Path) -> None:
    change(directory / "domains/rates.yaml", "max_unmatched: 0", "max_unmatched: 0\n    max_unmatched: 1")

    with pytest.raises(
        CatalogError, match=r"rates\.yaml:36:5: the key 'max_unmatched' is written twice, first in line 35"
    ):
        load_catalog(directory)


def test_a_missing_clusters_file_is_named(directory: Path) -> None:
    (directory / "clusters.yaml").unlink()

    with pytest.raises(CatalogError, match=r"clusters\.yaml: cannot be read: No such file or directory"):
        load_catalog(directory)


def test_a_table_of_two_domains_is_refused(directory: Path) -> None:
    change(directory / "domains/rates.yaml", "name: BaseRateAssociation", "name: Inventory")

    with pytest.raises(
        CatalogError, match=r"tables\.Inventory\.name: the domain availability already has a table with that name"
    ):
        load_catalog(directory)
