"""Source columns that no extract reads: left out on purpose, or new since the catalog was written.

The plan does not connect to the sources. The manifest of the domain's newest run lists their columns.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.plan.facts import Unread
from runner.plan.model import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from runner.account.lookups import Account
    from runner.plan.earlier import Manifest


def unread_columns(account: Account, manifest: Manifest | None) -> list[Unread]:
    """Return the extracts with unread columns; a column that the catalog lists now is not new."""
    seen = manifest.content.get("unread") or {} if manifest else {}
    unread = []
    for table in account.domain.selects:
        for name, extract in table.extracts.items():
            listed = {*map(extract.database_name, extract.columns), *extract.left_out}
            new = [column for column in (seen.get(f"{table.name}-{name}") or {}).get("new", []) if column not in listed]
            if new or extract.left_out:
                source = f"the run {manifest.run} of {manifest.written:%Y-%m-%d}" if manifest and new else "the catalog"
                unread.append(Unread(table.name, name, tuple(extract.left_out), tuple(new), source))
    return unread


def check_unread(account: Account, unread: Iterable[Unread]) -> Iterator[Finding]:
    """Fail on new columns in an official run; warn of them in a rehearsal."""
    domain, official = account.request.domain, account.request.mode == "official"
    for extract in unread:
        if not extract.new:
            continue
        consequence = f"{'the' if official else 'an official'} run would fail with ColumnsNotListed"
        yield Finding(
            "fails" if official else "warns",
            f"extract {extract.extract} of {extract.table}",
            f"the catalog neither reads nor leaves out {', '.join(extract.new)}, by {extract.source}; {consequence}",
            f"list each in catalog/domains/{domain}.yaml under columns or left_out, and deploy",
        )
