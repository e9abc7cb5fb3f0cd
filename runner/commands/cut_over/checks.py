"""Checks before a cut-over: a fresh proof of the last run, no running execution, and the proven tables."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from catalog.loader import load_catalog
from runner.account.executions import describe, newest_first
from runner.account.registry import locks
from runner.account.requests import OFFICIAL, mode_of
from runner.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.account.environments import Environment
    from runner.account.executions import Execution
    from runner.account.proven import Proven, ProvenTable

_FULL = "FULL_EXPORT"
# Items written up to a minute around an export's instant may or may not be in the export:
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport_Requesting.html
EXPORT_SETTLES = dt.timedelta(seconds=61)


@dataclass(frozen=True)
class TableState:
    """A table as DynamoDB describes it now."""

    name: str  # in the catalog
    table_name: str
    arn: str
    is_protected: bool
    wants_protection: bool
    exported_at: dt.datetime


def refuse_unproven(
    environment: Environment, proven: Proven | None, domain: str, max_age: dt.timedelta, now: dt.datetime
) -> Proven:
    """Return the proven state if it allows a cut-over.

    Raises:
        UsageError: No official run matched, a run has written since, or the proof is too old.
    """
    if proven is None:
        raise UsageError(f"no official run of {domain} has matched: there is nothing to cut over")
    if proven.is_broken:
        raise UsageError(
            f"a verification has found that the tables of {domain} are no longer what the run {proven.run} proved. "
            f"Make them equal to Aurora again: migrate repair {proven.run} --environment {environment.name}"
        )
    if proven.changing:
        raise UsageError(
            f"the run {proven.changing} has begun to write to the tables of {domain} and has not matched. "
            f"Resume it: migrate resume {proven.changing} --environment {environment.name}"
        )
    age = now - proven.proven_at
    if age > max_age:
        hours = age.total_seconds() / 3600
        raise UsageError(
            f"the last MATCH of {domain} is {hours:.1f} hours old (run {proven.run}), and at most "
            f"{max_age.total_seconds() / 3600:g} are allowed: run a catch-up, or raise --max-age-hours"
        )
    return proven


def refuse_runs(environment: Environment, proven: Proven) -> None:
    """Return if no run holds the domain and its last official run is the one that proved the tables.

    Raises:
        UsageError: An execution runs, a lock exists, or a later official run did not match.
    """
    domain = proven.domain
    states = environment.client("stepfunctions")
    for arn in newest_first(environment, domain, "RUNNING"):
        raise UsageError(f"{domain} is running. Follow it: migrate follow {arn}")
    for lock in locks(environment):
        if lock.domain == domain:
            raise UsageError(
                f"the run {lock.run} holds {domain}. Resume it: migrate resume {lock.run} --environment "
                f"{environment.name}; or give it up: migrate release-clones --environment {environment.name}"
            )
    last = _last_official(environment, states, domain)
    if last is not None and (last.run != proven.run or last.status != "SUCCEEDED"):
        raise UsageError(
            f"the last official run of {domain} is {last.run}, which ended {last.status} {last.error}".rstrip()
            + f"; the last MATCH is the run {proven.run}. Run a catch-up, which proves the tables again"
        )


def table_states(environment: Environment, proven: Proven, *, exports: bool = True) -> list[TableState]:
    """Return the domain's tables after checking that each is the proven table with the proven items.

    Args:
        environment: The environment of the tables.
        proven: The proven state.
        exports: Whether to check that each table's newest export has the proven items.

    Raises:
        UsageError: A table was replaced, or its newest export has other items.
    """
    dynamodb = environment.client("dynamodb")
    catalog = {table.name: table for table in load_catalog(environment.catalog).domains[proven.domain].tables}
    states = []
    for table in proven.tables:
        described = _described(dynamodb, table)
        entry = catalog.get(table.name)
        exported_at = proven.proven_at
        if exports:
            exported_at = _exported(dynamodb, table, expires=entry is not None and entry.ttl is not None)
        states.append(
            TableState(
                name=table.name,
                table_name=table.table_name,
                arn=table.table_arn,
                is_protected=bool(described.get("DeletionProtectionEnabled")),
                wants_protection=entry is not None and entry.deletion_protection,
                exported_at=exported_at,
            )
        )
    return states


def _last_official(environment: Environment, states: Any, domain: str) -> Execution | None:  # noqa: ANN401 - a boto3 client
    """Return the newest official execution of both state machines."""
    runs = (describe(states, arn) for arn in newest_first(environment, domain))
    return next((execution for execution in runs if mode_of(execution) == OFFICIAL), None)


def _described(dynamodb: Any, table: ProvenTable) -> dict[str, Any]:  # noqa: ANN401 - a boto3 client
    try:
        described: dict[str, Any] = dynamodb.describe_table(TableName=table.table_name)["Table"]
    except (BotoCoreError, ClientError) as error:
        raise UsageError(f"the table {table.table_name} cannot be described: {error}") from error
    if described["TableId"] != table.table_id:
        raise UsageError(
            f"the table {table.table_name} is not the one that was proven: its id is {described['TableId']}, and "
            f"{table.table_id} was proven. Find out who replaced it, and bootstrap the domain again"
        )
    return described


def _listed(dynamodb: Any, table_arn: str) -> Iterator[dict[str, Any]]:  # noqa: ANN401 - a boto3 client
    """Yield the summaries of a table's exports in the last 90 days; boto3 has no paginator for them."""
    page: dict[str, Any] = {}
    while True:
        after = {"NextToken": page["NextToken"]} if page else {}
        page = dynamodb.list_exports(TableArn=table_arn, **after)
        yield from page["ExportSummaries"]
        if not page.get("NextToken"):
            return


def _exported(dynamodb: Any, table: ProvenTable, *, expires: bool) -> dt.datetime:  # noqa: ANN401 - a boto3 client
    """Return the instant of the table's newest export, which must have the proven items except expired ones."""
    try:
        exports = [
            dynamodb.describe_export(ExportArn=export["ExportArn"])["ExportDescription"]
            for export in _listed(dynamodb, table.table_arn)
            # An incremental export counts changes, not items.
            if (export["ExportStatus"], export.get("ExportType", _FULL)) == ("COMPLETED", _FULL)
        ]
    except (BotoCoreError, ClientError) as error:
        raise UsageError(f"the exports of {table.table_name} cannot be read: {error}") from error
    if not exports:
        raise UsageError(f"the table {table.table_name} has no export of the last 90 days: run a catch-up")
    newest = max(exports, key=lambda export: export["ExportTime"])
    items = int(newest["ItemCount"])
    if items > table.items or (items < table.items and not expires):
        raise UsageError(
            f"the newest export of {table.table_name} has {items:,} items, and {table.items:,} were proven: somebody "
            "else writes to the table. Find out who, and run a catch-up"
        )
    exported_at: dt.datetime = newest["ExportTime"]
    return exported_at
