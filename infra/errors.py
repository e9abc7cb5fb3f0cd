"""Errors of the Pulumi program.

* InfraError
  - ReleaseMissingError  there is no release to upload
  - SettingsError        the stack file lacks a value or holds a wrong one
"""

from __future__ import annotations


class InfraError(Exception):
    """Base of all errors of the Pulumi program."""


class ReleaseMissingError(InfraError):
    """The release was not built."""


class SettingsError(InfraError):
    """The stack file cannot be used."""
