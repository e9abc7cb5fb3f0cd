"""The pre-flight plan stops a start that would fail."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from runner.account.requests import Request
from runner.commands.start import preflight
from runner.commands.start.preflight import plan_first
from runner.errors import UsageError
from runner.plan.facts import ClonePlan
from runner.plan.model import Cost, Finding, PhasePlan, Plan
from tests.unit.runner.fakes import environment

WHOLE = "the whole plan: migrate plan --environment test --domain rates"


def plan_of(domain: str, *findings: Finding) -> Plan:
    return Plan("test", "971779422973", "eu-west-1", domain, "rehearsal", 9, None, dt.datetime.now(dt.UTC), findings)


@pytest.fixture
def plans(monkeypatch: pytest.MonkeyPatch) -> dict[str, Plan]:
    by_domain: dict[str, Plan] = {}
    monkeypatch.setattr(preflight, "check", lambda _environment, request: by_domain[request.domain])
    return by_domain


def test_every_reason_of_every_domain_is_told_with_what_to_do(plans: dict[str, Plan]) -> None:
    plans["rates"] = plan_of(
        "rates",
        Finding("fails", "table BaseRate", "it exists", "rename it"),
        Finding("warns", "quota", "nearly reached", "raise it"),
        Finding("unchecked", "IAM", "not checked", "look yourself"),
    )
    plans["availability"] = plan_of("availability", Finding("fails", "JAR", "it is missing", "deploy"))
    lines: list[str] = []

    with pytest.raises(UsageError) as refused:
        plan_first(environment(), [Request("rates"), Request("availability")], lines.append)

    assert str(refused.value) == (
        "not started: the plan found 2 problems:\n"
        "  rates: table BaseRate: it exists; rename it\n"
        "  availability: JAR: it is missing; deploy\n"
        "(--skip-plan starts anyway)"
    )
    assert lines[:2] == [
        "plan of rates: of unknown length, 1 check could not run; " + WHOLE,
        "  warning: quota: nearly reached; raise it",
    ]


def test_what_would_go_is_told_in_a_line(plans: dict[str, Plan]) -> None:
    plans["rates"] = plan_of("rates")
    lines: list[str] = []

    plan_first(environment(), [Request("rates")], lines.append)

    assert len(lines) == 1


def test_a_start_says_how_old_the_clones_are_that_it_reuses(plans: dict[str, Plan]) -> None:
    plan = plan_of("rates")
    made = plan.moment - dt.timedelta(hours=3, minutes=20)
    clones = (ClonePlan("lipsdb", "available", made, "r1", "rates", "rehearsal"),)
    plans["rates"], plans["availability"] = replace(plan, clones=clones), replace(plan, clones=clones, mode="official")
    lines: list[str] = []

    plan_first(environment(), [Request("rates"), Request("availability", "official")], lines.append)

    assert [line for line in lines if "made" in line] == [
        "  reuses 1 clone made 3 h 20 min ago by the rehearsal r1 of rates",
        "  clones exist: 1 clone made 3 h 20 min ago by the rehearsal r1 of rates",
    ]


@pytest.mark.parametrize(
    ("options", "asked"),
    [
        ({}, ""),
        ({"mode": "official", "run_id": "o-1"}, " --mode official --run-id o-1"),
        ({"parallelism": 3, "jar_key": "releases/1/x.jar"}, " --parallelism 3 --jar-key releases/1/x.jar"),
    ],
)
def test_the_command_that_is_named_shows_the_same_plan(
    plans: dict[str, Plan], options: dict[str, Any], asked: str
) -> None:
    plans["rates"] = plan_of("rates")
    lines: list[str] = []

    plan_first(environment(), [Request("rates", **options)], lines.append)

    assert lines == [f"plan of rates: of unknown length; {WHOLE}{asked}"]


@pytest.mark.parametrize(("usd", "cost"), [(3.5, "about 3.50 USD"), (None, "at least 1.50 USD")])
def test_a_plan_says_its_length_cost_and_open_checks(plans: dict[str, Plan], usd: float | None, cost: str) -> None:
    costs = (
        Cost("clones", 1, "instance-hours", 1.5, confirmed=True),
        Cost("imports", 2, "GB", None if usd is None else 2.0, confirmed=True),
    )
    unchecked = (Finding("unchecked", "IAM", "not checked", "look"), Finding("unchecked", "S3", "not checked", "look"))
    plans["rates"] = replace(
        plan_of("rates", *unchecked),
        phases=(PhasePlan("Clone", 600.0, "the run r1"),),
        costs=costs,
        prices_date=dt.date(2026, 11, 25),
    )
    lines: list[str] = []

    plan_first(environment(), [Request("rates")], lines.append)

    words = f"about 10 min 00 s, {cost} (prices of 2026-11-25), 2 checks could not run"
    assert lines == [f"plan of rates: {words}; {WHOLE}"]
