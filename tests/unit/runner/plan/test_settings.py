"""The table settings of the catalog: shown, checked, and left out of the prices where they do not know it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from catalog.table_options import Capacity as CatalogCapacity
from runner.plan.checks.keys import check_keys
from runner.plan.checks.streams import check_streams
from runner.plan.facts import Capacity, TableSettings, Unread
from runner.plan.model import Finding, Quota
from runner.plan.quotas import capacity_quotas
from runner.plan.table_settings import not_counted, table_settings
from runner.plan.unread import check_unread, unread_columns
from tests.unit.runner.plan.fake_account import Client, account, manifest, refused

if TYPE_CHECKING:
    from catalog.models import Extract, Table
    from runner.account.lookups import Account

KEY = "arn:aws:kms:eu-west-1:971779422973:key/k"


def wanting(made: Account, **settings: Any) -> Account:  # noqa: ANN401 - the model's fields
    """Give the domain's first table these settings."""
    first, *others = made.domain.tables
    with_table(made, first.model_copy(update=settings), *others)
    return made


def with_table(made: Account, *tables: Table) -> None:
    domain = made.domain.model_copy(update={"tables": tables})
    made.catalog = made.catalog.model_copy(update={"domains": {**made.catalog.domains, domain.name: domain}})


def leaving_out(made: Account, *columns: str) -> Account:
    """Let the first table's driving extract leave columns out."""
    first = made.domain.tables[0]
    name = first.driving.extract
    extract: Extract = first.extracts[name].model_copy(update={"left_out": columns})
    return wanting(made, extracts={**first.extracts, name: extract})


def test_a_rehearsal_enables_no_stream_and_protects_no_table() -> None:
    assert table_settings(account())[0] == TableSettings(
        table="BaseRate",
        name="BaseRate-rehearsal",
        billing_mode="PAY_PER_REQUEST",
        capacity=None,
        on_demand_maximum=None,
        warm_throughput=None,
        table_class="STANDARD",
        kms_key=None,
        stream=None,
        deletion_protection=False,
    )


def test_an_official_table_has_what_the_catalog_wants() -> None:
    capacity = CatalogCapacity(read=10, write=5)
    made = wanting(account(mode="official"), billing_mode="PROVISIONED", capacity=capacity, kms_key=KEY)

    options = table_settings(made)[0]

    assert (options.name, options.stream, options.deletion_protection) == ("BaseRate", "BaseRate-Stream", True)
    assert (options.capacity, options.kms_key) == (Capacity(10, 5), KEY)


def test_a_domain_without_streams_has_none_to_check() -> None:
    made = account(mode="official")
    with_table(made, *[table.model_copy(update={"stream": None}) for table in made.domain.tables])

    assert made.streams == []
    assert list(check_streams(made)) == []
    assert {options.stream for options in table_settings(made)} == {None}


def test_settings_that_the_prices_leave_out_are_named() -> None:
    capacity = CatalogCapacity(read=10, write=5)
    made = wanting(
        account(),
        billing_mode="PROVISIONED",
        capacity=capacity,
        table_class="STANDARD_INFREQUENT_ACCESS",
        warm_throughput=capacity,
        kms_key=KEY,
    )

    assert list(not_counted(account())) == []
    assert list(not_counted(made)) == [
        "the provisioned capacity of BaseRate-rehearsal, which costs from its import on",
        "the class STANDARD_INFREQUENT_ACCESS of BaseRate-rehearsal: its storage costs less, its reads and writes more",
        "the warm throughput of BaseRate-rehearsal, which is paid for once",
        "the KMS requests of BaseRate-rehearsal",
    ]


def test_no_key_is_asked_for_where_no_table_has_one() -> None:
    assert list(check_keys(account())) == []


def described(**facts: Any) -> Account:  # noqa: ANN401 - KMS's facts
    metadata = {"KeyId": "k", "KeyState": "Enabled", "KeySpec": "SYMMETRIC_DEFAULT", "KeyUsage": "ENCRYPT_DECRYPT"}
    return wanting(account(clients={"kms": Client(describe_key={"KeyMetadata": {**metadata, **facts}})}), kms_key=KEY)


def test_an_enabled_symmetric_key_is_quiet() -> None:
    assert list(check_keys(described())) == []


@pytest.mark.parametrize(
    ("facts", "problem", "todo"),
    [
        ({"KeyState": "Disabled"}, "it is Disabled, not Enabled", "enable it: aws kms enable-key --key-id k"),
        (
            {"KeySpec": "RSA_2048", "KeyUsage": "SIGN_VERIFY"},
            "it is RSA_2048 for SIGN_VERIFY, not a symmetric key that encrypts",
            "correct kms_key in catalog/domains/rates.yaml",
        ),
    ],
)
def test_a_key_that_encrypts_no_table_is_refused(facts: dict[str, str], problem: str, todo: str) -> None:
    assert list(check_keys(described(**facts))) == [
        Finding("fails", f"KMS key {KEY}", f"{problem}; it would encrypt BaseRate", todo)
    ]


def test_a_missing_key_is_refused() -> None:
    made = wanting(account(clients={"kms": Client(describe_key=refused("NotFoundException"))}), kms_key="alias/rates")

    (finding,) = check_keys(made)

    assert (finding.level, finding.about) == ("fails", "KMS key alias/rates")
    assert finding.what == "it does not exist in eu-west-1; it would encrypt BaseRate"


def test_a_key_of_another_region_is_refused_before_it_is_asked_for() -> None:
    elsewhere = KEY.replace("eu-west-1", "eu-central-1")

    (finding,) = check_keys(wanting(account(), kms_key=elsewhere))

    assert finding.what == "it is in eu-central-1, but a table's key must be in eu-west-1; it would encrypt BaseRate"


def test_provisioned_capacity_is_held_against_the_accounts_own_limits() -> None:
    limits = {"TableMaxReadCapacityUnits": 40_000, "TableMaxWriteCapacityUnits": 100}
    made = wanting(
        account(clients={"dynamodb": Client(describe_limits=limits)}),
        billing_mode="PROVISIONED",
        capacity=CatalogCapacity(read=10, write=101),
    )

    read, write = capacity_quotas(made)

    assert read == Quota("read units of the largest table", 0, 10, 40_000, "the account's own")
    assert (read.passed, write.passed) == (False, True)
    assert list(capacity_quotas(account())) == []


def seen(new: list[str]) -> Any:  # noqa: ANN401 - a manifest
    earlier = manifest()
    driving = account().domain.tables[0].driving.extract
    earlier.content["unread"] = {f"BaseRate-{driving}": {"leftOut": [], "new": new}}
    return earlier


def test_a_new_column_of_the_newest_run_stops_an_official_run_and_warns_in_a_rehearsal() -> None:
    driving = account().domain.tables[0].driving.extract
    unread = unread_columns(account(), seen(["tax", "fee"]))

    assert unread == [Unread("BaseRate", driving, (), ("tax", "fee"), "the run run-1 of 2026-11-20")]
    about = f"extract {driving} of BaseRate"
    what = "the catalog neither reads nor leaves out tax, fee, by the run run-1 of 2026-11-20; "
    todo = "list each in catalog/domains/rates.yaml under columns or left_out, and deploy"
    official = check_unread(account(mode="official"), unread)
    assert list(official) == [Finding("fails", about, f"{what}the run would fail with ColumnsNotListed", todo)]
    rehearsal = check_unread(account(), unread)
    assert list(rehearsal) == [Finding("warns", about, f"{what}an official run would fail with ColumnsNotListed", todo)]


def test_a_column_that_the_catalog_lists_by_now_is_not_new() -> None:
    made = leaving_out(account(mode="official"), "tax")
    read = next(iter(made.domain.tables[0].extracts[made.domain.tables[0].driving.extract].columns))

    (unread,) = unread_columns(made, seen(["tax", read]))

    assert (unread.left_out, unread.new, unread.source) == (("tax",), (), "the catalog")
    assert list(check_unread(made, [unread])) == []


def test_a_manifest_of_an_older_release_knows_no_unread_columns() -> None:
    assert unread_columns(account(), manifest()) == []
    assert unread_columns(account(), None) == []
