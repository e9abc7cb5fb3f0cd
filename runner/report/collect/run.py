"""Collect the evidence of a run: its executions, its documents, and what exists of it now.

The report is made even if something cannot be read or no longer exists, and names it.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from catalog.errors import CatalogError
from catalog.loader import load_catalog
from runner.account.clones import clones
from runner.account.executions import LOOKED_BACK, describe, newest_first
from runner.account.registry import locks
from runner.account.stored_json import read_json
from runner.errors import UsageError
from runner.live.history.items import histories_of_items, history
from runner.live.jobs.progress import JOBS, read_job_progress
from runner.report.collect.changes import earlier_runs, read_changes
from runner.report.collect.evidence import Evidence
from runner.report.collect.history import read_attempt
from runner.report.collect.locate import locate
from runner.report.collect.table_settings import existing_table, limits
from runner.report.inputs.aws import JobRun
from runner.report.inputs.comparison import Comparison, Verdict
from runner.report.inputs.manifest import Manifest
from runner.report.inputs.marks import LiveMark, ProvenMark

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from catalog.models import AnyTable
    from runner.account.environments import Environment
    from runner.account.executions import Execution
    from runner.live.history.items import Event
    from runner.live.jobs.progress import JobProgress
    from runner.report.collect.evidence import Attempt
    from runner.report.inputs.base import Input, Mode
    from runner.report.model.remains import ExistingTable

    InputT = TypeVar("InputT", bound=Input)
    AnswerT = TypeVar("AnswerT")

_SUFFIXES: dict[Mode, str] = {"rehearsal": "-rehearsal", "official": ""}


def gather(
    environment: Environment, target: str, domain: str | None = None, *, ended: dict[str, Execution] | None = None
) -> Evidence:
    """Return the evidence of a run.

    Args:
        environment: The environment of the run.
        target: Its id, one of its executions, or a domain for its newest run.
        domain: Its domain, if several have a run of that id.
        ended: Executions that have ended, by ARN, which each collection keeps for the next.

    Raises:
        UsageError: There is no such run, or both domains have one of that id.
    """
    chosen, run = locate(environment, target, domain)
    return _Collection(environment, chosen, run, {} if ended is None else ended).evidence()


class _Collection:
    """The evidence of a run as of now."""

    def __init__(self, environment: Environment, domain: str, run: str, ended: dict[str, Execution]) -> None:
        self._environment = environment
        self._domain = domain
        self._run = run
        self._ended = ended
        self._problems: list[str] = []

    def evidence(self) -> Evidence:
        """Return the evidence."""
        environment = self._environment
        executions: list[Execution] = self._look("the executions", self._executions, [])
        attempts: list[Attempt] = self._look("the executions", partial(self._attempts, executions), [])
        manifest = self._document("processed", "manifest.json", Manifest)
        verdict, comparison = self._verdict(attempts)
        listed: dict[str, AnyTable] = self._look("the catalog", self._catalog_tables, {})
        names = list(listed) or list(manifest.tables if manifest else {})
        delta = read_changes(self._read, self._domain, self._run)
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
            manifest=manifest,
            verdict=verdict,
            comparison=comparison,
            changes=delta.summary,
            changes_manifest=delta.manifest,
            base_verdict=delta.base_verdict,
            repository=environment.repository,
            progress=tuple(self._progress()),
            job_runs=tuple(job_run for attempt in attempts for job_run in self._job_runs(attempt)),
            clones=tuple(self._look("the clones", lambda: clones(environment), [])),
            locks=tuple(self._look("the domains' locks", lambda: locks(environment), [])),
            clone_class=self._look("the clones' instance class", self._clone_class, ""),
        )
        return replace(
            evidence,
            proven=self._read(f"proven/{self._domain}/{evidence.mode}.json", ProvenMark),
            live=self._read(f"live/{self._domain}.json", LiveMark) if evidence.mode == "official" else None,
            earlier=earlier_runs(self._read, executions, self._run, evidence.mode),
            tables=tuple(self._tables(names, evidence.mode, listed)),
            problems=tuple(self._problems),
        )

    def _look(self, what: str, look: Callable[[], AnswerT], otherwise: AnswerT) -> AnswerT:
        try:
            return look()
        except (BotoCoreError, ClientError, CatalogError, UsageError, ValueError) as error:
            self._problems.append(f"{what[0].upper()}{what[1:]} could not be read: {error}")
            return otherwise

    def _catalog_tables(self) -> dict[str, AnyTable]:
        """Return the domain's tables by name; none if the catalog here has no such domain."""
        entry = load_catalog(self._environment.catalog).domains.get(self._domain)
        return {table.name: table for table in entry.tables} if entry else {}

    def _executions(self) -> list[Execution]:
        """Return the domain's executions, newest first; an execution that has ended is described once."""
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
        return self._look(what, lambda: histories_of_items(states, arn), [])

    def _document(self, folder: str, file: str, model: type[InputT]) -> InputT | None:
        return self._read(f"{folder}/{self._domain}/{self._run}/{file}", model)

    def _read(self, key: str, model: type[InputT]) -> InputT | None:
        """Return a document of the data bucket; None if it does not exist."""
        return self._parsed(key, model.parse)

    def _parsed(self, key: str, parse: Callable[[object], AnswerT | None]) -> AnswerT | None:
        s3, bucket = self._environment.client("s3"), self._environment.data_bucket

        def look() -> AnswerT | None:
            document = read_json(s3, bucket, key)
            return None if document is None else parse(document)

        return self._look(f"the document s3://{bucket}/{key}", look, None)

    def _progress(self) -> Iterator[JobProgress]:
        """Yield the progress of each job that has written some; a document of another version is no progress."""
        for job in JOBS.values():
            progress = self._parsed(f"progress/{self._domain}/{self._run}/{job}.json", read_job_progress)
            if progress is not None:
                yield progress

    def _verdict(self, attempts: list[Attempt]) -> tuple[Verdict | None, Comparison | None]:
        """Return the verdict and the report beside it: of the newest attempt if that is a verification with a verdict.

        A verification that finds differences replaces the run's own verdict, and not its report.
        """
        verdict = None
        if attempts and attempts[-1].input.verify:
            verdict = self._document("reports", f"verifications/{attempts[-1].name}/verdict.json", Verdict)
        verdict = verdict or self._document("reports", "verdict.json", Verdict)
        folder = f"verifications/{verdict.attempt}/" if verdict and verdict.is_verification else ""
        return verdict, self._document("reports", f"{folder}report.json", Comparison)

    def _job_runs(self, attempt: Attempt) -> Iterator[JobRun]:
        for name, application in attempt.job_runs.items():
            job_run = self._look(f"the job run {name}", partial(self._job_run, application, name), None)
            if job_run is not None:
                yield job_run

    def _job_run(self, application: str, name: str) -> JobRun | None:
        answer = self._environment.client("emr-serverless").get_job_run(applicationId=application, jobRunId=name)
        return JobRun.parse(answer["jobRun"])

    def _clone_class(self) -> str:
        name = self._environment.function("aurora-clone")
        answer = self._environment.client("lambda").get_function_configuration(FunctionName=name)
        return str(answer["Environment"]["Variables"]["CLONE_INSTANCE_CLASS"])

    def _tables(self, names: list[str], mode: Mode, listed: dict[str, AnyTable]) -> Iterator[ExistingTable]:
        """Yield the domain's tables that exist under this run's names."""
        # A rehearsal enables no stream, whatever the catalog wants.
        streams = {name: table.stream for name, table in listed.items()} if mode == "official" else {}
        for name in names:
            table_name = name + _SUFFIXES[mode]
            look = partial(existing_table, self._environment.client("dynamodb"), table_name, streams.get(name))
            table = self._look(f"the table {table_name}", look, None)
            if table is not None:
                yield table
