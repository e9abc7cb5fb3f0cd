"""Who asks the registry: an execution, or a person."""

from __future__ import annotations

from dataclasses import dataclass

from run_registry.documents import BOOTSTRAP

OPERATOR = "operator:"  # begins the holder's name where no execution holds the seal: an ARN begins otherwise


@dataclass(frozen=True, kw_only=True)
class Caller:
    """Who asks: the execution, and what it runs."""

    domain: str
    run: str
    execution: str
    mode: str = ""  # rehearsal or official, of a run that begins
    kind: str = BOOTSTRAP  # of a run that begins

    @property
    def is_operator(self) -> bool:
        """Return whether a person asks, whose life nothing tells: only time ends what is given to one."""
        return self.execution.startswith(OPERATOR)
