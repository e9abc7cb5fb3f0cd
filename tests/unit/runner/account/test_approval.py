"""Actions that cannot be undone need the approval of a second person if the stack says so."""

from __future__ import annotations

import datetime as dt
import getpass
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from catalog.loader import CATALOG_DIRECTORY
from runner.account.approval import refuse_unapproved
from runner.account.environments import Environment, read_environment
from runner.account.executions import Execution
from runner.account.requests import Request, approved, resumed
from runner.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

OPEN = Environment("test", "012345678901", "eu-west-1", catalog=CATALOG_DIRECTORY)
GUARDED = replace(OPEN, second_person=True)


@pytest.mark.parametrize("mode", ["rehearsal", "official"])
def test_only_an_official_run_needs_a_second_person(mode: str) -> None:
    request = Request("rates", mode, requested_by="ada")

    assert approved(OPEN, request) == request
    if mode == "rehearsal":
        assert approved(GUARDED, request) == request
        return
    with pytest.raises(UsageError) as refused:
        approved(GUARDED, request)
    assert str(refused.value) == (
        "an official run of rates needs a second person's approval in test (secondPerson in the stack file): "
        "add --approved-by NAME"
    )
    named = replace(request, approved_by="grace")
    assert approved(GUARDED, named).input()["approvedBy"] == "grace"
    assert "approvedBy" not in request.input()


@pytest.mark.parametrize("environment", [OPEN, GUARDED])
@pytest.mark.parametrize("name", ["ada", " Ada "])
def test_nobody_approves_what_they_ask_for(environment: Environment, name: str) -> None:
    with pytest.raises(UsageError, match=r"[Aa]da asks for the cut-over of rates"):
        refuse_unapproved(environment, "the cut-over of rates", "ada", name)


def test_a_catch_up_and_a_repair_are_named_in_the_refusal() -> None:
    with pytest.raises(UsageError, match="an official repair of rates needs a second person"):
        approved(GUARDED, Request("rates", "official", is_catch_up=True, repair=True, run_id="r1"))


def test_a_resumed_run_keeps_its_approval_unless_the_approver_resumes_it() -> None:
    def asked(by: str) -> Request:
        arn = "arn:aws:states:r:1:execution:migration-test-rates:e"
        run_input = {"mode": "official", "approvedBy": by}
        return resumed(Execution(arn, "rates", "FAILED", dt.datetime.now(dt.UTC), None, run_input, {}))

    assert (asked("grace").approved_by, asked(getpass.getuser()).approved_by) == ("grace", None)


@pytest.mark.parametrize(
    ("line", "wanted"), [("secondPerson: true", True), ("secondPerson: false", False), ("", False)]
)
def test_the_stack_file_says_whether_two_people_are_needed(tmp_path: Path, line: str, *, wanted: bool) -> None:
    setting = f"\n  rates-avail-migration-bootstrap:{line}" if line else ""
    (tmp_path / "Pulumi.test.yaml").write_text(
        f'config:\n  aws:region: eu-west-1\n  aws:allowedAccountIds: ["012345678901"]{setting}\n'
    )

    assert read_environment("test", tmp_path).second_person is wanted
