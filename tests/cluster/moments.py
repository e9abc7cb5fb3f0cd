"""Phases of a job, and the tasks in each according to the driver's REST API.

https://spark.apache.org/docs/3.5.6/monitoring.html#rest-api
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from local.cluster_spark import Driver

READING, SHUFFLING, WRITING, COMPARING = "reading", "shuffling", "writing", "comparing"
# The job of each phase, and a pattern of its queries' plans.
JOBS = {READING: "bootstrap", SHUFFLING: "bootstrap", WRITING: "bootstrap", COMPARING: "compare"}
_PLANS = {
    READING: re.compile("JDBCRelation"),
    SHUFFLING: re.compile(r"hashpartitioning\(_(hash|deal)\b"),  # rows, or hashes of them, by key
    WRITING: re.compile("/processed/"),
    COMPARING: re.compile("Scan"),
}
_MOST_QUERIES = 10_000


@dataclass(frozen=True)
class Task:
    """A task that runs on an executor."""

    stage: str
    number: int
    executor: str


def running_tasks(driver: Driver, moment: str) -> list[Task]:
    """Return the tasks in this phase."""
    stages = {number for query in _queries(driver) if _is_at(query, moment) for number in _stages(driver, query)}
    active = driver.get("stages?status=active") or []
    return [
        Task(stage, entry["taskId"], entry["executorId"])
        for stage in (f"{entry['stageId']}/{entry['attemptId']}" for entry in active if entry["stageId"] in stages)
        for entry in _tasks(driver, stage)
    ]


def is_running(driver: Driver, task: Task) -> bool:
    """Return whether the driver still waits for a task."""
    return any(entry["taskId"] == task.number for entry in _tasks(driver, task.stage))


def _tasks(driver: Driver, stage: str) -> list[dict[str, Any]]:
    return list(driver.get(f"stages/{stage}/taskList?status=running&length=1000") or [])


def _queries(driver: Driver) -> list[dict[str, Any]]:
    queries = driver.get(f"sql?details=false&planDescription=true&length={_MOST_QUERIES}") or []
    return [query for query in queries if query["runningJobIds"]]


def _is_at(query: dict[str, Any], moment: str) -> bool:
    plan = query["planDescription"]
    if not _PLANS[moment].search(plan):
        return False
    # The first stage of a shuffling query prepares the shuffle; the later ones write.
    begins = bool(_PLANS[SHUFFLING].search(plan)) and not query["successJobIds"]
    return {SHUFFLING: begins, WRITING: not begins}.get(moment, True)


def _stages(driver: Driver, query: dict[str, Any]) -> Iterator[int]:
    for number in query["runningJobIds"]:
        yield from (driver.get(f"jobs/{number}") or {"stageIds": []})["stageIds"]
