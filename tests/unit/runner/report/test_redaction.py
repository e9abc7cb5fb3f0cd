"""A report leaves the account without the values of rows, unless they are asked for."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import jsonschema
import migration_spark.redaction
import pytest

from runner.commands import report as command
from runner.report import redaction
from runner.report.page import render as render_page
from runner.report.redaction import without_values
from runner.report.summary import render as render_summary
from tests.unit.runner.report import gallery, samples
from tests.unit.runner.report.raw import as_document, report_of
from tests.unit.runner.report.test_document import SCHEMA

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from runner.report.model.report import Report
    from tests.unit.runner.report.raw import RawEvidence

SECRETS = ("hunter2-key", "hunter2-clone", "hunter2-dynamodb", "hunter2-duplicate", "hunter2-witness", "hunter2-landed")
CHANGED = {
    "class": "changed",
    "key": SECRETS[0],
    "column": "note",
    "source": f"S:{SECRETS[1]}",
    "target": f"S:{SECRETS[2]}",
}


def full() -> Report:
    """Return a report with a value wherever there can be one."""
    mismatched, disputed = samples.mismatch((CHANGED,)), samples.disputed()
    (sample,) = (disputed.comparison or {})["witnessSamples"]
    witnessed = {**sample, "key": SECRETS[4], "clone": SECRETS[4], "landed": SECRETS[5]}
    duplicates = {**samples.WRITTEN, "duplicateSamples": [f"{SECRETS[3]} = {SECRETS[3]}. in one, two"]}
    return report_of(
        replace(
            mismatched,
            manifest={**(mismatched.manifest or {}), "tables": {"BaseRate": duplicates}},
            comparison={**(mismatched.comparison or {}), "witness": samples.WITNESS, "witnessSamples": [witnessed]},
        )
    )


def all_forms(report: Report) -> str:
    """Return the document, the page and the summary of a report."""
    return "\n".join([json.dumps(report.as_json()), render_page(report), render_summary(report)])


def test_no_value_is_in_any_form_of_a_report_without_values() -> None:
    report = full()

    assert [secret for secret in SECRETS if secret not in all_forms(report)] == []
    assert [secret for secret in SECRETS if secret in all_forms(without_values(report))] == []


def test_a_report_without_values_names_keys_by_their_hash_and_says_how_to_see_them() -> None:
    document = as_document(without_values(full()))

    (table,) = document["tables"]
    hidden = {"type": None, "text": "(not shown)", "characters": 11, "cut": False}
    assert table["differences"]["samples"] == [
        {
            "class": "changed",
            "key": redaction.key_hash(SECRETS[0]),
            "column": "note",
            "clones": hidden,
            "dynamodb": hidden,
        }
    ]
    (witnessed,) = document["witness"]["samples"]
    assert witnessed == {
        "table": "BaseRate",
        "extract": "rate",
        "cluster": "partition-01",
        "column": "amount",
        "key": redaction.key_hash(SECRETS[4]),
        "clone": hidden,
        "against": "landed",
        "value": hidden,
    }
    assert table["duplicateSamples"] == [f"{redaction.key_hash(SECRETS[3])} in one, two"]
    run = f"{document['run']['id']} --environment {document['run']['environment']}"
    assert document["notes"][-1] == (
        f"Keys and values of rows are left out. To see them: migrate report {run} --show-values"
    )


def test_a_report_that_holds_no_value_is_left_as_it_is() -> None:
    report = report_of(samples.match())

    assert without_values(report) is report


@pytest.mark.parametrize("kind", [samples.mismatch, samples.disputed])
def test_values_of_tables_and_of_the_witness_are_left_out_each_by_itself(kind: Callable[[], RawEvidence]) -> None:
    report = report_of(replace(kind(), problems=("the locks: AccessDenied",)))

    redacted = without_values(report)

    note = f"migrate report {samples.RUN} --environment test --show-values"
    assert redacted.notes == (
        "the locks: AccessDenied",
        f"Keys and values of rows are left out. To see them: {note}",
    )
    assert samples.CHANGED["key"] in json.dumps(report.as_json())
    assert samples.CHANGED["key"] not in json.dumps(redacted.as_json())


def test_both_sides_hash_a_key_alike() -> None:
    for key in ("k02", "1000#A / 2027-01-01", "\ud800", ""):
        assert redaction.key_hash(key) == migration_spark.redaction.key_hash(key)


@pytest.mark.parametrize("name", gallery.ALL)
def test_every_report_without_values_is_what_the_schema_says(name: str) -> None:
    document = as_document(without_values(report_of(gallery.ALL[name]())))

    assert [error.message for error in jsonschema.Draft202012Validator(SCHEMA).iter_errors(document)] == []


@pytest.mark.parametrize("shown", [False, True])
def test_the_command_shows_values_only_when_it_is_asked_to(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    shown: bool,  # noqa: FBT001 - a case
) -> None:
    monkeypatch.setattr(command, "load_environment", lambda _name: None)
    monkeypatch.setattr(command, "gather", lambda *_: None)
    monkeypatch.setattr(command, "build", lambda _evidence: full())
    files = [tmp_path / name for name in ("report.html", "report.json", "summary.md")]

    command.report("r", "test", html=files[0], json_file=files[1], summary=files[2], show_values=shown)

    written = [capsys.readouterr().out, *(file.read_text("utf-8") for file in files)]
    assert any(SECRETS[0] in text for text in written) is shown
    assert any(SECRETS[1] in text for text in written) is shown
