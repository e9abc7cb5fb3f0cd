"""Every line of status, and its document, whole."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

import pytest

from runner.account.prices import load_prices
from runner.commands import load
from runner.labels import duration
from tests.unit.runner.commands.test_status import LOCK, PROVEN
from tests.unit.runner.fakes import BEGAN, Bucket, FakeEnvironment, Rds, States, cluster, environment

if TYPE_CHECKING:
    from collections.abc import Callable

PRICES = load_prices()
AGE = r"{age}"
FREE = ["availability: no run holds it", "  no run in the last 90 days", ""]
SEAL = {"domain": "rates", "run": "r-1", "execution": "operator:ana", "since": "2026-01-01T04:05:06+00:00"}
STARTED = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., list[str]]:
    """Return the lines of status, with the age of what began with 2026 as {age}."""

    def shown(target: FakeEnvironment, *arguments: str) -> list[str]:
        monkeypatch.setattr("runner.commands.status.load_environment", lambda _name: target)
        load()(["status", "-e", "test", *arguments], standalone_mode=False)
        age = duration((dt.datetime.now(dt.UTC) - STARTED).total_seconds())
        return [line.replace(age, AGE) for line in capsys.readouterr().out.splitlines()]

    return shown


def account(states: States | None = None, *clusters: dict[str, Any], **objects: dict[str, Any]) -> FakeEnvironment:
    return environment(stepfunctions=states or States(), s3=Bucket(**objects), rds=Rds(*clusters))


def held(**facts: Any) -> dict[str, dict[str, Any]]:  # noqa: ANN401 - of a lock
    return {"status/in-progress/rates.json": {**LOCK, **facts}}


def of_rates(shown: list[str]) -> str:
    assert shown[:3] == FREE
    return shown[3]


def test_an_account_in_which_nothing_happened(lines: Callable[..., list[str]]) -> None:
    assert lines(account()) == [
        *FREE, "rates: no run holds it", "  no run in the last 90 days", "", "There are no clones.",
    ]  # fmt: skip


def test_each_run_is_told_with_its_kind_end_verdict_start_and_length(lines: Callable[..., list[str]]) -> None:
    states = States()
    later = BEGAN + dt.timedelta(hours=1, minutes=1)
    states.add("rates", "r-1", "SUCCEEDED", stopDate=BEGAN + dt.timedelta(minutes=3), output='{"verdict": "MATCH"}')
    states.add("rates", "r-2", "FAILED", {"mode": "official"}, error="DataMismatch", stopDate=later)
    states.add("rates-catch-up", "c-1", "ODD", {"runId": "c-0"}, stopDate=BEGAN + dt.timedelta(hours=2))
    states.add("rates-catch-up", "c-2", "RUNNING", {"mode": "rehearsal"})
    now = dt.datetime.now(dt.UTC)
    states.executions[next(reversed(states.executions))]["startDate"] = now

    assert lines(account(states))[3:] == [
        "rates: no run holds it",
        "  c-2",
        f"    catch-up, rehearsal, running, started {now:%Y-%m-%d %H:%MZ}, <1 s so far",
        "  c-0",
        "    catch-up, official, ODD, started 2026-01-01 02:00Z, took <1 s",
        "    resume it: migrate resume c-0 --environment test",
        "  r-2",
        "    official, failed DataMismatch, MISMATCH, started 2026-01-01 01:00Z, took 1 min 00 s",
        "    resume it: migrate resume r-2 --environment test",
        "  r-1",
        "    rehearsal, succeeded, MATCH, started 2026-01-01 00:00Z, took 3 min 00 s",
        "",
        "There are no clones.",
    ]


def test_a_run_that_works_on_the_domain_is_followed(lines: Callable[..., list[str]]) -> None:
    states = States()
    arn = states.add("rates", "r-1", "RUNNING")
    objects = held(execution=arn, state="RUNNING", since=STARTED.isoformat())

    shown = lines(account(states, cluster("p1"), **objects))

    follow = f"migrate follow --environment test {arn}"
    assert of_rates(shown) == f"rates: run r-1 has held it for {AGE}. Follow it: {follow}"
    cost = f"prices of {PRICES.date} for {PRICES.region}; storage and I/O come on top"
    assert shown[-1] == f"They cost 0.29 USD an hour for the instances of 1 clones ({cost})."


FORGOTTEN = (
    f"run r-1 still holds it, begun {AGE} ago, but its execution is not known to Step Functions any more; "
    "the next run takes over"
)


@pytest.mark.parametrize(
    ("facts", "line"),
    [
        ({}, f"the failed run r-1 holds it, begun {AGE} ago: JarNotFound: no JAR"),
        (
            {"state": "RUNNING", "execution": "arn:lost"},
            FORGOTTEN,
        ),
    ],
)
def test_a_run_that_works_no_more_holds_the_domain_until_another_begins(
    lines: Callable[..., list[str]], facts: dict[str, str], line: str
) -> None:
    shown = lines(account(None, cluster("p1"), **held(**facts)))

    assert of_rates(shown) == f"rates: {line}"
    assert shown[-1] == ("No running execution uses them. To destroy them: migrate release-clones --environment test")


def test_an_execution_of_an_unheard_status_is_named_as_it_is(lines: Callable[..., list[str]]) -> None:
    states = States()
    arn = states.add("rates", "r-1", "PAUSED", stopDate=BEGAN)

    assert of_rates(lines(account(states, **held(execution=arn, state="RUNNING")))) == (
        f"rates: run r-1 still holds it, begun {AGE} ago, but its execution paused; the next run takes over"
    )


@pytest.mark.parametrize(
    ("more", "who"),
    [
        ({}, "run r-1"),
        ({"expires": "2026-01-01T04:25:06+00:00"}, "operator:ana, until 04:25:06Z"),
    ],
)
def test_the_right_to_destroy_the_clones_is_named_with_its_holder(
    lines: Callable[..., list[str]], more: dict[str, str], who: str
) -> None:
    sealed = {"status/teardown-seal.json": SEAL | more}
    line = f"The clones are being destroyed for rates since 04:05:06Z by {who}."

    assert lines(account(**sealed))[-2:] == [line, "There are no clones."]
    shown = lines(account(None, cluster("p1"), **sealed))
    assert line in shown
    assert shown[-1].startswith("They cost 0.29 USD an hour")


def test_a_program_gets_every_fact_in_one_document(lines: Callable[..., list[str]]) -> None:
    states = States()
    since = BEGAN + dt.timedelta(minutes=5)
    failed = states.add("rates", "r-1", "FAILED", {"mode": "official"}, error="JarNotFound", cause="c", stopDate=since)
    matched = states.add("rates-catch-up", "c-1", "SUCCEEDED", {}, output='{"verdict": "MATCH"}', stopDate=since)
    for number in range(5):
        states.add("rates", f"r-{number + 2}", "SUCCEEDED", stopDate=since)
    objects = {
        **held(execution=failed, kind="catch-up", changing=True, applied="2026-01-01T01:00:00+00:00"),
        "status/teardown-seal.json": SEAL,
        "proven/rates/official.json": PROVEN,
        "live/rates.json": {"domain": "rates", "run": "c-1", "instant": "i", "by": "ana", "confirmed": True},
    }

    document = json.loads("\n".join(lines(account(states, cluster("p1"), **objects), "--json")))

    rates = document["domains"].pop("rates")
    assert [run["run"] for run in rates.pop("runs")] == ["r-6", "r-5", "r-4", "r-3", "r-2"]
    began = "2026-01-01T01:00:00+00:00"
    assert rates == {
        "lock": {
            "domain": "rates", "run": "r-1", "execution": failed, "since": "2026-01-01T00:00:00+00:00",
            "state": "FAILED", "error": "JarNotFound", "cause": "no JAR", "kind": "catch-up", "changing": True,
            "began": None, "applied": began, "executionStatus": "FAILED",
        },
        "earlierCatchUps": [
            {
                "arn": matched, "domain": "rates", "status": "SUCCEEDED", "started": began,
                "stopped": since.isoformat(), "given": {}, "output": {"verdict": "MATCH"}, "error": "", "cause": "",
                "run": "c-1", "verdict": "MATCH",
            }
        ],
        "resumable": [],
        "proven": {
            "official": {
                "domain": "rates", "mode": "official", "run": "c-1", "kind": "catch-up",
                "proven_at": "2026-01-01T00:00:00+00:00", "changing": "",
                "tables": [{"name": "Rates", "table_name": "Rates", "table_id": "id", "table_arn": "arn", "items": 7}],
            }
        },
        "live": {
            "domain": "rates", "run": "c-1", "instant": "i", "by": "ana", "confirmed": True, "verdict": "MATCH",
        },
    }  # fmt: skip
    assert document == {
        "environment": "test",
        "account": "971779422973",
        "domains": {
            "availability": {
                "lock": None, "runs": [], "earlierCatchUps": [], "resumable": [], "proven": {}, "live": None,
            }
        },
        "seal": {**SEAL, "expires": None},
        "clones": [
            {
                "name": "p1-clone", "source": "p1", "run": "run-1", "status": "available",
                "created": BEGAN.isoformat(), "classes": ["db.r6g.large"], "usdPerHour": 0.286,
                "tags": {
                    "migration:system": "rates-avail-migration-bootstrap", "migration:stack": "test",
                    "migration:source": "p1", "migration:run": "run-1",
                },
            }
        ],
        "prices": {"date": PRICES.date.isoformat(), "region": PRICES.region},
    }  # fmt: skip


def test_runs_of_either_machine_are_marked_in_the_document(lines: Callable[..., list[str]]) -> None:
    states = States()
    states.add("rates", "r-1", "FAILED", {"mode": "official"}, error="DataMismatch", stopDate=BEGAN)
    states.add("rates-catch-up", "c-1", "RUNNING")

    document = json.loads("\n".join(lines(account(states), "--json")))

    runs = document["domains"]["rates"]["runs"]
    assert [(run["run"], run["isCatchUp"], run["verdict"], run["given"]) for run in runs] == [
        ("c-1", True, "NONE", {}),
        ("r-1", False, "MISMATCH", {"mode": "official"}),
    ]
    assert document["domains"]["rates"]["resumable"] == ["r-1"]
    assert (document["seal"], document["clones"]) == (None, [])
