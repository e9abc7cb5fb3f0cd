"""`status` shows the holder of each domain, and the clones' cost."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

import pytest

from runner.account.clones import clones, cost_text
from runner.account.registry import locks, seal
from runner.commands import confirmation, load
from runner.errors import UsageError
from runner.labels import duration
from tests.unit.runner.fakes import BEGAN, Bucket, FakeEnvironment, Rds, States, cluster, environment

if TYPE_CHECKING:
    from runner.account.environments import Environment

LOCK = {
    "domain": "rates",
    "run": "r-1",
    "execution": "arn",
    "since": "2026-01-01T00:00:00+00:00",
    "state": "FAILED",
    "error": "JarNotFound",
    "cause": "no JAR",
    "version": 1,
}
SEAL = {"domain": "availability", "run": "a-1", "execution": "arn", "since": "2026-01-01T00:00:00+00:00", "version": 1}


def run(monkeypatch: pytest.MonkeyPatch, stack: Environment, *arguments: str) -> None:
    for module in ("status", "resume"):
        monkeypatch.setattr(f"runner.commands.{module}.load_environment", lambda _name: stack)
    load()(list(arguments), standalone_mode=False)


def stack_with(objects: dict[str, dict[str, Any]], *clusters: dict[str, Any]) -> FakeEnvironment:
    states = States()
    states.add("rates", "r-1", "FAILED", {"mode": "official"}, error="JarNotFound", stopDate=BEGAN)
    return environment(stepfunctions=states, s3=Bucket(**objects), rds=Rds(*clusters))


def test_locks_and_seal_are_read_from_their_objects() -> None:
    stack = stack_with({"status/in-progress/rates.json": LOCK, "status/teardown-seal.json": SEAL})

    (lock,), sealed = locks(stack), seal(stack)

    assert (lock.domain, lock.run, lock.state, lock.error, lock.since) == (
        "rates",
        "r-1",
        "FAILED",
        "JarNotFound",
        dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
    )
    assert sealed is not None
    assert sealed.run == "a-1"
    assert seal(stack_with({})) is None


def test_only_this_stacks_clones_are_listed_with_their_cost() -> None:
    other = cluster("p2", TagList=[{"Key": "migration:system", "Value": "rates-avail-migration-bootstrap"}])
    source = {**cluster("p1"), "DBClusterIdentifier": "p1", "TagList": []}

    listed = clones(stack_with({}, cluster("p1"), other, source))

    assert [(clone.name, clone.classes, clone.usd_per_hour) for clone in listed] == [
        ("p1-clone", ("db.r6g.large",), 0.286)
    ]
    assert cost_text(listed).startswith("0.29 USD an hour for the instances of 1 clones (prices of 20")


def test_a_class_without_a_price_is_named() -> None:
    stack = stack_with({}, cluster("p1"))
    (clone,) = clones(stack)
    unknown = [type(clone)(**{**vars(clone), "classes": ("db.x9.huge",)})]

    assert "without p1-clone, whose class has no price" in cost_text(unknown)


def test_status_tells_people_and_programs(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    stack = stack_with({"status/in-progress/rates.json": LOCK}, cluster("p1"))

    run(monkeypatch, stack, "status", "-e", "test")
    shown = capsys.readouterr().out
    run(monkeypatch, stack, "status", "-e", "test", "--json")
    document = json.loads(capsys.readouterr().out)

    age = duration((dt.datetime.now(dt.UTC) - BEGAN).total_seconds())
    assert shown.splitlines()[:8] == [
        "availability: no run holds it",
        "  no run in the last 90 days",
        "",
        f"rates: the failed run r-1 holds it, begun {age} ago: JarNotFound: no JAR",
        "  r-1",
        "    official, failed JarNotFound, started 2026-01-01 00:00Z, took <1 s",
        "    resume it: migrate resume r-1 --environment test",
        "",
    ]
    assert "release-clones --environment test" in shown
    assert document["domains"]["rates"]["lock"]["error"] == "JarNotFound"
    (failed,) = document["domains"]["rates"]["runs"]
    assert (failed["run"], failed["given"]) == ("r-1", {"mode": "official"})
    assert {*failed} == {
        *("arn", "domain", "status", "started", "stopped", "given", "output", "error", "cause"),
        *("run", "verdict", "isCatchUp"),
    }
    assert document["domains"]["rates"]["resumable"] == ["r-1"]
    assert document["domains"]["availability"] == {
        "lock": None,
        "runs": [],
        "earlierCatchUps": [],
        "resumable": [],
        "proven": {},
        "live": None,
    }
    assert document["clones"][0]["usdPerHour"] == 0.286


PROVEN = {
    "domain": "rates",
    "mode": "official",
    "run": "c-1",
    "kind": "catch-up",
    "provenAt": "2026-01-01T00:00:00+00:00",
    "changing": "",
    "tables": {"Rates": {"tableName": "Rates", "tableId": "id", "tableArn": "arn", "items": 7}},
}
TABLES_PROVEN = "official tables proven {age} ago, 2026-01-01 00:00Z, by the catch-up c-1"
LIVE_OF_C2 = "LIVE since 2026-01-02T00:00:00Z (run c-2, by operator:anna): no run writes to its tables any more"
CUT_OVER = "migrate cut-over --environment test --domain rates"
LIVE = {"domain": "rates", "run": "c-1", "instant": "2026-01-02T00:00:00Z", "by": "operator:anna", "confirmed": True}


@pytest.mark.parametrize(
    ("proven", "live", "lines"),
    [
        (PROVEN, None, [TABLES_PROVEN]),
        (
            {**PROVEN, "changing": "c-2"},
            None,
            [f"{TABLES_PROVEN}; c-2 has begun to write since. Resume it: migrate resume c-2 --environment test"],
        ),
        (
            {**PROVEN, "changing": "c-1"},
            None,
            [
                (
                    f"{TABLES_PROVEN}; a verification has found that they are no longer what it proved. "
                    "Make them equal to Aurora again: migrate repair c-1 --environment test"
                )
            ],
        ),
        (
            PROVEN,
            LIVE,
            [
                "LIVE since 2026-01-02T00:00:00Z (run c-1, by operator:anna): no run writes to its tables any more",
                TABLES_PROVEN,
            ],
        ),
        (
            PROVEN,
            {**LIVE, "confirmed": False},
            [
                f"a cut-over of run c-1 was interrupted. Complete it: {CUT_OVER}",
                TABLES_PROVEN,
            ],
        ),
        (
            {**PROVEN, "changing": "c-2"},
            {**LIVE, "run": "c-2", "verdict": "PENDING"},
            [
                f"{LIVE_OF_C2}; the verdict is PENDING. Where its run ended: migrate resume c-2 --environment test",
            ],
        ),
        (
            {**PROVEN, "changing": "c-2"},
            {**LIVE, "run": "c-2", "verdict": "MISMATCH"},
            [
                f"{LIVE_OF_C2}; MISMATCH. Read the report: migrate report c-2 --environment test",
            ],
        ),
        # The run has proven the tables since, and the call that was to say so in the mark was lost.
        (
            PROVEN,
            {**LIVE, "verdict": "PENDING"},
            ["LIVE since 2026-01-02T00:00:00Z (run c-1, by operator:anna): no run writes to its tables any more"],
        ),
    ],
    ids=["proven", "changing", "broken", "live", "interrupted", "pending", "mismatch", "settled"],
)
def test_status_says_what_is_proven_and_live(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    proven: dict[str, Any],
    live: dict[str, Any] | None,
    lines: list[str],
) -> None:
    target = stack_with({"proven/rates/official.json": proven, **({"live/rates.json": live} if live else {})})
    target.clients["stepfunctions"].add("rates-catch-up", "c-1", "SUCCEEDED", stopDate=BEGAN)

    run(monkeypatch, target, "status", "-e", "test")
    shown = capsys.readouterr().out.splitlines()
    run(monkeypatch, target, "status", "-e", "test", "--json")
    document = json.loads(capsys.readouterr().out)["domains"]["rates"]

    age = duration((dt.datetime.now(dt.UTC) - BEGAN).total_seconds())
    begin = shown.index("rates: no run holds it") + 1
    assert shown[begin : begin + len(lines)] == [f"  {line.format(age=age)}" for line in lines]
    assert shown[shown.index("  c-1") + 1].startswith("    catch-up, official, succeeded, started 2026-01-01 01:00Z")
    assert document["proven"]["official"]["run"] == "c-1"
    settled = {"verdict": "MATCH"} if proven["changing"] == "" else {}
    assert document["live"] == (live and {**live, **settled})
    assert [run["run"] for run in document["runs"] if run["isCatchUp"]] == ["c-1"]


def test_earlier_catch_ups_stay_in_sight_behind_the_last_runs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    target = stack_with({})
    states = target.clients["stepfunctions"]
    for number in range(5):
        output = {"output": '{"verdict": "MATCH"}', "stopDate": BEGAN + dt.timedelta(hours=2)}
        states.add("rates-catch-up", f"c-{number}", "SUCCEEDED" if number else "FAILED", **output)
    for number in range(5):
        states.add("rates", f"r-{number + 2}", "FAILED", error="JarNotFound", stopDate=BEGAN)

    run(monkeypatch, target, "status", "-e", "test")
    shown = [line.strip() for line in capsys.readouterr().out.splitlines()]
    run(monkeypatch, target, "status", "-e", "test", "--json")
    document = json.loads(capsys.readouterr().out)["domains"]["rates"]

    runs = [line for line in shown if line in {f"{kind}-{number}" for kind in "cr" for number in range(9)}]
    assert runs == ["r-6", "r-5", "r-4", "r-3", "r-2", "c-4", "c-3", "c-2"]
    assert shown[shown.index("c-4") + 1].startswith("catch-up, official, succeeded, MATCH, started 2026-01-01 05:00Z")
    assert [entry["run"] for entry in document["earlierCatchUps"]] == ["c-4", "c-3", "c-2"]


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("RUNNING", "run r-9 has held it for "),
        ("ABORTED", "its execution stopped; the next run takes over"),
        ("TIMED_OUT", "its execution timed out; the next run takes over"),
        (None, "its execution is not known to Step Functions any more; the next run takes over"),
    ],
)
def test_who_holds_a_domain_goes_by_the_execution_and_not_by_its_lock(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], status: str | None, said: str
) -> None:
    stack = stack_with({}, cluster("p1"))
    arn = stack.execution("rates", "r-9")
    stack.clients["s3"].objects["status/in-progress/rates.json"] = {
        **LOCK,
        "run": "r-9",
        "execution": arn,
        "state": "RUNNING",
        "error": "",
        "cause": "",
    }
    if status:
        stack.clients["stepfunctions"].add(
            "rates", "r-9", status, **({"stopDate": BEGAN} if status != "RUNNING" else {})
        )

    run(monkeypatch, stack, "status", "-e", "test")
    shown = capsys.readouterr().out

    assert said in next(line for line in shown.splitlines() if line.startswith("rates: "))
    assert ("release-clones" in shown) is (status != "RUNNING")
    assert ("resume it: migrate resume r-9" in shown) is (status in ("ABORTED", "TIMED_OUT"))


@pytest.mark.parametrize("width", [40, 80, 120, 140])
def test_no_width_cuts_a_run_id_or_a_clone(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], width: int
) -> None:
    run_id = "availability-rehearsal-" + "x" * 41
    tags = [*cluster("p1")["TagList"][:-1], {"Key": "migration:run", "Value": run_id}]
    stack = stack_with({}, cluster("a" * 57, TagList=tags))
    stack.clients["stepfunctions"].add("rates", run_id, "FAILED", error="BootstrapFailed", stopDate=BEGAN)
    monkeypatch.setenv("COLUMNS", str(width))

    run(monkeypatch, stack, "status", "-e", "test")
    shown = capsys.readouterr().out

    assert f"  {run_id}\n" in shown
    assert f"migrate resume {run_id} --environment test\n" in shown
    assert f"Clones made by run {run_id}\n" in shown
    assert f"{'a' * 57}-clone " in shown


@pytest.mark.parametrize("ended", ["SUCCEEDED", "RUNNING"])
def test_what_succeeded_or_runs_is_not_resumed(monkeypatch: pytest.MonkeyPatch, ended: str) -> None:
    stack = stack_with({})
    stack.clients["stepfunctions"].add("rates", "r-2", ended, {"runId": "r-1"})

    with pytest.raises(UsageError, match=r"nothing to resume in r-1: rates (succeeded|running) \(r-2\)"):
        run(monkeypatch, stack, "resume", "-e", "test", "r-1")


@pytest.mark.parametrize(("answer", "goes_on"), [("rates", True), ("Rates", False), ("", False), ("yes", False)])
def test_an_official_run_wants_the_name_typed_back(
    monkeypatch: pytest.MonkeyPatch, answer: str, *, goes_on: bool
) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr(confirmation.errors, "input", lambda *_, **__: answer)

    if goes_on:
        confirmation.confirm("Official.", ["rates"], yes=False)
    else:
        with pytest.raises(UsageError, match=f"'{answer}' is not 'rates'; nothing was done"):
            confirmation.confirm("Official.", ["rates"], yes=False)


def test_without_a_terminal_only_yes_confirms(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)

    confirmation.confirm("Official.", ["rates"], yes=True)
    with pytest.raises(UsageError, match="pass --yes to confirm"):
        confirmation.confirm("Official.", ["rates"], yes=False)
