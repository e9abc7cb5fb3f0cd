"""The table of an execution's tables: stage and counts, or for a catch-up the differences and the writes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich import box
from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from runner.labels import COUNTS, rounded
from runner.live.history.table_writes import CLASSES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from runner.live.history.progress import Progress
    from runner.live.history.table_writes import Writes

STAGE_STYLES = {"ready": "green", "gone": "green", "exported": "green", "failed": "red"}
_SHORT = {"rowsRead": "read"}
_SHORT_CLASSES = {"inserted": "ins.", "updated": "upd.", "deleted": "del.", "unchanged": "same"}
_SETTLED = ("written", "expired", "conflicts")
_UNKNOWN = "·"
_WIDEST = 500
_WIDEST_NAME = 30  # columns that a name keeps in a narrow terminal, which wraps stages first


def table_names(progress: Progress) -> list[str]:
    """Return the known tables, by name."""
    return sorted({*progress.tables, *progress.counts, *progress.table_writes.by_table()})


def fitting_tables(progress: Progress, names: Sequence[str], width: int) -> Table:
    """Return the tables with whole counts if these fit the width, otherwise with rounded ones."""
    whole = counts_table(progress, names, narrow=False)
    room = Console(width=_WIDEST)
    fits = Measurement.get(room, room.options, whole).maximum <= width
    return whole if fits else counts_table(progress, names, narrow=True)


def counts_table(progress: Progress, names: Iterable[str], *, narrow: bool) -> Table:
    """Return the tables with their counts; `narrow` rounds them and drops columns that do not fit."""
    writes = progress.table_writes.by_table()
    columns = _write_columns(writes.values(), narrow=narrow) if writes else {}
    counts = ([] if narrow else ["exported", "compared"]) if writes else list(COUNTS)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=(0, 1, 0, 0) if narrow else (0, 1))
    listed = list(names)
    longest = max((len(name) + 2 for name in listed), default=0)
    table.add_column("  table", no_wrap=not narrow or longest <= _WIDEST_NAME, overflow="fold")
    table.add_column("stage", no_wrap=not narrow, overflow="fold")
    for title in (*columns.values(), *[_SHORT.get(key, COUNTS[key]) if narrow else COUNTS[key] for key in counts]):
        table.add_column(title, justify="right", no_wrap=True)
    for name in listed:
        stage = progress.tables.get(name, "")
        cells = [
            *_write_cells(writes.get(name), columns, narrow=narrow),
            *_count_cells(progress.counts.get(name, {}), counts, narrow=narrow),
        ]
        table.add_row(f"  {name}", Text(stage, STAGE_STYLES.get(stage, "cyan")), *cells)
    return table


def _write_columns(writes: Iterable[Writes], *, narrow: bool) -> dict[str, str]:
    """Return the columns of a catch-up's counts with titles; the column of expired items appears only if needed."""
    settled = [name for name in _SETTLED if name != "expired" or any(counts.expired for counts in writes)]
    return {**{name: _SHORT_CLASSES[name] if narrow else name for name in CLASSES}, **{name: name for name in settled}}


def _write_cells(writes: Writes | None, columns: Iterable[str], *, narrow: bool) -> list[Text]:
    """Return the cells of a catch-up's table; conflicts are red."""
    facts = writes.facts() if writes else {}
    return [
        Text(
            rounded(facts[key], narrow=narrow) if key in facts else _UNKNOWN,
            "red" if key == "conflicts" and facts.get(key) else "",
        )
        for key in columns
    ]


def _count_cells(counts: Mapping[str, int], keys: Iterable[str], *, narrow: bool) -> list[Text]:
    return [Text(rounded(counts[key], narrow=narrow) if key in counts else _UNKNOWN) for key in keys]
