"""Read the catalog's YAML files into models, or say what is wrong with which key."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import TypeAdapter, ValidationError

from catalog.errors import CatalogError
from catalog.models import Catalog, Cluster, ClusterGroup, Domain
from catalog.names import Entry

CATALOG_DIRECTORY = Path(__file__).parent
_Model = TypeVar("_Model", bound=Entry)


class _ClustersFile(Entry):
    groups: dict[str, ClusterGroup]


class _UniqueKeyLoader(yaml.CSafeLoader):
    """A loader that refuses a key written twice, which YAML would silently overwrite."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002 - yaml's signature
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for key in keys:
            if keys.count(key) > 1:
                line = node.start_mark.line + 1
                raise yaml.constructor.ConstructorError(None, None, f"key {key!r} is written twice below line {line}")
        return super().construct_mapping(node, deep=deep)


def load_catalog(directory: Path = CATALOG_DIRECTORY) -> Catalog:
    """Read `clusters.yaml` and `domains/*.yaml`.

    Raises:
        CatalogError: A file is missing or wrong; every problem of that file is named.
    """
    clusters = _load_clusters(directory / "clusters.yaml")
    groups = {cluster.group for cluster in clusters.values()}
    files = sorted((directory / "domains").glob("*.yaml"))
    if not files:
        raise CatalogError(directory / "domains", ["no domain file (*.yaml) found; add one per domain"])
    domains: dict[str, Domain] = {}
    owners: dict[str, str] = {}
    for path in files:
        domain = _load_domain(path)
        _check_references(path, domain, groups, owners)
        domains[domain.name] = domain
    return Catalog(clusters=clusters, domains=domains)


def _load_clusters(path: Path) -> dict[str, Cluster]:
    file = _validate(path, _ClustersFile)
    clusters: dict[str, Cluster] = {}
    for name, group in file.groups.items():
        for identifier in group.clusters:
            if identifier in clusters:
                raise CatalogError(path, [f"groups.{name}.clusters: {identifier} is listed twice"])
            clusters[identifier] = Cluster(
                identifier=identifier,
                group=name,
                engine=group.engine,
                database=group.database,
                user=group.user,
                password_secret=group.password_secret.replace("{cluster}", identifier),
            )
    return clusters


def _load_domain(path: Path) -> Domain:
    domain = _validate(path, Domain)
    if domain.name != path.stem:
        raise CatalogError(path, [f"domain: is {domain.name!r}, but the file is named {path.name}"])
    return domain


def _check_references(path: Path, domain: Domain, groups: set[str], owners: dict[str, str]) -> None:
    problems = []
    for table in domain.tables:
        if table.name in owners:
            problems.append(f"tables.{table.name}: the domain {owners[table.name]} has a table of that name already")
        owners[table.name] = domain.name
        problems += [
            f"tables.{table.name}.extracts.{name}.group: {extract.group!r} is not a group of clusters.yaml "
            f"(there are {', '.join(sorted(groups))})"
            for name, extract in table.extracts.items()
            if extract.group not in groups
        ]
    if problems:
        raise CatalogError(path, problems)


def _validate(path: Path, model: type[_Model]) -> _Model:
    try:
        data = yaml.load(path.read_text("utf-8"), _UniqueKeyLoader)  # noqa: S506 - a SafeLoader
    except OSError as error:
        raise CatalogError(path, [f"cannot be read: {error.strerror}"]) from error
    except yaml.YAMLError as error:
        raise CatalogError(path, [f"is not YAML: {' '.join(str(error).split())}"]) from error
    try:
        return TypeAdapter(model).validate_python(data)
    except ValidationError as error:
        raise CatalogError(path, [_sentence(data, problem) for problem in error.errors()]) from error


def _sentence(data: object, problem: Any) -> str:  # noqa: ANN401 - pydantic's ErrorDetails
    """Say one problem with its key, tables by name instead of by position."""
    steps = []
    place = data
    for step in problem["loc"]:
        label = step
        if isinstance(place, list) and isinstance(step, int) and step < len(place):
            place = place[step]
            label = place.get("name", step) if isinstance(place, dict) else step
        elif isinstance(place, dict):
            place = place.get(step)
        steps.append(str(label))
    reason = {"extra_forbidden": "is not a known key"}.get(
        problem["type"], problem["msg"].removeprefix("Value error, ")
    )
    return f"{'.'.join(steps) or 'the file'}: {reason}"
