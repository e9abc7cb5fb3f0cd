"""The registry's stored documents, word by word: status, seal and proven state."""

from __future__ import annotations

from datetime import timedelta

import pytest
from run_registry.documents import Seal, Status
from run_registry.proven import Proven, problem_of

from tests.unit.lambdas.registry_fakes import NOON, proven_document

PROVEN = proven_document("b1").stored(NOON)
TABLE = (
    '{"items": 7, "listing": "digest", "prefix": "processed/rates/b1/a/Rates/", "tableArn": "arn:rates", '
    '"tableId": "id-1", "tableName": "Rates"}'
)

PROVEN_TEXT = (
    '{"attempt": "a", "changing": "", "domain": "rates", "instants": {"lipsdb": "2026-01-01T11:00:00Z"}, '
    '"kind": "catch-up", "mode": "official", "provenAt": "2026-01-01T12:00:00+00:00", "release": "1", '
    f'"run": "b1", "specHash": "spec", "tables": {{"Rates": {TABLE}}}, "version": 1}}'
)
STATUS_TEXT = (
    '{"began": "then", "cause": "", "changing": false, "domain": "rates", "error": "", "execution": "exec", '
    '"kind": "catch-up", "mode": "official", "run": "c1", "since": "now", "state": "RUNNING", "version": 1}'
)


@pytest.mark.parametrize(
    ("document", "text"),
    [
        (
            Status("rates", "c1", "exec", "now", mode="official", began="then", kind="catch-up"),
            STATUS_TEXT,
        ),
        (
            Seal("rates", "c1", "exec", "now"),
            '{"domain": "rates", "execution": "exec", "expires": "", "run": "c1", "since": "now", "version": 1}',
        ),
        (
            PROVEN,
            PROVEN_TEXT,
        ),
    ],
    ids=["status", "seal", "proven"],
)
def test_a_document_has_its_names_in_order_and_its_version(document: Status | Seal | Proven, text: str) -> None:
    assert document.text() == text
    assert type(document).read(text) == document


def test_a_proof_is_stored_with_its_second_and_without_a_mark() -> None:
    proven = proven_document("b1")

    stored = proven.stored(NOON + timedelta(milliseconds=900))

    assert stored.document == {
        **proven.document,
        "version": 1,
        "provenAt": "2026-01-01T12:00:00+00:00",
        "changing": "",
    }
    assert (proven.changing, stored.changing, stored.changed_by("c1").changing) == ("", "", "c1")
    assert stored.reason_against("b1") == ""


def test_what_the_registry_adds_makes_no_other_state() -> None:
    later = Proven({**PROVEN.document, "version": 2, "provenAt": "later", "changing": "c1"})

    assert later.is_same_state(PROVEN)
    assert not proven_document("b2").is_same_state(PROVEN)


@pytest.mark.parametrize("items", [0, 7])
def test_a_proof_of_a_table_with_or_without_items_has_no_problem(items: int) -> None:
    document = proven_document("b1").document
    document["tables"]["Rates"]["items"] = items

    assert problem_of(document) == ""
