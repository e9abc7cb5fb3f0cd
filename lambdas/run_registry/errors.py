"""Errors of the registry. The state machine matches them by class name, so renaming one is a breaking change.

* RegistryError
  - InvalidEventError    a field of the event is missing or wrong
  - CallerRefusedError   the ARN of the invocation does not permit the call
  - RedriveRefusedError  the caller was redriven and would continue without its lock
  - ExecutionEndedError  the caller's execution has ended before this call
  - ExecutionUnknownError  Step Functions does not know the caller yet; the state machine retries this name
  - LockLostError        the caller's lock is gone or another's
  - NotAnOperatorError   an execution tries to release a domain
  - NotApprovedError     the stack requires a second person, and the call names none
  - StillRunningError    an operator tries to release a running domain
  - StoreBusyError       S3 kept refusing a conditional write
"""

from __future__ import annotations


class RegistryError(Exception):
    """Base of all errors of the registry."""


class InvalidEventError(RegistryError):
    """A field of the event is missing or wrong; the message names it."""


class CallerRefusedError(RegistryError):
    """The call claims a caller other than the real one; nothing was touched."""


class RedriveRefusedError(RegistryError):
    """The caller's execution was redriven."""


class ExecutionEndedError(RegistryError):
    """The caller's execution has ended."""


class ExecutionUnknownError(RegistryError):
    """Step Functions does not know the caller's execution yet; nothing was touched."""


class LockLostError(RegistryError):
    """The caller does not hold its domain's lock; nothing was touched."""


class NotAnOperatorError(RegistryError):
    """Only a person releases a domain; nothing was touched."""


class NotApprovedError(RegistryError):
    """The stack requires a second person's approval; nothing was touched."""


class StillRunningError(RegistryError):
    """The domain's owner is running, so there is nothing to release."""


class StoreBusyError(RegistryError):
    """S3 answered with conflicts or faults until the retries were exhausted."""
