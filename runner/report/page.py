"""The report as one page: no scripts, nothing from elsewhere, whatever the data hold."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from runner import formatting, links
from runner.labels import BAD_CLASSES, CLASSES, COUNTS, STATUSES, VERDICTS, duration, size
from runner.report import bars, text

_FOLDER = Path(__file__).parent / "page_parts"
_KINDS = {
    "bootstrap": "Migration of",
    "catch-up": "Catch-up of",
    "repair": "Repair of",
    "verification": "Verification of",
}
Document = dict[str, Any]


def render(document: Document, *, refresh_seconds: int | None = None) -> str:
    """Return the page of a report's document; with `refresh_seconds` one that reloads itself."""
    return _TEMPLATES.get_template("page.html.j2").render(
        report=document,
        refresh_seconds=refresh_seconds,
        classes=CLASSES,
        bad_classes=BAD_CLASSES,
        kinds=_KINDS,
        statuses=STATUSES,
        verdicts=VERDICTS,
        style=Markup((_FOLDER / "page.css").read_text("utf-8")),  # noqa: S704 - our own file
    )


def _environment() -> jinja2.Environment:
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
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
    made.globals |= {
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
    made.tests["counted"] = _has_counts
    return made


def _overview_steps(document: Document) -> dict[str, str]:
    """Return the counts that the overview shows: those that at least one table knows."""
    names = {**COUNTS, "matched": "matched"}
    return {name: label for name, label in names.items() if document["totals"].get(name) is not None}


def _has_counts(table: Document) -> bool:
    return table["counts"]["rowsRead"] is not None or table["counts"]["compared"] is not None


def _anchor(table: Document, document: Document) -> str:
    """Return the id of a table's card: names of tables may hold what an id may not."""
    return f"counts-{[row['name'] for row in document['tables']].index(table['name']) + 1}"


_TEMPLATES = _environment()
