"""What the files of a table are like, and what a level of compression costs and saves."""

from __future__ import annotations

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

    from bench.ground import Ground

_LEVELS = {"BEST_SPEED": 1, "FOUR": 4, "DEFAULT_COMPRESSION": 6, "BEST_COMPRESSION": 9}
_GZIP = 16 + zlib.MAX_WBITS


def main(count: int, rounds: int) -> None:
    """Write a table of `count` rows, tell its files, and write its items again at several levels."""
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
        levels = _levels(on, str(place), rounds)
        RESULTS.mkdir(parents=True, exist_ok=True)
        facts = {"rows": count, "filesMiB": told, "otherObjects": others, "levels": levels}
        (RESULTS / f"writers-{count}.json").write_text(json.dumps(facts, indent=1) + "\n")


def _levels(on: Ground, items: str, rounds: int) -> dict[str, dict[str, float]]:
    """Return seconds and MiB by level; the best of the rounds counts."""
    plain = f"file://{on.folder}/plain"
    on.spark.read.text(f"file://{items}").write.parquet(plain)
    settings = on.spark.sparkContext._jsc.hadoopConfiguration()
    found: dict[str, dict[str, float]] = {}
    for _ in range(rounds):
        for level, number in _LEVELS.items():
            settings.set("zlib.compress.level", level)
            out = on.folder / f"level-{level}"
            began = time.monotonic()
            on.spark.read.parquet(plain).write.mode("overwrite").option("compression", "gzip").text(f"file://{out}")
            took = time.monotonic() - began
            size = sum(path.stat().st_size for path in out.glob("*.gz")) / 1024**2
            best = min(took, found.get(level, {}).get("seconds", took))
            found[level] = {"level": number, "seconds": best, "MiB": size}
    settings.unset("zlib.compress.level")
    sheet = Sheet("zlib level", "seconds", "MiB in S3", title="compression")
    for facts in found.values():
        sheet.add_row(f"{facts['level']}", f"{facts['seconds']:.2f}", f"{facts['MiB']:.1f}")
    Console().print(sheet)
    return found


def _uncompressed(path: Path) -> int:
    size, inflate = 0, zlib.decompressobj(_GZIP)
    with path.open("rb") as file:
        while block := file.read(1024**2):
            size += len(inflate.decompress(block))
    return size
