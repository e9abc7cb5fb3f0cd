"""The plan of a catch-up as text: the base, the write stop and the findings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from runner.formatting import minute, second
from runner.labels import duration
from runner.plan.grid import UNKNOWN, count, grid, section

if TYPE_CHECKING:
    from runner.plan.catch_up.model import CatchUpPlan

_PLAIN_WIDTH = 200  # nothing wraps in a pipe
_LEVELS = (
    ("unchecked", "Not checked", "dim"),
    ("warns", "May be wrong", "yellow"),
    ("fails", "Would fail", "bold red"),
)


def render(plan: CatchUpPlan, console: Console) -> None:
    """Write the plan."""
    out = console if console.is_terminal else Console(file=console.file, width=_PLAIN_WIDTH, no_color=True)
    where = f"{plan.mode}, {plan.environment} ({plan.account}, {plan.region}), {minute(plan.moment, ' UTC')}"
    out.print(Text.assemble((f"Plan of a catch-up of {plan.domain}", "bold"), f", {where}"))
    _base(plan, out)
    _times(plan, out)
    _findings(plan, out)
    out.print()
    out.print(_verdict(plan), soft_wrap=True)


def _base(plan: CatchUpPlan, out: Console) -> None:
    if plan.base is None:
        return
    base, now = plan.base, plan.moment
    table = grid("table", ">items", ">changes to expect", "from")
    for known in base.tables:
        table.add_row("", known.name, count(known.items), count(known.changes), known.source)
    section(out, f"Base: the {base.kind} {base.run}", table)
    proven = duration((now - base.proven_at).total_seconds())
    oldest = min(base.instants.values(), default=base.proven_at)
    text = f"  proven {proven} ago; the tables represent the clusters as of {second(oldest)} or later"
    out.print(Text(text, "dim"), soft_wrap=True)


def _times(plan: CatchUpPlan, out: Console) -> None:
    table = grid("phase", ">expected", ">with --verify-after", "from")
    for phase in plan.phases:
        expected = UNKNOWN if phase.seconds is None else duration(phase.seconds)
        table.add_row("", phase.name, expected, "later" if phase.proves else expected, phase.source)
    settle = duration(plan.settle_seconds)
    table.add_row("", "Settle", "", settle, "nobody writes in the minute around the instant of the exports")
    sums = (plan.stop_seconds, plan.stop_seconds_verify_after)
    table.add_row("", Text("together", "bold"), *[Text(_about(seconds), "bold") for seconds in sums], "")
    section(out, "Write stop", table)
    out.print(Text("  --keep-clones leaves Destroy out; the cut-over itself takes seconds", "dim"), soft_wrap=True)


def _findings(plan: CatchUpPlan, out: Console) -> None:
    for line in plan.notes:
        out.print(f"  {line}", soft_wrap=True, markup=False, highlight=False)
    for level, title, style in _LEVELS:
        findings = [finding for finding in plan.all_findings if finding.level == level]
        if findings:
            out.print()
            out.print(Text(title, style))
        for finding in findings:
            out.print(Text(f"  {finding.about}: {finding.what}", style), soft_wrap=True)
            out.print(f"    {finding.todo}", soft_wrap=True, markup=False, highlight=False)


def _about(seconds: float | None) -> str:
    return UNKNOWN if seconds is None else duration(seconds)


def _verdict(plan: CatchUpPlan) -> Text:
    if not plan.would_go:
        reasons = "1 reason" if len(plan.findings) == 1 else f"{len(plan.findings)} reasons"
        return Text(f"This catch-up would fail, for {reasons}. Nothing was created.", "bold red")
    if plan.stop_seconds is None or plan.stop_seconds_verify_after is None:
        return Text("Ready to start: no problems found. The length of the write stop is unknown.", "bold green")
    long, short = duration(plan.stop_seconds), duration(plan.stop_seconds_verify_after)
    return Text(
        f"Ready to start: no problems found. The write stop takes about {long}, with --verify-after about {short}.",
        "bold green",
    )
