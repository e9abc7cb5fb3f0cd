"""Lookups that the program makes before it declares its first resource."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pulumi
import pulumi_aws as aws

from infra.account.secrets import look_up_secrets
from infra.account.sources import look_up_sources
from infra.account.subnets import look_up_subnets
from infra.errors import AccountError, LookUpError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from catalog.models import Catalog
    from infra.account.sources import Sources
    from infra.account.subnets import Subnets
    from infra.settings.model import Settings


@dataclass(frozen=True, kw_only=True)
class Lookups:
    """The resources that exist before the stack does."""

    sources: Sources
    secret_arns: Mapping[str, str]  # by name
    subnets: Subnets


def look_up(settings: Settings, catalog: Catalog) -> Lookups:
    """Look up the existing resources; a preview does so too.

    Raises:
        InfraError: The account is not the stack's, or lacks a resource; the message is one line.
    """
    clusters = list(catalog.clusters.values())
    with _short_errors("the caller"):
        caller = aws.get_caller_identity().account_id
    if caller != settings.account:
        raise AccountError(
            f"the caller is in account {caller}, but Pulumi.{settings.stack}.yaml allows {settings.account}; "
            f"take a role of account {settings.account}"
        )
    with _short_errors("the source clusters of catalog/clusters.yaml"):
        sources = look_up_sources(clusters)
    with _short_errors("the secrets of catalog/clusters.yaml (docs/secrets.md)"):
        secret_arns = look_up_secrets(sorted({cluster.password_secret for cluster in clusters}))
    with _short_errors(f"the network that Pulumi.{settings.stack}.yaml names (vpcName, subnetTag)"):
        subnets = look_up_subnets(settings)
    return Lookups(sources=sources, secret_arns=secret_arns, subnets=subnets)


@contextmanager
def _short_errors(what: str) -> Iterator[None]:
    """Turn the provider's error into one line that says what could not be looked up."""
    try:
        yield
    except pulumi.RunError:
        raise
    except Exception as error:
        # The engine raises no narrower type, and the provider's text has several lines.
        raise LookUpError(f"AWS did not answer for {what}: {' '.join(str(error).split())}") from error
