"""From a dump to a verdict: a catalog is proposed, and a rehearsal migrates every row with it."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SCHEMAS = Path("tests/data/schemas")
# Rows of each table, whatever the names and values of its columns.
ODD = {
    "Anti": 1, "Booking": 2, "Guest": 2, "HrItem": 2, "OldParent": 2, "Order": 2, "OrderItems": 3, "Parted": 500,
    "SalesItem": 1, "User": 2, "UserAccount": 2,
}  # fmt: skip
PAGILA = {"Actor": 2, "Customer": 2, "Film": 2, "FilmActor": 3, "Language": 1, "Payment": 2, "Rental": 2, "Store": 2}


def run(module: str, *arguments: str) -> str:
    """Return the output of a command of the Makefile."""
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": ".:lambdas:spark"},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize(
    ("name", "encoding", "items"), [("odd", "latin-1", ODD), ("pagila", "utf-16", PAGILA)], ids=["odd", "pagila"]
)
def test_a_dump_is_migrated_by_the_catalog_that_is_proposed_for_it(
    tmp_path: Path, name: str, encoding: str, items: dict[str, int]
) -> None:
    dump, catalog = tmp_path / "shop.sql.gz", tmp_path / "catalog"
    dump.write_bytes(gzip.compress((SCHEMAS / f"{name}.sql").read_text("utf-8").encode(encoding)))

    said = run("local.rehearse.init", "--dump", str(dump), "--catalog", str(catalog))
    printed = run("local.rehearse", "--dump", str(dump), "--domain", "shop", "--catalog", str(catalog))

    assert f"next: make rehearse DUMP={dump} DOMAIN=shop CATALOG={catalog}" in said
    assert "shop: MATCH. Every row arrived unchanged." in printed
    (report,) = Path("build/rehearsal").glob("shop-report.json")
    tables = json.loads(report.read_text("utf-8"))["tables"]
    assert {table["name"]: table["counts"]["matched"] for table in tables} == items
