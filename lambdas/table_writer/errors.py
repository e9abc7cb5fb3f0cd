"""Errors that the state machine matches by class name: renaming one is a breaking change.

* WriterError
  - InvalidEventError      a field of the event is missing or wrong
  - CallerRefusedError     the call does not fit who made it, by the ARN that was invoked
  - ExecutionEndedError    the caller's execution does not run: this call outlived it
  - ExecutionUnknownError  Step Functions does not know the caller yet; the state machine retries this name
  - TableReplacedError     the table is gone, or is not the one that was proven
  - DomainIsLiveError      the table has the tag of a cut-over
  - StalledError           DynamoDB took no write during a whole call
  - PartDamagedError       a part of the changes is gone, or is not what the Delta job wrote
"""

from __future__ import annotations


class WriterError(Exception):
    """Base of all errors of the table writer."""


class InvalidEventError(WriterError):
    """A field of the event is missing or wrong; the message names it."""


class CallerRefusedError(WriterError):
    """The call names another caller than the one who made it; nothing was written."""


class ExecutionEndedError(WriterError):
    """The caller's execution does not run; nothing more is written for it."""


class ExecutionUnknownError(WriterError):
    """Step Functions does not know the caller's execution yet; nothing was written."""


class TableReplacedError(WriterError):
    """The table is gone, or another of its name; nothing was written."""


class DomainIsLiveError(WriterError):
    """An application writes to the table since a cut-over; nothing was written."""


class StalledError(WriterError):
    """DynamoDB throttled every write of a whole call."""


class PartDamagedError(WriterError):
    """A part of the changes cannot be what the Delta job wrote; nothing of it was written."""
