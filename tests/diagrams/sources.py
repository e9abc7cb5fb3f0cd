"""The sources of each diagram."""

from __future__ import annotations

from local.deploy.recorder import record
from statemachine.diagrams.dataflow import data_flow
from statemachine.diagrams.flow import flow_chart, map_charts
from statemachine.diagrams.sequence import sequence
from statemachine.kinds import CATCH_UP
from statemachine.limits import Limits
from statemachine.names import DeployedNames
from statemachine.render import definition
from tests.customer import customer_catalog, customer_folder
from tests.diagrams import recorded
from tests.diagrams.layers import layers_chart
from tests.diagrams.system import system_chart


def drawn() -> dict[str, str]:
    """Return every diagram by the name of its mark."""
    catalog = customer_catalog()
    names, limits = DeployedNames.placeholder("test"), Limits()
    rendered = {domain: definition(catalog, domain, names, limits) for domain in catalog.domains}
    (chart,) = {flow_chart(machine) for machine in rendered.values()}
    (catch_up,) = {flow_chart(definition(catalog, domain, names, limits, CATCH_UP)) for domain in catalog.domains}
    maps = map_charts(next(iter(rendered.values())))
    if any(map_charts(machine) != maps for machine in rendered.values()):
        raise ValueError("the domains' Maps differ: draw each domain's")
    tables = " or ".join(str(len(domain.tables)) for domain in catalog.domains.values())
    counts = {
        "CheckTables": f"each of {tables} tables",
        "CloneClusters": f"each of {len(catalog.clusters)} clusters",
        "MigrateTables": f"each of {tables} tables",
        "DestroyClones": f"each of {len(catalog.clusters)} clones",
    }
    deployment = record("test", {"catalog": str(customer_folder())})
    return {
        "system": system_chart(deployment, catalog),
        "layers": layers_chart(deployment),
        "execution-flow": chart,
        "catch-up-flow": catch_up,
        **{f"map-{name.lower()}": inside for name, inside in maps.items()},
        "data-flow": data_flow(catalog),
        "sequence": sequence(recorded.read(), counts),
    }
