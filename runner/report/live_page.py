"""The report's page of running executions, kept current in a file while somebody follows them.

A thread of its own gathers and writes, so that what follows the executions never waits for it. The page is replaced
whole: a browser that loads it meanwhile sees the old one or the new one. Values of rows are never in it.
"""

from __future__ import annotations

import html
import os
import tempfile
import time
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from runner.errors import UsageError
from runner.report.collect.run import gather
from runner.report.document import build
from runner.report.page import render
from runner.report.redaction import without_values

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from runner.account.environments import Environment
    from runner.account.executions import Execution
    from runner.report.collect.evidence import Evidence
    from runner.report.model.report import Report

    Gather = Callable[[Environment, str, dict[str, Execution]], Evidence]

REFRESH_SECONDS = 30
_PATIENCE = 10  # a look takes at most one part in so many of the time: it shares AWS's quotas with everybody


def _gather(environment: Environment, arn: str, ended: dict[str, Execution]) -> Evidence:
    return gather(environment, arn, ended=ended)


class LivePage:
    """The page of one execution; of several, a page each beside it and a list of them."""

    def __init__(
        self,
        environment: Environment,
        path: Path,
        *,
        gather_evidence: Gather = _gather,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Prepare the page.

        Raises:
            UsageError: The file cannot be written.
        """
        self._environment = environment
        self._path = path
        self._gather = gather_evidence
        self._clock = clock
        self._ended: dict[str, Execution] = {}  # by ARN; they never change
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="page")
        self._writing: Future[list[str]] | None = None
        self._next_at = -1.0
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            _replace(path, _WAITING)
        except OSError as error:
            raise UsageError(f"{path} cannot be written: {error}") from error

    def update(self, arns: Sequence[str], *, last: bool = False) -> list[str]:
        """Renew the page if it is time to; return what went wrong with the look before, in words.

        Call it as often as you like. The last call waits until the page is written, and leaves one that does not
        reload itself.
        """
        problems: list[str] = []
        if self._writing is not None and (last or self._writing.done()):
            problems = self._writing.result()
            self._writing = None
        if last:
            problems += self._write(tuple(arns), last=True)
            self._pool.shutdown()
        elif self._writing is None and self._clock() >= self._next_at:
            self._writing = self._pool.submit(self._write, tuple(arns), last=False)
        return problems

    def _write(self, arns: tuple[str, ...], *, last: bool) -> list[str]:
        began = self._clock()
        try:
            reports = [self._document(arn) for arn in arns]
            for report in reports:
                running = report.status == "RUNNING" and not last
                page = render(report, refresh_seconds=REFRESH_SECONDS if running else None)
                _replace(self._page_of(report, reports), page)
            if len(reports) > 1:
                _replace(self._path, self._list(reports, last=last))
        except (BotoCoreError, ClientError, UsageError, OSError) as error:
            return [f"{self._path} was not renewed: {error}"]
        finally:
            took = self._clock() - began
            self._next_at = began + max(REFRESH_SECONDS, took * _PATIENCE)
        return []

    def _document(self, arn: str) -> Report:
        return without_values(build(self._gather(self._environment, arn, self._ended)))

    def _page_of(self, report: Report, reports: list[Report]) -> Path:
        if len(reports) == 1:
            return self._path
        return self._path.with_stem(f"{self._path.stem}-{report.run.domain}")

    def _list(self, reports: list[Report], *, last: bool) -> str:
        running = not last and any(report.status == "RUNNING" for report in reports)
        refresh = f'<meta http-equiv="refresh" content="{REFRESH_SECONDS}">' if running else ""
        rows = "".join(
            f'<li><a href="{html.escape(self._page_of(report, reports).name)}">'
            f"{html.escape(report.run.domain)}</a>: {html.escape(report.outcome.title)}</li>"
            for report in reports
        )
        return _LIST.format(refresh=refresh, body=f"<ul>{rows}</ul>")


_LIST = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">{refresh}
<title>Migrations</title><style>body {{ margin: 3rem auto; max-width: 46rem; padding-inline: 1rem;
font: 1.125rem/1.6 system-ui, sans-serif; }} li {{ margin-block: 0.5rem; }}</style></head>
<body><h1>Migrations</h1>{body}</body></html>
"""
_WAITING = _LIST.format(
    refresh='<meta http-equiv="refresh" content="2">', body="<p>The first report of the run is being made.</p>"
)


def _replace(path: Path, text: str) -> None:
    """Write a file as a whole: a reader sees what was there or what is there now."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text)
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
