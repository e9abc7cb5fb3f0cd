"""Write the diagrams that the documentation shows: `make diagrams`."""

from __future__ import annotations

from pathlib import Path

from catalog.loader import load_catalog
from statemachine.diagram import flow_chart
from statemachine.limits import Limits
from statemachine.names import DeployedNames
from statemachine.render import definition

PLACE = Path(__file__).parents[2] / "docs" / "diagrams" / "state-machine.md"
_HEAD = """\
# The state machine

Drawn from the rendered definition by `make diagrams`; a test fails when it is out of date. Every domain has this
chart. A call that gives up leads to *RecordFailure*, which keeps the domain's lock with the reason, and inside a Map to
the item's outcome, so that the other items go on; neither way is drawn for each call. Dotted is the way after an
error that is an answer, such as an object that is not there.

"""


def document() -> str:
    """Return the page of the flow chart."""
    catalog = load_catalog()
    charts = {
        flow_chart(definition(catalog, domain, DeployedNames.placeholder("test"), Limits()))
        for domain in catalog.domains
    }
    (chart,) = charts
    return f"{_HEAD}```mermaid\n{chart}```\n"


if __name__ == "__main__":
    PLACE.write_text(document(), "utf-8")
