"""Requests to start an execution: their checks, the input and the start."""

from __future__ import annotations

import datetime as dt
import getpass
import json
import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from catalog.loader import load_catalog
from runner.account.approval import refuse_unapproved
from runner.account.environments import find_machine
from runner.account.executions import ALL, domains
from runner.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from runner.account.environments import Environment
    from runner.account.executions import Execution

MODES = ("rehearsal", OFFICIAL := "official")
MOST_PARALLEL = 40
MOST_WRITES = 1_000_000
_WHOLE_PERCENT = 100
_NAME = re.compile(r"[A-Za-z0-9._-]{1,64}")


@dataclass(frozen=True)
class Request:
    """An operator's request for a run."""

    domain: str
    mode: str = "rehearsal"
    parallelism: int = 9
    run_id: str | None = None
    jar_key: str | None = None
    keep_clones: bool = False
    requested_by: str | None = None
    is_catch_up: bool = False  # or a repair, on the domain's second state machine
    repair: bool = False
    max_delete_percent: float | None = None
    max_change_percent: float | None = None
    writes_per_second: int | None = None
    tables: tuple[str, ...] = ()  # tables of a rehearsal; empty means all tables of the domain
    verify: bool = False  # only export and compare a run that matched
    approved_by: str | None = None  # the second person

    @property
    def requester(self) -> str:
        """Return the requester."""
        return self.requested_by or getpass.getuser()

    @property
    def word(self) -> str:
        """Return the request's kind, as a word of the execution's name."""
        if self.verify:
            return "verification"
        if not self.is_catch_up:
            return self.mode
        return "repair" if self.repair else "catch-up"

    def check(self, catalog: Path) -> None:
        """Raise an error for values that the state machine would reject; `catalog` is the environment's.

        Raises:
            UsageError: An option is wrong; the message names it and the valid values.
        """
        known = domains(catalog)
        if self.domain not in known:
            raise UsageError(f"--domain: {self.domain!r} is not in the catalog; there are {', '.join(known)}")
        if self.mode not in MODES:
            raise UsageError(f"--mode: {self.mode!r} must be {' or '.join(MODES)}")
        if not 1 <= self.parallelism <= MOST_PARALLEL:
            raise UsageError(f"--parallelism: {self.parallelism} must be 1 to {MOST_PARALLEL}")
        if self.run_id is not None and not _NAME.fullmatch(self.run_id):
            raise UsageError(f"--run-id: {self.run_id!r} must match {_NAME.pattern}")
        self._check_tables(catalog)
        if self.max_delete_percent is not None and not 0 <= self.max_delete_percent <= _WHOLE_PERCENT:
            raise UsageError(f"--max-delete-percent: {self.max_delete_percent} must be 0 to {_WHOLE_PERCENT}")
        # New items count too, so changes can exceed 100 %.
        if self.max_change_percent is not None and not 0 <= self.max_change_percent < math.inf:
            raise UsageError(f"--max-change-percent: {self.max_change_percent} must be 0 or more")
        if self.writes_per_second is not None and not 1 <= self.writes_per_second <= MOST_WRITES:
            raise UsageError(f"--writes-per-second: {self.writes_per_second} must be 1 to {MOST_WRITES}")

    def _check_tables(self, catalog: Path) -> None:
        named = load_catalog(catalog).domains[self.domain].tables if self.tables else ()
        known = [table.name for table in named]
        unknown = [name for name in self.tables if name not in known]
        if unknown:
            raise UsageError(
                f"--table: {', '.join(unknown)} is not a table of {self.domain}; its tables are {', '.join(known)}"
            )
        if self.tables and self.mode == OFFICIAL:
            raise UsageError("--table is for a rehearsal: an official run migrates every table of its domain")

    def input(self) -> dict[str, Any]:
        """Return the execution's input."""
        fields = {
            "mode": self.mode,
            "parallelism": self.parallelism,
            "runId": self.run_id,
            "jarKey": self.jar_key,
            "keepClones": self.keep_clones,
            "requestedBy": self.requester,
            "approvedBy": self.approved_by,
            "repair": self.repair or None,
            "tables": list(dict.fromkeys(self.tables)) or None,
            "verify": self.verify or None,
            "maxDeletePercent": self.max_delete_percent,
            "maxChangePercent": self.max_change_percent,
            "writesPerSecond": self.writes_per_second,
        }
        return {name: value for name, value in fields.items() if value is not None}


def chosen_domains(named: list[str], catalog: Path) -> list[str]:
    """Return the requested domains without repetition; `all` means all of the catalog."""
    return list(dict.fromkeys(domain for name in named for domain in (domains(catalog) if name in ALL else [name])))


def resumed(execution: Execution, jar_key: str | None = None) -> Request:
    """Return the request that resumes an execution, with the release that the execution was started with.

    If the execution rejected that release, the run keeps the one that wrote its items.
    """
    request = execution.input
    same = None if execution.error == "ReleaseChanged" else request.get("jarKey")
    return Request(
        execution.domain,
        mode_of(execution),
        int(request.get("parallelism", Request.parallelism)),
        execution.run,
        jar_key or same,
        bool(request.get("keepClones", False)),
        is_catch_up=execution.is_catch_up,
        repair=bool(request.get("repair", False)),
        max_delete_percent=request.get("maxDeletePercent"),
        max_change_percent=request.get("maxChangePercent"),
        writes_per_second=request.get("writesPerSecond"),
        tables=tuple(request.get("tables", ())),
        verify=bool(request.get("verify", False)),
        approved_by=_still_approved_by(request.get("approvedBy")),
    )


def _still_approved_by(approver: str | None) -> str | None:
    """Return the approver of a run, unless this user, who requests the next attempt, approved it."""
    return None if approver and approver.lower() == getpass.getuser().lower() else approver


def approved(environment: Environment, request: Request) -> Request:
    """Return the request with the approval that the stack needs for an official one.

    Raises:
        UsageError: The approval is missing, or the requester approved.
    """
    if (request.mode == OFFICIAL and not request.verify) or request.approved_by:
        what = f"an official {request.word if request.is_catch_up else 'run'} of {request.domain}"
        refuse_unapproved(environment, what, request.requester, request.approved_by)
    return request


def mode_of(execution: Execution) -> str:
    """Return the mode of an execution; its input may omit it."""
    return str(execution.input.get("mode", OFFICIAL if execution.is_catch_up else MODES[0]))


def start(environment: Environment, request: Request) -> str:
    """Start the execution and return its ARN.

    Raises:
        UsageError: The execution could not start.
    """
    approved(environment, request).check(environment.catalog)
    machine = find_machine(environment, request.domain, catch_up=request.is_catch_up)
    moment = dt.datetime.now(dt.UTC).strftime("%Y%m%d-%H%M%S-%f")[:-3]
    try:
        answer = environment.client("stepfunctions").start_execution(
            stateMachineArn=machine,
            name=f"{request.domain}-{request.word}-{moment}",
            input=json.dumps(request.input()),
        )
    except ClientError as error:
        raise UsageError(f"{machine} could not be started: {error}") from error
    return str(answer["executionArn"])
