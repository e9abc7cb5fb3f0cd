"""`release-clones`: destroy the clones of runs that nobody will resume."""

from __future__ import annotations

import datetime as dt
import getpass
from typing import TYPE_CHECKING, Annotated

import typer

from runner.account.approval import refuse_unapproved
from runner.account.clones import clones, cost_text, show_clones
from runner.account.environments import load_environment
from runner.account.executions import domains, newest_first
from runner.account.functions import Functions
from runner.account.registry import locks, seal
from runner.commands import app
from runner.commands.confirmation import confirm
from runner.commands.options import ApprovedByOption, EnvironmentOption, JsonOption
from runner.commands.release_clones.release import Release
from runner.console import FAILED, INTERRUPTED, complain, errors, say, write_json
from runner.errors import FunctionError, UsageError
from runner.formatting import clock

if TYPE_CHECKING:
    from runner.account.environments import Environment
    from runner.account.registry import Lock
    from runner.commands.release_clones.release import Released


@app.command("release-clones", epilog="Example: migrate release-clones --environment test")
def release_clones(
    environment: EnvironmentOption,
    approved_by: ApprovedByOption = None,
    yes: Annotated[bool, typer.Option("--yes", help="Destroy without asking.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Give up failed runs that nobody will resume, and destroy their clones.

    The command shows the clones with age and cost, and asks. It fails while a domain is running. Tables and reports
    stay.
    """
    target = load_environment(environment)
    refuse_unapproved(target, "the release of clones", getpass.getuser(), approved_by)
    held, existing = locks(target), clones(target)
    _refuse_running(target, held)
    if not held and not existing:
        say("There are no clones, and no run to give up.") if not as_json else write_json({"destroyed": [], "kept": {}})
        return
    tell = complain if as_json else say
    release = Release(Functions(target), tell, approved_by=approved_by or "")
    unproven = {name: reason for name, reason in release.proofs(existing).items() if reason}
    show_clones(existing, dt.datetime.now(dt.UTC), errors)
    complain(f"They cost {cost_text(existing)}.")
    for name, reason in unproven.items():
        complain(f"{name} is not destroyed: {reason}")
    what = f"This destroys {len(existing) - len(unproven)} clones in {target.name}, account {target.account}" + (
        f", and gives up {', '.join(f'{lock.domain} (run {lock.run}: {lock.error or lock.state})' for lock in held)}."
        if held
        else "."
    )
    for lock in held:
        if lock.changing:
            complain(
                f"{lock.domain}: the {lock.kind} {lock.run} has begun to write. Given up, its tables stay between two "
                "instants, and no catch-up has a base until it is repaired or the domain is bootstrapped again."
            )
    confirm(what, [target.name], yes=yes)
    try:
        released = release.carry_out(
            held, [clone for clone in existing if clone.name not in unproven], domains(target.catalog)[0]
        )
    except (KeyboardInterrupt, FunctionError) as error:
        _tell_seal(target)
        if isinstance(error, KeyboardInterrupt):
            raise typer.Exit(INTERRUPTED) from None
        raise UsageError(f"{error}; some clones may be left: call it again") from error
    released.kept |= unproven
    _tell(released, as_json=as_json)
    if not released.whole:
        raise typer.Exit(FAILED)


def _refuse_running(environment: Environment, held: list[Lock]) -> None:
    """Raise an error for a running domain; the registry checks again, and also knows executions older than 90 days."""
    names = domains(environment.catalog)
    running = {arn for domain in names for arn in newest_first(environment, domain, "RUNNING")}
    for lock in held:
        if lock.execution in running:
            raise UsageError(
                f"{lock.domain} is running (run {lock.run}) and needs the clones; nothing was destroyed. "
                f"Follow it: migrate follow {lock.execution}"
            )


def _tell_seal(environment: Environment) -> None:
    left = seal(environment)
    if left and left.expires:
        complain(
            f"The right to destroy ends {clock(left.expires)} by itself; until then nobody gets new clones. "
            f"What is left: migrate status --environment {environment.name}"
        )


def _tell(released: Released, *, as_json: bool) -> None:
    if as_json:
        write_json(released.document())
        return
    if released.reason:
        complain(released.reason)
    for name, reason in released.kept.items():
        complain(f"{name} is left: {reason}")
    say(f"{len(released.destroyed)} clones are destroyed.")
