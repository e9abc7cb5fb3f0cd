"""The marks of a domain: the state that the last MATCH proved, and the cut-over."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from runner.report.inputs.base import Input, Kind


class ProvenMark(Input):
    """proven/<domain>/<mode>.json."""

    run: str
    kind: Kind
    proven_at: dt.datetime
    instants: dict[str, dt.datetime] = {}  # cluster -> when it was cloned
    changing: str | None = None


class LiveMark(Input):
    """live/<domain>.json."""

    instant: dt.datetime
    run: str
    by: str
    confirmed: bool = True
    verdict: Literal["PENDING", "MATCH", "MISMATCH"] = "MATCH"
