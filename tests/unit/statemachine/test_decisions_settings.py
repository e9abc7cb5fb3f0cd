"""Where the Choices of a table's settings lead, on both sides of every bound."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.statemachine.stepping import LIMITS, chosen

PLAN = {"importLaps": 7, "exportLaps": 9, "ttl": "", "stream": ""}

PROTECT = {"DeletionProtectionEnabled": True}


@pytest.mark.parametrize(
    ("unlike", "status", "change", "laps", "updates", "to"),
    [
        ("", "ACTIVE", {}, LIMITS.settings_laps + 1, 3, "TagTable"),
        ("", "UPDATING", {}, 1, 0, "WaitForSettings"),
        ("", "ACTIVE", PROTECT, 1, 0, "UpdateTable"),
        ("", "ACTIVE", PROTECT, LIMITS.settings_laps, LIMITS.updates - 1, "UpdateTable"),
        ("", "ACTIVE", PROTECT, 1, LIMITS.updates, "WaitForSettings"),
        ("", "UPDATING", PROTECT, 1, 0, "WaitForSettings"),
        ("", "ACTIVE", PROTECT, LIMITS.settings_laps + 1, 0, "ReportSettingsNotMade"),
        ("", "UPDATING", {}, LIMITS.settings_laps + 1, 0, "ReportSettingsNotMade"),
        ("its key is other. ", "ACTIVE", {}, 1, 0, "ReportTableUnlike"),
        ("its key is other. ", "UPDATING", PROTECT, 1, 0, "ReportTableUnlike"),
    ],
)
def test_a_table_is_changed_until_it_is_as_the_catalog_says(
    unlike: str, status: str, change: dict[str, Any], laps: int, updates: int, to: str
) -> None:
    variables = {"unlike": unlike, "tableStatus": status, "change": change, "settingsLaps": laps, "updates": updates}

    assert chosen("SettingsDiffer", **variables) == to


def test_a_time_to_live_is_enabled_where_the_catalog_has_one_and_it_is_not() -> None:
    assert chosen("TtlWanted", plan={**PLAN, "ttl": "expiresAt"}) == "DescribeTtl"
    assert chosen("TtlWanted", plan=PLAN) == "EnablePitr"
    to = {status: chosen("TtlStatus", ttlStatus=status) for status in ("ENABLED", "ENABLING", "DISABLED", "DISABLING")}
    assert to == {
        "ENABLED": "EnablePitr", "ENABLING": "EnablePitr", "DISABLED": "EnableTtl", "DISABLING": "EnableTtl"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("status", "laps", "to"),
    [
        ("ENABLED", LIMITS.settings_laps, "StreamWanted"),
        ("DISABLED", LIMITS.settings_laps - 1, "WaitForPitr"),
        ("DISABLED", LIMITS.settings_laps, "ReportPitrNotEnabled"),
    ],
)
def test_nothing_goes_on_without_point_in_time_recovery(status: str, laps: int, to: str) -> None:
    assert chosen("PitrStatus", pitrStatus=status, pitrLaps=laps) == to


@pytest.mark.parametrize(
    ("mode", "stream", "to"),
    [
        ("official", "s", "DescribeStream"),
        ("rehearsal", "s", "ExportWanted"),
        ("official", "", "ExportWanted"),
    ],
)
def test_official_tables_alone_write_to_their_stream(mode: str, stream: str, to: str) -> None:
    assert chosen("StreamWanted", own={"mode": mode}, plan={**PLAN, "stream": stream}) == to


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


LAST = LIMITS.settings_laps


@pytest.mark.parametrize(
    ("destination", "laps", "to"),
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
def test_a_stream_is_enabled_once_and_waited_for(destination: str, laps: int, to: str) -> None:
    assert chosen("StreamStatus", destination=destination, streamLaps=laps) == to
