"""A second person's approval: what it is of, and who may give it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.errors import UsageError

if TYPE_CHECKING:
    from runner.account.environments import Environment


def refuse_unapproved(environment: Environment, what: str, requested_by: str, approved_by: str | None) -> None:
    """Refuse what needs a second person's approval and has none.

    The names are what the operator says; the reviewers of a GitHub environment are who GitHub knows.

    Raises:
        UsageError: Nobody approved, where the stack asks for it, or the requester did.
    """
    approver = (approved_by or "").strip()
    if approver.lower() == requested_by.strip().lower():
        raise UsageError(f"--approved-by: {approver} asks for {what}; a second person has to approve it")
    if environment.second_person and not approver:
        raise UsageError(
            f"{what} needs a second person's approval in {environment.name} (secondPerson in the stack file): "
            "add --approved-by NAME"
        )
