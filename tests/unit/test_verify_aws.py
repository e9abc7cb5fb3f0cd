"""Findings of AWS's validators are reported by name; the fakes answer in the documented shape."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.loader import load_catalog
from tests.aws.one_table import verdict
from tests.aws.questions import of_definition, of_policy
from tests.deployed import with_single_table


class States:
    def validate_state_machine_definition(self, **asked: str) -> dict[str, Any]:
        assert asked == {"definition": "{}", "type": "STANDARD", "severity": "WARNING"}
        diagnostic = {"severity": "ERROR", "code": "SCHEMA_VALIDATION_FAILED", "message": "no StartAt", "location": "/"}
        return {"result": "FAIL", "diagnostics": [diagnostic]}


class Analyzer:
    def get_paginator(self, operation: str) -> Analyzer:
        assert operation == "validate_policy"
        return self

    def paginate(self, **_: str) -> list[dict[str, Any]]:
        return [
            {"findings": [{"findingType": "SUGGESTION", "issueCode": "A", "findingDetails": "nicer"}]},
            {"findings": [{"findingType": "ERROR", "issueCode": "INVALID_ACTION", "findingDetails": "no s3:Gett"}]},
        ]


def test_a_definition_s_diagnostics_are_told_with_their_place() -> None:
    assert list(of_definition(States(), "m", "{}")) == ["m: ERROR SCHEMA_VALIDATION_FAILED: no StartAt (/)"]


def test_a_policy_s_errors_are_told_and_suggestions_are_not() -> None:
    assert list(of_policy(Analyzer(), "p", "{}", "IDENTITY_POLICY")) == ["p: ERROR INVALID_ACTION: no s3:Gett"]


def test_one_table_is_left_of_a_domain_and_all_clusters() -> None:
    catalog = load_catalog()

    small = with_single_table(catalog, "rates", "BaseRateAssociation")

    assert [table.name for table in small.domains["rates"].tables] == ["BaseRateAssociation"]
    assert small.clusters == catalog.clusters
    with pytest.raises(ValueError, match="rates has no table 'Rate'; it has BaseRate, BaseRateAssociation"):
        with_single_table(catalog, "rates", "Rate")


@pytest.mark.parametrize(
    ("description", "text"),
    [
        ({"status": "SUCCEEDED", "output": '{"verdict": "MATCH"}'}, "MATCH"),
        ({"status": "FAILED", "error": "ImportFailed", "cause": "why"}, "ImportFailed: why"),
        ({"status": "ABORTED"}, "ABORTED: "),
    ],
    ids=["match", "failure", "stopped"],
)
def test_the_end_is_told_as_verdict_or_failure(description: dict[str, Any], text: str) -> None:
    assert verdict(description) == text
