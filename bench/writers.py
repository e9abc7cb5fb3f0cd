"""What the files of a table are like, and what a level of compression costs and saves."""

from __future__ import annotations

import gzip
import json
import time
import zlib
from typing import TYPE_CHECKING

from migration_spark import bootstrap
from rich.console import Console
from rich.table import Table as Sheet

from bench.ground import RESULTS, ground
from bench.setting import job

if TYPE_CHECKING:
    from pathlib import Path

_LEVELS = (1, 4, 6, 9)
_SAMPLE_BYTES = 128 * 1024**2
_GZIP = 16 + zlib.MAX_WBITS


def main(count: int, rounds: int) -> None:
    """Write a table of `count` rows, tell its files, and compress its items at several levels."""
    with ground(count) as on:
        bootstrap.run(job(on, "bootstrap", "run"))
        place = next((on.folder / "processed/d/run").glob("*/Thing"))
        sizes = {path.name: _uncompressed(path) for path in sorted(place.glob("*.gz"))}
        others = sorted(path.name for path in place.iterdir() if not path.name.startswith(".") and path.suffix != ".gz")
        told = [(size / 1024**2, (place / name).stat().st_size / 1024**2) for name, size in sizes.items()]
        sheet = Sheet(
            "file", "MiB uncompressed", "MiB in S3", title=f"writers, {count:,} rows, other objects: {others}"
        )
        for number, (plain, packed) in enumerate(told):
            sheet.add_row(str(number), f"{plain:.0f}", f"{packed:.0f}")
        Console().print(sheet)
        levels = _levels([place / name for name in sizes], rounds)
        RESULTS.mkdir(parents=True, exist_ok=True)
        facts = {"rows": count, "filesMiB": told, "otherObjects": others, "levels": levels}
        (RESULTS / f"writers-{count}.json").write_text(json.dumps(facts, indent=1) + "\n")


def _levels(paths: list[Path], rounds: int) -> dict[int, dict[str, float]]:
    """Return zlib's seconds and MiB by level for the items of the files, on one core; the best of the rounds counts.

    By zlib itself, as the files are compressed too.
    """
    items = b"".join(gzip.decompress(path.read_bytes()) for path in paths)[:_SAMPLE_BYTES]
    found: dict[int, dict[str, float]] = {}
    for _ in range(rounds):
        for level in _LEVELS:
            began = time.process_time()
            size = len(zlib.compress(items, level)) / 1024**2
            took = time.process_time() - began
            found[level] = {"seconds": min(took, found.get(level, {}).get("seconds", took)), "MiB": size}
    sheet = Sheet("zlib level", "seconds", "MiB", title=f"compression of {len(items) / 1024**2:.0f} MiB on one core")
    for level, facts in found.items():
        sheet.add_row(str(level), f"{facts['seconds']:.2f}", f"{facts['MiB']:.1f}")
    Console().print(sheet)
    return found


def _uncompressed(path: Path) -> int:
    size, inflate = 0, zlib.decompressobj(_GZIP)
    with path.open("rb") as file:
        while block := file.read(1024**2):
            size += len(inflate.decompress(block))
    return size
