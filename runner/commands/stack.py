"""`stack`: what a stack file says, for shells and workflows."""

from __future__ import annotations

import json

from catalog.loader import load_catalog
from runner.commands import app
from runner.environments import read_environment
from runner.output import EnvironmentOption, say


@app.command()
def stack(environment: EnvironmentOption) -> None:
    """Write account, Region, state, roles and domains of a stack as NAME=value lines; asks AWS nothing."""
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
    for name, value in values.items():
        say(f"{name}={value}")
