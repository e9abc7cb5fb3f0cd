"""Write the renderings that a reviewer reads, from the catalog and placeholder names."""

from __future__ import annotations

from pathlib import Path

from catalog.loader import load_catalog
from statemachine.names import DeployedNames
from statemachine.render import render
from tests.golden import plans

if __name__ == "__main__":
    catalog = load_catalog()
    for domain in catalog.domains:
        text = render(catalog, domain, DeployedNames.placeholder("test"))
        (Path(__file__).parent / f"{domain}.asl.json").write_text(text, "utf-8")
    plans.write()
