"""Compare reads from a clone what one action reads once, and lands what it may read more often."""

from __future__ import annotations

from dataclasses import replace

import pytest
from migration_spark.audit import added_up
from migration_spark.evidence import Origin
from migration_spark.read_again import is_read_often

from tests.spark.tables import extract, table


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
