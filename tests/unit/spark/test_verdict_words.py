"""The verdict is MATCH only if no table differs and the witness has no differences."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from migration_spark.comparison import BAD, CLASSES
from migration_spark.redaction import key_hash
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


def written(
    tables: dict[str, Any], *, verify: bool = False, left_out: tuple[str, ...] = ()
) -> dict[str, dict[str, Any]]:
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
        left_out=list(left_out),
        storage=SimpleNamespace(write_json=documents.__setitem__),
    )
    write_verdict(job, tables)
    manifest = {
        "tables": {tally.get("partOf", (name,))[0]: {"items": 10} for name, tally in tables.items()},
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
    hashed = key_hash("secret-key")
    assert document["firstDifference"] == {"table": "Thing", "class": "changed", "column": "note", "key": hashed}
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


SAMPLE = {"class": "changed", "key": "k", "column": "note", "source": "S:a", "target": "S:b"}
FIRST = f"The first: Thing {key_hash('k')} is changed in note. Both values are in the report."
UNREAD = "No clone was read: the rows are those that the run landed."


@pytest.mark.parametrize(
    ("tables", "options", "summary"),
    [
        (
            {f"T{n}": table(changed=1, extra=3 * (n == 1)) for n in range(6)},
            {},
            "9 items differ (T0: 1 changed; T1: 1 changed, 3 extra; T2: 1 changed; T3: 1 changed; T4: 1 changed).",
        ),
        (
            {"Other": table(), "Thing": table(changed=1, samples=(SAMPLE,))},
            {},
            f"1 item differs (Thing: 1 changed). {FIRST}",
        ),
        (
            {"Thing": table(changed=2, samples=(SAMPLE,))},
            {"verify": True, "left_out": ("A", "B")},
            f"2 items differ (Thing: 2 changed). {FIRST} {UNREAD} It says nothing of 2 tables of the domain: A, B.",
        ),
        ({"Thing": table()}, {"verify": True}, f"All 10 items of 1 tables still match what the run read. {UNREAD}"),
        (
            {"Thing": table()},
            {"left_out": ("A",)},
            "All 10 items of 1 tables match the clones. It says nothing of 1 tables of the domain: A.",
        ),
    ],
    ids=["six tables", "one item", "a verification that differs", "a verification", "some tables"],
)
def test_a_summary_has_the_result_and_its_scope(tables: dict[str, Any], options: dict[str, Any], summary: str) -> None:
    report = next(document for uri, document in written(tables, **options).items() if uri.endswith("/report.json"))

    assert report["summary"] == summary
    assert report["leftOut"] == list(options.get("left_out", ()))


def test_a_verification_has_no_witness() -> None:
    documents = written({"Thing": table()}, verify=True)

    assert documents["reports/verifications/a1/verdict.json"]["witness"] is None


def part(name: str, **facts: Any) -> dict[str, Any]:
    return {**table(), "partOf": ("Thing", name), **facts}


def test_a_table_of_parts_has_the_sums_of_its_parts_and_each_parts_counts() -> None:
    first = part(
        "a", changed=2, target=10, samples=[SAMPLE], excluded=["e"], tolerances={"t": 0.5},
        changedAttributes={"x": 1, "y": 2}, hiddenDifferences={"h": 1},
    )  # fmt: skip
    second = part(
        "b", matched=5, target=20, samples=[SAMPLE], excluded=["e", "f"], tolerances={"t": 0.5, "u": 1.0},
        changedAttributes={"x": 3}, hiddenDifferences={"h": 4},
    )  # fmt: skip
    none = dict.fromkeys(CLASSES, 0)
    counts = {
        "a": {**none, "compared": 12, "matched": 10, "changed": 2},
        "b": {**none, "compared": 5, "matched": 5},
    }
    sums = {**none, "compared": 17, "matched": 15, "changed": 2}
    names = ("excluded", "tolerances", "samples", "changedAttributes", "hiddenDifferences")
    parts = {
        name: {**counts[name], "exported": own["target"], **{of: own[of] for of in names}}
        for name, own in (("a", first), ("b", second))
    }

    documents = written({"Thing.a": first, "Thing.b": second})

    assert documents["reports/verdict.json"]["tables"] == {"Thing": sums}
    report = documents["reports/report.json"]
    assert report["tables"] == {
        "Thing": {
            **sums, "exported": 30, "samples": [SAMPLE, SAMPLE], "excluded": ["e", "f"],
            "tolerances": {"t": 0.5, "u": 1.0}, "changedAttributes": {"x": 4, "y": 2}, "hiddenDifferences": {"h": 5},
            "parts": parts,
        }
    }  # fmt: skip
    assert report["bootstrap"] == {"Thing": {"items": 10}}


def test_the_parts_of_a_table_are_one_table_even_a_part_alone() -> None:
    both = verdict({"Thing.a": part("a"), "Thing.b": part("b"), "Other": table()})
    alone = verdict({"Thing.a": part("a")})

    assert both["summary"] == "All 30 items of 2 tables match the clones."
    assert alone["tables"] == {"Thing": {**dict.fromkeys(CLASSES, 0), "compared": 10, "matched": 10}}
