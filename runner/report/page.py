"""The report as a single page: no scripts, nothing from elsewhere, whatever the data hold."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import jinja2
from markupsafe import Markup

from runner import formatting, links
from runner.labels import BAD_CLASSES, CLASSES, COUNTS, STATUSES, VERDICTS, duration, size
from runner.report import bars, text

if TYPE_CHECKING:
    from runner.report.model.report import Report
    from runner.report.model.tables import Table

_FOLDER = Path(__file__).parent / "page_parts"
_KINDS = {
    "bootstrap": "Migration of",
    "catch-up": "Catch-up of",
    "repair": "Repair of",
    "verification": "Verification of",
}


def render(report: Report, *, refresh_seconds: int | None = None) -> str:
    """Return the page of a report; with `refresh_seconds` one that reloads itself."""
    return _TEMPLATES.get_template("page.html.j2").render(
        report=report,
        refresh_seconds=refresh_seconds,
        classes=CLASSES,
        bad_classes=BAD_CLASSES,
        kinds=_KINDS,
        statuses=STATUSES,
        verdicts=VERDICTS,
        style=Markup((_FOLDER / "page.css").read_text("utf-8")),  # noqa: S704 - our own file
    )


def _environment() -> jinja2.Environment:
    templates = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters |= {
        "visible": text.visible,
        "number": formatting.number,
        "quantity": formatting.quantity,
        "price": formatting.price,
        "money": formatting.money,
        "percent": formatting.percent,
        "utc": formatting.utc,
        "duration": duration,
        "size": size,
    }
    templates.globals |= {
        "chain": bars.chain,
        "timeline": bars.timeline,
        "steps": bars.steps,
        "moments": bars.moments,
        "overview_steps": _overview_steps,
        "has_counts": _has_counts,
        "part_steps": {"rowsRead": COUNTS["rowsRead"], "items": COUNTS["items"], "matched": "matched"},
        "anchor": _anchor,
        "s3": links.s3,
        "table_link": links.table,
    }
    templates.tests["counted"] = _has_counts
    return templates


def _overview_steps(report: Report) -> dict[str, str]:
    """Return the counts that the overview shows: those that at least one table knows."""
    names = {**COUNTS, "matched": "matched"}
    return {name: label for name, label in names.items() if report.totals.get(name) is not None}


def _has_counts(table: Table) -> bool:
    return table.counts.rows_read is not None or table.counts.compared is not None


def _anchor(table: Table, report: Report) -> str:
    """Return the id of a table's card: names of tables may hold what an id may not."""
    return f"counts-{[row.name for row in report.tables].index(table.name) + 1}"


_TEMPLATES = _environment()
