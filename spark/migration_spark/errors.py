"""Errors of the jobs; their class names are what the state machine and the operator read.

* JobError
  - SpecError            the spec, an argument or the configuration cannot be used
  - SchemaMismatch       a clone's table is not what the catalog says
  - DatabaseError        a clone refused a connection or a query
  - AuditMismatch        what was read is not what the database counts
  - UnreadableReference  a reference row does not fit the catalog's types
  - CloneChanged         a clone was written to between Bootstrap and Compare
  - RowsNotConserved     rows were lost or multiplied on the way to items
  - ExportDamaged        an export's file is not the one that its manifest describes
"""

from __future__ import annotations


class JobError(Exception):
    """Base of all errors that a job foresees."""


class SpecError(JobError):
    """The spec, an argument or the configuration cannot be used."""


class SchemaMismatch(JobError):  # noqa: N818 - the name is what an operator reads
    """A clone's table is not what the catalog says."""


class DatabaseError(JobError):
    """A clone refused a connection or a query."""


class AuditMismatch(JobError):  # noqa: N818 - the name is what an operator reads
    """What was read is not what the database counts."""


class UnreadableReference(JobError):  # noqa: N818 - the name is what an operator reads
    """A reference row does not fit the catalog's types."""


class CloneChanged(JobError):  # noqa: N818 - the name is what an operator reads
    """A clone was written to between Bootstrap and Compare."""


class RowsNotConserved(JobError):  # noqa: N818 - the name is what an operator reads
    """Rows were lost or multiplied on the way to items."""


class ExportDamaged(JobError):  # noqa: N818 - the name is what an operator reads
    """An export's file is not the one that its manifest describes."""
