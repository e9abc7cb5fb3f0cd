"""Options of a DynamoDB table: billing, encryption, storage class, and the limits of a catch-up."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints

from catalog.field_types import KMS_KEY, AttributeName, Entry

BillingMode = Literal["PAY_PER_REQUEST", "PROVISIONED"]
TableClass = Literal["STANDARD", "STANDARD_INFREQUENT_ACCESS"]
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/warm-throughput.html: a new on-demand table has
# these units warm from the start, and DynamoDB never lowers the warm throughput.
ON_DEMAND_WARM_READ, ON_DEMAND_WARM_WRITE = 12_000, 4_000


def _own_key(value: str) -> str:
    """Return the key; raise ValueError for an alias that AWS reserves for its own keys."""
    if value.lower().startswith("alias/aws/"):
        raise ValueError(f"{value!r} is a key of AWS; name a key of your own, or remove kms_key for the default key")
    return value


KmsKey = Annotated[str, StringConstraints(pattern=KMS_KEY), AfterValidator(_own_key)]


class Capacity(Entry):
    """Read and write units per second."""

    read: int = Field(ge=1)
    """Read units per second."""
    write: int = Field(ge=1)
    """Write units per second."""


class CatchUp(Entry):
    """Limits on the changes that a catch-up or a repair makes to the table."""

    max_delete_percent: float = Field(default=1, ge=0, le=100)
    """How many of the table's items may be deleted, in percent; more end the run before the first write."""
    max_change_percent: float = Field(default=25, ge=0)
    """How many items may be put or deleted, in percent of the table's; more end the run before the first write."""
    version: tuple[AttributeName, ...] = ()
    """Attributes that every writer changes; a condition checks them alone if an item is too large to compare whole."""
    writes_per_second: int = Field(default=1000, ge=1)
    """How many items may be put or deleted per second."""
