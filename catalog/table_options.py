"""Options of a DynamoDB table: how it is billed and stored."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from catalog.names import Entry

BillingMode = Literal["PAY_PER_REQUEST", "PROVISIONED"]
TableClass = Literal["STANDARD", "STANDARD_INFREQUENT_ACCESS"]


class Capacity(Entry):
    """Read and write units per second."""

    read: int = Field(ge=1)
    """Read units per second."""
    write: int = Field(ge=1)
    """Write units per second."""
