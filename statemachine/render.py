"""Renderer of a domain's state machines from the templates."""

from __future__ import annotations

import json
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jinja2
import yaml

from statemachine.budget import Budget, budget, loops_of
from statemachine.errors import DefinitionError
from statemachine.failures import DELTA_ERRORS, JOB_ERRORS, SUMMARY_FAILURES
from statemachine.kinds import BOOTSTRAP, Kind
from statemachine.limits import BYTES_PER_CHARACTER, Limits
from statemachine.names import SYSTEM, DeployedNames
from statemachine.outcomes import Outcomes
from statemachine.retries import retry
from statemachine.table_options import table_options

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catalog.models import Catalog, Cluster, Domain
    from statemachine.workers import Workers

# The JAR of a release; the folder's name has the version and the hash of the release's content.
RELEASE_JAR = r"/^releases\/[^\/]+-[0-9a-f]{12}\/[^\/]+\.jar$/"
_MACHINE = "machine.asl.yaml.j2"


def render(
    catalog: Catalog, domain: str, names: DeployedNames, limits: Limits | None = None, kind: Kind = BOOTSTRAP
) -> str:
    """Return the domain's definition as stable text, with sorted keys.

    Raises:
        DefinitionError: A template uses an unknown name or renders invalid YAML.
    """
    return json.dumps(definition(catalog, domain, names, limits or Limits(), kind), indent=2, sort_keys=True) + "\n"


def definition(
    catalog: Catalog, domain: str, names: DeployedNames, limits: Limits, kind: Kind = BOOTSTRAP
) -> dict[str, Any]:
    """Return the domain's definition as a document.

    Raises:
        DefinitionError: A template is wrong, or the worst case exceeds a limit of the service.
    """
    machine = _rendered(catalog, domain, names, limits, kind)
    problems = [*worst_case(machine, limits, kind).problems(), *_too_long(catalog.domains[domain], limits, kind)]
    if problems:
        raise DefinitionError(f"domain {domain}: {'; '.join(problems)}")
    return machine


def domain_budget(catalog: Catalog, domain: str, kind: Kind = BOOTSTRAP) -> Budget:
    """Return the worst case of an execution of a domain."""
    machine = definition(catalog, domain, DeployedNames.placeholder("any"), Limits(), kind)
    return worst_case(machine, Limits(), kind)


def _too_long(domain: Domain, limits: Limits, kind: Kind) -> Iterator[str]:
    """Yield a problem if the timeouts of a run add up to more than an execution's maximum."""
    tables = max(table.import_timeout_minutes + table.export_timeout_minutes for table in domain.tables)
    waits = limits.teardown_minutes + limits.clone_minutes + limits.destroy_minutes
    jobs = 3 if kind.is_catch_up else 2
    longest = jobs * domain.job_timeout_minutes + tables + waits
    if longest * 60 > limits.execution_seconds:
        yield (
            f"its timeouts add up to {longest:,} minutes, but an execution ends after "
            f"{limits.execution_seconds // 60:,}: shorten job_timeout_minutes of the domain, or "
            "import_timeout_minutes or export_timeout_minutes of its tables, in the catalog"
        )


def worst_case(machine: dict[str, Any], limits: Limits, kind: Kind = BOOTSTRAP) -> Budget:
    """Return the worst case of an execution of a rendered machine."""
    states = machine["States"]
    tables = states[kind.tables_map]["Items"]
    checks = [max(table[limit] for table in tables) for limit in ("importChecks", "exportChecks")]
    lanes = tuple(table["name"] for table in tables for _ in range(limits.lanes)) if kind.is_catch_up else ()
    listed = [state["Items"] for state in states.values() if state["Type"] == "Map"]
    most = max(len(lanes), *(len(items) for items in listed if isinstance(items, list)))
    cause_bytes = BYTES_PER_CHARACTER * limits.outcome_characters(most)
    return budget(machine, loops_of(limits, *checks), Outcomes(cause_bytes, lanes))


def _rendered(catalog: Catalog, domain: str, names: DeployedNames, limits: Limits, kind: Kind) -> dict[str, Any]:
    """Return the definition without a check of its worst case."""
    all_clusters = sorted({c.identifier for name in catalog.domains for c in catalog.clusters_of(name)})
    tables = [table_options(t, names=names, domain=domain) for t in catalog.domains[domain].tables]
    lanes = limits.lanes if kind.is_catch_up else 1
    facts = {
        "domain": domain,
        "kind": kind,
        "comment": kind.comment.format(domain=domain),
        "names": names,
        "system": SYSTEM,
        "limits": limits,
        "spec_hash": names.spec_hash,
        "release_jar": RELEASE_JAR,
        "outcome_characters": limits.outcome_characters(max(len(all_clusters), lanes * len(tables))),
        "errors_of": {"bootstrap": JOB_ERRORS, "delta": DELTA_ERRORS, "compare": JOB_ERRORS},
        "summary_failures": SUMMARY_FAILURES,
        "clusters": [cluster.identifier for cluster in catalog.clusters_of(domain)],
        # The last domain to end destroys the clones of every domain.
        "all_clusters": all_clusters,
        "versions": {table.name: list(table.catch_up.version) for table in catalog.domains[domain].tables},
        "writes_per_second": {table.name: table.catch_up.writes_per_second for table in catalog.domains[domain].tables},
        "tables": tables,
        "job_timeout_minutes": catalog.domains[domain].job_timeout_minutes,
        "has_streams": any(table["stream"] for table in tables),
        "job_properties": _job_properties(catalog.clusters_of(domain), names.workers),
    }
    try:
        text = _templates().get_template(_MACHINE, globals=facts).render()
        machine = json.loads(_as_json(text))
    except (jinja2.TemplateError, KeyError) as error:
        raise DefinitionError(f"domain {domain}: {type(error).__name__}: {error}") from error
    except yaml.YAMLError as error:
        raise DefinitionError(f"domain {domain}: the templates render invalid YAML: {error}") from error
    if not isinstance(machine, dict):
        raise DefinitionError(f"domain {domain}: the templates render no state machine")
    return machine


@lru_cache(maxsize=128)
def _as_json(text: str) -> str:
    """Return a definition in YAML as JSON, which parses far faster."""
    return json.dumps(yaml.load(text, _StrictLoader))  # noqa: S506 - a SafeLoader


class _StrictLoader(yaml.CSafeLoader):
    """Refuses two states with the same name, of which YAML would silently keep the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002 - yaml's signature
        names = [key.value for key, _ in node.value]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise yaml.constructor.ConstructorError(None, None, f"{', '.join(twice)} defined twice", node.start_mark)
        return super().construct_mapping(node, deep=deep)


def _job_properties(clusters: tuple[Cluster, ...], workers: Workers) -> dict[str, str]:
    """Return the Spark properties of the jobs; EMR resolves the secrets when the job starts."""
    passwords = {f"spark.migration.password.{c.identifier}": f"EMR.secret@{c.password_secret}" for c in clusters}
    in_utc = "-Duser.timezone=UTC"  # a JVM elsewhere would shift timestamps in the JDBC driver
    return {
        "spark.driver.extraJavaOptions": in_utc,
        "spark.executor.extraJavaOptions": in_utc,
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.catalogImplementation": "in-memory",  # EMR's default is Glue, for which the role has no permissions
        "spark.scheduler.mode": "FAIR",
        **workers.properties(),
        **passwords,
    }


def _literal(value: object) -> str:
    """Return a JSON value as JSONata with single quotes, for use inside a quoted expression."""
    text = json.dumps(value)
    if "'" in text or "\\" in text:
        raise DefinitionError(f"{text} cannot be quoted inside an expression")
    return text.replace('"', "'")


def _refuse(value: object) -> None:
    """Raise an error for a value that is not JSON; name the variable if it is undefined."""
    if isinstance(value, jinja2.Undefined):
        str(value)  # StrictUndefined raises here, with the variable's name
    raise TypeError(f"{type(value).__name__} is not JSON")


@cache
def _templates() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
        undefined=jinja2.StrictUndefined,
        autoescape=False,  # noqa: S701 - the output is JSON in YAML, and every value goes through tojson
        variable_start_string="<<",
        variable_end_string=">>",
        block_start_string="<%",
        block_end_string="%>",
        comment_start_string="<#",
        comment_end_string="#>",
    )
    environment.policies["json.dumps_kwargs"] = {"default": _refuse, "sort_keys": True}
    environment.filters["literal"] = _literal
    environment.globals["retry"] = lambda service: json.dumps(retry(service))
    return environment
