"""The clones, locks and tables that exist when the report is made."""

from __future__ import annotations

from typing import Annotated

from pydantic import WithJsonSchema

from runner.report.model.base import Amount, Moment, Section

LockState = Annotated[str, WithJsonSchema({"enum": ["RUNNING", "FAILED"]})]


class TableSettings(Section):
    """The settings of a table, as DescribeTable shows them."""

    billing_mode: str
    """PAY_PER_REQUEST or PROVISIONED."""
    capacity: str
    """The capacity in words."""
    table_class: str
    """STANDARD or STANDARD_INFREQUENT_ACCESS."""
    kms_key: str | None
    """The KMS key that encrypts the table; null for DynamoDB's own key."""
    stream: str | None
    """The Kinesis stream that the catalog names; null without one, and for a rehearsal."""
    deletion_protection: bool
    """Whether the table is protected from deletion."""


class ExistingTable(Section):
    """A DynamoDB table of the domain that exists."""

    name: str
    """The name in DynamoDB."""
    arn: str
    """The ARN."""
    status: str
    """The state."""
    run: str | None
    """The run that created the table, by its tag."""
    settings: TableSettings
    """The settings, as DescribeTable shows them."""


class Lock(Section):
    """The lock of a domain."""

    domain: str
    """The domain."""
    run: str
    """The run that holds the lock."""
    state: LockState
    """Whether that run is running, or failed and keeps the clones for its next attempt."""
    since: Moment
    """When the run took the lock."""


class RemainingClone(Section):
    """A clone that exists."""

    name: str
    """The identifier of the clone."""
    source: str
    """The cluster that was cloned."""
    run: str | None
    """The run that created the clone."""
    domain: str | None
    """The domain of that run."""
    mode: str | None
    """The mode of that run."""
    age_seconds: Amount | None
    """The age at `generatedAt`."""
    status: str
    """The state in RDS."""
    created_at: Moment | None
    """When it was created."""
    instance_classes: tuple[str, ...]
    """The classes of its instances."""
    usd_per_hour: Amount | None
    """The cost of its instances; null if a class has no price."""


class Remains(Section):
    """The clones, locks and tables that exist at `generatedAt`."""

    clones: tuple[RemainingClone, ...]
    """The clones of the stack, whichever run made them."""
    clones_usd_per_hour: Amount | None
    """The cost of the instances of all clones; null if one has no price."""
    held_by: tuple[Lock, ...]
    """The locked domains. While a lock exists, no clone is destroyed."""
    tables: tuple[ExistingTable, ...]
    """The DynamoDB tables of this domain and mode that exist."""
