"""The sequence in the documentation is that of a real run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.diagrams import recorded

if TYPE_CHECKING:
    from tests.machine.rig import Rig


def test_a_run_still_calls_what_the_documented_sequence_shows(rig: Rig) -> None:
    arn = rig.start("rates", mode="official")
    assert rig.end(arn).status == "SUCCEEDED"

    assert recorded.of_run(rig.definitions["rates"], rig.events(arn)) == recorded.read(), "run: make diagrams"
