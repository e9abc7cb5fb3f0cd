"""A process has a disk of limited size, which no other process sees and which ends with it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from local import small_disk

MB = 1024**2

mounts = pytest.mark.skipif(not small_disk.can_mount(), reason="mounts a file system; run the tests as root")


def write(folder: Path, megabytes: int, *, disk_mb: int) -> subprocess.CompletedProcess[str]:
    program = ["dd", "if=/dev/zero", f"of={folder}/x", f"bs={MB}", f"count={megabytes}"]
    return subprocess.run(
        [*small_disk.command_prefix(folder, disk_mb), *program],
        check=False,
        capture_output=True,
        text=True,
        env={"LANG": "C"},
    )


@mounts
def test_a_process_cannot_write_more_than_its_disk_holds(tmp_path: Path) -> None:
    fits, exceeds = write(tmp_path, 2, disk_mb=4), write(tmp_path, 6, disk_mb=4)

    assert (fits.returncode, exceeds.returncode) == (0, 1)
    assert "No space left on device" in exceeds.stderr


@mounts
def test_nothing_of_the_disk_is_left(tmp_path: Path) -> None:
    write(tmp_path, 2, disk_mb=4)

    assert list(tmp_path.iterdir()) == []
    assert str(tmp_path) not in Path("/proc/mounts").read_text()


@mounts
def test_the_use_of_a_running_process_is_measured(tmp_path: Path) -> None:
    script = f"dd if=/dev/zero of={tmp_path}/x bs={MB} count=3 2>/dev/null && echo written && read line"
    with subprocess.Popen(
        [*small_disk.command_prefix(tmp_path, 4), "sh", "-c", script],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as running:
        assert running.stdout is not None
        assert running.stdin is not None
        assert running.stdout.readline() == "written\n"
        used = small_disk.used_bytes(running.pid, tmp_path)
        running.stdin.write("\n")

    assert used == 3 * MB


def test_where_nothing_may_be_mounted_the_folder_is_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(small_disk, "can_mount", lambda: False)
    (tmp_path / "blocks").mkdir()
    (tmp_path / "blocks/x").write_bytes(b"x" * MB)

    assert small_disk.command_prefix(tmp_path, 4) == []
    assert small_disk.used_bytes(0, tmp_path) == MB
