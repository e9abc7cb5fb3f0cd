"""`make cluster-proof`: both jobs on a standalone Spark cluster, with and without faults, or a large table (ROWS=…)."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from local import small_disk
from local.spark_cluster import SparkCluster
from local.stack import STACK, LocalStack
from runner.account.environments import load_environment
from tests.cluster.large import Large
from tests.cluster.moments import COMPARING, READING, SHUFFLING, WRITING
from tests.cluster.proof import Proof

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

_ROWS = 20_000
_SPLIT_ROWS = 200
_DISK_MB = 64
_INTERRUPTED = 130
_READABLE = 0o755
# The domain whose tables have both rules for duplicate keys.
_HARMED = "availability"
SCENARIOS = (
    "unharmed",
    *(f"killed-{moment}" for moment in (READING, SHUFFLING, WRITING, COMPARING)),
    "slow",
    "killed-driver",
    "full-disk",
)


def main() -> int:
    """Run the chosen scenarios and print them; return 1 if an assertion fails."""
    parser = argparse.ArgumentParser(prog="make cluster-proof")
    parser.add_argument("--only", nargs="+", choices=SCENARIOS, default=SCENARIOS)
    parser.add_argument("--rows", type=int, help="run one table of so many rows instead (ROWS=)")
    parser.add_argument("--columns", type=int, default=0, help="further columns of that table (WIDE=)")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, _interrupt)
    began = time.monotonic()

    def say(line: str) -> None:
        sys.stdout.write(f"{time.monotonic() - began:6.1f} s  {line}\n")
        sys.stdout.flush()

    try:
        wrong = _prove_large(say, options.rows, options.columns) if options.rows else _prove(say, options.only)
    except KeyboardInterrupt:
        say("interrupted; every process was ended")
        return _INTERRUPTED
    for sentence in wrong:
        say(f"does not hold: {sentence}")
    say(f"{len(wrong)} things do not hold" if wrong else "all holds")
    return 1 if wrong else 0


def _prove(say: Callable[[str], None], chosen: Collection[str]) -> list[str]:
    """Run the chosen scenarios; return the failed assertions as sentences."""
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder) / "embedded"
        with LocalStack(rows=_ROWS, work=work, tell=say) as stack:
            os.environ.update(stack.aws.environment())
            proof = Proof(stack, load_environment(STACK), say, split_rows=_SPLIT_ROWS)
            domains = stack.domains if "unharmed" in chosen else [_HARMED]
            local = {domain: proof.in_local_mode(domain) for domain in domains}
            with SparkCluster(work / "cluster", stack.guard, disk_mb=_DISK_MB) as cluster:
                say(f"{cluster.size} workers run, with {cluster.memory_mb} MB and a disk of {cluster.disk_mb} MB each")
                for domain, expected in local.items() if "unharmed" in chosen else ():
                    proof.unharmed(cluster, domain, expected)
                for moment in (READING, SHUFFLING, WRITING, COMPARING):
                    if f"killed-{moment}" in chosen:
                        proof.killed_executor(cluster, _HARMED, moment, local[_HARMED])
                for name, scenario in {"slow": proof.slow_executor, "killed-driver": proof.killed_driver}.items():
                    if name in chosen:
                        scenario(cluster, _HARMED, local[_HARMED])
                cluster.check_disks()
                say(f"a worker's disk held {max(worker.most_bytes for worker in cluster.workers):,} bytes at most")
                if "full-disk" in chosen and small_disk.can_mount():
                    proof.full_disk(cluster, _HARMED, local[_HARMED])
    return proof.wrong


def _prove_large(say: Callable[[str], None], rows: int, columns: int) -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(_READABLE)  # PostgreSQL runs as another user
        large = Large(Path(folder), rows, say, columns=columns)
        large.run()
    return large.wrong


def _interrupt(_number: int, _frame: object) -> NoReturn:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
