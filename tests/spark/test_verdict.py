"""Compare's verdict and report: their content, and the time of writing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from migration_spark import difference_samples

from tests.spark.jobs import Jobs, thing

if TYPE_CHECKING:
    from typing import NoReturn


def test_the_verdict_is_written_before_samples_are_fetched(jobs: Jobs, monkeypatch: pytest.MonkeyPatch) -> None:
    jobs.fill({"one": [thing(1), thing(2)], "two": [thing(3)]})
    jobs.bootstrap("early")
    items = jobs.items("early")
    items["k02"]["title"] = {"S": "other"}
    jobs.export(list(items.values()))

    def fail(*_: object) -> NoReturn:
        raise OSError("nothing is fetched")

    with monkeypatch.context() as without_samples:
        without_samples.setattr(difference_samples, "fetch", fail)
        with pytest.raises(OSError, match="nothing is fetched"):
            jobs.compare("early")
    early = jobs.read("reports/d/early/verdict.json")
    jobs.compare("early")
    late = jobs.read("reports/d/early/verdict.json")

    assert early["summary"].startswith("1 item differs (Thing: 1 changed). The witness found 1 difference")
    assert (early["verdict"], early["firstDifference"]) == ("MISMATCH", None)
    assert late["firstDifference"]["column"] == "title"
    assert {**late, "summary": early["summary"], "firstDifference": None} == early
