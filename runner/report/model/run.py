"""The run, its executions and its failure."""

from __future__ import annotations

from typing import Literal

from runner.report.inputs.base import Kind, Mode
from runner.report.model.base import AccountId, Amount, Count, Moment, Number, Section


class Phase(Section):
    """A phase of an execution."""

    name: str
    """The name of the phase."""
    started_at: Moment
    """The start."""
    ended_at: Moment | None
    """The end; null while it runs."""
    seconds: Amount | None
    """The duration; null while it runs."""
    elapsed_seconds: Number
    """The duration, up to `generatedAt` while it runs."""
    outcome: Literal["done", "failed", "running"]
    """The result of the phase."""


class Attempt(Section):
    """One execution of the run."""

    name: str
    """The name of the execution."""
    kind: Kind
    """The kind of the execution."""
    arn: str
    """The ARN."""
    link: str
    """The page in the console."""
    status: str
    """The state."""
    error: str | None
    """The name of the failure."""
    started_at: Moment
    """The start."""
    ended_at: Moment | None
    """The end; null while it runs."""
    seconds: Amount | None
    """The duration; null while it runs."""
    elapsed_seconds: Number
    """The duration, up to `generatedAt` while it runs."""
    phases: tuple[Phase, ...]
    """In the order they were entered."""


class FailedItem(Section):
    """A clone or table that failed."""

    name: str
    """The clone or table."""
    error: str
    """The name of the failure."""
    cause: str
    """What happened."""
    link: str | None
    """The page of its own execution in the console; null if it has none."""


class Failure(Section):
    """The failure that ended the newest attempt."""

    error: str
    """The name of the failure."""
    cause: str
    """What happened, and what to do."""
    phase: str | None
    """The phase that failed."""
    items: tuple[FailedItem, ...]
    """The clones or tables that failed, each with its own cause."""
    runbook: str
    """
    The section of the runbook: a page at GitHub, or a path in the repository if the stack names no repository.
    """


class Run(Section):
    """The request, who made it, and the duration over all attempts."""

    id: str
    """The run id; by default the name of the first execution."""
    kind: Kind
    """
    bootstrap creates tables; catch-up and repair write differences to existing ones; verification exports and compares
    again.
    """
    domain: str
    """The domain of the catalog."""
    environment: str
    """The stack."""
    account: AccountId
    """The AWS account."""
    region: str
    """The Region."""
    mode: Mode
    """A rehearsal writes <Table>-rehearsal and enables no stream."""
    parallelism: Count | None
    """Clusters and tables at once; null for the default, or if it is not known."""
    requested_by: str | None
    """Who started the newest attempt, by its input."""
    approved_by: str | None
    """The second person who approved it, by its input; null if the input names nobody."""
    keep_clones: bool | None
    """Whether the clones are kept after a success."""
    state_machine_arn: str | None
    """The ARN of the state machine."""
    started_at: Moment | None
    """The start of the first attempt."""
    ended_at: Moment | None
    """The end of the newest attempt."""
    seconds: Amount | None
    """From the start of the first attempt to the end of the newest one, with the pauses between them."""
    elapsed_seconds: Number | None
    """The same, up to `generatedAt` while the run is running; null if no execution is known."""
    dashboard: str
    """The stack's dashboard in CloudWatch."""
