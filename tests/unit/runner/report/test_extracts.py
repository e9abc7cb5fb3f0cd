"""The extracts of a report, from whichever documents name them, and the totals of the witness."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.unit.runner.report import samples
from tests.unit.runner.report.raw import document_of

CLUSTER: dict[str, Any] = dict.fromkeys(("rows", "kind", "estimate", "estimateDiffers", "inside", "outside", "witness"))
COUNTS = ("rows", "sampled", "landed", "exported", "differences")


def extracts_of(manifest: dict[str, Any], witness: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    """Return the extracts of a run whose manifest says nothing else."""
    matched = samples.match()
    document = document_of(
        replace(
            matched,
            manifest={**samples.IDENTITY, **manifest},
            comparison={**(matched.comparison or {}), "witness": witness or {}},
        )
    )
    extracts: list[dict[str, Any]] = document["extracts"]
    return extracts


def extract(table: str, name: str, *clusters: dict[str, Any], **facts: Any) -> dict[str, Any]:  # noqa: ANN401 - fields
    return {
        "table": table, "extract": name, "condition": None, "leftOut": None, "newColumns": None, **facts,
        "clusters": [{**CLUSTER, **cluster} for cluster in clusters],
    }  # fmt: skip


def test_each_document_that_names_an_extract_is_enough_and_the_manifests_come_first() -> None:
    shown = extracts_of(
        {
            "audit": {"T-a": {"c1": [5, 6, 7], "c0": []}},
            "sources": {"T-b": {"c2": {"kind": "view", "estimate": 3}}},
            "where": {"T-c": {"condition": "x > 1", "clusters": {"c3": {"inside": 1, "outside": 2}}}, "T-n": None},
            "unread": {"My-Table-d": {"leftOut": ["l"], "new": ["n"]}, "T-m": None},
        },
        {"T-e": {"c4": {"sampled": 1}}, "T-a": {"c5": {}}},
    )

    seen = dict.fromkeys(COUNTS)
    assert shown == [
        extract("T", "a", {"cluster": "c1", "rows": 5}, {"cluster": "c5", "witness": seen}),
        extract("T", "b", {"cluster": "c2", "kind": "view", "estimate": 3}),
        extract("T", "c", {"cluster": "c3", "inside": 1, "outside": 2}, condition="x > 1"),
        extract("T", "n"),
        extract("My-Table", "d", leftOut=["l"], newColumns=["n"]),
        extract("T", "m"),
        extract("T", "e", {"cluster": "c4", "witness": {**seen, "sampled": 1}}),
    ]


def test_a_cluster_is_in_an_extract_once_whichever_documents_name_it() -> None:
    counts = {"rows": 9, "sampled": 8, "landed": 7, "exported": 6, "differences": 1}
    (shown,) = extracts_of(
        {
            "audit": {"T-a": {"c1": [9, 9, 90]}},
            "sources": {"T-a": {"c2": {"kind": "table", "estimate": 4}, "c1": {"kind": "table", "estimate": 11}}},
            "where": {"T-a": {"condition": "x", "clusters": {"c3": {"inside": 3}, "c1": {"inside": 9, "outside": 1}}}},
        },
        {"T-a": {"c4": counts, "c1": counts}},
    )

    assert shown == extract(
        "T",
        "a",
        {
            "cluster": "c1", "rows": 9, "kind": "table", "estimate": 11, "estimateDiffers": False,
            "inside": 9, "outside": 1, "witness": counts,
        },
        {"cluster": "c2", "kind": "table", "estimate": 4},
        {"cluster": "c3", "inside": 3},
        {"cluster": "c4", "witness": counts},
        condition="x",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("estimate", "sides", "differs"),
    [
        (1, {"inside": 101}, False),
        (1, {"inside": 102}, True),
        (100, {"outside": 200}, False),
        (100, {"outside": 201}, True),
        (1, {"inside": None, "outside": 102}, True),
        (1, {"inside": 102, "outside": None}, True),
        # Nothing is known of either side: no row is.
        (100, {}, False),
        (101, {}, True),
    ],
)
def test_an_estimate_differs_beyond_a_hundred_rows_and_twice_as_many(
    estimate: int, sides: dict[str, int | None], *, differs: bool
) -> None:
    sources = {"T-a": {"c": {"kind": "table", "estimate": estimate}}}
    (shown,) = extracts_of({"sources": sources, "where": {"T-a": {"condition": "x", "clusters": {"c": sides}}}})

    assert shown["clusters"][0]["estimateDiffers"] is differs


@pytest.mark.parametrize(("rows", "differs"), [(101, False), (102, True)])
def test_without_a_condition_the_rows_read_are_all_rows(rows: int, *, differs: bool) -> None:
    sources = {"T-a": {"c": {"kind": "table", "estimate": 1}}}
    (shown,) = extracts_of({"audit": {"T-a": {"c": [rows, 1]}}, "sources": sources})

    assert (shown["clusters"][0]["inside"], shown["clusters"][0]["estimateDiffers"]) == (None, differs)


def witness_of(verdict: dict[str, Any] | None, checked: dict[str, Any]) -> dict[str, Any] | None:
    matched = samples.match()
    without = {name: value for name, value in (matched.verdict or {}).items() if name != "witness"}
    witness: dict[str, Any] | None = document_of(
        replace(
            matched,
            verdict=without | ({"witness": verdict} if verdict is not None else {}),
            comparison={**(matched.comparison or {}), "witness": checked},
        )
    )["witness"]
    return witness


def test_the_witness_has_the_verdicts_totals_and_else_the_sums_of_the_clusters() -> None:
    checked = {
        "T-a": {"c1": {"sampled": 1, "landed": 20, "exported": 300, "differences": 4_000}, "c2": {}},
        "T-b": {"c1": {"sampled": 5, "landed": 60, "exported": 700, "differences": 8_000}},
    }

    totals = {"sampled": 9, "landed": 8, "exported": 7, "differences": 6}
    assert witness_of(totals, checked) == {**totals, "samples": []}
    sums = {"sampled": 6, "landed": 80, "exported": 1_000, "differences": 12_000, "samples": []}
    assert witness_of(None, checked) == sums
    assert witness_of(totals, {}) == {**totals, "samples": []}
    assert witness_of(None, {}) is None
    assert witness_of(None, {"T-a": {}}) is None


def test_a_disputed_value_is_shown_with_the_side_that_it_differs_from() -> None:
    matched = samples.match()
    landed = {**samples.DISPUTED, "key": 17}
    exported = {**{name: landed[name] for name in landed if name != "landed"}, "clone": None, "exported": "y" * 1025}
    witness = document_of(
        replace(matched, comparison={**(matched.comparison or {}), "witnessSamples": [landed, exported]})
    )["witness"]

    where = {"table": "BaseRate", "extract": "rate", "cluster": "partition-01", "column": "amount", "key": "17"}
    assert witness["samples"] == [
        {
            **where,
            "clone": {"type": None, "text": "7.038531e-26", "characters": 12, "cut": False},
            "against": "landed",
            "value": {"type": None, "text": "7.0385313e-26", "characters": 13, "cut": False},
        },
        {
            **where,
            "clone": {"type": None, "text": "null", "characters": 4, "cut": False},
            "against": "exported",
            "value": {"type": None, "text": "y" * 1024, "characters": 1025, "cut": True},
        },
    ]


def test_a_run_without_documents_has_no_extracts() -> None:
    document = document_of(replace(samples.match(), manifest=None, comparison=None, verdict=None))

    assert (document["extracts"], document["witness"]) == ([], None)
