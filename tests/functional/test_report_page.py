"""The report's page in a real browser: no errors, no overflow on a phone, readable in light and dark, printable."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

import pytest

from runner.report.page import render
from tests.functional import chromium
from tests.unit.runner.report import gallery
from tests.unit.runner.report.raw import report_of

pytestmark = pytest.mark.skipif(chromium.PROGRAM is None, reason=chromium.MISSING)
PHONE, DESK = 360, 1200


def page(name: str) -> str:
    # As in the written file: half a surrogate pair becomes text.
    return render(report_of(gallery.ALL[name]())).encode("utf-8", "backslashreplace").decode()


@pytest.fixture(scope="module")
def looks() -> dict[str, tuple[dict[str, Any], list[str]]]:
    pages = {name: page(name) for name in gallery.ALL}
    return {
        "light": chromium.look_at(pages, (PHONE, DESK)),
        "dark": chromium.look_at(pages, (PHONE, DESK), dark=True),
    }


def all_looks(looks: dict[str, tuple[dict[str, Any], list[str]]]) -> dict[str, dict[str, Any]]:
    return {f"{scheme} {name}": look for scheme, (measured, _) in looks.items() for name, look in measured.items()}


def test_every_page_is_drawn_without_an_error(looks: dict[str, Any]) -> None:
    measured = all_looks(looks)

    assert len(measured) == 2 * 2 * len(gallery.ALL)
    assert [look["error"] for look in measured.values() if "error" in look] == []
    assert [console for _, console in looks.values()] == [[], []]
    assert min(look["texts"] for look in measured.values()) > 40
    assert {look["scripts"] for look in measured.values()} == {0}


def test_no_page_scrolls_sideways_at_any_width(looks: dict[str, Any]) -> None:
    measured = all_looks(looks)

    assert {look["width"] for look in measured.values()} == {PHONE, DESK}
    assert {name: look["needs"] for name, look in measured.items() if look["needs"] > look["width"]} == {}
    assert {name: look["wide"] for name, look in measured.items() if look["wide"]} == {}


def test_all_text_has_contrast_in_light_and_in_dark(looks: dict[str, Any]) -> None:
    assert {name: look["faint"] for name, look in all_looks(looks).items() if look["faint"]} == {}


def test_dark_is_dark_and_light_is_light(looks: dict[str, Any]) -> None:
    def brightness(scheme: str) -> set[int]:
        measured, _ = looks[scheme]
        return {sum(map(int, re.findall(r"\d+", look["background"]))) // 3 for look in measured.values()}

    assert max(brightness("dark")) < 64
    assert min(brightness("light")) > 192


def test_headings_and_landmarks_are_there_for_who_navigates_by_them(looks: dict[str, Any]) -> None:
    for look in all_looks(looks).values():
        levels = [int(heading[1]) for heading in look["headings"]]
        assert levels[0] == 1
        assert levels.count(1) == 1
        assert all(after <= before + 1 for before, after in pairwise(levels))
        assert look["landmarks"] == [1, 1, 1, 1]


@pytest.mark.parametrize("name", ["mismatch", "hostile"])
def test_a_page_prints(name: str) -> None:
    pdf, console = chromium.print_page(page(name))

    assert pdf.startswith(b"%PDF-")
    assert pdf.rstrip().endswith(b"%%EOF")
    assert len(re.findall(rb"/Type /Page\b", pdf)) >= 2
    assert console == []
