"""Start of requests of any kind: checks, plan, confirmation, executions and progress."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from runner.account.clone_ages import existing
from runner.account.environments import find_machine
from runner.account.requests import approved
from runner.account.requests import start as start_execution
from runner.commands.confirmation import confirm
from runner.commands.follow.watch import watch
from runner.commands.start.preflight import plan_first
from runner.console import complain, say, write_json

if TYPE_CHECKING:
    from runner.account.environments import Environment
    from runner.account.requests import Request


@dataclass(frozen=True, kw_only=True)
class StartOptions:
    """The options of a start."""

    skip_plan: bool
    yes: bool
    detach: bool
    for_minutes: float | None
    as_json: bool


def begin(environment: Environment, requests: list[Request], options: StartOptions) -> None:
    """Check all requests, plan, confirm, start them, and follow."""
    for request in requests:
        approved(environment, request).check(environment.catalog)
        find_machine(environment, request.domain, catch_up=request.is_catch_up)
    tell = complain if options.as_json else say
    migrations = [request for request in requests if not request.is_catch_up and not request.verify]
    if migrations and not options.skip_plan:
        plan_first(environment, migrations, tell)
    official = [request.domain for request in requests if request.mode == "official" and not request.verify]
    if official:
        named = f"{' and '.join(official)} in {environment.name}, account {environment.account},"
        what = (
            f"An official run of {named} makes the tables of production's names and enables their streams."
            if migrations
            else f"A {requests[0].word} of {named} writes to the tables of production's names what differs from Aurora."
        )
        confirm(f"{what} {existing(environment)}", official, yes=options.yes)
    started = []
    for request in requests:
        started.append((request, start_execution(environment, request)))
        tell(f"started {started[-1][1]}")  # at once: whatever happens next, the execution runs
    if not options.detach:
        watch(environment, [arn for _, arn in started], for_minutes=options.for_minutes, as_json=options.as_json)
    elif options.as_json:
        write_json({"executions": [{"domain": r.domain, "arn": arn, "input": r.input()} for r, arn in started]})
