"""Approvals by a second person of an operator's requests, required by the stack's setting and kept as records."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from run_registry.callers import OPERATOR
from run_registry.errors import NotApprovedError

if TYPE_CHECKING:
    from run_registry.store import Store

# Operations that cannot be undone: no run writes to live tables any more, and a destroyed clone is gone.
APPROVED_OPERATIONS = ("cutOver", "release")
_RANDOM_CHARACTERS = 13  # a hyphen and twelve digits end an operator's name


@dataclass(frozen=True)
class Approval:
    """The requester and the approver of an operation; the approver is empty if the stack requires none."""

    operation: str
    domain: str
    run: str
    requested_by: str
    approved_by: str
    at: str

    @property
    def key(self) -> str:
        """Return the key of its record, which no later record replaces."""
        return f"status/approved/{self.operation}/{self.domain}/{self.at}.json"


def approval(event: dict[str, Any], at: str, *, is_needed: bool) -> Approval | None:
    """Return the approval of an operator's event, or None if the operation needs none.

    Raises:
        NotApprovedError: The stack requires a second person, and the event names none.
    """
    operation, holder = str(event["operation"]), str(event["execution"])
    if operation not in APPROVED_OPERATIONS or not holder.startswith(OPERATOR):
        return None
    requester = holder.removeprefix(OPERATOR)[:-_RANDOM_CHARACTERS]
    approver = str(event.get("approvedBy") or "").strip()
    if is_needed and (not approver or approver.lower() == requester.lower()):
        who = f"{approver!r}, the requester" if approver else "nobody"
        raise NotApprovedError(
            f"{operation}: the approver is {who}. The stack requires a second person (secondPerson): add "
            "--approved-by NAME. Nothing was done"
        )
    return Approval(operation, str(event["domain"]), str(event["run"]), requester, approver, at)


def record(store: Store, approval: Approval | None) -> None:
    """Store an approval beside the domain's status; a repeated call changes nothing."""
    if approval is not None and approval.approved_by:
        store.put_new(approval.key, json.dumps({**asdict(approval), "version": 1}, sort_keys=True))
