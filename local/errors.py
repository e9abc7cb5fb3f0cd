"""Errors of the embedded AWS.

* LocalError
  - SeamMissingError     moto lacks an attribute that an extension replaces
  - PostgresError        a PostgreSQL server did not start, stop or copy itself
   - MariaDbError         MariaDB is not installed, or a server of it did not start or copy itself
  - DeployError          the Pulumi program cannot be deployed here
  - DataError            user data cannot be loaded, or do not match the catalog
  - SecretError          EMR Serverless may not read a secret
  - PolicyError          a policy or a call needs an evaluation that is not supported
"""

from __future__ import annotations


class LocalError(Exception):
    """Base of all errors of the embedded AWS."""


class SeamMissingError(LocalError):
    """moto lacks an attribute that an extension replaces."""


class PostgresError(LocalError):
    """A PostgreSQL server or one of its programs failed."""


class MariaDbError(LocalError):
    """A MariaDB server or one of its programs failed, or is not installed."""


class DeployError(LocalError):
    """The Pulumi program declares a resource without a handler, or its stack is wrong."""


class DataError(LocalError):
    """User data cannot be loaded, or do not match the catalog."""


class SecretError(LocalError):
    """A secret of a job's configuration cannot be resolved."""


class PolicyError(LocalError):
    """A policy, or an operation that a role calls, needs an evaluation that is not supported."""
