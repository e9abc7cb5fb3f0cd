"""A catalog's use of AWS limits before deployment: definitions, payloads, jobs and the roles' policies.

The figures assume a stack name of four letters and a Region of nine; longer names make longer ARNs.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from infra import policies
from infra.account.sources import Sources
from infra.errors import PolicyTooLargeError
from infra.naming import Naming
from infra.policies import access
from infra.policies.deploy import deploy
from statemachine.errors import DefinitionError
from statemachine.kinds import BOOTSTRAP, KINDS, Kind
from statemachine.limits import Limits
from statemachine.names import DeployedNames
from statemachine.render import definition, worst_case

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from catalog.models import Catalog

POLICY_CHARACTERS = 10_240  # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
ENVIRONMENT_BYTES = 4 * 1024
_OTHER_VARIABLES_BYTES = 700  # the clone service's variables other than its list of sources
_NEAR_SHARE = 0.8
_STACK, _ACCOUNT, _REGION = "test", "0" * 12, "region-00"
_KEY = f"arn:aws:kms:{_REGION}:{_ACCOUNT}:key/00000000-0000-0000-0000-000000000000"
_APPLICATION = f"arn:aws:emr-serverless:{_REGION}:{_ACCOUNT}:/applications/00000000000000"


@dataclass(frozen=True)
class Fact:
    """A limit that a catalog exceeds or nearly reaches, as a sentence with its figures.

    Attributes:
        domain: The domain that it concerns; empty if it concerns all.
        sentence: The use, the limit, and the edit that helps.
        is_passed: Whether AWS would reject the catalog.
    """

    domain: str
    sentence: str
    is_passed: bool


def capacity(catalog: Catalog) -> list[Fact]:
    """Return every limit that a catalog exceeds or uses by four fifths."""
    machines = [fact for domain in catalog.domains for kind in KINDS for fact in _machine(catalog, domain, kind)]
    return list(dict.fromkeys([*machines, *_policies(catalog), *_environment(catalog)]))


def _machine(catalog: Catalog, domain: str, kind: Kind) -> Iterator[Fact]:
    try:
        machine = definition(catalog, domain, DeployedNames.placeholder(_STACK), Limits(), kind)
    except DefinitionError as error:
        yield Fact(domain, _sized(catalog, domain, str(error).removeprefix(f"domain {domain}: ")), is_passed=True)
        return
    for warning in worst_case(machine, Limits(), kind).warnings():
        yield Fact(domain, _sized(catalog, domain, warning), is_passed=False)


def _sized(catalog: Catalog, domain: str, sentence: str) -> str:
    tables, clusters = len(catalog.domains[domain].tables), len(catalog.clusters_of(domain))
    counted = (f"{number} {what}{'s' * (number != 1)}" for number, what in ((tables, "table"), (clusters, "cluster")))
    return f"has {' over '.join(counted)}, and {sentence}"


def _environment(catalog: Catalog) -> Iterator[Fact]:
    """Yield a fact if the list of clusters nearly fills the environment of the clone service's function."""
    used = len(json.dumps(list(catalog.clusters))) + _OTHER_VARIABLES_BYTES
    usage = f"the clone service's environment has {used:,} of {ENVIRONMENT_BYTES:,} bytes"
    if used > ENVIRONMENT_BYTES:
        yield Fact("", f"{usage}: move clusters to a stack of their own", is_passed=True)
    elif used >= _NEAR_SHARE * ENVIRONMENT_BYTES:
        yield Fact("", f"{usage}; before it grows, move clusters to a stack of their own", is_passed=False)


def _policies(catalog: Catalog) -> Iterator[Fact]:
    """Yield a fact for each role whose policy exceeds or nearly reaches IAM's length limit."""
    naming = Naming(_STACK, _ACCOUNT, _REGION)
    job = f"arn:aws:iam::{_ACCOUNT}:role/{naming.job_role}"
    arns = {"key_arn": _KEY, "application_arn": _APPLICATION, "job_role_arn": job}
    for name, domain in catalog.domains.items():
        for kind in KINDS:
            machine = policies.machine if kind is BOOTSTRAP else policies.catch_up_machine
            made = partial(machine, naming, name, tables=domain.tables, **arns)
            yield from _policy(name, naming.machine_roles(name)[kind.is_catch_up], made)
    every = [table for domain in catalog.domains.values() for table in domain.tables]
    clusters = catalog.clusters.values()
    shared: dict[str, Callable[[], dict[str, Any]]] = {
        "aurora-clone": lambda: policies.clone_service(naming, _KEY, clusters, Sources((), ())),
        "table-writer": lambda: policies.table_writer(naming, _KEY, every),
        "operator": lambda: access.operator(naming, catalog, key_arn=_KEY, application_arn=_APPLICATION),
        "deploy": lambda: deploy(naming, catalog, "state"),
    }
    for name, policy in shared.items():
        yield from _policy("", f"{naming.prefix}-{name}", policy)


def _policy(domain: str, role: str, made: Callable[[], dict[str, Any]]) -> Iterator[Fact]:
    try:
        characters = len(json.dumps(made(), separators=(",", ":")))
    except PolicyTooLargeError as error:
        yield Fact(domain, f"the role {role}: {error}", is_passed=True)
        return
    # The deploy policy is long by itself; the catalog adds little to it.
    if characters >= _NEAR_SHARE * POLICY_CHARACTERS and not role.endswith("-deploy"):
        used = f"the policy of the role {role} has {characters:,} of {POLICY_CHARACTERS:,} characters"
        yield Fact(domain, f"{used}; before it grows, move tables or clusters to a stack of their own", is_passed=False)
