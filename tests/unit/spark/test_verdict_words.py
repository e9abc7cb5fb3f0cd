"""The verdict is MATCH only if no table differs and the witness has no differences."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from migration_spark.comparison import BAD, CLASSES
from migration_spark.reports import write_report, write_verdict

VERDICT_KEY = ("reports", "verdict.json")


class Findings:
    """Fake findings of the witness about a table."""

    def __init__(self, differences: int = 0) -> None:
        self.differences = differences
        sample = {"key": "k", "cluster": "one", "extract": "thing", "column": "note", "clone": "a", "exported": "b"}
        self.samples = [sample] * differences

    def total(self) -> dict[str, int]:
        return {"sampled": 5, "landed": 5, "exported": 5, "differences": self.differences}

    def document(self, table: str, rows: dict[str, Any]) -> dict[str, Any]:
        return {f"{table}-thing": rows[f"{table}-thing"]}


def table(witness: int = 0, samples: tuple[dict[str, Any], ...] = (), **classes: int) -> dict[str, Any]:
    none: dict[str, Any] = {"changedAttributes": {}, "hiddenDifferences": {}, "excluded": [], "tolerances": {}}
    counted = {**dict.fromkeys(CLASSES, 0), "matched": 10, **classes}
    return {**counted, **none, "samples": list(samples), "target": 10, "witness": Findings(witness)}


def written(tables: dict[str, Any], *, verify: bool = False) -> dict[str, dict[str, Any]]:
    """Write the verdict and the report; return the documents."""
    own = ("verifications", "a1") if verify else ()
    documents: dict[str, dict[str, Any]] = {}
    job: Any = SimpleNamespace(
        identity=lambda: {"attempt": "a1", "release": "r1", "mode": "official"},
        phases={"compare": 1.0},
        arguments=SimpleNamespace(
            uri=lambda *parts: "/".join(parts),
            report=lambda *parts: "/".join(("reports", *own, *parts)),
            verify=verify,
        ),
        left_out=[],
        storage=SimpleNamespace(write_json=documents.__setitem__),
    )
    write_verdict(job, tables)
    manifest = {
        "tables": {name: {"items": 10} for name in tables},
        "extracts": {f"{name}-thing": {"one": 10} for name in tables},
    }
    write_report(job, manifest, tables)
    return documents


def verdict(tables: dict[str, Any]) -> dict[str, Any]:
    return written(tables)["reports/verdict.json"]


@pytest.mark.parametrize("kind", CLASSES)
@pytest.mark.parametrize("first", [True, False])
def test_one_key_of_a_bad_class_in_any_table_is_a_mismatch(kind: str, *, first: bool) -> None:
    pair = [table(**{kind: 1}), table()]
    tables = dict(zip(("Thing", "Other"), pair if first else pair[::-1], strict=True))

    assert verdict(tables)["verdict"] == ("MISMATCH" if kind in BAD else "MATCH")
    assert {"changed", "missing", "extra", "duplicate", "undecodable"} == set(BAD)


@pytest.mark.parametrize(("kind", "own"), [("matched", False), ("missing", True)])
def test_a_verification_replaces_the_runs_own_verdict_only_where_it_differs(kind: str, *, own: bool) -> None:
    documents = written({"Thing": table(**{kind: 1})}, verify=True)

    assert documents["reports/verifications/a1/verdict.json"]["against"] == "raw"
    assert documents["reports/verifications/a1/report.json"]["against"] == "raw"
    assert ("reports/verdict.json" in documents) is own
    assert "reports/report.json" not in documents


def test_what_the_witness_alone_sees_is_a_mismatch_too() -> None:
    document = verdict({"Thing": table(), "Other": table(witness=1)})

    assert document["verdict"] == "MISMATCH"
    assert document["summary"].startswith("The witness found 1 differences in 10 sampled rows. The first: Other ")
    assert document["witness"] == {"sampled": 10, "landed": 10, "exported": 10, "differences": 1}


def test_a_match_counts_every_table_and_class() -> None:
    document = verdict({"Thing": table(expired=2, rejected=3, superseded=4), "Other": table()})

    assert document == {
        "attempt": "a1", "release": "r1", "mode": "official", "verdict": "MATCH", "against": "clones", "leftOut": [],
        "summary": "All 20 items of 2 tables match the clones.",
        "tables": {
            "Thing": {**dict.fromkeys(CLASSES, 0), "compared": 12, "matched": 10, "expired": 2, "rejected": 3, "superseded": 4},
            "Other": {**dict.fromkeys(CLASSES, 0), "compared": 10, "matched": 10},
        },
        "witness": {"sampled": 10, "landed": 10, "exported": 10, "differences": 0}, "firstDifference": None,
    }  # fmt: skip


def test_no_value_and_no_key_leaves_the_account_with_the_verdict() -> None:
    sample = {"class": "changed", "key": "secret-key", "column": "note", "source": "S:secret", "target": "S:other"}
    documents = written({"Thing": table(changed=2, samples=(sample,))})

    document = documents["reports/verdict.json"]
    assert set(document["firstDifference"]) == {"table", "class", "column", "key"}
    assert "secret" not in str(document)
    assert document["summary"].startswith("2 items differ (Thing: 2 changed). The first: Thing ")
    assert documents["reports/report.json"]["tables"]["Thing"]["samples"] == [sample]
    assert documents["reports/report.json"]["firstDifference"] == {"table": "Thing", **sample}


def test_a_report_says_what_bootstrap_wrote_and_what_the_witness_saw() -> None:
    report = written({"Thing": table()})["reports/report.json"]

    assert {name: report[name] for name in ("verdict", "phases", "bootstrap", "witness", "witnessSamples")} == {
        "verdict": "MATCH", "phases": {"compare": 1.0}, "bootstrap": {"Thing": {"items": 10}},
        "witness": {"Thing-thing": {"one": 10}}, "witnessSamples": [],
    }  # fmt: skip
    assert report["tables"]["Thing"]["exported"] == 10
