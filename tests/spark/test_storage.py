"""Checksums of files larger than memory, and of only the files in a folder."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from migration_spark.storage import Storage, checksums

if TYPE_CHECKING:
    from pathlib import Path

    from pyspark.sql import SparkSession

# More than one array of Java holds, and than a test's heap.
SIZE = 2**31 + 1
MD5_OF_ZEROS = "97cdd4bb45c3d5d652c0079901fb4eec"


def test_a_file_is_never_held_whole(spark: SparkSession, tmp_path: Path) -> None:
    with (tmp_path / "large").open("wb") as file:
        file.truncate(SIZE)

    assert checksums(spark, [tmp_path.as_uri()]) == {"large": MD5_OF_ZEROS}


def test_every_file_of_every_place_has_its_own_and_none_that_is_missing(spark: SparkSession, tmp_path: Path) -> None:
    expected, folders = {}, [tmp_path / "gone", tmp_path / "empty"]
    folders[1].mkdir()
    for folder in ("one", "two"):
        folders.append(tmp_path / folder)
        folders[-1].mkdir()
        for number in range(20):
            content, name = f"{folder} {number}".encode() * number * 1000, f"{folder}-{number}.gz"
            (folders[-1] / name).write_bytes(content)
            expected[name] = hashlib.md5(content).hexdigest()  # noqa: S324 - what manifests have

    assert checksums(spark, [folder.as_uri() for folder in folders]) == expected


def test_a_document_is_written_in_ascii_whatever_it_says(spark: SparkSession, tmp_path: Path) -> None:
    document = {"cause": "the row with the key Zürich 🏨 is rejected"}

    Storage(spark).write_json((tmp_path / "summary.json").as_uri(), document)

    written = (tmp_path / "summary.json").read_bytes()
    assert written.isascii()
    assert json.loads(written) == document
