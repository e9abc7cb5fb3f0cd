"""The Choices of a table's settings, on both sides of every limit."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.statemachine.stepping import LIMITS, chosen

OPTIONS = {"importChecks": 7, "exportChecks": 9, "ttl": "", "stream": ""}

PROTECT = {"DeletionProtectionEnabled": True}


@pytest.mark.parametrize(
    ("unlike", "status", "change", "checks", "updates", "to"),
    [
        ("", "ACTIVE", {}, LIMITS.settings_checks + 1, 3, "TagTable"),
        ("", "UPDATING", {}, 1, 0, "WaitForSettings"),
        ("", "ACTIVE", PROTECT, 1, 0, "UpdateTable"),
        ("", "ACTIVE", PROTECT, LIMITS.settings_checks, LIMITS.updates - 1, "UpdateTable"),
        ("", "ACTIVE", PROTECT, 1, LIMITS.updates, "WaitForSettings"),
        ("", "UPDATING", PROTECT, 1, 0, "WaitForSettings"),
        ("", "ACTIVE", PROTECT, LIMITS.settings_checks + 1, 0, "ReportSettingsNotMade"),
        ("", "UPDATING", {}, LIMITS.settings_checks + 1, 0, "ReportSettingsNotMade"),
        ("its key is other. ", "ACTIVE", {}, 1, 0, "ReportTableUnlike"),
        ("its key is other. ", "UPDATING", PROTECT, 1, 0, "ReportTableUnlike"),
    ],
)
def test_a_table_is_changed_until_it_is_as_the_catalog_says(
    unlike: str, status: str, change: dict[str, Any], checks: int, updates: int, to: str
) -> None:
    variables = {
        "unlike": unlike,
        "tableStatus": status,
        "change": change,
        "settingsChecks": checks,
        "updates": updates,
    }

    assert chosen("SettingsDiffer", **variables) == to


def test_a_time_to_live_is_enabled_where_the_catalog_has_one_and_it_is_not() -> None:
    assert chosen("TtlWanted", options={**OPTIONS, "ttl": "expiresAt"}) == "DescribeTtl"
    assert chosen("TtlWanted", options=OPTIONS) == "EnablePitr"
    to = {status: chosen("TtlStatus", ttlStatus=status) for status in ("ENABLED", "ENABLING", "DISABLED", "DISABLING")}
    assert to == {
        "ENABLED": "EnablePitr", "ENABLING": "EnablePitr", "DISABLED": "EnableTtl", "DISABLING": "EnableTtl"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("status", "checks", "to"),
    [
        ("ENABLED", LIMITS.settings_checks, "StreamWanted"),
        ("DISABLED", LIMITS.settings_checks - 1, "WaitForPitr"),
        ("DISABLED", LIMITS.settings_checks, "ReportPitrNotEnabled"),
    ],
)
def test_nothing_goes_on_without_point_in_time_recovery(status: str, checks: int, to: str) -> None:
    assert chosen("PitrStatus", pitrStatus=status, pitrChecks=checks) == to


@pytest.mark.parametrize(
    ("mode", "stream", "to"),
    [
        ("official", "s", "DescribeStream"),
        ("rehearsal", "s", "ExportWanted"),
        ("official", "", "ExportWanted"),
    ],
)
def test_official_tables_alone_write_to_their_stream(mode: str, stream: str, to: str) -> None:
    assert chosen("StreamWanted", own={"mode": mode}, options={**OPTIONS, "stream": stream}) == to


@pytest.mark.parametrize(
    ("status", "to"),
    [
        ("ACTIVE", "DescribeDestination"),
        ("UPDATING", "DescribeDestination"),
        ("CREATING", "ReportStreamNotActive"),
        ("DELETING", "ReportStreamNotActive"),
    ],
)
def test_a_stream_that_takes_records_is_enabled(status: str, to: str) -> None:
    assert chosen("StreamActive", stream={"status": status, "arn": "a"}) == to


LAST = LIMITS.settings_checks


@pytest.mark.parametrize(
    ("destination", "checks", "to"),
    [
        ("ACTIVE", LAST, "ExportWanted"),
        ("NONE", 1, "EnableStream"),
        ("DISABLED", 1, "EnableStream"),
        ("NONE", 2, "WaitForStream"),
        ("DISABLED", 2, "ReportStreamEnableFailed"),
        ("ENABLING", 1, "WaitForStream"),
        *[(status, LAST - 1, "WaitForStream") for status in ("NONE", "ENABLING", "UPDATING", "DISABLING")],
        *[(status, LAST, "ReportStreamEnableFailed") for status in ("NONE", "ENABLING", "UPDATING", "DISABLING")],
        ("ENABLE_FAILED", 1, "ReportStreamEnableFailed"),
    ],
)
def test_a_stream_is_enabled_once_and_waited_for(destination: str, checks: int, to: str) -> None:
    assert chosen("StreamStatus", destination=destination, streamChecks=checks) == to
