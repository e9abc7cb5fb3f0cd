"""With 64 tables over 64 clusters, every role's policy fits IAM, suffices, and grants little more."""

from __future__ import annotations

import json
from typing import Any

import pytest

from infra.account.sources import Sources
from infra.policies import clone_service, machine, table_writer
from infra.policies.access import operator
from infra.policies.boundary import boundary
from infra.policies.documents import allow
from infra.policies.shortening import characters, shortened
from local.iam.policy import Call, allowed, context, statements, within
from tests.deployed import REGION
from tests.unit.infra import test_boundary
from tests.unit.infra.test_boundary import ACCOUNT, APPLICATION, KEY, NAMING, ROLE, documents
from tests.unit.statemachine.test_budget import large

TABLE, RDS = NAMING.arn("dynamodb", "table"), NAMING.arn("rds", "cluster")
# Words that no pattern stands for, unlike numbers.
WORDS = [f"{first}{second}Availability" for first in "ABCDEFGH" for second in "abcdefgh"]
OURS = {"migration:stack": "test", "migration:system": NAMING.tags()["migration:system"]}
OWNED = {f"aws:ResourceTag/{key}": value for key, value in OURS.items()}
ASKED = {**{f"aws:RequestTag/{key}": value for key, value in OURS.items()}, "aws:TagKeys": "migration:stack"}


def wide() -> Any:  # noqa: ANN401 - a catalog
    """Return a catalog of 64 tables over 64 numbered clusters."""
    catalog = large(64, 64)
    domain = catalog.domains["availability"]
    tables = tuple(table.model_copy(update={"name": name}) for table, name in zip(domain.tables, WORDS, strict=True))
    secrets = {
        name: cluster.model_copy(update={"password_secret": f"migration/{name}/reader"})
        for name, cluster in catalog.clusters.items()
    }
    changed = {"clusters": secrets, "domains": {"availability": domain.model_copy(update={"tables": tables})}}
    return catalog.model_copy(update=changed)


CATALOG = wide()
TABLES = CATALOG.domains["availability"].tables
ARNS = {"key_arn": KEY, "application_arn": APPLICATION}
MACHINE = machine(NAMING, "availability", **ARNS, job_role_arn=f"{ROLE}{NAMING.job_role}", tables=TABLES)
CLONES = clone_service(NAMING, KEY, CATALOG.clusters.values(), Sources((), ()))
WRITER = table_writer(NAMING, KEY, TABLES)
OPERATOR = operator(NAMING, CATALOG, **ARNS)


def may(policy: dict[str, Any], action: str, resource: str, **keys: str) -> bool:
    """Return whether a role with the stack's boundary allows a call."""
    limits = statements(boundary(NAMING, "state"))
    return within(limits, statements(policy), Call(action, resource, context(keys)), f"{ROLE}migration-test-any")


def test_every_roles_policy_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(test_boundary, "load_catalog", lambda: CATALOG)

    assert max(characters(document["Statement"]) for _, document in documents()) <= 10_240


def test_the_policies_of_the_customers_catalog_are_not_shortened() -> None:
    assert "*:*:" not in json.dumps([document for role, document in documents() if role != "deploy"])


@pytest.mark.parametrize("name", [WORDS[0], WORDS[63], f"{WORDS[0]}-rehearsal"])
def test_a_machine_makes_each_of_its_tables(name: str) -> None:
    for verb in ("ImportTable", "TagResource", "ExportTableToPointInTime", "EnableKinesisStreamingDestination"):
        assert may(MACHINE, f"dynamodb:{verb}", f"{TABLE}/{name}"), verb
    assert may(MACHINE, "dynamodb:DescribeImport", f"{TABLE}/{name}/import/1")
    assert may(MACHINE, "dynamodb:DescribeExport", f"{TABLE}/{name}/export/1")
    assert may(WRITER, "dynamodb:PutItem", f"{TABLE}/{name}")
    assert not may(MACHINE, "dynamodb:DeleteTable", f"{TABLE}/{name}", **{"aws:ResourceTag/migration:live": "x"})


@pytest.mark.parametrize("name", ["Invoice", f"{WORDS[0]}2", f"My{WORDS[0]}", f"{WORDS[0]}/index/x"])
def test_neither_a_machine_nor_the_writer_touches_another_table(name: str) -> None:
    for verb in ("ImportTable", "DeleteTable", "DescribeTable", "TagResource"):
        assert not may(MACHINE, f"dynamodb:{verb}", f"{TABLE}/{name}"), verb
    for verb in ("PutItem", "DeleteItem", "GetItem"):
        assert not may(WRITER, f"dynamodb:{verb}", f"{TABLE}/{name}"), verb


def test_a_table_of_the_same_name_elsewhere_is_out_of_the_boundary() -> None:
    for region_and_account in (f"region-2:{ACCOUNT}", f"{REGION}:000000000000"):
        arn = f"arn:aws:dynamodb:{region_and_account}:table/{WORDS[0]}"
        assert allowed(statements(MACHINE), Call("dynamodb:DeleteTable", arn))
        assert not may(MACHINE, "dynamodb:DeleteTable", arn), region_and_account


def test_a_clone_is_made_of_each_cluster_and_of_those_named_alike_alone() -> None:
    for cluster in CATALOG.clusters:
        assert may(CLONES, "rds:RestoreDBClusterToPointInTime", f"{RDS}:{cluster}", **ASKED), cluster
        assert may(CLONES, "rds:AddTagsToResource", f"{RDS}:{cluster}-clone", **ASKED), cluster
    assert may(CLONES, "rds:RestoreDBClusterToPointInTime", f"{RDS}:dailydatadb-partition-99", **ASKED)
    for other in ("payroll", "dailydatadb-partition-1", "dailydatadb-partition-012", "dailydatadb-partitionx00"):
        assert not may(CLONES, "rds:RestoreDBClusterToPointInTime", f"{RDS}:{other}", **ASKED), other
    assert not may(CLONES, "rds:AddTagsToResource", f"{RDS}:dailydatadb-partition-01", **ASKED)
    assert not may(CLONES, "rds:DeleteDBCluster", f"{RDS}:dailydatadb-partition-01", **OWNED)
    assert not may(CLONES, "rds:DeleteDBCluster", f"{RDS}:dailydatadb-partition-01-clone")
    assert may(CLONES, "rds:DeleteDBCluster", f"{RDS}:dailydatadb-partition-01-clone", **OWNED)


def test_an_operator_looks_at_tables_and_cuts_over_those_of_the_catalog_alone() -> None:
    live = {"aws:TagKeys": "migration:live"}
    assert may(OPERATOR, "dynamodb:DescribeTable", f"{TABLE}/{WORDS[5]}-rehearsal")
    assert may(OPERATOR, "dynamodb:TagResource", f"{TABLE}/{WORDS[5]}", **live)
    assert may(OPERATOR, "dynamodb:UpdateTable", f"{TABLE}/{WORDS[5]}")
    assert not may(OPERATOR, "dynamodb:TagResource", f"{TABLE}/{WORDS[5]}", **{"aws:TagKeys": "other"})
    for verb in ("TagResource", "UpdateTable"):
        assert not may(OPERATOR, f"dynamodb:{verb}", f"{TABLE}/Invoice", **live), verb


def test_a_policy_is_as_long_as_its_text_without_white_space() -> None:
    assert characters([]) == len('{"Version":"2012-10-17","Statement":[]}')
    assert characters([{"Effect": "Deny"}]) == len('{"Version":"2012-10-17","Statement":[{"Effect":"Deny"}]}')


def test_what_is_denied_is_never_shortened() -> None:
    arns = [f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/T{n:02}-rehearsal" for n in range(20)]
    denied = {"Effect": "Deny", "Action": ["dynamodb:DeleteTable"], "Resource": arns}

    (kept,) = shortened([denied], 10)
    assert kept == denied


def test_a_step_is_taken_only_while_the_policy_is_too_long() -> None:
    arns = [f"arn:aws:rds:{REGION}:{ACCOUNT}:cluster:c-{n}" for n in range(5)]
    exact = [allow(["rds:A"], *arns)]
    anywhere = [allow(["rds:A"], *(f"arn:aws:rds:*:*:cluster:c-{n}" for n in range(5)))]

    assert shortened(exact, characters(exact)) == exact
    assert shortened(exact, characters(exact) - 1) == anywhere
    assert shortened(exact, characters(anywhere) - 1) == [allow(["rds:A"], "arn:aws:rds:*:*:cluster:c-?")]


def test_each_step_shortens_what_it_is_for_and_leaves_the_rest() -> None:
    table = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table"
    anywhere = "arn:aws:dynamodb:*:*:table"
    cluster, secret = f"arn:aws:rds:{REGION}:{ACCOUNT}", f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret"
    group, machine_arn = f"{cluster}:subgrp:g-1", f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:m"
    secrets = allow(["secretsmanager:DescribeSecret"], *(f"{secret}:s{n}-??????" for n in range(3)))
    groups = allow(["states:StartExecution"], group, machine_arn)
    kept = allow(["rds:A"], *(f"arn:aws:rds:*:*:{name}" for name in ("cluster:c-1", "cluster:c-2", "db:c-1-clone-1")))
    exact = [
        allow(["dynamodb:DescribeImport"], f"{table}/A/import/*", f"{table}/B/import/*"),
        allow(["dynamodb:DescribeExport"], f"{table}/A/export/*", f"{table}/B/*"),
        allow(["rds:A"], f"{cluster}:cluster:c-1", f"{cluster}:cluster:c-2", f"{cluster}:db:c-1-clone-1"),
        secrets,
        allow(["dynamodb:DescribeTable", "dynamodb:ListTagsOfResource"], f"{table}/A", f"{table}/A-rehearsal"),
        allow(["dynamodb:DescribeTable", "dynamodb:PutItem"], f"{table}/A", f"{table}/D-rehearsal"),
        allow(["dynamodb:GetItem"], f"{table}/B-rehearsal"),
        allow(["dynamodb:DeleteItem"], f"{table}/C-rehearsal"),
        groups,
        allow(["s3:GetObject"], "arn:aws:s3:::b/*"),
        allow(["s3:PutObject"], "arn:aws:s3:::b/*"),
    ]
    together = [*exact[:-2], allow(["s3:GetObject", "s3:PutObject"], "arn:aws:s3:::b/*")]
    without_region = [
        allow(["dynamodb:DescribeImport"], f"{anywhere}/A/import/*", f"{anywhere}/B/import/*"),
        allow(["dynamodb:DescribeExport"], f"{anywhere}/A/export/*", f"{anywhere}/B/*"),
        kept,
        secrets,
        allow(["dynamodb:DescribeTable", "dynamodb:ListTagsOfResource"], f"{anywhere}/A", f"{anywhere}/A-rehearsal"),
        allow(["dynamodb:DescribeTable", "dynamodb:PutItem"], f"{anywhere}/A", f"{anywhere}/D-rehearsal"),
        allow(["dynamodb:GetItem"], f"{anywhere}/B-rehearsal"),
        allow(["dynamodb:DeleteItem"], f"{anywhere}/C-rehearsal"),
        *together[8:],
    ]
    children = [
        allow(["dynamodb:DescribeImport"], f"{anywhere}/*/import/*"),
        allow(["dynamodb:DescribeExport"], f"{anywhere}/*/*", f"{anywhere}/*/export/*"),
        *without_region[2:],
    ]
    numbered = [*children[:3], allow(["secretsmanager:DescribeSecret"], f"{secret}:s?-??????"), *children[4:]]
    looked_at = [
        *numbered[:4],
        allow(["dynamodb:DescribeTable", "dynamodb:ListTagsOfResource"], f"{anywhere}/*"),
        *numbered[5:],
    ]
    rehearsals = [
        *looked_at[:5],
        allow(["dynamodb:DescribeTable", "dynamodb:PutItem"], f"{anywhere}/*-rehearsal", f"{anywhere}/A"),
        allow(["dynamodb:DeleteItem", "dynamodb:GetItem"], f"{anywhere}/*-rehearsal"),
        *looked_at[8:],
    ]

    forms = [exact, together, without_region, children, numbered, looked_at, rehearsals]
    for form in forms:
        assert shortened(exact, characters(form)) == form
    assert shortened(exact, 0) == rehearsals
