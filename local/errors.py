"""Errors of the embedded AWS.

* LocalError
  - SeamMissingError     moto has changed where it is extended
  - PostgresError        a PostgreSQL server did not start, stop or copy itself
   - MariaDbError         MariaDB is not installed, or a server of it did not start or copy itself
  - DeployError          the Pulumi program cannot be deployed here
  - DataError            somebody's own data cannot be loaded, or are not what the catalog says
  - SecretError          EMR Serverless may not read a secret
  - PolicyError          a policy or a call is beyond what is evaluated here
"""

from __future__ import annotations


class LocalError(Exception):
    """Base of all errors of the embedded AWS."""


class SeamMissingError(LocalError):
    """moto lacks the attribute that is to be replaced."""


class PostgresError(LocalError):
    """A PostgreSQL server or one of its programs failed."""


class MariaDbError(LocalError):
    """A MariaDB server or one of its programs failed, or is not installed."""


class DeployError(LocalError):
    """The Pulumi program declares what the embedded AWS cannot make, or its stack is wrong."""


class DataError(LocalError):
    """Somebody's own data cannot be loaded, or are not what the catalog says."""


class SecretError(LocalError):
    """A secret of a job's configuration cannot be resolved."""


class PolicyError(LocalError):
    """A policy, or an operation that a role calls, is not one that is evaluated here."""
