"""Large sources are read in splits, within a clone's allowed sessions, and each split lands once."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from migration_spark.reading import Reading

from tests.spark.jobs import Jobs, passwords
from tests.spark.test_sources import sourced

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pyspark.sql import SparkSession

# A table of about 2.5 MB in more than 300 blocks, of which 64 are the least that is cut off.
BIG = (
    "DROP TABLE IF EXISTS big CASCADE; CREATE TABLE big (id bigint PRIMARY KEY, note text); "
    "INSERT INTO big SELECT n, repeat('x', 300) || n FROM generate_series({first}, {last}) AS n; ANALYZE big"
)
SMALL = (
    "DROP TABLE IF EXISTS big CASCADE; CREATE TABLE big (id bigint PRIMARY KEY, note text); "
    "INSERT INTO big VALUES (0, 'a')"
)
COLUMNS = {"id": "bigint", "note": "text"}
# Every hundredth row takes ten milliseconds.
SLOW = "id % 100 <> 0 OR pg_sleep(0.01)::text = ''"
READERS = """SELECT count(*) FROM pg_stat_activity
WHERE application_name = 'migration' AND state <> 'idle' AND query LIKE '%) AS extract%' AND query NOT LIKE '%1=0%'"""


@pytest.fixture
def domain(jobs: Jobs, monkeypatch: pytest.MonkeyPatch) -> Iterator[Jobs]:
    """Return the jobs with a table `big`: six splits of it in the cluster one, and a row in two."""
    monkeypatch.setattr(jobs, "table", {**jobs.table, "attributes": {}, "ttl": None})
    monkeypatch.setattr(jobs, "created_at", "2027-01-01T00:00:00Z")
    jobs.sql("one", BIG.format(first=1, last=8_000))
    jobs.sql("two", SMALL)
    sourced(jobs, "big", COLUMNS)
    with settings(jobs.spark, splitBytes=str(64 * 8192), splitRows="100000000"):
        yield jobs


@contextmanager
def settings(spark: SparkSession, **values: str) -> Iterator[None]:
    for name, value in values.items():
        spark.conf.set(f"spark.migration.{name}", value)
    try:
        yield
    finally:
        for name in values:
            spark.conf.unset(f"spark.migration.{name}")


@contextmanager
def sampled(jobs: Jobs, cluster: str) -> Iterator[list[int]]:
    """Sample the number of a cluster's reading sessions from outside."""
    samples: list[int] = []
    ends = threading.Event()

    def sample() -> None:
        with psycopg.connect(jobs.dsn(cluster), autocommit=True) as connection:
            while not ends.is_set():
                row = connection.execute(READERS).fetchone()
                samples.append(row[0] if row else 0)
                time.sleep(0.01)

    thread = threading.Thread(target=sample)
    thread.start()
    try:
        yield samples
    finally:
        ends.set()
        thread.join()


def records(jobs: Jobs, run: str, cluster: str = "one", below: str = "") -> dict[str, dict[str, Any]]:
    folder = jobs.folder / "landed/d" / run / below / "Thing-thing" / cluster
    return {path.stem: jobs.read(str(path.relative_to(jobs.folder))) for path in sorted(folder.glob("*.json"))}


def landed_by(jobs: Jobs, run: str) -> dict[str, str]:
    """Return the attempt that landed each split."""
    return {name: record["attempt"] for name, record in records(jobs, run).items() if name != "splits"}


def raw_files(jobs: Jobs, run: str, kind: str = "raw") -> list[Path]:
    return sorted((jobs.folder / kind / "d" / run / "Thing-thing").rglob("*.parquet"))


def test_all_extracts_of_a_clone_together_are_read_by_no_more_sessions_than_it_allows(domain: Jobs) -> None:
    (first,) = domain.table["extracts"]
    domain.table["extracts"] = [{**first, "name": f"e{n}", "where": SLOW, "connections": 1} for n in range(3)]
    domain.table["driving"] = {"extract": "e0", "groupBy": []}
    job = domain.job("bootstrap", "together", "a1")
    with passwords(domain.spark, domain.passwords), sampled(domain, "one") as sessions:
        reading = Reading(job.spark, job.spec, job.arguments)
        threads = [threading.Thread(target=reading.land, args=(e,)) for e in job.spec.tables[0].extracts]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert max(sessions) == 1
    assert all((domain.folder / f"raw/d/together/Thing-e{n}/$cluster=one").is_dir() for n in range(3))


def test_a_large_table_lands_in_splits_whose_evidence_adds_up(domain: Jobs) -> None:
    assert domain.bootstrap("splits")["failure"] is None

    manifest = domain.read("processed/d/splits/manifest.json")
    documents = records(domain, "splits")
    count = manifest["splits"]["Thing-thing"]["one"]
    assert manifest["splits"] == {"Thing-thing": {"one": count, "two": 1}}
    assert count > 2
    assert sorted(documents) == [*[f"{n:05}" for n in range(count)], "splits"]
    audited = manifest["audit"]["Thing-thing"]["one"]
    splits = [documents[name] for name in sorted(documents) if name != "splits"]
    assert [sum(split["figures"][n] for split in splits) for n in range(len(audited))] == audited
    assert splits[0]["counted"] == [
        *("rows", "values of id", "bytes of id", "values of note", "bytes of note", "unreadable", "sample")
    ]
    assert [split["predicates"] for split in splits] == [[p] for p in documents["splits"]["predicates"]]
    folders = {path.parent.name for path in raw_files(domain, "splits") if "$cluster=one" in str(path)}
    assert folders == {f"split-{n:05}" for n in range(count)}
    assert {split["specHash"] for split in splits} == {"0" * 64}
    assert {split["cloneCreatedAt"] for split in splits} == {"2027-01-01T00:00:00Z"}


def test_a_resume_reads_only_what_has_not_landed(domain: Jobs) -> None:
    domain.bootstrap("resumed")
    items = domain.items_by("id", "resumed")
    lost = records(domain, "resumed")["00001"]
    (domain.folder / "landed/d/resumed/Thing-thing/one/00001.json").unlink()
    # What a killed attempt had written of its split.
    here = domain.folder / "raw/d/resumed/Thing-thing/$cluster=one/split-00001"
    stale = here / "part-00000-stale.snappy.parquet"
    stale.write_bytes((here / lost["files"][0]["name"]).read_bytes())
    # Rows since would move every bound.
    domain.sql("two", "ANALYZE big")
    summary = domain.bootstrap("resumed", "a2")

    assert summary["failure"] is None
    by = landed_by(domain, "resumed")
    assert {name for name, attempt in by.items() if attempt == "a2"} == {"00001"}
    assert not stale.exists()
    assert domain.items_by("id", "resumed") == items
    assert {record["attempt"] for record in records(domain, "resumed", "two").values()} == {"a1"}


@pytest.mark.parametrize("change", ["clone", "rows", "file", "undated"])
def test_what_an_earlier_attempt_landed_of_something_else_is_read_anew(
    domain: Jobs, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    run = f"anew-{change}"
    monkeypatch.setattr(domain, "created_at", "" if change == "undated" else domain.created_at)
    domain.bootstrap(run)
    anew = set(landed_by(domain, run))
    if change == "clone":
        monkeypatch.setattr(domain, "created_at", "2027-01-02T00:00:00Z")
    elif change == "rows":
        domain.sql("one", "UPDATE big SET note = upper(note) WHERE id = 7")
    elif change == "file":
        first = next(path for path in raw_files(domain, run) if path.parent.name == "split-00000")
        first.write_bytes(first.read_bytes()[:-1])
        anew = {"00000"}
    assert domain.bootstrap(run, "a2")["failure"] is None

    assert {name for name, attempt in landed_by(domain, run).items() if attempt == "a2"} == anew
    assert len(domain.items_by("id", run)) == 8_001


def test_compare_lands_what_a_clone_does_not_allow_to_be_read_at_once(domain: Jobs) -> None:
    domain.bootstrap("again")
    domain.export(list(domain.items_by("id", "again").values()))
    with sampled(domain, "one") as sessions:
        report = domain.compare("again")

    assert report["verdict"] == "MATCH"
    assert report["tables"]["Thing"]["matched"] == 8_001
    assert max(sessions) <= 2
    first, other = records(domain, "again")["splits"], records(domain, "again", below="compare")["splits"]
    assert not set(first["predicates"]) & set(other["predicates"])
    assert {path.parent.parent.name for path in raw_files(domain, "again", "raw-compare")} == {"$cluster=one"}


def test_compare_reads_small_tables_from_the_clones_and_never_by_more_sessions(domain: Jobs) -> None:
    (first,) = domain.table["extracts"]
    domain.table["extracts"] = [{**first, "where": SLOW}, {**first, "name": "other", "where": SLOW}]
    domain.table["select"] = "SELECT thing._cluster, thing.id, thing.note FROM thing JOIN other USING (id, _cluster)"
    job = domain.job("compare", "direct", "a1")
    with settings(domain.spark, splitBytes=str(1024**3)), passwords(domain.spark, domain.passwords):
        reading = Reading(job.spark, job.spec, job.arguments)
        with sampled(domain, "one") as sessions, reading.table(job.spec.tables[0]) as frames:
            assert frames["thing"].join(frames["other"], ["id", "_cluster"]).count() == 8_001

    assert max(sessions) == 2
    assert {path.parent.parent.name for path in (domain.folder / "raw-compare/d/direct").rglob("*.parquet")} == {
        "Thing-other"
    }


def test_under_speculation_no_job_that_reads_has_two_tasks(domain: Jobs) -> None:
    domain.spark.conf.set("spark.migration.splitBytes", str(1024**3))
    job = domain.job("bootstrap", "speculation", "a1")
    with passwords(domain.spark, domain.passwords):
        reading = Reading(job.spark, job.spec, job.arguments)
        (extract,) = job.spec.tables[0].extracts
        reading.landing_context = replace(
            reading.landing_context, limits=replace(reading.landing_context.limits, speculation=True)
        )
        raw = reading.land(extract)

    assert raw.splits == {"one": 2, "two": 1}
    assert raw.rows.count() == 8_001
