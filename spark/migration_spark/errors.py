"""Errors of the jobs; the state machine and the operator read their class names.

* JobError
  - SpecError            the spec, an argument or the configuration cannot be used
  - ReleaseChanged       the job's release is not the run's
  - SchemaMismatch       a clone's table differs from the catalog
  - ColumnsNotListed     a source has a column that the catalog neither reads nor leaves out
  - SourceNotVisible     the reader cannot be proven to see every row and column of a source
  - SourceNotCloned      a physical clone does not carry the source, or reads it elsewhere
  - DatabaseError        a clone refused a connection or a query
  - AuditMismatch        the rows read differ from the database's counts
  - UnreadableReference  a reference row does not fit the catalog's types
  - CloneChanged         a clone was written to between Bootstrap and Compare
  - RowsNotConserved     rows were lost or multiplied on the way to items
  - RawRowsMissing       raw rows that Bootstrap landed no longer exist
  - ExportDamaged        an export's file is not the file that its manifest describes
  - BaseNotFound         the proven run's items no longer exist or cannot be used
  - TooManyDeletions     more items would be deleted than the catalog or the command allows
  - TooManyChanges       more items would be put or deleted than the catalog or the command allows
  - DiskFull             a worker's local disk is full
  - MemoryExhausted      a worker ran out of memory
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from migration_spark import redaction

if TYPE_CHECKING:
    from collections.abc import Sequence


class JobError(Exception):
    """Base of all errors that the jobs raise themselves; the message quotes no row, `values` may.

    The message leaves the account in notices, logs and reports. `values` stays in the bucket.
    """

    values: Sequence[str] = ()
    # Whether resuming the run can help, with no change or with the change that the message names.
    is_resumable = False

    def add(self, sentence: str) -> None:
        """Append a sentence to the message unless it already has it."""
        if sentence not in str(self):
            self.args = (f"{str(self).rstrip('.')}. {sentence}",)


class SpecError(JobError):
    """The spec, an argument or the configuration cannot be used."""


class ReleaseChanged(JobError):  # noqa: N818 - the name is what an operator reads
    """The job's release is not the run's, or not the one that its S3 prefix names."""


class SchemaMismatch(JobError):  # noqa: N818 - the name is what an operator reads
    """A clone's table differs from the catalog."""


class ColumnsNotListed(JobError):  # noqa: N818 - the name is what an operator reads
    """A source has a column that the catalog neither reads nor leaves out."""


class SourceNotVisible(JobError):  # noqa: N818 - the name is what an operator reads
    """The reader cannot be proven to see every row and column of a source."""


class SourceNotCloned(JobError):  # noqa: N818 - the name is what an operator reads
    """A physical clone does not carry the source, or reads it elsewhere."""


class DatabaseError(JobError):
    """A clone refused a connection or a query; has the database's message and codes, and the remedy."""

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
    """The rows read differ from the database's counts."""

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
    """Raw rows that Bootstrap landed no longer exist."""


class ExportDamaged(JobError):  # noqa: N818 - the name is what an operator reads
    """An export's file is not the file that its manifest describes."""


class BaseNotFound(JobError):  # noqa: N818 - the name is what an operator reads
    """The proven run's items no longer exist or cannot be used."""


class TooManyDeletions(JobError):  # noqa: N818 - the name is what an operator reads
    """More items would be deleted than the catalog or the command allows."""


class TooManyChanges(JobError):  # noqa: N818 - the name is what an operator reads
    """More items would be put or deleted than the catalog or the command allows."""


class DiskFull(JobError):  # noqa: N818 - the name is what an operator reads
    """A worker's local disk is full."""


class MemoryExhausted(JobError):  # noqa: N818 - the name is what an operator reads
    """A worker ran out of memory."""
