"""The report as one page: no scripts, nothing from elsewhere, whatever the data hold."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from runner import formatting
from runner.report import drawing, text
from runner.words import BAD_CLASSES, CLASSES, STATUSES, VERDICTS, duration, size

_FOLDER = Path(__file__).parent
Document = dict[str, Any]


def render(document: Document, *, refresh_seconds: int | None = None) -> str:
    """Return the page of a report's document; with `refresh_seconds` one that reloads itself."""
    return _TEMPLATES.get_template("page.html.j2").render(
        report=document,
        refresh_seconds=refresh_seconds,
        classes=CLASSES,
        bad_classes=BAD_CLASSES,
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
        "utc": formatting.utc,
        "duration": duration,
        "size": size,
    }
    made.globals |= {
        "chain": drawing.chain,
        "timeline": drawing.timeline,
        "steps": drawing.steps,
        "moments": drawing.moments,
    }
    return made


_TEMPLATES = _environment()
