"""Display labels that the terminal, the report and the workflow's summary share.

Keys come from states, documents and services; values are for people.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

# The first top-level state of each phase, and the phase, in order.
PHASES = {
    "DefineVariables": "Prepare",
    "CloneClusters": "Clone",
    "ListJars": "Locate Spark",
    "FindSummary": "Bootstrap",
    "MigrateTables": "Tables",
    "PrepareCompare": "Compare",
    "DeleteStatus": "Finish",
    "DestroyClones": "Destroy",
}
# The same for a catch-up and a repair.
CATCH_UP_PHASES = {
    "DefineVariables": "Prepare",
    "CloneClusters": "Clone",
    "ListJars": "Locate Spark",
    "FindSummary": "Bootstrap",
    "ChangesKnown": "Delta",
    "ApplyPuts": "Apply",
    "WaitUntilQuiet": "Tables",
    "ExportTables": "Tables",  # a resumed run that has nothing left to write
    "PrepareCompare": "Compare",
    "DeleteStatus": "Finish",
    "DestroyClones": "Destroy",
}
# The stage of a clone or a table once its Map item enters a state.
CLONE_STAGES = {"StartClone": "cloning", "CloneReady": "ready", "DestroyClone": "destroying", "CloneDestroyed": "gone"}
TABLE_STAGES = {
    "CheckPrefix": "checking",
    "ImportTable": "importing",
    "CreateEmptyTable": "creating",
    "AdoptImport": "found imported",
    "DeleteTable": "replacing",
    "TagTable": "settings",
    "EnableTtl": "TTL",
    "EnablePitr": "recovery",
    "DescribeStream": "stream",
    "ExportTable": "exporting",
    "DescribePreviousExport": "looking for exports",
    "TableMigrated": "exported",
}
# The same for the Maps that only a catch-up has.
CATCH_UP_TABLE_STAGES = {
    "ExportTableOfBase": "exporting its base",
    "TableMigratedOfBase": "base exported",
    "WritePuts": "writing",
    "WriteDeletes": "deleting",
    "FindReach": "awaiting recovery",
}
# A table's counts in pipeline order; each must follow from the previous one.
COUNTS = {
    "rowsRead": "rows read",
    "items": "items",
    "imported": "imported",
    "exported": "exported",
    "compared": "compared",
}
# Reasons why a row did not become an item.
NOT_ITEMS = {"rejected": "rejected", "superseded": "superseded", "filtered": "filtered"}
# The comparison's classes of keys, and their meaning.
CLASSES = {
    "matched": "in both, and equal",
    "changed": "in both, with different values",
    "missing": "in the clones, but not in the export",
    "extra": "in the export, but not in the clones",
    "duplicate": "more than once on one side",
    "undecodable": "in the export, but not readable as an item",
    "expired": "not in the export, since its time to live had passed",
    "rejected": "in the clones, but cannot become an item",
    "superseded": "in the clones, but another row of its key was kept",
}
# The classes of compared keys. An undecodable line of the export has no key, and a rejected or superseded row is
# not an item.
COMPARED_CLASSES = ("matched", "changed", "missing", "extra", "duplicate", "expired")
# The classes that cause the verdict MISMATCH.
DifferenceClass = Literal["changed", "missing", "extra", "duplicate", "undecodable"]
BAD_CLASSES: tuple[DifferenceClass, ...] = ("changed", "missing", "extra", "duplicate", "undecodable")
VERDICTS = {
    "MATCH": "every item of the clones is in the export, and equal",
    "MISMATCH": "the export differs from the clones",
    "NONE": "nothing was compared",
}
# Execution statuses of Step Functions.
STATUSES = {
    "RUNNING": "running",
    "SUCCEEDED": "succeeded",
    "FAILED": "failed",
    "TIMED_OUT": "timed out",
    "ABORTED": "stopped",
    "UNKNOWN": "is not known to Step Functions any more",
    "PENDING_REDRIVE": "waiting for a redrive, which is not supported",
}
_ROUNDED = ((10**9, "G"), (10**6, "M"), (10**4, "k"))
_UNITS = ((10**12, "TB"), (10**9, "GB"), (10**6, "MB"), (10**3, "kB"))


def compared_keys(counts: Mapping[str, Any]) -> int | None:
    """Return the number of compared keys, or None if the count of a class is unknown.

    This defines "compared" everywhere; older verdicts counted rows under that name.
    """
    classes = [counts.get(name) for name in COMPARED_CLASSES]
    known = [count for count in classes if isinstance(count, int)]
    return sum(known) if len(known) == len(classes) else None


def rounded(count: int, *, narrow: bool) -> str:
    """Return a count with thousands separators, or rounded to save room: 12.3M."""
    for least, unit in _ROUNDED if narrow else ():
        if count >= least:
            return f"{count / (1000 if unit == 'k' else least):.1f}{unit}"
    return f"{count:,}"


def size(value: float | None) -> str:
    """Return a size for people: 1.2 GB."""
    if value is None:
        return "?"
    for unit, name in _UNITS:
        if value >= unit:
            return f"{value / unit:,.1f} {name}"
    return f"{value:,.0f} B"


def duration(seconds: float) -> str:
    """Return a duration for people: <1 s, 42 s, 3 min 05 s, 2 h 07 min, 3 d 04 h."""
    if seconds < 1:
        return "<1 s"
    whole = round(seconds)
    if whole < 60:  # noqa: PLR2004 - a minute
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:  # noqa: PLR2004 - an hour
        return f"{minutes} min {rest:02} s"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:  # noqa: PLR2004 - two days
        return f"{hours} h {minutes:02} min"
    days, hours = divmod(hours, 24)
    return f"{days} d {hours:02} h"
