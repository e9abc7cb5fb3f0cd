"""Loader of the catalog's YAML files, which reports every problem of every file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from catalog.cross_field_rules import table_findings
from catalog.errors import CatalogError, Problem
from catalog.located_yaml import Document, Finding
from catalog.models import Catalog, Cluster, ClustersFile, Domain, PartedTable, Table
from catalog.part_rules import parted_findings
from catalog.validation import validate

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

CATALOG_DIRECTORY = Path(__file__).parent


def load_catalog(directory: Path = CATALOG_DIRECTORY) -> Catalog:
    """Read `clusters.yaml` and `domains/*.yaml`.

    Raises:
        CatalogError: A file is missing or wrong; the error lists every problem of every file.
    """
    catalog, problems = read_catalog(directory)
    if problems or catalog is None:
        raise CatalogError(problems)
    return catalog


def read_catalog(directory: Path) -> tuple[Catalog | None, list[Problem]]:
    """Return the catalog of a folder (None if too little of it is usable), and every problem."""
    file = Document(directory / "clusters.yaml")
    problems = list(file.problems)
    groups, findings = validate(ClustersFile, file.data) if file.data is not None else (None, [])
    clusters: dict[str, Cluster] = {}
    if groups is not None:
        clusters = _clusters(groups)
        findings += _repeated_clusters(groups)
    problems += map(file.problem, findings)
    domains, domain_problems = _read_domains(directory / "domains", _engines(file, groups))
    problems += domain_problems
    catalog = Catalog(clusters=clusters, domains=domains) if groups is not None and domains else None
    return catalog, sorted(problems, key=lambda problem: (str(problem.path), problem.line or 0, problem.column or 0))


def _engines(file: Document, groups: ClustersFile | None) -> dict[str, str] | None:
    """Return each group's engine, empty if unknown; None if even the groups' names are unknown."""
    if groups is not None:
        return {name: group.engine for name, group in groups.groups.items()}
    raw_groups = file.data.get("groups") if isinstance(file.data, dict) else None
    return dict.fromkeys(map(str, raw_groups), "") if isinstance(raw_groups, dict) else None


def _read_domains(folder: Path, engines: Mapping[str, str] | None) -> tuple[dict[str, Domain], list[Problem]]:
    domains: dict[str, Domain] = {}
    owners: dict[str, str] = {}
    files = sorted(folder.glob("*.yaml"))
    problems = [
        Problem(path, "", "is not read: name it .yaml") for path in sorted(folder.glob("*.yml")) if folder.is_dir()
    ]
    if not files:
        problems.append(Problem(folder, "", "no domain file (*.yaml); add one per domain"))
    for path in files:
        document = Document(path)
        problems += document.problems
        if document.data is None:
            continue
        domain, findings = validate(Domain, document.data)
        findings += _domain_findings(document, engines, owners)
        problems += map(document.problem, findings)
        if domain is not None:
            domains[domain.name] = domain
    return domains, problems


def _domain_findings(document: Document, engines: Mapping[str, str] | None, owners: dict[str, str]) -> list[Finding]:
    """Return the problems of a domain beyond its shape, for every table whose shape is valid."""
    data = document.data if isinstance(document.data, dict) else {}
    name = data.get("domain")
    findings = []
    if isinstance(name, str) and name != document.path.stem:
        findings.append(Finding(("domain",), f"is {name!r}, but the file is named {document.path.name}"))
    for number, entry in enumerate(data["tables"] if isinstance(data.get("tables"), list) else []):
        has_parts = isinstance(entry, dict) and "parts" in entry
        steps = ("tables", number)
        table: Table | PartedTable | None
        table, wrong = validate(PartedTable, entry) if has_parts else validate(Table, entry)
        if table is None:
            continue
        groups = engines if engines is not None else _groups(table)
        if isinstance(table, PartedTable):
            findings += parted_findings(table, groups, steps, types_are_sure=not wrong)
        else:
            findings += table_findings(table, groups, steps, types_are_sure=not wrong)
        for taken in dict.fromkeys((table.name, *(select.name for select in table.selects))):
            if taken in owners:
                whose = "this domain" if owners[taken] == document.path.stem else f"the domain {owners[taken]}"
                findings.append(Finding((*steps, "name"), f"{whose} already has a table with that name"))
            owners.setdefault(taken, document.path.stem)
    return findings


def _groups(table: Table | PartedTable) -> dict[str, str]:
    return {extract.group: "" for select in table.selects for extract in select.extracts.values()}


def _clusters(file: ClustersFile) -> dict[str, Cluster]:
    return {
        identifier: Cluster(
            identifier=identifier,
            group=name,
            engine=group.engine,
            database=group.database,
            user=group.user,
            password_secret=group.password_secret.replace("{cluster}", identifier),
        )
        for name, group in file.groups.items()
        for identifier in group.clusters
    }


def _repeated_clusters(file: ClustersFile) -> Iterator[Finding]:
    seen: set[str] = set()
    for name, group in file.groups.items():
        for number, identifier in enumerate(group.clusters):
            if identifier in seen:
                yield Finding(("groups", name, "clusters", number), f"{identifier} is listed twice")
            seen.add(identifier)
