"""Errors that the state machine matches by class name: renaming one is a breaking change.

* RegistryError
  - InvalidEventError    a field of the event is missing or wrong
  - CallerRefusedError   the call does not fit who made it, by the ARN that was invoked
  - RedriveRefusedError  the caller was redriven: it would go on past its lock
  - ExecutionEndedError  the caller's execution has ended: this call outlived it
  - ExecutionUnknownError  Step Functions does not know the caller yet; the state machine retries this name
  - LockLostError        the caller's lock is gone or another's
  - NotAnOperatorError   an execution wants to release a domain
  - NotApprovedError     the stack asks for a second person, and the call names none
  - StillRunningError    an operator wants to release what is running
  - StoreBusyError       S3 kept refusing a conditional write
"""

from __future__ import annotations


class RegistryError(Exception):
    """Base of all errors of the registry."""


class InvalidEventError(RegistryError):
    """A field of the event is missing or wrong; the message names it."""


class CallerRefusedError(RegistryError):
    """The call names another caller than the one who made it; nothing was touched."""


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
    """The stack asks for a second person's approval; nothing was touched."""


class StillRunningError(RegistryError):
    """The domain's owner is alive: there is nothing to release."""


class StoreBusyError(RegistryError):
    """S3 answered conflicts or faults more often than is tried again."""
