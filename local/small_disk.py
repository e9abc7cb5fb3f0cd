"""A folder of limited size for one process: a file system in memory, if this user may mount one.

The mount is in a namespace of the process, so it disappears when the process and its children end, however they end.
If this user may not mount, the parent measures the folder instead.
https://man7.org/linux/man-pages/man1/unshare.1.html
"""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path

_MOUNT = 'mount -t tmpfs -o size="$1"m,mode=700 tmpfs "$2" && shift 2 && exec "$@"'


@functools.cache
def can_mount() -> bool:
    """Return whether this user may mount in its own namespace."""
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        return False
    with tempfile.TemporaryDirectory() as folder:
        tried = subprocess.run([*_mount_prefix(Path(folder), 1), "true"], check=False, capture_output=True)
    return tried.returncode == 0


def command_prefix(folder: Path, size_mb: int) -> list[str]:
    """Return the prefix of a command that gives it `folder` as a disk of this size; empty if that is impossible."""
    return _mount_prefix(folder, size_mb) if can_mount() else []


def _mount_prefix(folder: Path, size_mb: int) -> list[str]:
    """Return the prefix of a command that mounts the disk and then runs the command."""
    return ["unshare", "--mount", "sh", "-c", _MOUNT, "sh", str(size_mb), str(folder)]


def used_bytes(pid: int, folder: Path) -> int:
    """Return the bytes of its disk that a process uses now."""
    if can_mount():
        with suppress(OSError):
            disk = os.statvfs(f"/proc/{pid}/root{folder}")
            return (disk.f_blocks - disk.f_bfree) * disk.f_frsize
        return 0
    total = 0
    for inside, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):
                total += os.lstat(f"{inside}/{name}").st_blocks * 512
    return total
