"""The approval of a second person: which actions need it, and who may give it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.errors import UsageError

if TYPE_CHECKING:
    from runner.account.environments import Environment


def refuse_unapproved(environment: Environment, what: str, requested_by: str, approved_by: str | None) -> None:
    """Raise an error if the action needs a second person's approval and has none.

    The runner takes the names that the operator passes; only a GitHub environment verifies its reviewers.

    Raises:
        UsageError: The stack needs an approval and nobody approved, or the requester approved.
    """
    approver = (approved_by or "").strip()
    if approver.lower() == requested_by.strip().lower():
        raise UsageError(f"--approved-by: {approver} asks for {what}; a second person has to approve it")
    if environment.second_person and not approver:
        raise UsageError(
            f"{what} needs a second person's approval in {environment.name} (secondPerson in the stack file): "
            "add --approved-by NAME"
        )
