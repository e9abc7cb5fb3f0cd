"""Deletion protection for the data of the prod stack."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi

if TYPE_CHECKING:
    from infra.naming import Naming

PROTECTED_STACKS = frozenset({"prod"})


def holds_data(naming: Naming, parent: pulumi.Resource) -> pulumi.ResourceOptions:
    """Return the options of a resource that holds data: in prod, neither a mistaken `down` nor an edit deletes it."""
    kept = naming.stack in PROTECTED_STACKS
    return pulumi.ResourceOptions(parent=parent, protect=kept, retain_on_delete=kept)
