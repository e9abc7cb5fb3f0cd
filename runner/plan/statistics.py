"""What the databases themselves estimate: asked of the clones, where they can be reached, and of nothing else."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from runner.plan.account import CLONE_SUFFIX, reason
from runner.plan.checks.clones import unproven

if TYPE_CHECKING:
    from catalog.models import Cluster, Extract
    from runner.plan.account import Account

_CONNECT_SECONDS = 3
_STATEMENT_MILLISECONDS = 5000
Figures = dict[tuple[str, str], tuple[int, int]]


@dataclass(frozen=True)
class Statistics:
    """Rows and bytes of one clone by table and extract, or why there are none."""

    cluster: str
    figures: Figures = field(default_factory=dict)
    reason: str = ""


def statistics(account: Account, cluster: Cluster) -> Statistics:
    """Ask a cluster's clone what its planner expects of each extract; a source is never connected to."""
    clone = account.rds_clusters.get(cluster.identifier + CLONE_SUFFIX)
    if clone is None:
        return Statistics(cluster.identifier, reason="there is no clone yet")
    doubt = unproven(account, cluster, clone)
    if doubt or clone["Status"] != "available" or not clone.get("DBClusterMembers"):
        return Statistics(cluster.identifier, reason=f"its clone cannot be asked: {doubt or clone['Status']}")
    if cluster.engine != "aurora-postgresql":
        return Statistics(cluster.identifier, reason=f"clones of {cluster.engine} are not asked")
    try:
        secret = account.client("secretsmanager").get_secret_value(SecretId=cluster.password_secret)
    except (ClientError, BotoCoreError) as error:
        return Statistics(cluster.identifier, reason=f"the reader's password cannot be read: {reason(error)}")
    return _ask(account, cluster, clone, str(secret.get("SecretString", "")))


def _ask(account: Account, cluster: Cluster, clone: dict[str, Any], password: str) -> Statistics:
    # A client of PostgreSQL is only loaded where there is a clone to ask.
    import psycopg  # noqa: PLC0415

    wanted = {
        (table.name, name): extract
        for table in account.domain.tables
        for name, extract in table.extracts.items()
        if extract.group == cluster.group
    }
    figures: Figures = {}
    try:
        with psycopg.connect(
            host=clone["Endpoint"],
            port=clone["Port"],
            dbname=cluster.database,
            user=cluster.user,
            password=password,
            connect_timeout=_CONNECT_SECONDS,
            options=f"-c statement_timeout={_STATEMENT_MILLISECONDS}",
        ) as connection:
            for key, extract in wanted.items():
                (answer,) = connection.execute(_question(extract)).fetchone() or ("[]",)
                figures[key] = _figures(answer)
    except psycopg.Error as error:
        told = (str(error).strip().splitlines() or [type(error).__name__])[0]
        return Statistics(
            cluster.identifier, reason=f"its clone cannot be reached from here (only the jobs may enter it): {told}"
        )
    return Statistics(cluster.identifier, figures)


def _question(extract: Extract) -> bytes:
    """Return the question: the planner scales what pg_class says to the table's present size, and minds filters."""
    columns = ", ".join(f'"{name}"' for name in extract.columns)
    source = ".".join(f'"{part}"' for part in extract.source.split("."))
    where = f" WHERE {extract.where}" if extract.where else ""
    return f"EXPLAIN (FORMAT JSON) SELECT {columns} FROM {source}{where}".encode()  # noqa: S608 - the catalog's own


def _figures(answer: Any) -> tuple[int, int]:  # noqa: ANN401 - JSON
    plan = (json.loads(answer) if isinstance(answer, str) else answer)[0]["Plan"]
    rows = int(plan["Plan Rows"])
    return rows, rows * int(plan["Plan Width"])
