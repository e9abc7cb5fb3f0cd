"""Concurrent requests for the archive of Spark's classes write it once."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from local.java import shared_classes
from local.java.shared_classes import SharedClasses

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_who_asks_while_it_is_written_waits_and_writes_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[Path] = []

    def write(folder: Path, _scratch: Path) -> None:
        written.append(folder)
        time.sleep(0.3)
        folder.mkdir()

    monkeypatch.setattr(shared_classes, "_write", write)

    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(shared_classes.shared_classes, [tmp_path] * 3))

    (folder,) = [path for path in tmp_path.iterdir() if path.is_dir()]
    assert answers == [SharedClasses(folder)] * 3
    assert len(written) == 1
