"""Errors of the runner.

* RunnerError
  - UnreachableError  a clone's database does not answer from here
  - UsageError        the command line, the stack file or the account is wrong; nothing was started
    - DifferencesError  the files of differences are not those that the report counts
  - FunctionError     a Lambda raised an error; `name` is its class
"""

from __future__ import annotations


class RunnerError(Exception):
    """Base of all errors of the runner."""


class UnreachableError(RunnerError):
    """A clone's database does not answer from here."""


class UsageError(RunnerError):
    """The command line, the stack file or the account is wrong; nothing was started."""


class DifferencesError(UsageError):
    """The files of differences are not those that the report counts."""


class FunctionError(RunnerError):
    """A Lambda raised an error; `name` is its class."""

    def __init__(self, name: str, message: str, function: str) -> None:
        super().__init__(f"{function}: {name}: {message}")
        self.name = name
        self.message = message
