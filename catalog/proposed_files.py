"""Write what is proposed as files of a catalog: a domain or, of many tables, several, and the clusters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catalog.errors import SourceError
from catalog.proposal import propose_clusters, propose_domains

if TYPE_CHECKING:
    from pathlib import Path

    from catalog.described import Source

_CLUSTERS, _DOMAINS = "clusters.yaml", "domains"


def write_proposal(source: Source, domain: str, group: str, folder: Path) -> tuple[list[Path], list[str]]:
    """Write the proposed domains, and the clusters where there are none yet; return the files and the warnings.

    Raises:
        SourceError: Nothing can be moved, or a domain's file is there already.
    """
    proposals = propose_domains(source, domain, group)
    if not any(proposal.tables for proposal in proposals.values()):
        told = "; ".join(warning for proposal in proposals.values() for warning in proposal.warnings)
        raise SourceError(f"{source.place} has no table that can be moved: {told or 'it is empty'}")
    files = {folder / _DOMAINS / f"{name}.yaml": proposal.text for name, proposal in proposals.items()}
    there = [str(path) for path in files if path.exists()]
    if there:
        raise SourceError(f"{', '.join(there)} is there already: remove it, or name another domain with --domain")
    if not (folder / _CLUSTERS).exists():
        files = {folder / _CLUSTERS: propose_clusters(source, group), **files}
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return list(files), [warning for proposal in proposals.values() for warning in proposal.warnings]
