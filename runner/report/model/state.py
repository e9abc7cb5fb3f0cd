"""The state of a domain's tables: the instants that they represent, and the live mark."""

from __future__ import annotations

from typing import Literal

from runner.report.inputs.base import Kind
from runner.report.model.base import Moment, Section


class Live(Section):
    """The domain's live mark."""

    instant: Moment | None
    """When applications began to write to the tables."""
    run: str
    """The run whose MATCH allowed the cut-over."""
    by: str
    """Who cut the domain over."""
    confirmed: bool
    """False while an interrupted cut-over is incomplete."""
    verdict: Literal["PENDING", "MATCH", "MISMATCH"]
    """The result of the comparison after a cut-over that preceded its verdict; any other cut-over follows a MATCH."""


class Proven(Section):
    """The state that the last MATCH proved of the tables of the run's mode."""

    run: str
    """The run that matched last."""
    kind: Kind
    """The kind of that run."""
    proven_at: Moment | None
    """When the run proved the tables."""
    is_this_run: bool
    """Whether that is the run of this report."""
    first: Moment | None
    """When that run cloned its first cluster. The tables hold what each cluster held when it was cloned."""
    last: Moment | None
    """When that run cloned its last cluster."""
    changing: str | None
    """A run that has begun to write since and has not matched: the tables are between two instants."""


class State(Section):
    """The state that the tables of the domain represent at `generatedAt`, and whether they are live."""

    proven: Proven | None
    """The state that the last MATCH proved of the tables of the run's mode; null before one."""
    live: Live | None
    """The domain's live mark; null before a cut-over, and for a rehearsal."""
