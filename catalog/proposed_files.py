"""Files of a proposed catalog: one domain or, for many tables, several, and the clusters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catalog.errors import SourceError
from catalog.proposal import propose_clusters, propose_domains

if TYPE_CHECKING:
    from pathlib import Path

    from catalog.source_schema import Source

_CLUSTERS, _DOMAINS = "clusters.yaml", "domains"


def write_proposal(source: Source, domain: str, group: str, folder: Path) -> tuple[list[Path], list[str]]:
    """Write the proposed domains, and clusters.yaml if there is none yet; return the files and the warnings.

    Raises:
        SourceError: No table can be migrated, or a domain's file already exists.
    """
    proposals = propose_domains(source, domain, group)
    if not any(proposal.tables for proposal in proposals.values()):
        reasons = "; ".join(warning for proposal in proposals.values() for warning in proposal.warnings)
        raise SourceError(f"{source.location} has no table that can be migrated: {reasons or 'it is empty'}")
    files = {folder / _DOMAINS / f"{name}.yaml": proposal.text for name, proposal in proposals.items()}
    there = [str(path) for path in files if path.exists()]
    if there:
        raise SourceError(f"{', '.join(there)} already exists: remove it, or choose another domain with --domain")
    if not (folder / _CLUSTERS).exists():
        files = {folder / _CLUSTERS: propose_clusters(source, group), **files}
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return list(files), [warning for proposal in proposals.values() for warning in proposal.warnings]
