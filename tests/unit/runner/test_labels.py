"""The labels cover all states, counts and classes."""

from __future__ import annotations

import pytest
from migration_spark.comparison import BAD, CLASSES

from runner import labels


def test_every_class_of_the_comparison_has_its_words() -> None:
    assert set(labels.CLASSES) == set(CLASSES)
    assert labels.BAD_CLASSES == BAD


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "<1 s"),
        (0.4, "<1 s"),
        (1, "1 s"),
        (59.4, "59 s"),
        (59.6, "1 min 00 s"),
        (185, "3 min 05 s"),
        (3599.9, "1 h 00 min"),
        (0.999, "<1 s"),
        (60, "1 min 00 s"),
        (3_600, "1 h 00 min"),
        (7620, "2 h 07 min"),
        (172_799, "47 h 59 min"),
        (172_800, "2 d 00 h"),
        (273_600, "3 d 04 h"),
    ],
)
def test_a_duration_is_read_at_a_glance(seconds: float, text: str) -> None:
    assert labels.duration(seconds) == text


@pytest.mark.parametrize(
    ("count", "narrow", "text"),
    [
        (9_999, True, "9,999"),
        (10_000, True, "10.0k"),
        (999_949, True, "999.9k"),
        (1_000_000, True, "1.0M"),
        (12_345_678, True, "12.3M"),
        (1_000_000_000, True, "1.0G"),
        (12_345_678_901, False, "12,345,678,901"),
    ],
)
def test_a_count_is_rounded_where_there_is_little_room(*, count: int, narrow: bool, text: str) -> None:
    assert labels.rounded(count, narrow=narrow) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "?"),
        (0, "0 B"),
        (999, "999 B"),
        (1_000, "1.0 kB"),
        (1_250_000, "1.2 MB"),
        (1_000_000, "1.0 MB"),
        (1_000_000_000, "1.0 GB"),
        (1_000_000_000_000, "1.0 TB"),
        (2_345_600_000_000_000, "2,345.6 TB"),
    ],
)
def test_a_size_has_the_unit_that_fits_it(value: float | None, text: str) -> None:
    assert labels.size(value) == text


def test_every_compared_class_counts_once() -> None:
    counts = {"matched": 1, "changed": 20, "missing": 300, "extra": 4_000, "duplicate": 50_000, "expired": 600_000}

    assert labels.compared_keys({**counts, "undecodable": 7, "rejected": 8, "superseded": 9}) == 654_321
    assert [labels.compared_keys({**counts, name: None}) for name in counts] == [None] * 6
    assert labels.compared_keys({}) is None


def test_a_table_and_a_clone_are_followed_through_these_stages() -> None:
    assert list(labels.CLONE_STAGES.items()) == [
        ("StartClone", "cloning"), ("CloneReady", "ready"), ("DestroyClone", "destroying"), ("CloneDestroyed", "gone"),
    ]  # fmt: skip
    assert list(labels.TABLE_STAGES.items()) == [
        ("CheckPrefix", "checking"), ("ImportTable", "importing"), ("CreateEmptyTable", "creating"),
        ("AdoptImport", "found imported"), ("DeleteTable", "replacing"), ("TagTable", "settings"),
        ("EnableTtl", "TTL"), ("EnablePitr", "recovery"), ("DescribeStream", "stream"), ("ExportTable", "exporting"),
        ("DescribePreviousExport", "looking for exports"), ("TableMigrated", "exported"),
    ]  # fmt: skip
    assert list(labels.CATCH_UP_TABLE_STAGES.items()) == [
        ("ExportTableOfBase", "exporting its base"), ("TableMigratedOfBase", "base exported"),
        ("WritePuts", "writing"), ("WriteDeletes", "deleting"), ("FindReach", "awaiting recovery"),
    ]  # fmt: skip


def test_counts_statuses_and_reasons_have_their_words() -> None:
    assert list(labels.COUNTS.items()) == [
        ("rowsRead", "rows read"), ("items", "items"), ("imported", "imported"), ("exported", "exported"),
        ("compared", "compared"),
    ]  # fmt: skip
    assert list(labels.NOT_ITEMS.items()) == [(name, name) for name in ("rejected", "superseded", "filtered")]
    assert set(labels.VERDICTS) == {"MATCH", "MISMATCH", "NONE"}
    # https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeExecution.html
    assert labels.STATUSES == {
        "RUNNING": "running",
        "SUCCEEDED": "succeeded",
        "FAILED": "failed",
        "TIMED_OUT": "timed out",
        "ABORTED": "stopped",
        "UNKNOWN": "is not known to Step Functions any more",
        "PENDING_REDRIVE": "waiting for a redrive, which is not supported",
    }
    texts = [*labels.VERDICTS.values(), *labels.CLASSES.values()]
    assert len({text for text in texts if text}) == len(texts)
