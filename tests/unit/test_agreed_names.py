"""Names on which packages must agree are equal in every copy.

The functions, the jobs and the review are each deployed alone and import nothing of ours, so each has its own copy.
"""

from __future__ import annotations

import importlib
import re
import tomllib
from operator import attrgetter
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml
from migration_spark import progress
from migration_spark.witness import findings

from catalog.loader import load_catalog
from infra.settings.kinds import REQUIRED_TAGS
from policy import safety
from runner.labels import CATCH_UP_PHASES, PHASES
from runner.live.jobs.document import ProgressDocument
from runner.report.inputs.comparison import WitnessCounts
from statemachine.diagrams import flow
from statemachine.kinds import BOOTSTRAP, CATCH_UP, Kind
from statemachine.limits import Limits
from statemachine.names import DeployedNames
from statemachine.render import definition

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
    "the classes of keys that Delta counts": (
        "migration_spark.delta_checks:CLASSES",
        "runner.report.sections.changes:CLASSES",
    ),
    "the attribute of a difference that is a whole item": (
        "migration_spark.difference_samples:WHOLE",
        "migration_spark.witness.table_witness:_ITEM",
        "runner.report.sections.differences:_WHOLE_ITEM",
    ),
    "the characters that a sample shows of a value": (
        "migration_spark.difference_samples:_VALUE_CHARACTERS",
        "migration_spark.witness.values:_VALUE_CHARACTERS",
        "runner.report.sections.differences:VALUE_CHARACTERS",
        "runner.report.sections.extracts:VALUE_CHARACTERS",
    ),
    "the characters of a redacted key's hash": (
        "migration_spark.redaction:_HASH_CHARACTERS",
        "runner.report.redaction:_HASH_CHARACTERS",
    ),
    "the version of a spec": ("catalog.spec:SPEC_VERSION", "migration_spark.spec:VERSION"),
    "the column of a row's place in its source": (
        "catalog.field_types:SOURCE_ROW",
        "migration_spark.attribute_kinds:SOURCE_ROW",
    ),
    "the column of a row's key in its source": (
        "catalog.field_types:SOURCE_KEY",
        "migration_spark.attribute_kinds:SOURCE_KEY",
    ),
    "the beginning of a column that says whether a reference is missing": (
        "catalog.field_types:UNMATCHED",
        "migration_spark.attribute_kinds:_UNMATCHED",
    ),
    "the end of a catch-up's name": (
        "statemachine.kinds:CATCH_UP.suffix",
        "runner.account.environments:CATCH_UP",
        "run_watch.notice:_CATCH_UP",
    ),
    "the beginning of an operator's name": ("aurora_clone.binding:OPERATOR", "run_registry.callers:OPERATOR"),
    "the states of a Spark job that has not ended": (
        "run_registry.executions:_JOB_OPEN",
        "runner.account.spark_application:_UNENDED",
    ),
    "the clones that a cluster's group may have": (
        "aurora_clone.clusters:MOST_GROUP_MEMBERS",
        "runner.plan.quotas:CLONE_GROUP_MEMBERS",
    ),
    "the stacks that protect what they hold": (
        "infra.components.protection:PROTECTED_STACKS",
        "policy.safety:PROTECTED_STACKS",
    ),
    "the characters of a role's inline policies": (
        "infra.policies.documents:_MOST_CHARACTERS",
        "infra.capacity:POLICY_CHARACTERS",
        "policy.privilege:_INLINE_POLICY_CHARACTERS",
    ),
    "the characters of a managed policy": (
        "infra.policies.boundary:_MOST_CHARACTERS",
        "policy.privilege:_MANAGED_POLICY_CHARACTERS",
    ),
    "the hosts of the console": ("runner.links:_HOSTS", "run_watch.links:_HOSTS"),
    "the host of the console in most partitions": ("runner.links:_HOST", "run_watch.links:_HOST"),
}


def value(copy: str) -> Any:  # noqa: ANN401 - of any type
    """Return a copy's value; that of a list, a tuple or a set without its order."""
    module, names = copy.split(":")
    copied = attrgetter(names)(importlib.import_module(module))
    return sorted(copied) if isinstance(copied, list | tuple | set | frozenset) else copied


@pytest.mark.parametrize("copies", COPIES.values(), ids=COPIES)
def test_every_copy_is_equal(copies: tuple[str, ...]) -> None:
    home, *others = copies

    assert {copy: value(copy) for copy in others} == dict.fromkeys(others, value(home))


def test_the_report_reads_every_count_of_the_witness() -> None:
    assert set(WitnessCounts.model_fields) == {"rows", *findings._SHOWN}


def test_the_runner_reads_the_version_of_progress_that_the_jobs_write() -> None:
    assert get_args(ProgressDocument.model_fields["version"].annotation) == (progress.VERSION,)


def test_the_project_has_the_name_of_the_tag() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["name"]
    stack = yaml.safe_load((ROOT / "Pulumi.yaml").read_text("utf-8"))["name"]

    assert project == stack == value("statemachine.names:SYSTEM")


def test_the_clone_service_may_read_the_seal_that_the_registry_writes() -> None:
    rights = (ROOT / "infra/policies/functions.py").read_text("utf-8")

    assert re.findall(r'"(status/[a-z-]+\.json)"', rights) == [value("run_registry.documents:SEAL_KEY")]


def test_the_review_asks_for_the_tags_that_a_stack_file_must_have() -> None:
    assert set(safety.REQUIRED_TAGS) == {*REQUIRED_TAGS, "migration:stack", "migration:system"}


DESTROY = {"DestroyClones": "Destroy"}  # a part of a run's last phase that people read as one of its own


@pytest.mark.parametrize(
    ("kind", "shown", "apart"),
    [(BOOTSTRAP, PHASES, DESTROY), (CATCH_UP, CATCH_UP_PHASES, {"ExportTables": "Tables", **DESTROY})],
    ids=["a bootstrap", "a catch-up"],
)
def test_people_read_the_phases_that_the_diagrams_draw(
    kind: Kind, shown: dict[str, str], apart: dict[str, str]
) -> None:
    drawn = flow.phases(definition(load_catalog(), "rates", DeployedNames.placeholder("test"), Limits(), kind))
    lies_in = {state: phase for phase, states in drawn.items() for state in states}

    assert shown == {**{state: lies_in[state] for state in shown}, **apart}
    assert list(dict.fromkeys(shown.values())) == [*(phase for phase in drawn if phase != "Fail"), "Destroy"]
