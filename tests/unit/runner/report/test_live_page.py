"""The page of a running execution: renewed now and then, whole each time, and left without a reload at the end."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from runner.account.environments import Environment
from runner.errors import UsageError
from runner.report.live_page import REFRESH_SECONDS, LivePage
from tests.unit.runner.report import samples

if TYPE_CHECKING:
    from pathlib import Path

    from runner.account.executions import Execution
    from runner.report.collect.evidence import Evidence
    from tests.unit.runner.report.raw import RawEvidence
ENVIRONMENT = Environment("test", "971779422973", "eu-west-1")
RELOADS = f'<meta http-equiv="refresh" content="{REFRESH_SECONDS}">'
OTHER = samples.ARN.replace("rates", "availability")


class Looks:
    """Answers each look with the next evidence, the last one again and again."""

    def __init__(self, *answers: RawEvidence | Exception) -> None:
        self._answers = answers
        self.arns: list[str] = []
        self.looked = threading.Event()

    def __call__(self, _environment: Environment, arn: str, _ended: dict[str, Execution]) -> Evidence:
        answer = self._answers[min(len(self.arns), len(self._answers) - 1)]
        self.arns.append(arn)
        self.looked.set()
        if isinstance(answer, Exception):
            raise answer
        return replace(answer.parsed(), domain=arn.split(":")[6].rsplit("-", 1)[1])


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_page_waits_for_the_first_look(tmp_path: Path) -> None:
    LivePage(ENVIRONMENT, tmp_path / "sub" / "page.html", gather_evidence=Looks(samples.running()))

    assert "The first report of the run is being made." in (tmp_path / "sub" / "page.html").read_text()


def test_the_page_reloads_while_the_run_goes_on_and_not_once_it_has_ended(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    looks, clock = Looks(samples.running(), samples.match()), Clock()
    page = LivePage(ENVIRONMENT, path, gather_evidence=looks, clock=clock)

    page.update([samples.ARN])
    page._writing.result()  # type: ignore[union-attr]
    running = path.read_text()
    problems = page.update([samples.ARN], last=True)

    assert (RELOADS in running, "Running: Bootstrap" in running) == (True, True)
    assert (RELOADS in path.read_text(), "<h1>" in path.read_text(), problems) == (False, True, [])
    assert [path.name for path in tmp_path.iterdir()] == ["page.html"]


def test_a_page_that_is_left_while_the_run_goes_on_does_not_reload_for_ever(tmp_path: Path) -> None:
    page = LivePage(ENVIRONMENT, tmp_path / "page.html", gather_evidence=Looks(samples.running()))

    page.update([samples.ARN], last=True)

    assert RELOADS not in (tmp_path / "page.html").read_text()


def test_looks_are_far_apart_however_often_it_is_asked(tmp_path: Path) -> None:
    looks, clock = Looks(samples.running()), Clock()
    page = LivePage(ENVIRONMENT, tmp_path / "page.html", gather_evidence=looks, clock=clock)

    for second in range(2 * REFRESH_SECONDS):
        clock.now = float(second)
        page.update([samples.ARN])
        if page._writing is not None:
            page._writing.result()

    assert looks.arns == [samples.ARN] * 2


def test_a_look_that_fails_leaves_the_page_and_is_said(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    looks = Looks(samples.running(), UsageError("throttled"), samples.match())
    page = LivePage(ENVIRONMENT, path, gather_evidence=looks, clock=(clock := Clock()))
    page.update([samples.ARN])
    page._writing.result()  # type: ignore[union-attr]
    before = path.read_text()
    clock.now = 1000.0
    page.update([samples.ARN])
    page.update([samples.ARN])
    page._writing.result()  # type: ignore[union-attr]

    assert path.read_text() == before
    assert page.update([samples.ARN], last=True) == [f"{path} was not renewed: throttled"]
    assert path.read_text() != before


def test_several_executions_have_a_page_each_and_a_list(tmp_path: Path) -> None:
    page = LivePage(ENVIRONMENT, tmp_path / "page.html", gather_evidence=Looks(samples.running(), samples.match()))

    page.update([samples.ARN, OTHER], last=True)

    listed = (tmp_path / "page.html").read_text()
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "page-availability.html",
        "page-rates.html",
        "page.html",
    ]
    assert '<a href="page-rates.html">rates</a>: Running: Bootstrap' in listed
    assert '<a href="page-availability.html">availability</a>: MATCH' in listed


def test_values_of_rows_are_never_on_the_page(tmp_path: Path) -> None:
    page = LivePage(ENVIRONMENT, tmp_path / "page.html", gather_evidence=Looks(samples.mismatch()))

    page.update([samples.ARN], last=True)

    assert "(not shown)" in (tmp_path / "page.html").read_text()
    assert "12.34" not in (tmp_path / "page.html").read_text()


def test_a_file_that_cannot_be_written_is_said_at_once(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(UsageError, match="cannot be written"):
        LivePage(ENVIRONMENT, tmp_path / "file" / "page.html")
