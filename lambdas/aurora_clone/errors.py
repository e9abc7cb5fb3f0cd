"""Errors that the state machine matches by class name: renaming one is a breaking change.

* CloneError
  - InvalidEventError         a field of the event is missing or wrong
  - CallerRefusedError        the call does not fit who made it, by the ARN that was invoked
  - CloneNotCopyOnWriteError  RDS would make a full copy, or made no clone of that source
  - NotACloneError            the cluster does not prove itself this system's clone of that source
  - ParameterGroupMissingError  the stack has no parameter group for a source's engine version
  - SealNotHeldError          the caller has no right to destroy
  - ExecutionUnknownError     Step Functions does not know the caller yet; the state machine retries this name
"""

from __future__ import annotations


class CloneError(Exception):
    """Base of all errors of the clone service."""


class InvalidEventError(CloneError):
    """A field of the event is missing or wrong; the message names it."""


class CallerRefusedError(CloneError):
    """The call names another caller than the one who made it; nothing was done."""


class CloneNotCopyOnWriteError(CloneError):
    """The clone group is full, or the restored cluster is not in it."""


class NotACloneError(CloneError):
    """The cluster is not proven to be our clone; nothing was done to it."""


class ParameterGroupMissingError(CloneError):
    """The stack has no parameter group for a source's engine version; nothing was restored."""


class SealNotHeldError(CloneError):
    """The teardown seal is not the caller's; nothing was destroyed."""


class ExecutionUnknownError(CloneError):
    """Step Functions does not know the caller's execution yet; nothing was destroyed."""
