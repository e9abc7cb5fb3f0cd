"""The inputs of a stack: its settings, the catalog, the release and the account's resources."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pulumi
from pulumi.runtime import config

from catalog.errors import CatalogError
from catalog.loader import load_catalog
from infra.account.lookups import Lookups, look_up
from infra.naming import Naming
from infra.settings.clone_price import usd_per_hour
from infra.settings.read import read_settings
from release.errors import ReleaseError
from release.names import release_files
from statemachine.errors import DefinitionError
from statemachine.kinds import KINDS
from statemachine.names import DeployedNames
from statemachine.render import render

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from catalog.models import Catalog
    from infra.settings.model import Settings
    from statemachine.workers import Workers


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """All inputs that the program reads before it declares its first resource."""

    settings: Settings
    naming: Naming
    catalog: Catalog
    release: Mapping[str, Path]  # the built files, by their key
    lookups: Lookups


def read_inputs() -> Inputs:
    """Return the inputs of the stack; a user error ends the program here with one line.

    Raises:
        RunError: The stack file, the catalog, the release or the account cannot be used.
    """
    settings = read_settings({**config.get_config_env(), **config.CONFIG.get()}, pulumi.get_stack())
    naming = Naming(
        settings.stack,
        settings.account,
        settings.region,
        settings.tags,
        "" if settings.plain_stream_names else f"migration-{settings.stack}-",
    )
    try:
        catalog = load_catalog(settings.catalog)
        _check_definitions(catalog, naming, settings.workers)
        release = release_files()
    except (CatalogError, DefinitionError, ReleaseError) as error:
        raise pulumi.RunError(str(error)) from error
    usd_per_hour(settings.clone_instance_class)  # raises if the run watch could not price a clone
    return Inputs(
        settings=settings, naming=naming, catalog=catalog, release=release, lookups=look_up(settings, catalog)
    )


def _check_definitions(catalog: Catalog, naming: Naming, workers: Workers) -> None:
    """Render every domain, so that a preview, which does not know deployed names yet, fails on a wrong template."""
    placeholder = DeployedNames.placeholder(naming.stack)
    names = replace(
        placeholder,
        region=naming.region,
        stream_prefix=naming.stream_prefix,
        tags=naming.enterprise_tags,
        workers=workers,
    )
    for domain in catalog.domains:
        for kind in KINDS:
            render(catalog, domain, names, kind=kind)
