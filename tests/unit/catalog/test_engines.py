"""A cluster's version says its parameter group family, or that it cannot be migrated."""

from __future__ import annotations

import pytest

from catalog.engines import parameter_family, supported


@pytest.mark.parametrize(
    ("engine", "version", "family"),
    [
        *(("aurora-postgresql", f"{major}.4", f"aurora-postgresql{major}") for major in range(11, 18)),
        ("aurora-postgresql", "16.4.1", "aurora-postgresql16"),
        ("aurora-postgresql", "10.4", ""),
        ("aurora-postgresql", "18.1", ""),
        ("aurora-postgresql", "16", ""),
        ("aurora-postgresql", "16.x", ""),
        ("aurora-mysql", "5.7.mysql_aurora.2.11.3", "aurora-mysql5.7"),
        ("aurora-mysql", "8.0.mysql_aurora.3.08.0", "aurora-mysql8.0"),
        ("aurora-mysql", "8.4.mysql_aurora.8.4.0", "aurora-mysql8.4"),
        ("aurora-mysql", "8.1.mysql_aurora.3.08.0", ""),
        ("aurora-mysql", "5.6.mysql_aurora.1.22.2", ""),
        ("aurora-mysql", "8.0", ""),
        ("mysql", "8.0.36", ""),
        ("postgres", "16.4", ""),
    ],
)
def test_a_version_belongs_to_a_family_of_its_engine(engine: str, version: str, family: str) -> None:
    assert parameter_family(engine, version) == family


def test_the_versions_of_an_engine_are_listed() -> None:
    assert supported("aurora-postgresql") == "11, 12, 13, 14, 15, 16, 17"
    assert supported("aurora-mysql") == "5.7, 8.0, 8.4"
