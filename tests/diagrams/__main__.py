"""Draw every diagram of the documentation anew: `make diagrams`."""

from __future__ import annotations

from tests.diagrams.page import PLACE, with_diagrams
from tests.diagrams.recorded import record
from tests.diagrams.sources import drawn

if __name__ == "__main__":
    record()
    PLACE.write_text(with_diagrams(PLACE.read_text("utf-8"), drawn()), "utf-8")
