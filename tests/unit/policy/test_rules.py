"""Each security rule accepts correct resources and names wrong ones; both stacks pass all of them."""

from __future__ import annotations

import importlib
import inspect
from typing import TYPE_CHECKING, Any

import pytest

from catalog.loader import load_catalog
from infra import inputs
from local.deploy.config import stack_config
from local.deploy.recorder import record_config
from policy import privilege, safety, settings
from policy.resource import Resource
from tests.unit.policy import test_privilege, test_safety, test_settings
from tests.unit.policy.reviewed import RULES, violations

if TYPE_CHECKING:
    from local.deploy.engine import Deployment

CASES = [*test_privilege.CASES, *test_safety.CASES, *test_settings.CASES]
RIGHT, WRONG = ([case for case in CASES if bool(case[3]) is named] for named in (False, True))


@pytest.mark.parametrize(
    ("rule", "kind", "properties"),
    [case[:3] for case in RIGHT],
    ids=[f"{case[0]}-{number}" for number, case in enumerate(RIGHT)],
)
def test_a_rule_passes_what_is_right(rule: str, kind: str, properties: dict[str, Any]) -> None:
    assert violations(rule, kind, properties) == []


@pytest.mark.parametrize(
    ("rule", "kind", "properties", "problems"),
    WRONG,
    ids=[f"{case[0]}-{number}" for number, case in enumerate(WRONG)],
)
def test_a_rule_names_what_is_wrong(rule: str, kind: str, properties: dict[str, Any], problems: list[str]) -> None:
    assert violations(rule, kind, properties) == problems


def test_every_rule_has_a_right_and_a_wrong_case_and_says_what_it_asks() -> None:
    assert {case[0] for case in RIGHT} == {case[0] for case in WRONG} == set(RULES)
    assert [name for name, rule in RULES.items() if not rule.description] == []


def resources(deployment: Deployment) -> dict[str, Resource]:
    return {
        declared.urn: Resource(
            kind=declared.kind, name=declared.name, properties=declared.inputs, protect=declared.protect
        )
        for declared in deployment.resources.values()
        if declared.custom
    }


def test_a_bucket_is_whole_or_what_it_lacks_is_named(declared_test: Deployment) -> None:
    declared = resources(declared_test)
    (rule,) = safety.STACK_RULES
    assert list(rule.check(declared)) == []

    urn = next(urn for urn, resource in declared.items() if resource.name == "migration-test-data")
    for kind, problem in safety._BUCKET_PARTS.items():
        less = {u: r for u, r in declared.items() if r.kind != kind or not r.name.startswith("migration-test-data-")}
        assert list(rule.check(less)) == [(urn, problem)]


def test_the_stacks_pass_every_rule(either_stack: Deployment) -> None:
    declared = resources(either_stack)

    problems = [f"{r.name}: {p}" for r in declared.values() for rule in RULES.values() for p in rule.check(r)]
    assert problems == []


def pulumi_class(kind: str) -> Any:  # noqa: ANN401 - Pulumi's classes
    _, module, name = kind.split(":")
    return getattr(importlib.import_module(f"pulumi_aws.{module.split('/')[0].replace('lambda', 'lambda_')}"), name)


def test_what_is_not_tagged_cannot_be() -> None:
    for kind in set(safety.UNTAGGED) - {"aws:s3/bucketObjectv2:BucketObjectv2"}:
        assert "tags" not in inspect.signature(pulumi_class(kind)._internal_init).parameters, kind


def test_every_kind_that_a_rule_reads_is_one_of_pulumis() -> None:
    kinds = {*settings.NAMES, *safety.UNTAGGED, *safety._KEYS, *safety._BUCKET_PARTS, *privilege._DOCUMENTS}
    kinds |= set(privilege._PRINCIPALS)

    assert all(pulumi_class(kind) for kind in kinds)


def test_the_longest_names_fit_every_service(monkeypatch: pytest.MonkeyPatch) -> None:
    catalog = load_catalog()
    longest = {"d" * 31: catalog.domains["rates"].model_copy(update={"name": "d" * 31})}
    monkeypatch.setattr(inputs, "load_catalog", lambda *_: catalog.model_copy(update={"domains": longest}))
    changed = {"rates-avail-migration-bootstrap:plainStreamNames": "false"}

    declared = resources(record_config("s" * 10, stack_config("test") | changed))

    names = [resource.get("name") for resource in declared.values()]
    assert f"migration-{'s' * 10}-{'d' * 31}-machine" in names
    assert [f"{r.name}: {p}" for r in declared.values() for rule in RULES.values() for p in rule.check(r)] == []
