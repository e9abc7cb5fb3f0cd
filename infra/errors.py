"""Errors of the Pulumi program.

* InfraError
  - AccountError         the caller is in another account than the stack file allows
  - LookUpError          AWS did not answer a question that the program asks first
  - PolicyTooLargeError  a role's policy is longer than IAM allows
  - SecretKeyError       a secret's key cannot admit EMR Serverless
  - SourceError          a source cluster cannot be cloned
  - SettingsError        the stack file lacks a value or holds a wrong one
"""

from __future__ import annotations

import pulumi


class InfraError(pulumi.RunError):
    """Base of all errors of the Pulumi program, which the CLI shows without a stack trace."""


class AccountError(InfraError):
    """The caller is in another account than the stack file allows."""


class LookUpError(InfraError):
    """AWS did not answer a question that the program asks before it declares anything."""


class PolicyTooLargeError(InfraError):
    """A role's policy is longer than IAM allows."""


class SecretKeyError(InfraError):
    """A secret is encrypted with a key that EMR Serverless cannot be admitted to."""


class SourceError(InfraError):
    """A source cluster is not there, or runs what cannot be migrated."""


class SettingsError(InfraError):
    """The stack file cannot be used."""
