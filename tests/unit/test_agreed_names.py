"""Names on which packages must agree are equal in every copy.

The functions, the jobs and the review are each deployed alone and import nothing of ours, so each has its own copy.
"""

from __future__ import annotations

import importlib
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from infra.settings.kinds import REQUIRED_TAGS
from policy import safety
from runner.labels import CATCH_UP_PHASES, PHASES
from statemachine.diagrams import flow

ROOT = Path(__file__).parents[2]
# The copies of each name, as module:attribute.
COPIES = {
    "the tag of everything that is ours": (
        "statemachine.names:SYSTEM",
        "runner.account.environments:SYSTEM",
        "aurora_clone.clusters:SYSTEM",
        "run_watch.clones:SYSTEM",
        "release.names:_PROJECT",
    ),
    "the tag of a live table": (
        "infra.policies.tables:LIVE_TAG",
        "runner.commands.cut_over.marks:TAG",
        "table_writer.preconditions:LIVE_TAG",
    ),
    "the key of the seal": (
        "run_registry.documents:SEAL_KEY",
        "aurora_clone.seal:SEAL_KEY",
        "runner.account.registry:SEAL_KEY",
    ),
    "the folder of locks": ("run_registry.documents:STATUS_PREFIX", "runner.account.registry:STATUS_PREFIX"),
    "the statuses of a cluster that waiting does not change": (
        "aurora_clone.clusters:DEAD_STATUSES",
        "runner.plan.checks.clones:DEAD_STATUSES",
    ),
    "the end of a clone's name": ("aurora_clone.clusters:CLONE_SUFFIX", "runner.account.lookups:CLONE_SUFFIX"),
    "the alias that operators invoke": (
        "infra.policies.access:OPERATORS",
        "aurora_clone.binding:OPERATORS",
        "run_registry.binding:OPERATORS",
        "runner.account.functions:_ALIAS",
    ),
    "the namespace of the metrics": ("run_watch.check:NAMESPACE", "infra.components.alarms:NAMESPACE"),
    "the entry points of a release": ("release.names:ENTRY_POINTS", "runner.plan.checks.release:_ENTRY_POINTS"),
    "the days that CloudWatch Logs keeps for": ("infra.settings.kinds:LOG_DAYS", "policy.settings:_RETENTIONS"),
    "the refusals before a run has a lock": (
        "statemachine.failures:REFUSED",
        "runner.failure_advice:REFUSED",
        "run_watch.notice:_REFUSED",
    ),
    "the kinds of changes": ("migration_spark.delta_parts:KINDS", "table_writer.orders:KINDS"),
    "the classes of compared items": ("migration_spark.comparison:COMPARED", "runner.labels:COMPARED_CLASSES"),
    "the classes that make a mismatch": ("migration_spark.comparison:BAD", "runner.labels:BAD_CLASSES"),
}


def value(copy: str) -> Any:  # noqa: ANN401 - of any type
    module, attribute = copy.split(":")
    return getattr(importlib.import_module(module), attribute)


@pytest.mark.parametrize("copies", COPIES.values(), ids=COPIES)
def test_every_copy_is_equal(copies: tuple[str, ...]) -> None:
    home, *others = copies

    assert {copy: value(copy) for copy in others} == dict.fromkeys(others, value(home))


def test_the_project_has_the_name_of_the_tag() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["name"]
    stack = yaml.safe_load((ROOT / "Pulumi.yaml").read_text("utf-8"))["name"]

    assert project == stack == value("statemachine.names:SYSTEM")


def test_the_clone_service_may_read_the_seal_that_the_registry_writes() -> None:
    rights = (ROOT / "infra/policies/functions.py").read_text("utf-8")

    assert re.findall(r'"(status/[a-z-]+\.json)"', rights) == [value("run_registry.documents:SEAL_KEY")]


def test_the_review_asks_for_the_tags_that_a_stack_file_must_have() -> None:
    assert set(safety.REQUIRED_TAGS) == {*REQUIRED_TAGS, "migration:stack", "migration:system"}


def test_the_diagrams_draw_the_phases_that_people_read() -> None:
    shown = {**PHASES, **CATCH_UP_PHASES}
    both = flow.PHASES.keys() & shown.keys()

    assert {state: flow.PHASES[state] for state in both} == {state: shown[state] for state in both}
    assert set(flow.PHASES.values()) - {"Fail"} == set(shown.values()) - {"Destroy"}
