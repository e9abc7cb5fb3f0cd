"""Callers of the registry: executions and people."""

from __future__ import annotations

from dataclasses import dataclass

from run_registry.documents import BOOTSTRAP

OPERATOR = "operator:"  # prefix of a holder that is no execution; an ARN never begins with it


@dataclass(frozen=True, kw_only=True)
class Caller:
    """The calling execution or person, and the run."""

    domain: str
    run: str
    execution: str
    mode: str = ""  # rehearsal or official, of a run that begins
    kind: str = BOOTSTRAP  # of a run that begins

    @property
    def is_operator(self) -> bool:
        """Return whether a person calls: only time ends a person's right, since nothing shows that the person left."""
        return self.execution.startswith(OPERATOR)
