"""Many tables become domains of related ones, each small enough for one run."""

from __future__ import annotations

import json

import pytest

from catalog.case_style import table_name
from catalog.domain_split import centre, related
from catalog.models import Table
from catalog.proposal import propose_domains
from catalog.source_schema import Source, SourceColumn, SourceTable
from infra import policies
from infra.naming import Naming


def table(name: str, *references: str) -> SourceTable:
    return SourceTable(name, (SourceColumn("id", "bigint", nullable=False),), ("id",), references=references)


def names(groups: list[list[SourceTable]]) -> list[list[str]]:
    return [[table.name for table in group] for group in groups]


SHOP = [
    table("customer"),
    table("invoice", "customer"),
    table("invoice_line", "invoice", "track"),
    table("track", "album"),
    table("album", "artist"),
    table("artist"),
    table("setting"),
    table("migration"),
]


def test_few_tables_stay_one_domain() -> None:
    assert related(SHOP, most=8) == [SHOP]


def test_many_tables_are_parted_where_they_do_not_refer_to_each_other() -> None:
    assert names(related(SHOP, most=6)) == [
        ["customer", "invoice", "invoice_line", "track", "album", "artist"],
        ["setting", "migration"],
    ]


def test_no_domain_has_more_tables_than_it_may_though_all_are_related() -> None:
    groups = names(related(SHOP, most=3))

    assert groups == [["customer", "invoice", "invoice_line"], ["track", "album", "artist"], ["setting", "migration"]]


def test_a_table_that_all_refer_to_does_not_bind_them() -> None:
    tables = [table("user"), *[table(f"{area}_{n}", "user", f"{area}_0") for area in ("pay", "mail") for n in range(3)]]

    assert names(related(tables, most=4)) == [["user", "pay_0", "pay_1", "pay_2"], ["mail_0", "mail_1", "mail_2"]]


def test_a_table_that_refers_to_itself_or_to_what_is_not_moved_is_on_its_own() -> None:
    assert names(related([table("tree", "tree", "gone"), table("a"), table("b")], most=2)) == [["tree", "a"], ["b"]]


def test_the_centre_is_what_most_tables_refer_to() -> None:
    assert centre([table("a"), table("b", "c"), table("c"), table("d", "c", "a")]) == "c"
    assert centre([table("a", "a"), table("b", "a")]) == "a"
    assert centre([table("a"), table("b")]) is None


def test_domains_are_named_after_what_their_tables_refer_to() -> None:
    hubs = [table(f"hub_{n}" if n else "Sales Order") for n in range(2)]
    tables = [t for hub in hubs for t in (hub, *[table(f"{hub.name[:3]}{n}", hub.name) for n in range(10)])]
    alone = [table(f"a{n}") for n in range(21)]
    proposals = propose_domains(Source("aurora-postgresql", "there", "shop", (*tables, *alone)), "shop", "main")

    assert {name: proposal.tables for name, proposal in proposals.items()} == {
        "shop-sales-order": 11,
        "shop-hub-1": 11,
        "shop-others": 12,
        "shop-others-2": 9,
    }


def test_tables_of_one_name_are_told_apart_over_domains() -> None:
    tables = [table(f"{schema}.t{n}") for schema in ("a", "b") for n in range(15)]
    proposals = propose_domains(Source("aurora-postgresql", "there", "shop", tuple(tables)), "shop", "main")

    text = "".join(proposal.text for proposal in proposals.values())
    assert sorted(line[10:] for line in text.splitlines() if line.startswith("  - name: ")) == sorted(
        f"{schema}T{n}" for schema in "AB" for n in range(15)
    )


def test_what_is_left_out_of_many_tables_is_said_once() -> None:
    tables = [*[table(f"t{n}") for n in range(21)], SourceTable("v", (SourceColumn("id", "bigint"),), kind="view")]
    proposals = propose_domains(Source("aurora-postgresql", "there", "shop", tuple(tables)), "shop", "main")

    warnings = [warning for proposal in proposals.values() for warning in proposal.warnings]
    assert warnings == ["v: it is a view of rows from other tables: name it in --tables to migrate it"]


@pytest.mark.parametrize("length", [3, 9, 25, 60])
def test_a_domain_has_no_more_tables_than_its_machine_may_name(length: int) -> None:
    fitting = related([table(f"{'x' * (length - 2)}{n:02}") for n in range(40)])[0]
    tables = [
        Table.model_construct(name=table_name(source_table.name), stream=None, kms_key=None) for source_table in fitting
    ]

    document = policies.machine(
        Naming("production", "123456789012", "ap-southeast-2"),
        "d" * 31,
        key_arn="arn:aws:kms:ap-southeast-2:123456789012:key/12345678-1234-1234-1234-123456789012",
        application_arn="arn:aws:emr-serverless:ap-southeast-2:123456789012:/applications/00f1abcdefghijkl",
        job_role_arn="arn:aws:iam::123456789012:role/migration-production-spark-job",
        tables=tables,
    )

    assert len(json.dumps(document, separators=(",", ":"))) <= 10_240
    assert len(tables) == {3: 12, 9: 12, 25: 9, 60: 7}[length]
