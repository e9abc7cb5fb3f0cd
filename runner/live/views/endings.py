"""The end of an execution for people: verdict, counts per table, next steps and links."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from runner import links
from runner.account.environments import domain_of
from runner.console import complain, say, show
from runner.failure_advice import REFUSED, advice
from runner.labels import STATUSES, VERDICTS
from runner.live.views.progress_table import represented
from runner.live.views.table_rows import counts_table, table_names
from runner.runbooks import section_of

if TYPE_CHECKING:
    from runner.account.environments import Environment
    from runner.live.history.progress import Progress
    from runner.live.spending import Spending


def say_start(arn: str) -> None:
    """Write the console link of an execution."""
    say(f"{domain_of(arn)}: {links.execution(arn)}")


def say_end(environment: Environment, progress: Progress, spending: Spending, *, drawn: bool) -> None:
    """Write the end of an execution; `drawn` says that the screen already shows its tables."""
    if progress.status == "SUCCEEDED":
        _say_success(progress, spending.words(progress, dt.datetime.now(dt.UTC)), drawn=drawn)
    elif progress.status != "RUNNING":
        _say_failure(environment, progress)


def _say_success(progress: Progress, cost: str, *, drawn: bool) -> None:
    names = table_names(progress)
    if names and not drawn:
        show(counts_table(progress, names, narrow=False))
    verdict = str(progress.output.get("verdict"))
    say(f"{progress.domain}: {verdict}: {VERDICTS.get(verdict, 'not known')}")
    for line in (represented(progress), f"cost: {cost}, estimated (docs/progress.md)" if cost else ""):
        if line:
            say(line)
    say(f"clones: {progress.output.get('clones')}")
    say(f"report: {progress.output.get('report')}")
    say(f"execution: {links.execution(progress.arn)}")


def _say_failure(environment: Environment, progress: Progress) -> None:
    status = STATUSES.get(progress.status, progress.status)
    complain(
        f"{progress.domain}: {progress.error}: {progress.cause}" if progress.error else f"{progress.domain}: {status}"
    )
    for line in (*_next_steps(environment, progress), *_places(environment, progress)):
        complain(line)


def _next_steps(environment: Environment, progress: Progress) -> list[str]:
    """Return the next steps after a failed execution."""
    if not progress.error:
        return [_resume(environment, progress)]
    known = advice(progress.error, progress.domain)
    steps = [f"{known.todo}."]
    if known.new_clones:
        steps.append(f"Release the clones: migrate release-clones --environment {environment.name}")
    return steps if progress.error in REFUSED else [*steps, _resume(environment, progress)]


def _resume(environment: Environment, progress: Progress) -> str:
    return f"Resume with: migrate resume {progress.run} --environment {environment.name}"


def _places(environment: Environment, progress: Progress) -> list[str]:
    """Return links to the execution, the failed job with its logs, and the runbook."""
    lines = [f"execution: {links.execution(progress.arn)}"]
    runs = progress.resources.job_runs
    if runs and progress.phases and progress.phases[-1].began <= runs[-1].began:
        run, group = runs[-1], f"/aws/emr-serverless/{environment.prefix}-spark"
        lines += [
            f"job run {run.id}: {links.spark_applications(environment.region)}",
            f"its driver's log: {links.driver_log(environment.region, group, run.application, run.id)}",
            f"its log files: {links.log_files(environment.data_bucket, run.application, run.id)}",
        ]
    section = section_of(progress.error)
    return [*lines, f"runbook: {links.runbook(section, environment.repository)}"] if section else lines
