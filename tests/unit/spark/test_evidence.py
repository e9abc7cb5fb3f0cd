"""A later attempt reuses a landed split only if everything in its record matches."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from migration_spark.arguments import Arguments
from migration_spark.landing_records import LandedSplit, Origin, Records
from migration_spark.release import own_release
from migration_spark.splits import Cuts, cuts_of
from migration_spark.storage import Stored

from tests.spark.tables import CLUSTER, extract

ORIGIN = Origin("hash", "2027-01-01", [1, 2])
PREFIX = "data/landed/d/r/Thing-thing"
FILES = [Stored("s3://data/x/part-0.parquet", 5), Stored("s3://data/x/part-1.parquet", 7)]
LANDED = LandedSplit(["a < 5"], FILES, ["rows", "sample"], [3, None])
CUTS = Cuts("id", ("a < 5", "a >= 5"), 1000, apart=True)


@dataclass
class Objects:
    """Objects by URI."""

    documents: dict[str, Any] = field(default_factory=dict)

    def list_below(self, uri: str) -> list[Stored]:
        return [Stored(name, 1) for name in sorted(self.documents) if name.startswith(uri)]

    def read_json(self, uri: str) -> Any:
        if self.documents[uri] is None:
            raise ValueError(f"{uri} is no JSON")
        return self.documents[uri]

    def write_json(self, uri: str, document: Any) -> None:
        self.documents[uri] = json.loads(json.dumps(document))

    def delete(self, uri: str) -> None:
        self.documents = {name: document for name, document in self.documents.items() if not name.startswith(uri)}


def records(objects: Objects, attempt: str = "a1", *folders: str) -> Records:
    arguments = Arguments("s", "data", "d", "r", attempt, "official", 1, {}, {})
    storage: Any = objects
    read = Records(storage, arguments, extract({"id": "text"}), *folders)
    read.read()
    return read


@pytest.fixture
def objects() -> Objects:
    made = Objects({f"{PREFIX}/one/unrelated.parquet": None})
    kept = records(made)
    kept.keep_cuts(CLUSTER, ORIGIN, CUTS)
    kept.keep(CLUSTER, (0, 2), ORIGIN, LANDED)
    return made


def test_a_record_says_what_a_split_is_of_what_lies_there_and_what_was_counted(objects: Objects) -> None:
    origin = {
        "version": 1,
        "release": own_release(),
        "specHash": "hash",
        "cloneCreatedAt": "2027-01-01",
        "counters": [1, 2],
    }

    assert objects.documents[f"{PREFIX}/one/00000.json"] == {
        **origin, "attempt": "a1", "source": "thing", "split": 0, "of": 2, "predicates": ["a < 5"],
        "counted": ["rows", "sample"], "figures": [3, None],
        "files": [{"name": "part-0.parquet", "bytes": 5}, {"name": "part-1.parquet", "bytes": 7}],
    }  # fmt: skip
    assert objects.documents[f"{PREFIX}/one/splits.json"] == {**origin, "position": "id", "predicates": ["a < 5", "a >= 5"], "fetchRows": 1000}  # fmt: skip


def test_what_was_counted_of_the_same_split_is_taken(objects: Objects) -> None:
    earlier = records(objects, "a2")

    assert earlier.landed(CLUSTER, (0, 2), ORIGIN, ["a < 5"], FILES) == [3, None]
    assert earlier.landed(CLUSTER, (0, 2), ORIGIN, None, FILES) == [3, None]
    assert earlier.cuts(CLUSTER, ORIGIN) == CUTS == cuts_of(CUTS.document())


@pytest.mark.parametrize(
    ("split", "predicates", "files"),
    [
        ((1, 2), ["a < 5"], FILES),
        ((0, 3), ["a < 5"], FILES),
        ((0, 2), ["a < 6"], FILES),
        ((0, 2), [], FILES),
        ((0, 2), ["a < 5"], FILES[:1]),
        ((0, 2), ["a < 5"], []),
        ((0, 2), ["a < 5"], [*FILES, Stored("s3://data/x/part-2.parquet", 1)]),
        ((0, 2), ["a < 5"], [FILES[0], replace(FILES[1], bytes=8)]),
        ((0, 2), ["a < 5"], [FILES[0], replace(FILES[1], uri="s3://data/x/part-9.parquet")]),
        ((0, 2), None, FILES[:1]),
    ],
)
def test_a_split_that_is_another_or_lies_otherwise_is_read_anew(
    objects: Objects, split: tuple[int, int], predicates: list[str] | None, files: list[Stored]
) -> None:
    assert records(objects).landed(CLUSTER, split, ORIGIN, predicates, files) is None


@pytest.mark.parametrize(
    "other",
    [
        replace(ORIGIN, spec_hash="other"),
        replace(ORIGIN, clone_created_at="2027-01-02"),
        replace(ORIGIN, clone_created_at=""),
        replace(ORIGIN, counters=[1, 3]),
        replace(ORIGIN, counters=[]),
    ],
)
def test_a_split_of_another_clone_catalog_or_state_is_read_anew(objects: Objects, other: Origin) -> None:
    assert records(objects).landed(CLUSTER, (0, 2), other, ["a < 5"], FILES) is None
    assert records(objects).cuts(CLUSTER, other) is None


@pytest.mark.parametrize("changed", [{"release": "9.9.9"}, {"version": 2}])
def test_a_split_that_another_release_landed_is_read_anew(objects: Objects, changed: dict[str, Any]) -> None:
    objects.documents = {name: {**(document or {}), **changed} for name, document in objects.documents.items()}

    assert records(objects).landed(CLUSTER, (0, 2), ORIGIN, ["a < 5"], FILES) is None
    assert records(objects).cuts(CLUSTER, ORIGIN) is None


def test_a_clone_that_nobody_can_date_is_never_taken_for_the_same() -> None:
    undated = replace(ORIGIN, clone_created_at="")

    assert ORIGIN.is_of(ORIGIN.document())
    assert not undated.is_of(undated.document())


def test_a_cluster_that_is_read_again_leaves_no_record(objects: Objects) -> None:
    records(objects).forget(CLUSTER)

    assert objects.documents == {}


def test_a_cluster_without_records_has_nothing_to_forget(objects: Objects) -> None:
    unread = f"{PREFIX}/two/part-0.parquet"
    objects.documents[unread] = None

    records(objects).forget(replace(CLUSTER, name="two"))

    assert unread in objects.documents


def test_the_records_of_one_cluster_are_forgotten_alone(objects: Objects) -> None:
    other = replace(CLUSTER, name="two")
    kept = records(objects)
    kept.keep(other, (0, 1), ORIGIN, LANDED)

    records(objects).forget(CLUSTER)

    assert list(objects.documents) == [f"{PREFIX}/two/00000.json"]
    assert records(objects).landed(other, (0, 1), ORIGIN, None, FILES) == [3, None]
    assert records(objects).landed(CLUSTER, (0, 2), ORIGIN, None, FILES) is None


def test_a_second_reading_has_records_of_its_own(objects: Objects) -> None:
    again = records(objects, "a1", "compare")
    again.keep(CLUSTER, (0, 2), ORIGIN, LANDED)

    assert "data/landed/d/r/compare/Thing-thing/one/00000.json" in objects.documents
    assert records(Objects()).landed(CLUSTER, (0, 2), ORIGIN, None, FILES) is None
