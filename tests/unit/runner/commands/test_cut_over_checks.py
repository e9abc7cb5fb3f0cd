"""The refusals of a cut-over, as whole sentences, and the tables and exports that it reads."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from catalog.loader import load_catalog
from runner.account.proven import Live, Proven, ProvenTable, read_live, read_proven, verdict_of
from runner.commands.cut_over.checks import TableState, refuse_runs, refuse_unproven, table_states
from runner.errors import UsageError
from tests.unit.runner.commands.test_cut_over import (
    ARN,
    INSTANT,
    NAMES,
    PROVEN_AT,
    Account,
    Dynamo,
    live,
    proven,
)
from tests.unit.runner.commands.test_status import LOCK
from tests.unit.runner.fakes import BEGAN, Bucket, environment

DAY = dt.timedelta(hours=24)
NOON = dt.datetime(2026, 2, 3, 12, tzinfo=dt.UTC)
DENIED = ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "Get")
UNREACHED = EndpointConnectionError(endpoint_url="https://dynamodb")
PROTECTED = {table.name for table in load_catalog().domains["rates"].tables if table.deletion_protection}


def proof(*, items: int = 7, names: list[str] = NAMES, **changes: Any) -> Proven:  # noqa: ANN401 - its fields
    tables = tuple(ProvenTable(name, name, f"id-{name}", f"{ARN}{name}", items) for name in sorted(names))
    fields = {"run": "r-1", "kind": "catch-up", "proven_at": NOON, "changing": "", "tables": tables, **changes}
    return Proven("rates", "official", **fields)


def refusal(*, max_age: dt.timedelta = DAY, now: dt.datetime = NOON, **changes: Any) -> str:  # noqa: ANN401 - its fields
    with pytest.raises(UsageError) as refused:
        refuse_unproven(environment(), proof(**changes), "rates", max_age, now)
    return str(refused.value)


def test_a_domain_that_never_matched_is_refused() -> None:
    with pytest.raises(UsageError) as refused:
        refuse_unproven(environment(), None, "rates", DAY, NOON)

    assert str(refused.value) == "no official run of rates has matched: there is nothing to cut over"


def test_tables_that_have_changed_since_are_refused_with_the_command_that_proves_them_again() -> None:
    assert refusal(changing="r-1") == (
        "a verification has found that the tables of rates are no longer what the run r-1 proved. "
        "Make them equal to Aurora again: migrate repair r-1 --environment test"
    )
    assert refusal(changing="c-2") == (
        "the run c-2 has begun to write to the tables of rates and has not matched. "
        "Resume it: migrate resume c-2 --environment test"
    )


def test_a_proof_is_as_old_as_the_operator_allows() -> None:
    assert refuse_unproven(environment(), proof(), "rates", DAY, NOON + DAY) == proof()
    assert refusal(now=NOON + dt.timedelta(hours=10_000), max_age=dt.timedelta(hours=1.5)) == (
        "the last MATCH of rates is 10000.0 hours old (run r-1), and at most 1.5 are allowed: "
        "run a catch-up, or raise --max-age-hours"
    )
    assert refusal(max_age=dt.timedelta(hours=10_000), now=NOON + dt.timedelta(hours=10_000, seconds=1)) == (
        "the last MATCH of rates is 10000.0 hours old (run r-1), and at most 10000 are allowed: "
        "run a catch-up, or raise --max-age-hours"
    )


def runs_refusal(target: Account) -> str:
    with pytest.raises(UsageError) as refused:
        refuse_runs(target.environment, proof())
    return str(refused.value)


@pytest.mark.parametrize("machine", ["rates", "rates-catch-up"])
def test_a_domain_that_runs_is_refused(machine: str) -> None:
    target = Account()
    arn = target.states.add(machine, "r-9", "RUNNING")

    assert runs_refusal(target) == f"rates is running. Follow it: migrate follow {arn}"


def test_a_domain_that_a_run_holds_is_refused() -> None:
    assert runs_refusal(Account(**{"status/in-progress/rates.json": {**LOCK, "run": "r-5"}})) == (
        "the run r-5 holds rates. Resume it: migrate resume r-5 --environment test; "
        "or give it up: migrate release-clones --environment test"
    )
    other = Account(**{"status/in-progress/availability.json": {**LOCK, "domain": "availability"}})
    refuse_runs(other.environment, proof())


@pytest.mark.parametrize(
    ("name", "facts", "ended"),
    [
        ("r-2", {"status": "FAILED", "error": "TooManyChanges"}, "r-2, which ended FAILED TooManyChanges"),
        ("r-2", {"status": "SUCCEEDED"}, "r-2, which ended SUCCEEDED"),
        ("r-1", {"status": "ABORTED"}, "r-1, which ended ABORTED"),
    ],
)
def test_the_last_official_run_is_the_one_that_proved_the_tables(name: str, facts: dict[str, str], ended: str) -> None:
    target = Account()
    target.states.add("rates-catch-up", name, **facts, stopDate=BEGAN)

    assert runs_refusal(target) == (
        f"the last official run of rates is {ended}; the last MATCH is the run r-1. "
        "Run a catch-up, which proves the tables again"
    )


def test_rehearsals_since_and_runs_that_step_functions_forgot_refuse_nothing() -> None:
    target = Account()
    target.states.add("rates", "rehearsed", "FAILED", {"mode": "rehearsal"}, stopDate=BEGAN)
    refuse_runs(target.environment, proof())

    target.states.executions.clear()
    refuse_runs(target.environment, proof())


def states_of(dynamodb: Any, proved: Proven | None = None, *, exports: bool = True) -> list[TableState]:  # noqa: ANN401 - a client
    return table_states(Account(dynamodb).environment, proved or proof(), exports=exports)


def test_the_tables_are_described_with_what_the_catalog_wants() -> None:
    gone = proof(names=[*NAMES, "Dropped"])

    for exports, exported_at in ((True, PROVEN_AT), (False, NOON)):
        assert states_of(Dynamo(protected=False), gone, exports=exports) == [
            TableState(
                name=name,
                table_name=name,
                arn=f"{ARN}{name}",
                is_protected=False,
                wants_protection=name in PROTECTED,
                exported_at=exported_at,
            )
            for name in sorted([*NAMES, "Dropped"])
        ]
    assert {state.is_protected for state in states_of(Dynamo(protected=True))} == {True}


def states_refusal(dynamodb: Any, proved: Proven | None = None, *, exports: bool = True) -> str:  # noqa: ANN401 - a client
    with pytest.raises(UsageError) as refused:
        states_of(dynamodb, proved, exports=exports)
    return str(refused.value)


class Refusing(Dynamo):
    """DynamoDB that refuses one operation."""

    def __init__(self, operation: str, error: Exception) -> None:
        super().__init__()

        def refuse(**_arguments: object) -> None:
            raise error

        setattr(self, operation, refuse)


@pytest.mark.parametrize("error", [DENIED, UNREACHED], ids=["a refusal", "no connection"])
@pytest.mark.parametrize(
    ("operation", "sentence"),
    [
        ("describe_table", "the table {} cannot be described: {}"),
        ("list_exports", "the exports of {} cannot be read: {}"),
        ("describe_export", "the exports of {} cannot be read: {}"),
    ],
)
def test_a_table_that_cannot_be_read_is_named(operation: str, sentence: str, error: Exception) -> None:
    assert states_refusal(Refusing(operation, error)) == sentence.format(min(NAMES), error)


def test_a_replaced_table_is_refused_with_both_ids() -> None:
    table = min(NAMES)

    assert states_refusal(Dynamo(table_id="new-"), exports=False) == (
        f"the table {table} is not the one that was proven: its id is new-{table}, and id-{table} was proven. "
        "Find out who replaced it, and bootstrap the domain again"
    )


def test_a_table_without_an_export_is_refused() -> None:
    assert states_refusal(Dynamo(exports=0)) == (
        f"the table {min(NAMES)} has no export of the last 90 days: run a catch-up"
    )


class Kinds(Dynamo):
    """DynamoDB whose exports are of kinds; the newer of two is described by the number 0."""

    def __init__(self, *kinds: str) -> None:
        super().__init__()
        self._kinds = kinds

    def list_exports(self, *, TableArn: str, NextToken: str = "") -> dict[str, Any]:  # noqa: N803 - boto3's
        assert not NextToken
        listed = [
            {"ExportArn": f"{TableArn}/export/{number}", "ExportStatus": "COMPLETED", "ExportType": kind}
            for number, kind in enumerate(self._kinds)
        ]
        return {"ExportSummaries": listed}


def test_a_full_export_counts_and_an_incremental_one_does_not() -> None:
    assert {state.exported_at for state in states_of(Kinds("FULL_EXPORT"))} == {PROVEN_AT}
    assert states_refusal(Kinds("INCREMENTAL_EXPORT")).endswith("has no export of the last 90 days: run a catch-up")
    older = proof(items=1)
    assert {state.exported_at for state in states_of(Kinds("INCREMENTAL_EXPORT", "FULL_EXPORT"), older)} == {
        PROVEN_AT - dt.timedelta(hours=1)
    }


@pytest.mark.parametrize(("exported", "were"), [(8_000, 7_999), (1_000_001, 1_000_000)])
def test_an_export_with_more_items_is_refused(exported: int, were: int) -> None:
    assert states_refusal(Dynamo(items=exported), proof(items=were)) == (
        f"the newest export of {min(NAMES)} has {exported:,} items, and {were:,} were proven: somebody else writes to "
        "the table. Find out who, and run a catch-up"
    )


def test_an_export_with_fewer_items_is_accepted_of_a_table_whose_items_expire(monkeypatch: pytest.MonkeyPatch) -> None:
    catalog = load_catalog()
    rates = catalog.domains["rates"]
    first, *others = rates.tables
    tables = (first.model_copy(update={"ttl": "expiresAt", "deletion_protection": False}), *others)
    changed = catalog.model_copy(update={"domains": {"rates": rates.model_copy(update={"tables": tables})}})
    monkeypatch.setattr("runner.commands.cut_over.checks.load_catalog", lambda _folder: changed)

    (state,) = states_of(Dynamo(items=7), proof(items=8, names=[first.name]))
    assert (state.exported_at, state.wants_protection) == (PROVEN_AT, False)
    for name in (others[0].name, "Dropped"):
        refused = states_refusal(Dynamo(items=7), proof(items=8, names=[name]))
        assert refused.startswith(f"the newest export of {name} has 7 items, and 8 were proven")


def test_the_proven_state_is_read_by_domain_and_mode() -> None:
    document = proven(changing="c-2")
    stored = environment(s3=Bucket(**{"proven/rates/official.json": document}))

    assert read_proven(stored, "rates", "official") == proof(proven_at=PROVEN_AT, changing="c-2")
    assert (read_proven(stored, "rates", "rehearsal"), read_proven(stored, "availability", "official")) == (None, None)


@pytest.mark.parametrize(
    ("changes", "verdict"), [({}, "MATCH"), ({"verdict": "PENDING"}, "PENDING"), ({"verdict": "MISMATCH"}, "MISMATCH")]
)
def test_the_live_mark_is_read_by_domain(changes: dict[str, str], verdict: str) -> None:
    stored = environment(s3=Bucket(**{"live/rates.json": live(**changes, confirmed=False)}))

    assert read_live(stored, "rates") == Live(
        "rates", "r-1", INSTANT, "operator:anna", confirmed=False, verdict=verdict
    )
    assert read_live(stored, "availability") is None
    assert Live("rates", "r-1", INSTANT, "", confirmed=True).verdict == "MATCH"


@pytest.mark.parametrize(
    ("proved", "verdict"),
    [
        (proof(), "MATCH"),
        (proof(run="c-9"), "PENDING"),
        (proof(changing="c-9"), "PENDING"),
        (None, "PENDING"),
    ],
)
def test_a_live_domain_matched_if_its_run_proved_the_tables_and_nobody_wrote_since(
    proved: Proven | None, verdict: str
) -> None:
    mark = Live("rates", "r-1", INSTANT, "ana", confirmed=True, verdict="PENDING")

    assert verdict_of(mark, proved) == verdict


@pytest.mark.parametrize(("run", "changing", "is_broken"), [("r", "r", True), ("r", "", False), ("r", "c", False)])
def test_a_proof_is_broken_by_a_verification_of_its_own_run(run: str, changing: str, *, is_broken: bool) -> None:
    assert proof(run=run, changing=changing).is_broken is is_broken
