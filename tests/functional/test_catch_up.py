"""A catch-up with every part as it is deployed: clones, Spark jobs, table writer, exports and registry."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import psycopg

from local.data.schema import MAIN_DATABASE, PARTITION_DATABASE
from local.demo import run_summary
from runner.account.requests import Request
from runner.plan.catch_up import check_catch_up
from runner.report.collect.run import gather
from runner.report.document import build
from runner.report.live_page import LivePage
from tests.unit.runner.report.raw import as_document

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from local.stack import LocalStack
    from runner.account.environments import Environment
    from runner.live.history.progress import Progress

# Three rows with another amount, two rows less, and one more.
RATES = """
UPDATE base_rate SET amount = amount + 7 WHERE ctid IN (SELECT ctid FROM base_rate ORDER BY ctid LIMIT 3);
DELETE FROM base_rate WHERE ctid IN (SELECT ctid FROM base_rate ORDER BY ctid OFFSET 5 LIMIT 2);
INSERT INTO base_rate SELECT property_id, room_type, rate_plan_code, '2031-12-31', amount, net_amount,
  extra_guest_amount, lead_time_factor, conditions, remark, active, updated_at FROM base_rate ORDER BY ctid LIMIT 1;
"""
ASSOCIATION = """
UPDATE base_rate_association SET market_segment = NULL WHERE association_id =
  (SELECT association_id FROM base_rate_association WHERE market_segment IS NOT NULL LIMIT 1)
"""
CLASSES = ("inserted", "updated", "deleted")


def test_a_catch_up_writes_what_changed_since_and_nothing_else(
    stack: LocalStack, environment: Environment, migrate: Callable[..., Progress], tmp_path: Path
) -> None:
    first = migrate("rates")
    before = proven(stack)
    planned = check_catch_up(environment, Request("rates", is_catch_up=True))
    assert (planned.findings, planned.base.run if planned.base else "") == ((), first.name)
    sources = {phase.name: phase.source for phase in planned.phases}
    assert all("successful" in sources[name] for name in ("Clone", "Bootstrap", "Compare")), sources
    partition = stack.fleet.server("dailydatadb-partition-01").dsn(PARTITION_DATABASE)
    with (
        changed(partition, "base_rate", RATES),
        changed(stack.fleet.server("lipsdb").dsn(MAIN_DATABASE), "base_rate_association", ASSOCIATION),
    ):
        second = migrate("rates", is_catch_up=True)

    summary = run_summary.document(stack, f"changes/rates/{second.name}/{second.name}/summary.json")
    verdict = run_summary.document(stack, f"reports/rates/{second.name}/verdict.json")
    after = proven(stack)
    assert (first.status, second.status, second.cause, verdict["verdict"]) == ("SUCCEEDED", "SUCCEEDED", "", "MATCH")
    assert {name: [table[kind] for kind in CLASSES] for name, table in summary["tables"].items()} == {
        "BaseRate": [1, 3, 2],
        "BaseRateAssociation": [0, 1, 0],
    }
    assert {name: writes.facts() for name, writes in second.table_writes.by_table().items()} == {
        name: {
            **{kind: table[kind] for kind in (*CLASSES, "unchanged")},
            "written": sum(table[kind] for kind in CLASSES),
            "expired": 0,
            "conflicts": 0,
        }
        for name, table in summary["tables"].items()
    }
    assert (before["run"], after["run"], after["kind"], after["changing"]) == (first.name, second.name, "catch-up", "")
    assert {name: (table["tableId"], table["items"]) for name, table in after["tables"].items()} == {
        name: (table["tableId"], table["items"] + counts["inserted"] - counts["deleted"])
        for name, table in before["tables"].items()
        for counts in [summary["tables"][name]]
    }
    assert all(after["instants"][cluster] > instant for cluster, instant in before["instants"].items())
    assert run_summary.clones_left(stack) == []
    _check_report(as_document(build(gather(environment, second.name))), first.name, second.name)
    page = LivePage(environment, tmp_path / "page.html")
    assert page.update([second.arn], last=True) == []
    assert "Catch-up of <strong>rates</strong>" in (tmp_path / "page.html").read_text()
    _verified(stack, environment, migrate, second.name)


def _check_report(report: dict[str, Any], base: str, run: str) -> None:
    """The report counts what the histories of the writer's lanes and Delta's documents say."""
    assert (report["outcome"]["title"], report["run"]["kind"], report["notes"]) == ("MATCH", "catch-up", [])
    totals = report["changes"]["totals"]
    assert [totals[kind] for kind in (*CLASSES, "changes", "conflicts", "expired")] == [1, 4, 2, 7, 0, 0]
    assert totals["applied"] + totals["already"] == 7
    assert (report["changes"]["base"]["run"], report["state"]["proven"]["run"]) == (base, run)
    assert report["state"]["proven"]["first"] == report["snapshots"]["first"]
    assert [check for table in report["tables"] for check in table["checks"] if not check["holds"]] == []
    assert {job["job"] for job in report["jobs"]} == {"bootstrap", "delta", "compare"}


def _verified(stack: LocalStack, environment: Environment, migrate: Callable[..., Progress], run: str) -> None:
    """Verify the run, whose tables nobody has written to, and again when somebody has."""
    again = migrate("rates", run_id=run, verify=True)

    base = f"reports/rates/{run}/verifications/{again.name}"
    verdict = run_summary.document(stack, f"{base}/verdict.json")
    assert (again.status, again.cause, verdict["verdict"], verdict["against"]) == ("SUCCEEDED", "", "MATCH", "raw")
    assert (proven(stack)["run"], proven(stack)["changing"]) == (run, "")
    assert run_summary.clones_left(stack) == []

    dynamodb = stack.client("dynamodb")
    item = dynamodb.scan(TableName="BaseRate-rehearsal", Limit=1)["Items"][0]
    dynamodb.put_item(TableName="BaseRate-rehearsal", Item={**item, "currencyCode": {"S": "XXX"}})
    broken = migrate("rates", run_id=run, verify=True)

    assert broken.error == "DataMismatch"
    assert f"What the run {run} proved of the tables no longer holds" in broken.cause
    assert proven(stack)["changing"] == run
    document = as_document(build(gather(environment, run)))
    assert (document["verdict"], document["tables"][0]["differences"]["total"]) == ("MISMATCH", 1)
    assert any("No clone was read, and no witness" in note for note in document["notes"])


@contextmanager
def changed(dsn: str, table: str, changes: str) -> Iterator[None]:
    """Change a table of a source, and put its rows back for the tests that come later."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(f"CREATE TABLE rows_before AS TABLE {table}; {changes}".encode())
        yield
        restored = f"TRUNCATE {table}; INSERT INTO {table} SELECT * FROM rows_before; DROP TABLE rows_before"
        connection.execute(restored.encode())


def proven(stack: LocalStack) -> dict[str, Any]:
    return run_summary.document(stack, "proven/rates/rehearsal.json")
