"""Errors of the runner.

* RunnerError
  - UnreachableError  a clone's database does not answer here
  - UsageError        the command line, the stack file or the account is wrong; nothing was started
"""

from __future__ import annotations


class RunnerError(Exception):
    """Base of all errors of the runner."""


class UnreachableError(RunnerError):
    """A clone's database does not answer here."""


class UsageError(RunnerError):
    """The command line, the stack file or the account is wrong; nothing was started."""
