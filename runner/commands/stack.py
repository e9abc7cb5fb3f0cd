"""`stack`: the values of a stack file, for shells and workflows."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from catalog.loader import load_catalog
from runner.account.environments import read_environment
from runner.commands import app
from runner.commands.options import EnvironmentOption
from runner.console import say
from runner.errors import UsageError


@app.command(epilog="Example: migrate stack rates-state-machine --environment test")
def stack(
    environment: EnvironmentOption,
    name: Annotated[str | None, typer.Argument(help="Write only this value, like state-url.")] = None,
) -> None:
    """Write account, Region, state, roles and domains of a stack as NAME=value lines, without calling AWS."""
    read = read_environment(environment)
    domains = sorted(load_catalog(read.catalog).domains)
    values = {
        "account": read.account,
        "region": read.region,
        "state-url": read.state_url,
        **{f"{role}-role": read.role(role) for role in ("operator", "deploy", "preview")},
        "domains": json.dumps(domains),
        **{f"{domain}-state-machine": read.machine(domain) for domain in domains},
    }
    if name is None:
        say("\n".join(f"{key}={value}" for key, value in values.items()))
    elif name in values:
        say(values[name])
    else:
        raise UsageError(f"a stack has no {name!r}; it has {', '.join(values)}")
