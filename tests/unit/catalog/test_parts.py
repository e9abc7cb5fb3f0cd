"""A table of several selects in the catalog: its spec for the jobs, and its problems in `check`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from catalog.loader import load_catalog, read_catalog
from catalog.spec import build_spec, select_steps

if TYPE_CHECKING:
    from pathlib import Path

CLUSTERS = """\
groups:
  shops:
    engine: aurora-postgresql
    database: shop
    user: reader
    password_secret: shop/{cluster}
    clusters: [shop-1, shop-2]
"""
SHOP = """\
domain: shop
tables:
  - name: Plain
    extracts:
      note: {source: note, group: shops, columns: {note_id: uuid, body: text}}
    driving: {extract: note}
    select: SELECT note._cluster AS _cluster, note.note_id AS noteId, note.body AS body FROM note
    key:
      partition: {name: noteId, type: S}
  - name: Shop
    key:
      partition: {name: PK, type: S}
      sort: {name: SK, type: S}
    indexes:
      - name: byMail
        partition: {name: mail, type: S}
    ttl: forgetAt
    parts:
      - name: buyer
        key_prefix: {SK: BUYER}
        extracts:
          buyer: {source: buyer, group: shops, columns: {buyer_id: bigint, mail: text}}
        driving: {extract: buyer}
        select: |
          SELECT buyer._cluster AS _cluster,
                 concat('BUYER#', buyer.buyer_id) AS PK,
                 'BUYER' AS SK,
                 buyer.mail AS mail
          FROM buyer
      - name: bill
        key_prefix: {SK: 'BILL#'}
        extracts:
          bill: {source: bill, group: shops, columns: {buyer_id: bigint, bill_no: integer, due: timestamptz}}
        driving: {extract: bill}
        select: |
          SELECT bill._cluster AS _cluster,
                 concat('BUYER#', bill.buyer_id) AS PK,
                 concat('BILL#', bill.bill_no) AS SK,
                 bill.due AS forgetAt
          FROM bill
        attributes: {forgetAt: epoch_seconds}
        max_rejects: 3
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "domains").mkdir()
    (tmp_path / "clusters.yaml").write_text(CLUSTERS)
    (tmp_path / "domains/shop.yaml").write_text(SHOP)
    return tmp_path


def problems(folder: Path, *changes: tuple[str, str]) -> list[str]:
    """Return what is said of the domain's file after some changes, without its path."""
    path, text = folder / "domains/shop.yaml", SHOP
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    path.write_text(text)
    return [str(problem).removeprefix(f"{path}:") for problem in read_catalog(folder)[1]]


def test_the_jobs_get_each_part_as_a_table_with_the_keys_that_its_select_returns(folder: Path) -> None:
    catalog = load_catalog(folder)
    plain, buyer, bill = build_spec(catalog, "shop")["tables"]

    assert [table.name for table in catalog.domains["shop"].tables] == ["Plain", "Shop"]
    assert ("part" in plain, "keyPrefix" in plain) == (False, False)
    names = ("name", "part", "keyPrefix", "ttl", "maxRejects")
    assert [buyer[name] for name in names] == ["Shop.buyer", "buyer", {"SK": "BUYER"}, None, 0]
    assert [bill[name] for name in names] == ["Shop.bill", "bill", {"SK": "BILL#"}, "forgetAt", 3]
    assert buyer["key"] == bill["key"]
    mail = {"name": "mail", "type": "S"}
    assert buyer["indexes"] == [{"name": "byMail", "partition": mail, "sort": None}]
    assert bill["indexes"] == [{"name": "byMail", "partition": None, "sort": None}]
    assert select_steps(catalog.domains["shop"]) == [
        ("tables", 0),
        ("tables", 1, "parts", 0),
        ("tables", 1, "parts", 1),
    ]
    assert [cluster.identifier for cluster in catalog.clusters_of("shop")] == ["shop-1", "shop-2"]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (
            "{SK: 'BILL#'}",
            "{SK: B}",
            (
                "31:21: tables.Shop.parts.bill.key_prefix: does not separate its items from those of buyer: in one key "
                "attribute, neither prefix may begin with the other"
            ),
        ),
        (
            "{SK: 'BILL#'}",
            "{PK: 'BUYER#'}",
            (
                "31:21: tables.Shop.parts.bill.key_prefix: does not separate its items from those of buyer: in one key "
                "attribute, neither prefix may begin with the other"
            ),
        ),
        (
            "{SK: 'BILL#'}",
            "{SK: 'RECEIPT#'}",
            "31:26: tables.Shop.parts.bill.key_prefix.SK: is 'RECEIPT#', but the select's SK begins with 'BILL#'",
        ),
        (
            "concat('BILL#'",
            "concat('OLD-BILL#'",
            "31:26: tables.Shop.parts.bill.key_prefix.SK: is 'BILL#', but the select's SK begins with 'OLD-BILL#'",
        ),
        ("FROM bill\n", "FROM bill WHERE (\n", "tables.Shop.parts.bill.select: "),
        (
            "{SK: BUYER}",
            "{SK: BUYER, mail: a}",
            "20:33: tables.Shop.parts.buyer.key_prefix.mail: 'mail' is not a key attribute of the table",
        ),
        (
            "name: bill\n        key",
            "name: buyer\n        key",
            "30:15: tables.Shop.parts.buyer.name: 'buyer' is another part's name already",
        ),
        ("ttl: forgetAt", "ttl: forgetsAt", "tables.Shop.ttl: 'forgetsAt' is returned by no part's select"),
        (
            "partition: {name: mail",
            "partition: {name: email",
            "tables.Shop.indexes.byMail.partition.name: 'email' is returned by no part's select",
        ),
        (
            "bill.due AS forgetAt",
            "bill.duo AS forgetAt",
            "tables.Shop.parts.bill.select: bill has no column 'duo' among those that the catalog reads",
        ),
        ("max_rejects: 3", "max_reject: 3", "tables.Shop.parts.bill.max_reject: is not a known key"),
        ("    ttl: forgetAt", "    select: SELECT 1", "tables.Shop.select: is not a known key"),
        ("name: Plain", "name: Shop.bill", "tables.Shop.name: this domain already has a table with that name"),
        (
            "{name: SK, type: S}",
            "{name: SK, type: N}",
            "tables.Shop.parts.buyer.key_prefix.SK: SK is of type N; only a text can have a prefix",
        ),
    ],
)
def test_a_mistake_is_said_at_its_part(folder: Path, old: str, new: str, words: str) -> None:
    said = problems(folder, (old, new))

    assert any(words in line for line in said), said


def test_parts_need_no_more_than_the_file_says(folder: Path) -> None:
    assert problems(folder) == []
    assert problems(folder, ("key_prefix: {SK: BUYER}", "key_prefix: {PK: 'BUYER#', SK: BUYER}")) == []


def test_a_key_attribute_of_an_index_is_asked_for_its_type_where_a_part_lacks_the_other_one(folder: Path) -> None:
    both = "partition: {name: mail, type: S}\n        sort: {name: forgetAt, type: N}"
    assert problems(folder, ("partition: {name: mail, type: S}", both)) == []

    buyer, bill = build_spec(load_catalog(folder), "shop")["tables"][1:]
    assert [index["sort"] for index in buyer["indexes"]] == [None]
    assert [index["partition"] for index in bill["indexes"]] == [None]
    assert [index["sort"] for index in bill["indexes"]] == [{"name": "forgetAt", "type": "N"}]


@pytest.mark.parametrize(
    ("changes", "messages"),
    [
        ([("    ttl: forgetAt", "    capacity: {read: 1, write: 1}\n    ttl: forgetAt")], [
            (
                "17:5: tables.Shop.capacity: needs `billing_mode: PROVISIONED`; an on-demand table has no capacity "
                "of its own"
            )
        ]),
        ([("due: timestamptz", "due: timestampz")], [
            ("33:97: tables.Shop.parts.bill.extracts.bill.columns.due: unknown column type 'timestampz'; did you mean "
            "'timestamptz'?")
        ]),
        ([("ttl: forgetAt", "ttl: forgetAt\n    catch_up: {version: [mail, forgetAt]}")], []),
        ([("ttl: forgetAt", "ttl: forgetAt\n    catch_up: {version: [mail, email]}")], [
            "18:32: tables.Shop.catch_up.version.1: 'email' is returned by no part's select; did you mean 'mail'?"
        ]),
        ([("name: mail, type: S}", "name: mail, type: S}\n        sort: {name: forgotAt, type: N}")], [
            ("17:22: tables.Shop.indexes.byMail.sort.name: 'forgotAt' is returned by no part's select; did you mean "
            "'forgetAt'?")
        ]),
        ([("{SK: BUYER}", "{SK: 'BUYER#'}")], [
            "20:26: tables.Shop.parts.buyer.key_prefix.SK: is 'BUYER#', but the select's SK begins with 'BUYER'"
        ]),
        ([("{SK: 'BILL#'}", "{SK: 'BUYER#'}")], [
            ("31:21: tables.Shop.parts.bill.key_prefix: does not separate its items from those of buyer: in one key "
            "attribute, neither prefix may begin with the other"),
            "31:26: tables.Shop.parts.bill.key_prefix.SK: is 'BUYER#', but the select's SK begins with 'BILL#'",
        ]),
        ([("concat('BILL#', bill.bill_no)", "concat('BI', 'LL#', bill.bill_no)")], []),
        ([("concat('BUYER#', buyer.buyer_id) AS PK", "buyer.mail AS PK"), ("{SK: BUYER}", "{PK: x, SK: BUYR}")], [
            "20:33: tables.Shop.parts.buyer.key_prefix.SK: is 'BUYR', but the select's SK begins with 'BUYER'"
        ]),
        ([("concat('BUYER#', buyer.buyer_id)", "concat(buyer.mail)"), ("{SK: BUYER}", "{PK: x, SK: BUYR}")], [
            "20:33: tables.Shop.parts.buyer.key_prefix.SK: is 'BUYR', but the select's SK begins with 'BUYER'"
        ]),
        ([("{name: SK, type: S}", "{name: SK, type: N}")], [
            "20:22: tables.Shop.parts.buyer.key_prefix.SK: SK is of type N; only a text can have a prefix",
            "31:22: tables.Shop.parts.bill.key_prefix.SK: SK is of type N; only a text can have a prefix",
        ]),
    ],
)  # fmt: skip
def test_all_that_is_said_of_a_part_is_said_at_its_place(
    folder: Path, changes: list[tuple[str, str]], messages: list[str]
) -> None:
    assert problems(folder, *changes) == messages


def test_a_wrong_type_of_a_part_is_reported_once(folder: Path) -> None:
    changes = [("mail: text", "mail: txt"), ("{name: mail, type: S}", "{name: mail, type: N}")]

    assert problems(folder, *changes) == [
        "22:82: tables.Shop.parts.buyer.extracts.buyer.columns.mail: unknown column type 'txt'; did you mean 'text'?"
    ]


def test_two_tables_of_different_parts_have_different_names(folder: Path) -> None:
    whole = SHOP[SHOP.index("  - name: Shop") :]
    again = whole.replace("name: buyer", "name: client").replace("name: bill", "name: invoice")

    assert problems(folder, (whole, f"{whole}{again}")) == [
        "43:11: tables.Shop.name: this domain already has a table with that name"
    ]


def test_conditions_are_checked_although_no_engine_is_known(folder: Path) -> None:
    (folder / "clusters.yaml").write_text("groups: [")

    (_, message) = problems(folder, ("group: shops,", "group: shops, where: body = user,"))

    assert message == (
        "5:49: tables.Plain.extracts.note.where: user() depends on the user or on the server's settings, "
        "so the comparison may see other rows"
    )


def test_a_part_whose_columns_are_not_known_is_refused(folder: Path) -> None:
    select = """SELECT bill._cluster AS _cluster,
                 concat('BUYER#', bill.buyer_id) AS PK,
                 concat('BILL#', bill.bill_no) AS SK,
                 bill.due AS forgetAt
"""
    said = problems(folder, (select, "SELECT bill.* EXCEPT (due)\n"))

    assert (
        "35:17: tables.Shop.parts.bill.select: returns columns that cannot be resolved: name them instead of writing *"
    ) in said


def test_keys_of_a_part_that_may_collide_are_found(folder: Path) -> None:
    (said,) = problems(folder, ("concat('BILL#', bill.bill_no)", "concat('BILL#', lower(bill.bill_no))"))

    assert "tables.Shop.key.sort: in the part bill: different source rows may mean one key" in said
