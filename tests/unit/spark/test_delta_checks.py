"""Checks of Delta's counts before it writes anything, and the numbering of its buckets."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from migration_spark.arguments import Arguments, Base, Differences
from migration_spark.delta_checks import CLASSES, ExpectedSides, check_bounds, check_sums
from migration_spark.delta_keys import bucket_count
from migration_spark.errors import (
    BaseNotFound,
    ExportDamaged,
    RowsNotConserved,
    TooManyChanges,
    TooManyDeletions,
)

GOOD = {"inserted": 3, "updated": 2, "deleted": 1, "unchanged": 10, "base": 13, "items": 15}
EXPECTED = ExpectedSides(base=13, items=15, is_export=False)


def check(counts: dict[str, int], expected: ExpectedSides = EXPECTED) -> None:
    check_sums("Rate", counts, expected, unreadable=(0, 0), repeated=0)


def test_counts_that_add_up_to_both_sides_are_good() -> None:
    check(GOOD)


def test_delta_counts_every_class_and_both_sides() -> None:
    assert [*CLASSES, "base", "items"] == list(GOOD)


@pytest.mark.parametrize(
    ("is_export", "unreadable", "repeated", "error", "message"),
    [
        (True, (1, 1), 1, ExportDamaged, "1 lines of the base are not items; export the table again"),
        (False, (2, 0), 0, BaseNotFound, "2 lines of the base are not items; start an official run"),
        (False, (0, 1), 1, RowsNotConserved, "1 lines that Bootstrap wrote are not items; start a new run"),
        (True, (0, 0), 1, RowsNotConserved, "1 keys are in the base or in the items more than once"),
    ],
    ids=["an export", "a proven run", "new items", "a key twice"],
)
def test_a_side_that_is_not_items_with_keys_of_their_own_is_refused(
    *, is_export: bool, unreadable: tuple[int, int], repeated: int, error: type[Exception], message: str
) -> None:
    expected = ExpectedSides(base=13, items=15, is_export=is_export)

    with pytest.raises(error) as raised:
        check_sums("Rate", GOOD, expected, unreadable=unreadable, repeated=repeated)

    assert str(raised.value) == f"Rate: {message}"


@pytest.mark.parametrize(
    ("counts", "expected", "message"),
    [
        ({**GOOD, "deleted": 0}, EXPECTED, "the base should be 13 items; 13 were read, and the classes make 12"),
        ({**GOOD, "inserted": 4}, EXPECTED, "the items should be 15 items; 15 were read, and the classes make 16"),
        ({**GOOD, "base": 12}, EXPECTED, "the base should be 13 items; 12 were read, and the classes make 13"),
        (
            GOOD,
            ExpectedSides(14, 15, is_export=False),
            "the base should be 14 items; 13 were read, and the classes make 13",
        ),
        (
            GOOD,
            ExpectedSides(13, 14, is_export=False),
            "the items should be 14 items; 15 were read, and the classes make 15",
        ),
    ],
)
def test_counts_that_do_not_add_up_are_named(counts: dict[str, int], expected: ExpectedSides, message: str) -> None:
    with pytest.raises(RowsNotConserved) as raised:
        check(counts, expected)

    assert str(raised.value) == f"Rate: {message}"


def arguments(*, is_repair: bool = False, **bounds: float) -> Arguments:
    differences = Differences(None if is_repair else Base("r0", "a0", {}), "a1", **bounds)
    return Arguments("", "", "rates", "r1", "a1", "official", 9, {}, {}, differences)


def table(name: str = "Rate", deletes: float = 1, changes: float = 25) -> Any:  # noqa: ANN401 - what a bound looks at
    return SimpleNamespace(name=name, max_delete_percent=deletes, max_change_percent=changes)


def counts(base: int, **kinds: int) -> dict[str, int]:
    return {"inserted": 0, "updated": 0, "deleted": 0, "base": base, **kinds}


@pytest.mark.parametrize(
    ("counted", "bounds"),
    [
        (counts(100, deleted=1, updated=24), {}),
        (counts(100, deleted=50), {"max_delete_percent": 50, "max_change_percent": 50}),
        (counts(100, inserted=300), {"max_change_percent": 300}),
        (counts(0, inserted=1_000), {}),
        (counts(3, deleted=3), {"max_delete_percent": 100, "max_change_percent": 100}),
    ],
    ids=["up to the bounds", "as the command allows", "more than there are", "an empty table", "all of them"],
)
def test_as_many_changes_as_are_allowed_pass(counted: dict[str, int], bounds: dict[str, float]) -> None:
    check_bounds(arguments(**bounds), [(table(), counted)])


@pytest.mark.parametrize("named", ["inserted", "updated", "deleted"])
def test_every_kind_of_change_counts(named: str) -> None:
    with pytest.raises(TooManyChanges):
        check_bounds(arguments(max_delete_percent=100), [(table(), counts(100, **{named: 26}))])


def test_a_command_may_allow_less_than_the_catalog() -> None:
    with pytest.raises(TooManyDeletions, match="1 of 100 items"):
        check_bounds(arguments(max_delete_percent=0), [(table(), counts(100, deleted=1))])


def test_every_table_beyond_its_bound_is_named_with_what_allows_all_of_them() -> None:
    tables = [
        (table("Rate"), counts(1_000, deleted=25)),
        (table("Plan", deletes=5), counts(1_000, deleted=50)),
        (table("Room", deletes=2), counts(300, deleted=100)),
    ]
    with pytest.raises(TooManyDeletions) as raised:
        check_bounds(arguments(is_repair=True), tables)

    assert str(raised.value) == (
        "Rate: 25 of 1000 items (2.5 %) would be deleted, 1 % may be; Room: 100 of 300 items (33.3 %) would be "
        "deleted, 2 % may be. Nothing was written. If the source is right, allow it once: migrate repair r1 "
        "--max-delete-percent 34. To allow it from now on, raise catch_up.max_delete_percent of the table in the "
        "catalog, deploy, and start a new run"
    )


def test_a_catch_up_beyond_its_bound_names_the_catch_up_that_allows_it() -> None:
    with pytest.raises(TooManyChanges) as raised:
        check_bounds(arguments(), [(table(), counts(100, updated=26))])

    assert str(raised.value) == (
        "Rate: 26 of 100 items (26 %) would be put or deleted, 25 % may be. Nothing was written. If the source is "
        "right, allow it once: migrate catch-up --domain rates --run-id r1 --max-change-percent 26. To allow it from "
        "now on, raise catch_up.max_change_percent of the table in the catalog, deploy, and start a new run"
    )


@pytest.mark.parametrize(("items", "buckets"), [(0, 64), (16, 64), (17, 128), (1_000, 4_096), (3_000_000_000, 1 << 26)])
def test_buckets_are_a_power_of_two_of_several_to_an_item(items: int, buckets: int) -> None:
    assert bucket_count(items) == buckets
