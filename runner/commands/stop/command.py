"""`stop`: end a running run, and keep everything that a resume needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from runner.account.clones import clones, cost_text
from runner.account.environments import load_environment
from runner.account.executions import ALL, find
from runner.account.functions import Functions
from runner.commands import app
from runner.commands.attempts import nothing_to
from runner.commands.confirmation import confirm
from runner.commands.options import EnvironmentOption, JsonOption
from runner.commands.stop.run import stop as stop_run
from runner.console import complain, say, write_json
from runner.errors import UsageError

if TYPE_CHECKING:
    from runner.account.environments import Environment
    from runner.account.executions import Execution


@app.command(epilog="Example: migrate stop rates-rehearsal-20260101-120000-000 --environment test")
def stop(
    run: Annotated[str, typer.Argument(metavar="RUN", help="A run id, an execution, a domain, or all.")],
    environment: EnvironmentOption,
    domain: Annotated[str | None, typer.Option(help="The domain, if several have a run with this id.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Stop without asking.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Stop a run: end its execution, cancel its Spark jobs, and mark its lock. Clones and tables stay.

    An import or export that DynamoDB has begun continues; a resume adopts it.
    """
    target = load_environment(environment)
    chosen = [e for e in find(target, run) if domain in (None, *ALL, e.domain)]
    over = [execution for execution in chosen if execution.status == "SUCCEEDED"]
    if over or not chosen:
        raise nothing_to("stop", run, over) if over else UsageError(f"nothing to stop in {run}: none of {domain}")
    tell = complain if as_json else say
    names = " and ".join(f"{execution.domain} (run {execution.run})" for execution in chosen)
    what = f"This stops {names} in {target.name}, account {target.account}. What it has done stays, and can be resumed."
    confirm(what, [execution.domain for execution in chosen], yes=yes)
    functions = Functions(target)
    stopped = [(execution, stop_run(target, functions, execution, tell)) for execution in chosen]
    _tell_rest(target, stopped, as_json=as_json)


def _tell_rest(environment: Environment, stopped: list[tuple[Execution, str]], *, as_json: bool) -> None:
    """Print what remains of the stopped runs, and the next commands."""
    kept = clones(environment)
    runs: list[dict[str, Any]] = [
        {"domain": execution.domain, "run": execution.run, "held": status == "RECORDED"}
        for execution, status in stopped
    ]
    if as_json:
        write_json({"stopped": runs, "clones": [clone.name for clone in kept]})
        return
    for facts in runs:
        lock = "its lock is marked RunStopped" if facts["held"] else "it holds no lock"
        say(f"{facts['domain']}: run {facts['run']} is stopped; {lock}.")
        say(f"  resume it: migrate resume {facts['run']} --environment {environment.name}")
    if kept:
        say(f"{len(kept)} clones are kept: {cost_text(kept)}.")
        say(f"  destroy them if nobody resumes: migrate release-clones --environment {environment.name}")
