"""Bootstrap as a whole: its refusals, audits and counts, and safe repetition."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

import pytest
from migration_spark import bootstrap, postgres, reading
from migration_spark.errors import AuditMismatch, SchemaMismatch
from migration_spark.redaction import key_hash
from pyspark.sql import Observation

from tests.spark.jobs import Jobs, selects, thing

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyspark.sql import DataFrame

Splits = Any


def test_a_partition_whose_table_differs_is_named_before_anything_is_read(jobs: Jobs) -> None:
    jobs.fill({})
    jobs.sql("two", "ALTER TABLE thing DROP COLUMN note", "ALTER TABLE thing ALTER title TYPE varchar(20)")
    jobs.sql("two", "ALTER TABLE thing ALTER ratio TYPE int4range USING NULL", "ALTER TABLE thing RENAME tags TO mood")
    with pytest.raises(SchemaMismatch) as raised:
        jobs.bootstrap("drift")

    assert str(raised.value).split("; ") == [
        "two: thing.ratio is int4range, which has no mapping: leave it out, or cast it in a view",
        "two: thing.note is missing",
        "two: thing.tags is missing",
        "two: thing.ratio is int4range, in one it is double precision",
        "two: thing.title is character varying, in one it is text. Correct the catalog or the source",
        "nothing was read.",
    ]
    assert not (jobs.folder / "raw/d/drift").exists()


@pytest.mark.parametrize(
    ("bend", "cause"),
    [
        (lambda predicates: predicates[:-1], r"the clone of one has 5000 rows, but \d+ were read"),
        (lambda predicates: [*predicates[:-1], predicates[0]], r"the clone of one has "),
        (
            lambda predicates: ["\"$place\" >= '(1,0)'::tid", *predicates],
            r"the clone of one has 5000 rows, but \d+ were",
        ),
    ],
    ids=["a lost range", "a range read for another", "ranges that overlap"],
)
def test_the_databases_own_count_finds_a_wrong_split(
    jobs: Jobs, monkeypatch: pytest.MonkeyPatch, bend: Callable[[list[str]], list[str]], cause: str
) -> None:
    jobs.fill({})
    jobs.sql("one", "INSERT INTO thing (id, title) SELECT n, repeat('x', 500) FROM generate_series(1, 5000) n")
    right = postgres.splits

    def splits(*arguments: Splits, **named: Splits) -> Splits:
        position, predicates = right(*arguments, **named)
        return position, bend(predicates) if position else predicates

    monkeypatch.setattr(postgres, "splits", splits)
    with pytest.raises(AuditMismatch, match=cause):
        jobs.bootstrap("audit")


def test_a_raw_file_that_is_lost_is_noticed(jobs: Jobs, monkeypatch: pytest.MonkeyPatch) -> None:
    jobs.fill({"one": [thing(1), thing(2)], "two": [thing(3)]})
    check, folder = reading.check_landed, jobs.folder / "raw/d/lost/Thing-thing"

    def lose(extract: Any, raw: DataFrame, read: Any, **how: bool) -> None:  # noqa: ANN401 - as they are given
        check(extract, raw, read, **how)
        (lost,) = (folder / "$cluster=two").glob("*.parquet")
        lost.unlink()
        left = raw.sparkSession.read.parquet(str(folder)).withColumnRenamed("$cluster", "_cluster")
        check(extract, left, read, **how)

    monkeypatch.setattr(reading, "check_landed", lose)
    with pytest.raises(AuditMismatch, match=r"1 rows of thing were read from the clone of two, but 0 lie in raw/"):
        jobs.bootstrap("lost")


def test_what_was_counted_on_the_way_is_fetched_once_per_cluster(jobs: Jobs, monkeypatch: pytest.MonkeyPatch) -> None:
    jobs.fill({"one": [thing(1), thing(2)], "two": [thing(3)]})
    fetched: list[Observation] = []
    get = Observation.get.fget

    def fetch(observation: Observation) -> dict[str, Any]:
        fetched.append(observation)
        return dict(get(observation))

    monkeypatch.setattr(Observation, "get", property(fetch))
    assert jobs.bootstrap("fetched")["failure"] is None
    assert len(fetched) == len(set(map(id, fetched))) == 3


def test_moments_long_ago_and_far_ahead_stay_what_they_are(jobs: Jobs) -> None:
    jobs.fill({"one": [thing(1), thing(2)], "two": [thing(3)]})
    jobs.sql("one", "UPDATE thing SET expires = '0001-01-01 00:00:00+00' WHERE id = 'k01'")
    jobs.sql("one", "UPDATE thing SET expires = '1582-10-10 12:00:00.999999+00' WHERE id = 'k02'")
    jobs.sql("two", "UPDATE thing SET expires = '9999-12-31 23:59:59+00'")
    assert jobs.bootstrap("ages")["failure"] is None

    expiries = {key: item["expires"]["N"] for key, item in jobs.items("ages").items()}
    assert expiries == {"k01": "-62135596800", "k02": "-12219681600", "k03": "253402300799"}


def test_a_row_that_cannot_be_read_is_rejected_with_its_texts(jobs: Jobs) -> None:
    jobs.fill({"one": [thing(1)], "two": [thing(2)]})
    jobs.sql("two", "UPDATE thing SET expires = 'infinity', note = 'why'")
    summary = jobs.bootstrap("unread")

    assert summary["failure"]["error"] == "RowsRejected"
    (rejects,) = (jobs.folder / "rejects/d/unread/Thing").glob("*.json")
    (row,) = map(json.loads, rejects.read_text().splitlines())
    assert (row["cluster"], row["reason"]) == ("two", "unreadable expires")
    texts = json.loads(row["row"])
    assert (texts["id"], texts["note"], texts["expires"]) == ("k02", "why", "infinity")


def test_rows_are_conserved_and_counted_per_cluster_with_their_fate(
    jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [thing(number) for number in range(10)]
    jobs.fill({"one": [*rows[:4], (None, *thing(50)[1:]), ("", *thing(51)[1:])], "two": rows[4:]})
    jobs.sql("two", "UPDATE thing SET ratio = 'NaN' WHERE id = 'k09'", "UPDATE thing SET title = 'no' WHERE id = 'k08'")
    for name, text in selects("FROM thing WHERE title <> 'no'").items():
        monkeypatch.setitem(jobs.table, name, text)
    summary = jobs.bootstrap("fates")

    assert (summary["failure"]["error"], summary["tables"]["Thing"]["rejected"]) == ("RowsRejected", 3)
    assert jobs.read("processed/d/fates/manifest.json")["tables"]["Thing"]["clusters"] == {
        "one": _counts(rowsRead=6, item=4, rejected=2),
        "two": _counts(rowsRead=6, item=4, rejected=1, filtered=1),
    }
    (rejects,) = (jobs.folder / "rejects/d/fates/Thing").glob("*.json")
    reasons = sorted((row["cluster"], row["reason"]) for row in map(json.loads, rejects.read_text().splitlines()))
    assert reasons == [
        ("one", "key attribute id is empty"),
        ("one", "key attribute id is null"),
        ("two", "ratio is not a number that DynamoDB can hold"),
    ]
    assert set(jobs.items("fates")) == {f"k0{number}" for number in range(8)}


def test_a_key_in_two_clusters_is_found_before_the_import_and_named(jobs: Jobs) -> None:
    jobs.fill({"one": [thing(1), thing(2)], "two": [thing(2), thing(3)]})
    failure = jobs.bootstrap("twice")["failure"]

    assert failure["error"] == "DuplicateKeys"
    assert f"2 rows share a key ({key_hash('k02')} in one, two)" in failure["cause"]
    manifest = jobs.read("processed/d/twice/manifest.json")
    assert manifest["tables"]["Thing"]["duplicateSamples"] == ["k02 in one, two"]


def test_a_second_attempt_replaces_what_a_killed_one_left_and_the_manifest_is_last(
    jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs.fill({"one": [thing(1)], "two": [thing(2)]})
    left = jobs.folder / "processed/d/again/a1/Thing/part-99999-killed.txt.gz"
    left.parent.mkdir(parents=True)
    left.write_bytes(gzip.compress(b'{"Item":{"id":{"S":"stale"}}}\n'))
    with monkeypatch.context() as killed:
        killed.setattr(bootstrap, "checksums", _die)
        with pytest.raises(KeyboardInterrupt):
            jobs.bootstrap("again")
    assert [path.name for path in (jobs.folder / "processed/d/again").iterdir()] == ["a1"]

    summary = jobs.bootstrap("again")
    assert set(jobs.items("again")) == {"k01", "k02"}
    prefix = jobs.folder / summary["tables"]["Thing"]["prefix"]
    assert sorted(path.suffix for path in prefix.iterdir() if not path.name.startswith(".")) == [".gz"] * len(
        list(prefix.glob("*.gz"))
    )
    assert not left.exists()


def _die(*_: object) -> None:
    raise KeyboardInterrupt


def _counts(**counts: int) -> dict[str, int]:
    names = ("rowsRead", "item", "rejected", "superseded", "duplicate", "filtered", "unmatched")
    return {**dict.fromkeys(names, 0), **counts}
