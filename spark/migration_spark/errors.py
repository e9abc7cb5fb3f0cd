"""Errors of the jobs; their class names are what the state machine and the operator read.

* JobError
  - SpecError            the spec, an argument or the configuration cannot be used
  - ReleaseChanged       the job is of another release than the run
  - SchemaMismatch       a clone's table is not what the catalog says
  - ColumnsNotListed     a source has a column that the catalog neither reads nor leaves out
  - SourceNotVisible     the reader cannot be proven to see every row and column of a source
  - SourceNotCloned      a physical clone does not carry the source, or reads it elsewhere
  - DatabaseError        a clone refused a connection or a query
  - AuditMismatch        what was read is not what the database counts
  - UnreadableReference  a reference row does not fit the catalog's types
  - CloneChanged         a clone was written to between Bootstrap and Compare
  - RowsNotConserved     rows were lost or multiplied on the way to items
  - RawRowsMissing       the raw rows that Bootstrap landed are no longer there
  - ExportDamaged        an export's file is not the one that its manifest describes
  - BaseNotFound         the items that the tables were proven to hold are not there, or of no use
  - TooManyDeletions     more items would be deleted than the catalog or the command allows
  - TooManyChanges       more items would be put or deleted than that
  - DiskFull             a worker's local disk is full
  - MemoryExhausted      a worker ran out of memory
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from migration_spark import redaction

if TYPE_CHECKING:
    from collections.abc import Sequence


class JobError(Exception):
    """Base of all errors that a job foresees; its message quotes no row, `values` does.

    The message leaves the account in notices, logs and reports. `values` stays in the bucket.
    """

    values: Sequence[str] = ()
    # Whether nothing has to be changed in the catalog or the run before it is resumed, or the message says what.
    is_resumable = False

    def add(self, sentence: str) -> None:
        """Add what to do last, once."""
        if sentence not in str(self):
            self.args = (f"{str(self).rstrip('.')}. {sentence}",)


class SpecError(JobError):
    """The spec, an argument or the configuration cannot be used."""


class ReleaseChanged(JobError):  # noqa: N818 - the name is what an operator reads
    """The job is of another release than the run, or than its place says."""


class SchemaMismatch(JobError):  # noqa: N818 - the name is what an operator reads
    """A clone's table is not what the catalog says."""


class ColumnsNotListed(JobError):  # noqa: N818 - the name is what an operator reads
    """A source has a column that the catalog neither reads nor leaves out."""


class SourceNotVisible(JobError):  # noqa: N818 - the name is what an operator reads
    """The reader cannot be proven to see every row and column of a source."""


class SourceNotCloned(JobError):  # noqa: N818 - the name is what an operator reads
    """A physical clone does not carry the source, or reads it elsewhere."""


class DatabaseError(JobError):
    """A clone refused a connection or a query; with the database's own words and codes, and what to change."""

    is_resumable = True

    def __init__(self, about: str, *, words: str = "", state: str = "", code: int = 0, remedy: str = "") -> None:
        said = redaction.database_words(words, state, code) if words else ""
        if said == words and (state or code):
            said += f" ({redaction.database_codes(state, code)})"
        super().__init__(
            ". ".join(part.rstrip(".") for part in (f"{about}: {said}" if said else about, remedy) if part)
        )
        self.words, self.state, self.code = words, state, code
        self.values = [words] if words else []


class AuditMismatch(JobError):  # noqa: N818 - the name is what an operator reads
    """What was read is not what the database counts."""

    is_resumable = True


class UnreadableReference(JobError):  # noqa: N818 - the name is what an operator reads
    """A reference row does not fit the catalog's types."""


class CloneChanged(JobError):  # noqa: N818 - the name is what an operator reads
    """A clone was written to between Bootstrap and Compare."""


class RowsNotConserved(JobError):  # noqa: N818 - the name is what an operator reads
    """Rows were lost or multiplied on the way to items."""

    def __init__(self, message: str, values: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.values = values


class RawRowsMissing(JobError):  # noqa: N818 - the name is what an operator reads
    """The raw rows that Bootstrap landed are no longer there."""


class ExportDamaged(JobError):  # noqa: N818 - the name is what an operator reads
    """An export's file is not the one that its manifest describes."""


class BaseNotFound(JobError):  # noqa: N818 - the name is what an operator reads
    """The items that the tables were proven to hold are not there, or of no use."""


class TooManyDeletions(JobError):  # noqa: N818 - the name is what an operator reads
    """More items would be deleted than the catalog or the command allows."""


class TooManyChanges(JobError):  # noqa: N818 - the name is what an operator reads
    """More items would be put or deleted than the catalog or the command allows."""


class DiskFull(JobError):  # noqa: N818 - the name is what an operator reads
    """A worker's local disk is full."""


class MemoryExhausted(JobError):  # noqa: N818 - the name is what an operator reads
    """A worker ran out of memory."""
