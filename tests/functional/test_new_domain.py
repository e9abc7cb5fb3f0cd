"""The tutorial as it is written: a new domain migrates with YAML alone."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.functional.tutorial import DOCUMENT, blocks, catalog_after_the_tutorial

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Rehearsed:
    """The result of the tutorial's last command."""

    code: int
    output: str
    summary: dict[str, Any]
    page: str


@pytest.fixture(scope="module")
def rehearsed(tmp_path_factory: pytest.TempPathFactory) -> Rehearsed:
    """Run the tutorial's `make rehearse` in its own process, because a process has one embedded AWS."""
    folder = tmp_path_factory.mktemp("tutorial")
    dump = folder / "film-rental.sql"
    dump.write_text(blocks()["film-rental.sql"], "utf-8")
    command = "make rehearse DUMP=film-rental.sql DOMAIN=film-rental SPLIT=store_id"
    assert f"\n{command}\n" in DOCUMENT.read_text("utf-8")
    words = [word.replace("film-rental.sql", str(dump)) for word in command.split()]
    results = ROOT / "build" / "rehearsal"
    shutil.rmtree(results, ignore_errors=True)
    # Under `make test`, make would print the folders that it enters, unlike at a prompt.
    shell = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")}
    done = subprocess.run(
        [*words, f"CATALOG={catalog_after_the_tutorial(folder)}"],
        check=False,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=shell,
    )
    summary = json.loads((results / "summary.json").read_text("utf-8"))
    return Rehearsed(done.returncode, done.stdout, summary, (results / "film-rental-report.html").read_text("utf-8"))


def test_the_tutorials_catalog_holds(tmp_path: Path) -> None:
    folder = catalog_after_the_tutorial(tmp_path)

    done = subprocess.run(
        [sys.executable, "-m", "catalog", "check", "--folder", folder], check=False, capture_output=True, text=True
    )

    said = "no problems: 10 tables in availability, film-rental, rates, 12 clusters\n"
    assert (done.returncode, done.stdout) == (0, said)
    assert said in DOCUMENT.read_text("utf-8")


def test_the_tutorials_mistakes_are_said_as_it_shows_them(tmp_path: Path) -> None:
    folder = catalog_after_the_tutorial(tmp_path)
    path = folder / "domains/film-rental.yaml"
    text = path.read_text("utf-8").replace("film.released AS", "film.relased AS")
    path.write_text(text.replace("sort: {name: copyNo", "sorted: {name: copyNo"), "utf-8")

    done = subprocess.run(
        [sys.executable, "-m", "catalog", "check", "--folder", folder], check=False, capture_output=True, text=True
    )

    assert done.returncode == 1
    assert done.stdout.replace(f"{tmp_path}/", "") == blocks()["mistakes"]


def test_the_migration_of_the_tutorials_domain_ends_in_match(rehearsed: Rehearsed) -> None:
    assert rehearsed.code == 0
    assert rehearsed.output.endswith("film-rental: MATCH. Every row arrived unchanged.\n")
    domain = rehearsed.summary["domains"]["film-rental"]
    rows = {"Film": 40, "FilmCopy": 300, "Rental": 1200, "CopyHistory": 1500}
    nothing = dict.fromkeys(
        ("rejected", "superseded", "changed", "missing", "extra", "expired", "duplicate", "undecodable"), 0
    )
    assert domain["tables"] == {
        name: {
            **dict.fromkeys(("rows_read", "items_written", "imported", "exported", "matched"), count),
            **nothing,
        }
        for name, count in rows.items()
    }
    assert rehearsed.summary["clones_left"] == 0
    assert all(name in rehearsed.page for name in ("MATCH", *rows))
    assert "Rows and items of CopyHistory by part" in rehearsed.page
