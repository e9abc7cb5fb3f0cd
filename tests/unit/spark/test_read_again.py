"""Compare reads an extract directly from its clones if an action reads it once, and otherwise lands it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any

import pytest
from migration_spark import second_read
from migration_spark.audit import added_up
from migration_spark.first_error import FirstError
from migration_spark.landing_records import Origin
from migration_spark.read_permits import Permits
from migration_spark.second_read import SecondRead, is_read_often
from migration_spark.spec import Cluster
from migration_spark.splits import Cuts

from tests.spark.tables import extract, table
from tests.unit.spark.fake_context import FakeContext

NAMES = ("a", "b", "c")
CLUSTERS = tuple(Cluster(name, "g", "aurora-postgresql", "d", "u") for name in NAMES)


@dataclass(frozen=True)
class Frame:
    """Rows of these clusters, read by this number of tasks."""

    clusters: tuple[str, ...]
    tasks: int

    def unionByName(self, other: Frame) -> Frame:  # noqa: N802 - Spark's name
        return Frame(self.clusters + other.clusters, self.tasks + other.tasks)

    def coalesce(self, tasks: int) -> Frame:
        return replace(self, tasks=min(tasks, self.tasks))


@dataclass(frozen=True)
class Database:
    """Fake clone with the test's cuts of its sources."""

    name: str
    cuts_by_extract: dict[str, Cuts]

    def cuts(self, of: Any, _limits: Any, *, other_cuts: bool) -> Cuts:  # noqa: ANN401 - an extract
        assert other_cuts
        return self.cuts_by_extract[of.name]

    def rows(self, _of: Any, _cuts: Cuts, *, tasks: int) -> Frame:  # noqa: ANN401 - an extract
        return Frame((self.name,), tasks)


def cuts(ranges: int, *, apart: bool = False) -> Cuts:
    return Cuts("ctid", tuple(f"range {n}" for n in range(ranges)), 10, apart)


def reading(
    monkeypatch: pytest.MonkeyPatch,
    cuts_by_extract: dict[str, Cuts],
    clusters: tuple[Cluster, ...],
    parallelism: int = 9,
) -> tuple[SecondRead, dict[str, dict[str, int]]]:
    """Return a table with extracts of these cuts, the first of them driving, and its reading tasks."""
    monkeypatch.setattr(second_read, "texts_form", lambda _: SimpleNamespace(other_cuts=True))
    extracts = tuple(replace(extract({"id": "text"}), name=name, clusters=clusters) for name in cuts_by_extract)
    spark: Any = FakeContext()
    context: Any = SimpleNamespace(
        queries=ThreadPoolExecutor(2),
        databases={name: Database(name, cuts_by_extract) for name in NAMES},
        limits=None,
        permits=Permits(dict.fromkeys(NAMES, 2), parallelism),
        first_error=FirstError(spark),
        arguments=SimpleNamespace(parallelism=parallelism),
    )
    driving = next(iter(cuts_by_extract))
    again = SecondRead(
        context, table({"id": "text"}, extracts=extracts[::-1], driving=driving, select=f"FROM {driving}")
    )
    return again, again._tasks


def test_extracts_of_one_clone_share_its_sessions_and_the_driving_one_comes_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first_cluster = CLUSTERS[:1]
    again, tasks = reading(monkeypatch, {"rate": cuts(1), "plan": cuts(1)}, first_cluster)
    assert (tasks, again.sessions) == ({"rate": {"a": 1}, "plan": {"a": 1}}, {"a": 2})

    again, tasks = reading(monkeypatch, {"rate": cuts(12), "plan": cuts(1)}, first_cluster)
    assert (tasks, again.sessions) == ({"rate": {"a": 2}, "plan": {}}, {"a": 2}), "the plan lands"

    again, tasks = reading(monkeypatch, {"rate": cuts(500, apart=True), "plan": cuts(12)}, first_cluster)
    assert (tasks, again.sessions) == ({"rate": {}, "plan": {"a": 2}}, {"a": 2}), "the rate lands"


def test_of_more_clusters_than_may_be_read_at_once_each_lane_reads_one_after_the_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    again, tasks = reading(monkeypatch, {"rate": cuts(12), "plan": cuts(1)}, CLUSTERS, parallelism=2)

    assert tasks == {"rate": {"a": 1, "b": 1, "c": 1}, "plan": {}}
    assert again.sessions == {"a": 1, "b": 1, "c": 1}
    (rate,) = [again._frame(candidate) for candidate in again._extracts if candidate.name == "rate"]
    assert rate == Frame(("a", "c", "b"), 2)


@pytest.mark.parametrize(
    ("select", "often"),
    [
        ("SELECT thing._cluster AS _cluster, id FROM thing", False),
        ("SELECT thing.id FROM thing LEFT JOIN plan ON plan.id = thing.id", False),
        ("SELECT thing, a.id FROM `thing` AS a JOIN things ON a.id = things.id", False),
        ("SELECT a.id FROM thing a JOIN thing b ON a.id = b.id", True),
        ("SELECT a.id FROM thing a\nWHERE id IN (select id from Thing)", True),
        ("SELECT a.id FROM thing a, thing b", True),
        ("WITH once AS (SELECT * FROM thing) SELECT * FROM once JOIN once AS twice USING (id)", True),
    ],
)
def test_an_extract_that_a_select_may_read_twice_is_known(select: str, often: bool) -> None:  # noqa: FBT001 - a parameter
    assert is_read_often(extract({"id": "text"}), table({"id": "text"}, select=select)) is often


def test_counts_of_splits_add_up_and_keep_one_sample() -> None:
    assert added_up([[2, 1, 10, 0, None], [3, 3, 12, 1, "b"], [1, 0, 0, 2, "a"]]) == [6, 4, 22, 3, "a"]
    assert added_up([[0, 0, 0, 0, None]]) == [0, 0, 0, 0, None]


def test_a_record_is_of_the_same_spec_clone_writes_and_release_or_of_no_use() -> None:
    origin = Origin("spec", "2027-01-01T00:00:00Z", [1, 2, 3])
    record = {**origin.document(), "attempt": "a1"}

    assert origin.is_of(record)
    others = [
        replace(origin, spec_hash="x"),
        replace(origin, clone_created_at="y"),
        replace(origin, counters=[1, 2, 4]),
    ]
    assert not any(other.is_of(record) for other in others)
    assert not origin.is_of({**record, "release": "another"})
    undated = replace(origin, clone_created_at="")
    assert not undated.is_of(undated.document())
