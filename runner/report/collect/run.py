"""Gather what a run left behind: its executions, its documents, and what stands of it now.

What may not be seen, or is there no more, is told in the report and does not prevent it.
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from catalog.errors import CatalogError
from catalog.loader import load_catalog
from runner.account.clones import clones
from runner.account.executions import LOOKED_BACK, describe, newest_first
from runner.account.registry import locks
from runner.errors import UsageError
from runner.live.history.items import histories_of_items, history
from runner.live.jobs.progress import JOBS
from runner.report.collect.changes import earlier_runs, read_changes
from runner.report.collect.evidence import Evidence
from runner.report.collect.history import read_attempt
from runner.report.collect.locate import locate
from runner.report.collect.table_settings import limits, settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from catalog.models import AnyTable
    from runner.account.environments import Environment
    from runner.account.executions import Execution
    from runner.live.history.items import Event
    from runner.report.collect.evidence import Attempt, Document

_SUFFIXES = {"rehearsal": "-rehearsal", "official": ""}


def gather(
    environment: Environment, target: str, domain: str | None = None, *, ended: dict[str, Execution] | None = None
) -> Evidence:
    """Return what there is of a run.

    Args:
        environment: Where it ran.
        target: Its id, an execution of it, or a domain for its newest.
        domain: Its domain, where several have a run of that id.
        ended: Executions that had ended, by ARN, which one look leaves for the next.

    Raises:
        UsageError: There is no such run, or both domains have one of that id.
    """
    chosen, run = locate(environment, target, domain)
    return _Gathering(environment, chosen, run, {} if ended is None else ended).evidence()


class _Gathering:
    """One look at everything of a run."""

    def __init__(self, environment: Environment, domain: str, run: str, ended: dict[str, Execution]) -> None:
        self._environment = environment
        self._domain = domain
        self._run = run
        self._ended = ended
        self._problems: list[str] = []

    def evidence(self) -> Evidence:
        """Return what was found."""
        environment = self._environment
        executions = self._look("the executions", self._executions, [])
        attempts = self._look("the executions", partial(self._attempts, executions), [])
        documents: dict[str, Any] = {
            "manifest": self._document("processed", "manifest.json"),
            **self._judgement(attempts),
        }
        listed: dict[str, AnyTable] = self._look("the catalog", self._catalog_tables, {})
        names = list(listed) or list((documents["manifest"] or {}).get("tables", {}))
        evidence = Evidence(
            environment=environment.name,
            account=environment.account,
            region=environment.region,
            domain=self._domain,
            run=self._run,
            looked_at=dt.datetime.now(dt.UTC),
            bucket=environment.data_bucket,
            table_names=tuple(names),
            limits=limits(listed.values()),
            attempts=tuple(attempts),
            **documents,
            **read_changes(self._read, self._domain, self._run),
            repository=environment.repository,
            progress=tuple(
                document for job in JOBS.values() if (document := self._document("progress", f"{job}.json")) is not None
            ),
            job_runs=tuple(job_run for attempt in attempts for job_run in self._job_runs(attempt)),
            clones=tuple(self._look("the clones", lambda: clones(environment), [])),
            locks=tuple(self._look("the domains' locks", lambda: locks(environment), [])),
            clone_class=self._look("the clones' instance class", self._clone_class, ""),
        )
        return replace(
            evidence,
            proven=self._read(f"proven/{self._domain}/{evidence.mode}.json"),
            live=self._read(f"live/{self._domain}.json") if evidence.mode == "official" else None,
            earlier=earlier_runs(self._read, executions, self._run, evidence.mode),
            tables=tuple(self._tables(names, evidence.mode, listed)),
            problems=tuple(self._problems),
        )

    def _look(self, what: str, look: Callable[[], Any], otherwise: Any) -> Any:  # noqa: ANN401 - whatever is looked for
        try:
            return look()
        except (BotoCoreError, ClientError, CatalogError, UsageError) as error:
            self._problems.append(f"{what[0].upper()}{what[1:]} could not be looked at: {error}")
            return otherwise

    def _catalog_tables(self) -> dict[str, AnyTable]:
        """Return the domain's tables by name; none where the catalog here has no such domain."""
        entry = load_catalog(self._environment.catalog).domains.get(self._domain)
        return {table.name: table for table in entry.tables} if entry else {}

    def _executions(self) -> list[Execution]:
        """Return the domain's executions, newest first; one that had ended is described once."""
        states = self._environment.client("stepfunctions")
        arns = islice(newest_first(self._environment, self._domain), LOOKED_BACK)
        executions = [self._ended.get(arn) or describe(states, arn) for arn in arns]
        self._ended.update({execution.arn: execution for execution in executions if execution.status != "RUNNING"})
        return executions

    def _attempts(self, executions: list[Execution]) -> list[Attempt]:
        """Return the executions of the run with their histories, oldest first."""
        states = self._environment.client("stepfunctions")
        return [
            read_attempt(execution, history(states, execution.arn), self._items(execution.arn))
            for execution in reversed(executions)
            if execution.run == self._run
        ]

    def _items(self, arn: str) -> list[tuple[str, list[Event]]]:
        """Return the histories of the items of an execution's Maps."""
        states = self._environment.client("stepfunctions")
        what = f"the clones and tables of {arn.rsplit(':', 1)[1]}"
        return self._look(what, lambda: histories_of_items(states, arn), [])  # type: ignore[no-any-return]

    def _document(self, where: str, file: str) -> Document | None:
        return self._read(f"{where}/{self._domain}/{self._run}/{file}")

    def _read(self, key: str) -> Document | None:
        """Return a document of the data bucket; None if it is not there."""
        s3 = self._environment.client("s3")

        def read() -> Document | None:
            try:
                body = s3.get_object(Bucket=self._environment.data_bucket, Key=key)["Body"].read()
            except s3.exceptions.NoSuchKey:
                return None
            return dict(json.loads(body))

        return self._look(f"s3://{self._environment.data_bucket}/{key}", read, None)  # type: ignore[no-any-return]

    def _judgement(self, attempts: list[Attempt]) -> dict[str, Document | None]:
        """Return the verdict and the report beside it: of the newest attempt if that is a verification with a verdict.

        A verification that found differences has replaced the run's own verdict, and not its report.
        """
        verdict = None
        if attempts and attempts[-1].input.get("verify"):
            verdict = self._document("reports", f"verifications/{attempts[-1].name}/verdict.json")
        verdict = verdict or self._document("reports", "verdict.json")
        is_verification = (verdict or {}).get("against") == "raw"
        folder = f"verifications/{(verdict or {})['attempt']}/" if is_verification else ""
        return {"verdict": verdict, "comparison": self._document("reports", f"{folder}report.json")}

    def _job_runs(self, attempt: Attempt) -> list[Document]:
        emr = self._environment.client("emr-serverless")
        looks = [
            self._look(
                f"the job run {job_run}",
                partial(emr.get_job_run, applicationId=application, jobRunId=job_run),
                None,
            )
            for job_run, application in attempt.job_runs.items()
        ]
        return [answer["jobRun"] for answer in looks if answer is not None]

    def _clone_class(self) -> str:
        name = self._environment.function("aurora-clone")
        answer = self._environment.client("lambda").get_function_configuration(FunctionName=name)
        return str(answer["Environment"]["Variables"]["CLONE_INSTANCE_CLASS"])

    def _tables(self, names: list[str], mode: str, listed: dict[str, AnyTable]) -> list[Document]:
        """Return the domain's tables that exist under this run's names."""
        suffix = _SUFFIXES.get(mode, _SUFFIXES["rehearsal"])
        # A rehearsal enables no stream, whatever the catalog wants.
        streams = {name: table.stream for name, table in listed.items()} if mode == "official" else {}
        tables = [
            self._look(f"the table {name}{suffix}", partial(self._table, name + suffix, streams.get(name)), None)
            for name in names
        ]
        return [table for table in tables if table is not None]

    def _table(self, name: str, stream: str | None) -> Document | None:
        dynamodb = self._environment.client("dynamodb")
        try:
            table = dynamodb.describe_table(TableName=name)["Table"]
        except dynamodb.exceptions.ResourceNotFoundException:
            return None
        tags = dynamodb.list_tags_of_resource(ResourceArn=table["TableArn"]).get("Tags", [])
        run = next((tag["Value"] for tag in tags if tag["Key"] == "migration:run"), None)
        return {
            "name": name,
            "arn": table["TableArn"],
            "status": table["TableStatus"],
            "run": run,
            "settings": settings(table, stream),
        }
