"""Errors of the clone service. The state machine matches them by class name, so renaming one is a breaking change.

* CloneError
  - InvalidEventError         a field of the event is missing or wrong
  - CallerRefusedError        the ARN of the invocation does not permit the call
  - CloneNotCopyOnWriteError  RDS would make a full copy, or did not make a clone of that source
  - NotACloneError            nothing proves that the cluster is this system's clone of that source
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
    """The call claims a caller other than the real one; nothing was done."""


class CloneNotCopyOnWriteError(CloneError):
    """The clone group is full, or the restored cluster is not in it."""


class NotACloneError(CloneError):
    """Nothing proves that the cluster is our clone; it was not touched."""


class ParameterGroupMissingError(CloneError):
    """The stack has no parameter group for a source's engine version; nothing was restored."""


class SealNotHeldError(CloneError):
    """The caller does not hold the teardown seal; nothing was destroyed."""


class ExecutionUnknownError(CloneError):
    """Step Functions does not know the caller's execution yet; nothing was destroyed."""
