"""The cluster proof notices the moment of a kill, a lost item and a duplicate key."""

from __future__ import annotations

import gzip
import json
from types import SimpleNamespace
from typing import Any, cast

import pytest

from tests.cluster import events, moments, outcome
from tests.cluster.landed import Landed
from tests.cluster.outcome import Outcome

TASK = moments.Task("7/0", 11, "2")
READ = "InsertIntoHadoopFsRelationCommand s3://data/raw/d/r/T-t, Scan JDBCRelation"
WRITE = "InsertIntoHadoopFsRelationCommand s3://data/processed/d/r/a/T, InMemoryFileIndex s3://data/raw/d/r/T-t"
BY_KEY = "Exchange hashpartitioning(_hash#1L, 4)"


class Driver:
    """A running query with one job and one stage, in which executor 2 runs a task."""

    def __init__(self, plan: str, *, done: int = 0) -> None:
        self.plan, self.done = plan, done

    def get(self, path: str) -> Any:  # noqa: ANN401 - JSON
        if path.startswith("sql?"):
            return [
                {"planDescription": self.plan, "runningJobIds": [3], "successJobIds": list(range(self.done))},
                {"planDescription": self.plan, "runningJobIds": [], "successJobIds": [1]},
            ]
        answers = {
            "jobs/3": {"stageIds": [7]},
            "stages?status=active": [{"stageId": 7, "attemptId": 0}, {"stageId": 8, "attemptId": 0}],
            "stages/7/0/taskList?status=running&length=1000": [{"taskId": 11, "executorId": "2"}],
        }
        return answers[path]


@pytest.mark.parametrize(
    ("plan", "done", "at"),
    [
        (READ, 0, [moments.READING, moments.COMPARING]),
        (f"{WRITE}, {BY_KEY}", 0, [moments.SHUFFLING]),
        (f"{WRITE}, {BY_KEY}", 1, [moments.WRITING]),
        (f"{WRITE}, BroadcastExchange", 0, [moments.WRITING]),
        (BY_KEY, 0, [moments.SHUFFLING]),
        ("hashpartitioning(_cluster#3, 4)", 0, []),
        ("Scan text s3://data/exports", 0, [moments.COMPARING]),
    ],
)
def test_a_task_is_at_the_part_of_the_work_that_its_query_does(plan: str, done: int, at: list[str]) -> None:
    driver = cast("Any", Driver(plan, done=done))

    assert [moment for moment in moments.JOBS if moments.running_tasks(driver, moment) == [TASK]] == at
    assert moments.is_running(driver, TASK)
    assert not moments.is_running(driver, moments.Task("7/0", 12, "2"))


def test_a_driver_that_does_not_answer_runs_nothing() -> None:
    silent = cast("Any", SimpleNamespace(get=lambda _: None))

    assert moments.running_tasks(silent, moments.READING) == []
    assert not moments.is_running(silent, TASK)


def test_events_tell_lost_executors_failed_and_speculative_tasks_and_memory() -> None:
    ended = {
        "Event": "SparkListenerTaskEnd",
        "Task Info": {"Executor ID": "1"},
        "Task Metrics": {"Shuffle Write Metrics": {"Shuffle Bytes Written": 5}},
        "Task Executor Metrics": {"JVMHeapMemory": 7},
    }
    log = [
        {"Event": "SparkListenerExecutorRemoved", "Executor ID": "1", "Removed Reason": "killed"},
        {"Event": "SparkListenerTaskStart", "Task Info": {"Speculative": True}},
        {"Event": "SparkListenerTaskStart", "Task Info": {"Speculative": False}},
        {**ended, "Task End Reason": {"Reason": "Success"}},
        {**ended, "Task End Reason": {"Reason": "TaskKilled"}, "Task Executor Metrics": {"JVMHeapMemory": 9}},
        {"Event": "SparkListenerTaskEnd", "Task Info": {}, "Task End Reason": {"Reason": "ExecutorLostFailure"}},
    ]

    assert events.seen(log) == events.Seen(["executor 1: killed"], 3, 1, 1, 10, {"1": [7, 9]})


class Bucket:
    """An S3 client with objects; each write changes the ETag."""

    def __init__(self, objects: dict[str, bytes]) -> None:
        self.objects, self.writes = dict(objects), dict.fromkeys(objects, 0)

    def write(self, key: str, body: bytes) -> None:
        self.objects[key] = body
        self.writes[key] = self.writes.get(key, 0) + 1

    def get_paginator(self, _: str) -> Any:  # noqa: ANN401 - a boto3 client
        return SimpleNamespace(paginate=self._pages)

    def get_object(self, *, Bucket: str, Key: str) -> Any:  # noqa: ANN401, N803 - boto3's names
        assert Bucket == "data"
        return {"Body": SimpleNamespace(read=lambda: self.objects[Key])}

    class exceptions:  # noqa: D106, N801 - boto3's name
        NoSuchKey = KeyError

    def _pages(self, *, Bucket: str, Prefix: str) -> Any:  # noqa: ANN401, N803 - boto3's names
        assert Bucket == "data"
        moment = SimpleNamespace(isoformat=lambda: "now")
        return [
            {
                "Contents": [
                    {"Key": key, "Size": len(body), "ETag": self.writes[key], "LastModified": moment}
                    for key, body in sorted(self.objects.items())
                    if key.startswith(Prefix)
                ]
            }
        ]


def items(*names: str) -> bytes:
    return gzip.compress("".join(json.dumps({"Item": {"id": {"S": name}}}) + "\n" for name in names).encode())


def digest(objects: dict[str, bytes], listed: list[str], count: int) -> tuple[str, list[str]]:
    bucket = Bucket(objects)
    stack = cast("Any", SimpleNamespace(client=lambda _: bucket, data_bucket="data"))
    files = [{"name": name, "bytes": len(objects.get(f"p/{name}", b""))} for name in listed]
    return outcome._items(stack, {"prefix": "p/", "files": files, "items": count}, ["id"])


def test_items_are_the_same_in_whatever_order_and_files_they_lie() -> None:
    two_files, other_order = {"p/a": items("1", "2"), "p/b": items("3")}, {"p/a": items("3", "1", "2")}

    assert digest(two_files, ["a", "b"], 3) == (digest(other_order, ["a"], 3)[0], [])
    assert digest(two_files, ["a", "b"], 3)[0] != digest({"p/a": items("1", "2", "4")}, ["a"], 3)[0]


def test_a_file_of_a_killed_attempt_a_key_twice_and_a_lost_item_are_said() -> None:
    assert digest({"p/a": items("1"), "p/b": items("1")}, ["a"], 1)[1] == [
        "2 objects lie below p/, and the manifest lists 1",
        "1 keys are there twice below p/",
        "2 items lie below p/, and the manifest counts 1",
    ]


def test_an_outcome_says_each_number_and_item_that_differs() -> None:
    local = Outcome("local", "", "MATCH", {"T": {"items": 2, "rejected": 0}}, {"T": "abc"}, [])
    other = Outcome("other", "CompareFailed", "NONE", {"T": {"items": 1, "rejected": 0}}, {"T": "abd"}, ["other: x"])

    assert local.differences(local) == []
    assert other.differences(local) == [
        "other ended with CompareFailed",
        "other: the verdict is NONE",
        "other: T has 1 items, and 2 in local",
        "other: the items of T are not those of local",
        "other: x",
    ]


def test_a_landed_split_that_is_written_again_counts_with_its_bytes() -> None:
    prefix = "landed/d/r/T-t/lipsdb"
    bucket = Bucket({f"{prefix}/{number:05}.json": b"{}" for number in range(2)} | {f"{prefix}/splits.json": b"{}"})
    stack = cast("Any", SimpleNamespace(client=lambda _: bucket, data_bucket="data"))
    landed = Landed(stack, "d", "r")
    bucket.write(f"{prefix}/00002.json", b"{}")
    bucket.write(f"{prefix}/splits.json", b"{}")

    assert (len(landed), landed.read_again()) == (2, (0, 0))

    bucket.write(f"{prefix}/00001.json", json.dumps({"files": [{"bytes": 3}, {"bytes": 4}]}).encode())

    assert landed.read_again() == (1, 7)
