"""Benchmark of a table's files: their sizes, and the cost and savings of compression levels."""

from __future__ import annotations

import gzip
import json
import time
import zlib
from typing import TYPE_CHECKING

from migration_spark import bootstrap
from rich.console import Console
from rich.table import Table as Sheet

from bench.fixture import RESULTS, open_fixture
from bench.workload import job

if TYPE_CHECKING:
    from pathlib import Path

_LEVELS = (1, 4, 6, 9)
_SAMPLE_BYTES = 128 * 1024**2
_GZIP = 16 + zlib.MAX_WBITS


def main(count: int, rounds: int) -> None:
    """Write a table of `count` rows, print its files, and compress its items at several levels."""
    with open_fixture(count) as fixture:
        bootstrap.run(job(fixture, "bootstrap", "run"))
        folder = next((fixture.folder / "processed/d/run").glob("*/Thing"))
        sizes = {path.name: _uncompressed(path) for path in sorted(folder.glob("*.gz"))}
        others = sorted(
            path.name for path in folder.iterdir() if not path.name.startswith(".") and path.suffix != ".gz"
        )
        sizes_mib = [(size / 1024**2, (folder / name).stat().st_size / 1024**2) for name, size in sizes.items()]
        sheet = Sheet(
            "file", "MiB uncompressed", "MiB in S3", title=f"writers, {count:,} rows, other objects: {others}"
        )
        for number, (plain, packed) in enumerate(sizes_mib):
            sheet.add_row(str(number), f"{plain:.0f}", f"{packed:.0f}")
        Console().print(sheet)
        levels = _levels([folder / name for name in sizes], rounds)
        RESULTS.mkdir(parents=True, exist_ok=True)
        facts = {"rows": count, "filesMiB": sizes_mib, "otherObjects": others, "levels": levels}
        (RESULTS / f"writers-{count}.json").write_text(json.dumps(facts, indent=1) + "\n")


def _levels(paths: list[Path], rounds: int) -> dict[int, dict[str, float]]:
    """Return zlib's seconds and MiB by level for the items of the files, on one core; the best of the rounds counts.

    It uses zlib, which also compresses the files.
    """
    items = b"".join(gzip.decompress(path.read_bytes()) for path in paths)[:_SAMPLE_BYTES]
    by_level: dict[int, dict[str, float]] = {}
    for _ in range(rounds):
        for level in _LEVELS:
            began = time.process_time()
            size = len(zlib.compress(items, level)) / 1024**2
            took = time.process_time() - began
            by_level[level] = {"seconds": min(took, by_level.get(level, {}).get("seconds", took)), "MiB": size}
    sheet = Sheet("zlib level", "seconds", "MiB", title=f"compression of {len(items) / 1024**2:.0f} MiB on one core")
    for level, facts in by_level.items():
        sheet.add_row(str(level), f"{facts['seconds']:.2f}", f"{facts['MiB']:.1f}")
    Console().print(sheet)
    return by_level


def _uncompressed(path: Path) -> int:
    size, inflate = 0, zlib.decompressobj(_GZIP)
    with path.open("rb") as file:
        while block := file.read(1024**2):
            size += len(inflate.decompress(block))
    return size
