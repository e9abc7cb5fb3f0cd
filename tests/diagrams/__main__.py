"""Redraw every diagram of the documentation: `make diagrams`."""

from __future__ import annotations

from tests.diagrams.page import FOLDER, pages, with_diagrams
from tests.diagrams.recorded import record
from tests.diagrams.sources import drawn

if __name__ == "__main__":
    record()
    for name, text in with_diagrams(pages(), drawn()).items():
        (FOLDER / name).write_text(text, "utf-8")
