"""Errors of the table writer. The state machine matches them by class name, so renaming one is a breaking change.

* WriterError
  - InvalidEventError      a field of the event is missing or wrong
  - CallerRefusedError     the ARN of the invocation does not permit the call
  - ExecutionEndedError    the caller's execution has ended before this call
  - ExecutionUnknownError  Step Functions does not know the caller yet; the state machine retries this name
  - TableReplacedError     the table is gone, or is not the proven one
  - DomainIsLiveError      the table has the tag of a cut-over
  - StalledError           DynamoDB accepted no write during a whole call
  - PartDamagedError       a part of the changes is gone, or is not as the Delta job wrote it
"""

from __future__ import annotations


class WriterError(Exception):
    """Base of all errors of the table writer."""


class InvalidEventError(WriterError):
    """A field of the event is missing or wrong; the message names it."""


class CallerRefusedError(WriterError):
    """The call claims a caller other than the real one; nothing was written."""


class ExecutionEndedError(WriterError):
    """The caller's execution is not running; nothing more is written for it."""


class ExecutionUnknownError(WriterError):
    """Step Functions does not know the caller's execution yet; nothing was written."""


class TableReplacedError(WriterError):
    """The table is gone, or another table has its name; nothing was written."""


class DomainIsLiveError(WriterError):
    """An application has written to the table since a cut-over; nothing was written."""


class StalledError(WriterError):
    """DynamoDB throttled every write of a whole call."""


class PartDamagedError(WriterError):
    """A part of the changes is not as the Delta job wrote it; nothing of it was written."""
