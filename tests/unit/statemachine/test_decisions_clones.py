"""The Choices of a clone, on both sides of every limit."""

from __future__ import annotations

import datetime as dt

import pytest
from jsonata.timebox import Timebox

from tests.unit.statemachine.stepping import LIMITS, chosen


def hours_ago(hours: float) -> str:
    return (dt.datetime.now(dt.UTC) - dt.timedelta(hours=hours)).isoformat()


@pytest.mark.parametrize(
    ("clone", "checks", "started", "to"),
    [
        ({"status": "AVAILABLE", "unproven": ""}, 1, 0, "CloneAge"),
        ({"status": "AVAILABLE", "unproven": ""}, LIMITS.clone_checks + 1, 0, "CloneAge"),
        ({"status": "AVAILABLE", "unproven": "no tag"}, 1, 0, "ReportNotOurClone"),
        ({"status": "FAILED"}, 1, 0, "ReportCloneUnusable"),
        ({"status": "FAILED", "unproven": ""}, LIMITS.clone_checks + 1, 0, "ReportCloneUnusable"),
        ({"status": "INPROCESSING"}, LIMITS.clone_checks + 1, 0, "ReportCloneTimedOut"),
        ({"status": "INPROCESSING"}, LIMITS.clone_checks, 0, "WaitForClone"),
        ({"status": "INPROCESSING", "unproven": ""}, 1, 0, "WaitForClone"),
        ({"status": "UNAVAILABLE"}, LIMITS.clone_checks + 1, 0, "ReportCloneTimedOut"),
        ({"status": "UNAVAILABLE"}, 1, 0, "StartClone"),
        ({"status": "INCOMPLETE"}, LIMITS.clone_checks, LIMITS.start_calls - 1, "StartClone"),
        ({"status": "UNAVAILABLE"}, 1, LIMITS.start_calls, "WaitForClone"),
        ({"status": "INCOMPLETE"}, 1, LIMITS.start_calls, "WaitForClone"),
    ],
)
def test_a_clone_is_used_when_it_is_proven_and_started_while_it_is_missing(
    clone: dict[str, str], checks: int, started: int, to: str
) -> None:
    assert chosen("CloneStatus", clone=clone, cloneChecks=checks, startCalls=started) == to


BEGAN = hours_ago(10)

OFFICIAL_RUNS = ["availability/a1"]


@pytest.mark.parametrize(
    ("mode", "made", "creator", "began", "to"),
    [
        ("rehearsal", hours_ago(22), {}, "", "CloneReady"),
        ("rehearsal", hours_ago(24.1), {}, "", "ReportCloneTooOld"),
        ("rehearsal", "", {}, "", "CloneReady"),
        ("official", hours_ago(9), {}, BEGAN, "CloneReady"),
        ("official", BEGAN, {}, BEGAN, "CloneReady"),
        ("official", hours_ago(11), {}, BEGAN, "ReportCloneNotFresh"),
        ("official", hours_ago(24.1), {}, BEGAN, "ReportCloneTooOld"),
        (
            "official",
            hours_ago(25),
            {"mode": "official", "domain": "availability", "run": "a1"},
            BEGAN,
            "ReportCloneTooOld",
        ),
        ("official", "", {}, BEGAN, "ReportCloneNotFresh"),
        ("official", hours_ago(9), {}, "", "ReportCloneNotFresh"),
        ("official", hours_ago(11), {"mode": "official", "domain": "availability", "run": "a1"}, BEGAN, "CloneReady"),
        (
            "official",
            hours_ago(11),
            {"mode": "rehearsal", "domain": "availability", "run": "a1"},
            BEGAN,
            "ReportCloneNotFresh",
        ),
        (
            "official",
            hours_ago(11),
            {"mode": "official", "domain": "availability", "run": "a2"},
            BEGAN,
            "ReportCloneNotFresh",
        ),
        ("official", hours_ago(11), {"mode": "official", "domain": "other", "run": "a1"}, BEGAN, "ReportCloneNotFresh"),
        ("official", hours_ago(11), {"domain": "availability", "run": "a1"}, BEGAN, "ReportCloneNotFresh"),
    ],
)
def test_an_official_run_uses_clones_of_its_own_time_or_of_an_official_run_beside_it(
    mode: str, made: str, creator: dict[str, str], began: str, to: str
) -> None:
    own = {"mode": mode, "began": began, "officialRuns": OFFICIAL_RUNS}

    assert chosen("CloneAge", cloneTime=made, clone={"status": "AVAILABLE", **creator}, own=own) == to


@pytest.mark.parametrize(("milliseconds", "to"), [(86_400_000, "CloneReady"), (86_400_001, "ReportCloneTooOld")])
def test_a_clone_is_a_whole_day_old_at_the_most(monkeypatch: pytest.MonkeyPatch, milliseconds: int, to: str) -> None:
    made = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    now = int(made.timestamp() * 1000) + milliseconds
    monkeypatch.setattr(Timebox, "current_milli_time", staticmethod(lambda: now))
    own = {"mode": "rehearsal", "began": "", "officialRuns": []}

    assert chosen("CloneAge", cloneTime=made.isoformat(), clone={"status": "AVAILABLE"}, own=own) == to
