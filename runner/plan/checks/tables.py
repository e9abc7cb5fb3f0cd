"""Checks of the tables' names: free, or of a table that the run may adopt or replace.

It applies the state machine's rule: a table's import or its tags decide whose it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from botocore.exceptions import ClientError

from runner.account.environments import SYSTEM
from runner.account.lookups import missing
from runner.plan.checks.domain import document, has_matched, not_adopted
from runner.plan.model import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.account.lookups import Account

_PAGE = 25  # the largest page of ListImports
_BY_HAND = "keep the table, or let a person delete it as docs/runbooks/run-failed.md says under TableInUse"
TableState = Literal["ours", "replaceable", "taken"]


def check_table(account: Account, table: str) -> Iterator[Finding | str]:
    """Fail if another table has the name, or report how the run treats the existing table."""
    name = account.table_name(table)
    try:
        described = account.client("dynamodb").describe_table(TableName=name)["Table"]
    except ClientError as error:
        if missing(error):
            return
        raise
    made = _maker(account, described)
    match _state_of(account, table, described, made):
        case "taken":
            made_by = "a rehearsal of this stack" if account.request.mode == "rehearsal" else "this run"
            yield Finding(
                "fails",
                f"table {name}",
                f"it exists, and neither its import nor its tags say that {made_by} made it",
                "ImportTable only creates new tables: rename or delete it",
            )
        case "replaceable":
            yield f"the table {name} of an earlier rehearsal is replaced"
            if described.get("DeletionProtectionEnabled"):
                yield Finding(
                    "fails",
                    f"table {name}",
                    "it is an earlier rehearsal's and would be replaced, but it is protected from deletion",
                    "switch its deletion protection off",
                )
        case "ours" if account.request.mode == "official":
            yield from _official(account, table, described, made)
        case "ours":
            yield f"the table {name} of this run is adopted if its import is complete, and replaced otherwise"


def _official(
    account: Account, table: str, described: dict[str, Any], made: dict[str, Any] | None
) -> Iterator[Finding | str]:
    """Report how the run treats its own official table, which it never deletes after a complete import."""
    name = account.table_name(table)
    protection = (
        "it is protected from deletion" if described.get("DeletionProtectionEnabled") else "it is not protected"
    )
    if has_matched(account):
        yield f"the table {name} of this run stays as it is: its verdict is MATCH; {protection}"
    elif made is None and _has_items(account, table):
        yield Finding(
            "fails",
            f"table {name}",
            "it was made empty, but by now items were written for it: the run would fail with TableInUse; "
            f"{protection}",
            _BY_HAND,
        )
    elif made is None:
        yield f"the table {name} of this run is adopted while it is empty; {protection}"
    elif made["ImportStatus"] == "IN_PROGRESS":
        yield f"the import of the table {name} of this run goes on and is waited for; {protection}"
    elif made["ImportStatus"] != "COMPLETED":
        yield f"the table {name} of this run is replaced: its import is {made['ImportStatus']}"
    elif reason := _other_items(account, table, made):
        yield Finding(
            "fails",
            f"table {name}",
            f"its import is COMPLETED and no run deletes it, but {reason}: it would fail with TableInUse; {protection}",
            _BY_HAND,
        )
    else:
        yield f"the table {name} of this run is adopted: its import is COMPLETED; {protection}"


def _has_items(account: Account, table: str) -> bool:
    """Return whether an earlier attempt wrote items that this run would import."""
    summary = document(account, f"{account.prefix}{account.request.run_id}/summary.json")
    adopted = summary is not None and not not_adopted(account, summary)
    return summary is not None and adopted and bool((summary["tables"].get(table) or {}).get("items"))


def _other_items(account: Account, table: str, made: dict[str, Any]) -> str:
    """Return the reason why the table's import differs from the import to do now, or an empty string."""
    summary = document(account, f"{account.prefix}{account.request.run_id}/summary.json")
    if summary is None:
        return "the items that it was made of are gone"
    if reason := not_adopted(account, summary):
        return f"Bootstrap runs again, since {reason}"
    imported = made["S3BucketSource"].get("S3KeyPrefix") or "the whole bucket"
    written = (summary["tables"].get(table) or {}).get("prefix") or "nothing"
    return "" if imported == written else f"it was imported from {imported}, and now {written} would be"


def _state_of(account: Account, table: str, described: dict[str, Any], made: dict[str, Any] | None) -> TableState:
    """Return a table's owner by the state machine's rule."""
    request = account.request
    if made and made["S3BucketSource"]["S3Bucket"] == account.bucket("data"):
        prefix = made["S3BucketSource"].get("S3KeyPrefix", "")
        own_run = request.run_id is not None and prefix.startswith(f"{account.prefix}{request.run_id}/")
        if own_run and f"/{table}/" in prefix:
            return "ours"
        if request.mode == "rehearsal" and prefix.startswith(account.prefix):
            return "replaceable"
    tags = _tags(account, described["TableArn"])
    wanted = {"system": SYSTEM, "stack": account.environment.name, "mode": request.mode}
    if any(tags.get(f"migration:{key}") != value for key, value in wanted.items()):
        return "taken"
    if request.run_id is not None and tags.get("migration:run") == request.run_id:
        return "ours"
    return "replaceable" if request.mode == "rehearsal" else "taken"


def _maker(account: Account, table: dict[str, Any]) -> dict[str, Any] | None:
    """Return the import that created a table; imports of earlier tables with its name have another TableId."""
    dynamodb = account.client("dynamodb")
    arguments: dict[str, Any] = {"TableArn": table["TableArn"], "PageSize": _PAGE}
    summaries: list[dict[str, Any]] = []
    while True:
        page = dynamodb.list_imports(**arguments)
        summaries += page["ImportSummaryList"]
        if "NextToken" not in page:
            break
        arguments["NextToken"] = page["NextToken"]
    if not summaries:
        return None
    newest = max(summaries, key=lambda summary: (str(summary.get("StartTime", "")), summary["ImportArn"]))
    described = dict(dynamodb.describe_import(ImportArn=newest["ImportArn"])["ImportTableDescription"])
    return described if described.get("TableId") == table["TableId"] else None


def _tags(account: Account, arn: str) -> dict[str, str]:
    pages = account.client("dynamodb").get_paginator("list_tags_of_resource").paginate(ResourceArn=arn)
    return {tag["Key"]: tag["Value"] for page in pages for tag in page["Tags"]}
