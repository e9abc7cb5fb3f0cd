"""Write the renderings that a reviewer reads, from the catalog and placeholder names."""

from __future__ import annotations

from pathlib import Path

from statemachine.kinds import KINDS
from statemachine.names import DeployedNames
from statemachine.render import render
from tests.customer import customer_catalog
from tests.golden import plans

if __name__ == "__main__":
    catalog = customer_catalog()
    for domain in catalog.domains:
        for kind in KINDS:
            text = render(catalog, domain, DeployedNames.placeholder("test"), kind=kind)
            (Path(__file__).parent / f"{kind.machine_of(domain)}.asl.json").write_text(text, "utf-8")
    plans.write()
