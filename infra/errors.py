"""Errors of the Pulumi program.

* InfraError
  - AccountError         the caller's account is not the one that the stack file allows
  - LookUpError          AWS did not answer a lookup that the program makes first
  - PolicyTooLargeError  a role's policy is longer than IAM allows
  - SecretKeyError       a secret's key cannot admit EMR Serverless
  - SourceError          a source cluster cannot be cloned
  - SettingsError        the stack file lacks a value or holds a wrong one
"""

from __future__ import annotations

import pulumi


class InfraError(pulumi.RunError):
    """Base of all errors of the Pulumi program; the CLI shows them without a stack trace."""


class AccountError(InfraError):
    """The caller's account is not the one that the stack file allows."""


class LookUpError(InfraError):
    """AWS did not answer a lookup that the program makes before it declares resources."""


class PolicyTooLargeError(InfraError):
    """A role's policy is longer than IAM allows."""


class SecretKeyError(InfraError):
    """The key of a secret cannot admit EMR Serverless."""


class SourceError(InfraError):
    """A source cluster does not exist, or runs an engine that cannot be migrated."""


class SettingsError(InfraError):
    """The stack file cannot be used."""
