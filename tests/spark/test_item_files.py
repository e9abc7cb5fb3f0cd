"""The same landed files make the same files of items, whatever resources Spark has."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from tests.spark.sessions import MASTERS, ROWS, SHAPES

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """Return a folder, and the files of each session and shape there."""
    folder = tmp_path_factory.mktemp("sessions")
    command = [sys.executable, "-m", "tests.spark.sessions", str(folder)]
    environment = {**os.environ, "PYTHONPATH": ".:lambdas:spark"}
    printed = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=environment).stdout
    return folder, json.loads(printed.splitlines()[-1])


@pytest.mark.parametrize("shape", SHAPES)
def test_names_and_bytes_depend_on_the_landed_files_alone(written: tuple[Path, dict[str, Any]], shape: str) -> None:
    """Files do not depend on the number of cores, the folder or a failed task."""
    of_shape = written[1][shape]

    assert set(of_shape) == set(MASTERS)
    assert len(of_shape[MASTERS[0]]["files"]) > 1
    for master in MASTERS[1:]:
        assert of_shape[master] == of_shape[MASTERS[0]], master


def test_files_are_named_by_their_task_and_no_time_is_in_them(written: tuple[Path, dict[str, Any]]) -> None:
    folder, by_shape = written
    names = sorted(by_shape["as read"][MASTERS[0]]["files"])

    assert names == [f"part-{task:05}-items-c000.txt.gz" for task in range(len(names))]
    for path in (folder / "out/0/as read").glob("*.gz"):
        assert path.read_bytes()[4:8] == bytes(4)


def test_each_row_is_written_once_and_no_file_is_in_the_order_of_keys(written: tuple[Path, dict[str, Any]]) -> None:
    folder, _ = written
    by_file = [
        [int(json.loads(line)["Item"]["id"]["S"][1:]) for line in gzip.decompress(path.read_bytes()).splitlines()]
        for path in sorted((folder / "out/2/as read").glob("*.gz"))
    ]

    assert sorted(number for numbers in by_file for number in numbers) == list(range(ROWS))
    for numbers in by_file:
        followed = sum(following == number + 1 for number, following in pairwise(numbers))
        assert followed < len(numbers) // 100


def test_the_newest_rows_are_the_same_whether_their_items_are_shuffled_or_not(
    written: tuple[Path, dict[str, Any]],
) -> None:
    folder, by_shape = written
    placed, shuffled = (
        sorted(
            line
            for path in (folder / "out/0" / shape).glob("*.gz")
            for line in gzip.decompress(path.read_bytes()).splitlines()
        )
        for shape in ("the latest", "the latest, untraced")
    )

    assert len(placed) == ROWS // 2
    assert placed == shuffled
    counts = [by_shape[shape][MASTERS[0]] for shape in ("the latest", "the latest, untraced")]
    assert counts[0]["clusters"] == counts[1]["clusters"]
    assert counts[0]["totals"] == counts[1]["totals"]
    assert counts[0]["totals"]["superseded"] == ROWS // 2
