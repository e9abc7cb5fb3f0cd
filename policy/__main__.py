"""The policy pack: `pulumi preview --policy-pack policy` checks every resource against the security rules."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from pulumi_policy import (
    EnforcementLevel,
    PolicyPack,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)

# The engine runs this file without the repository on its path.
sys.path.insert(0, str(Path(__file__).parents[1]))

from policy import privilege, safety, settings
from policy.resource import Resource, Rule, StackRule

if TYPE_CHECKING:
    from pulumi_policy import ReportViolation


def resource_policy(rule: Rule) -> ResourceValidationPolicy:
    """Return the engine's form of a rule."""

    def validate(args: ResourceValidationArgs, report: ReportViolation) -> None:
        resource = Resource(
            kind=args.resource_type, name=args.name, properties=args.props, protect=bool(args.opts.protect)
        )
        for problem in rule.check(resource):
            report(problem)

    return ResourceValidationPolicy(
        name=rule.name, description=rule.description, validate=validate, enforcement_level=EnforcementLevel.MANDATORY
    )


def stack_policy(rule: StackRule) -> StackValidationPolicy:
    """Return the engine's form of a rule on the whole stack."""

    def validate(args: StackValidationArgs, report: ReportViolation) -> None:
        resources = {
            r.urn: Resource(kind=r.resource_type, name=r.name, properties=r.props, protect=bool(r.opts.protect))
            for r in args.resources
        }
        for urn, problem in rule.check(resources):
            report(problem, urn)

    return StackValidationPolicy(
        name=rule.name, description=rule.description, validate=validate, enforcement_level=EnforcementLevel.MANDATORY
    )


PolicyPack(
    name="rates-avail-migration-bootstrap",
    policies=[
        *(resource_policy(rule) for rule in (*safety.RULES, *privilege.RULES, *settings.RULES)),
        *(stack_policy(rule) for rule in safety.STACK_RULES),
    ],
)
