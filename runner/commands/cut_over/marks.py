"""The marks of a cut-over: first the registry's live mark, then the tags and the protection of the tables."""

from __future__ import annotations

import datetime as dt
import getpass
import time
import uuid
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from runner.commands.cut_over.checks import EXPORT_SETTLES
from runner.errors import UsageError
from runner.formatting import iso_seconds

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from runner.account.environments import Environment
    from runner.account.functions import Functions
    from runner.commands.cut_over.checks import TableState

TAG = "migration:live"


def wait_out_exports(
    tables: Sequence[TableState],
    tell: Callable[[str], None],
    now: dt.datetime,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Wait until no proven export can contain the next write."""
    left = max((table.exported_at for table in tables), default=now) + EXPORT_SETTLES - now
    if left > dt.timedelta():
        tell(f"waiting {left.total_seconds():.0f} s, until a write cannot be in the last export any more")
        sleep(left.total_seconds())


def mark_live(
    functions: Functions,
    domain: str,
    run: str,
    now: dt.datetime,
    *,
    approved_by: str = "",
    verify_after: bool = False,
) -> str:
    """Make the registry mark the domain live, and return the instant of the first cut-over.

    The registry records `approved_by`, the second person. With `verify_after`, the run has applied every change but has
    no verdict yet.

    Raises:
        UsageError: A run holds the domain, or that run no longer proves it.
        FunctionError: The registry raised an error.
    """
    holder = f"operator:{getpass.getuser()}-{uuid.uuid4().hex[:12]}"
    instant = iso_seconds(now)
    options = {"approvedBy": approved_by} if approved_by else {}
    ahead = {"verifyAfter": True} if verify_after else {}
    answer = functions.registry(
        "cutOver", domain=domain, run=run, execution=holder, instant=instant, **options, **ahead
    )
    match answer["status"]:
        case "LIVE":
            return str(answer["instant"])
        case "BUSY":
            holding = answer["holder"]
            raise UsageError(
                f"{domain} is not live: the run {holding['run']} holds it ({holding['execution']}). See migrate status"
            )
        case _:
            raise UsageError(f"{domain} is not live: {answer['reason']}")


def settle_tables(environment: Environment, tables: Sequence[TableState], instant: str) -> list[str]:
    """Tag each table as live, protect it if the catalog says so, and return the protected tables.

    Raises:
        UsageError: A table could not be tagged or protected; the operator calls the command again.
    """
    dynamodb, protected = environment.client("dynamodb"), []
    for table in tables:
        try:
            dynamodb.tag_resource(ResourceArn=table.arn, Tags=[{"Key": TAG, "Value": instant}])
            if table.wants_protection and not table.is_protected:
                dynamodb.update_table(TableName=table.table_name, DeletionProtectionEnabled=True)
                protected.append(table.table_name)
        except (BotoCoreError, ClientError) as error:
            raise UsageError(
                f"the domain is live since {instant}, but {table.table_name} could not be tagged or protected: "
                f"{error}. Call the command again: it repeats nothing else"
            ) from error
    return protected
