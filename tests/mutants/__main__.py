"""Mutation tests: change one line after another, and print the changes that no test notices (`make mutants`)."""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tests.mutants.groups import StaleError, read_accepted, read_groups
from tests.mutants.python_code import compiles
from tests.mutants.runs import BaselineError, Workers, results_file
from tests.mutants.scratch import ROOT, Scratch

if TYPE_CHECKING:
    from tests.mutants.groups import Group
    from tests.mutants.mutant import Mutant

GOAL = 95
# The score of 40 mutants may lie 13 points beside that of all (two deviations): a sample finds tests that bite no more.
SAMPLE_GOAL = 50
SEED = 22
SHOWN_EVERY = 25


def main(arguments: list[str]) -> int:
    """Run the chosen mutants, and return 1 if too many survive."""
    asked = _parser().parse_args(arguments)
    groups = read_groups(ROOT)
    everything = {group.name: group.mutants(ROOT) for group in groups}
    accepted = read_accepted(mutant for mutants in everything.values() for mutant in mutants)
    chosen = _chosen(groups, everything, asked)
    last = _last_survivors() if asked.survivors else None
    results = {}
    folder = Path(asked.scratch) if asked.scratch else ROOT / "build" / "mutants"
    scratches = [Scratch(folder / f"copy-{number}") for number in range(asked.at_once)]
    for group in groups:
        wanted = [mutant for mutant in chosen[group.name] if last is None or mutant.key in last]
        wanted = [mutant for mutant in wanted if not mutant.path.endswith(".py") or compiles(mutant)]
        if wanted:
            results[group.name] = _run(group, wanted, accepted, scratches, loud=asked.loud)
            _write(results, whole=asked.sample is None and last is None and not asked.only)
    return _conclude(results, SAMPLE_GOAL if asked.sample else GOAL)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make mutants", description=__doc__)
    parser.add_argument("--sample", type=int, help="so many mutants, drawn from the groups whose tests are quick")
    parser.add_argument("--seed", type=int, default=SEED, help="which ones")
    parser.add_argument("--only", help="groups, or files whose path begins so, separated by commas")
    parser.add_argument("--survivors", action="store_true", help="only what survived the last run")
    parser.add_argument("--scratch", help="the folder for the copies of the repository")
    parser.add_argument("--at-once", type=int, default=1, help="so many mutants side by side, each in its own copy")
    parser.add_argument("--loud", action="store_true", help="show what pytest says")
    return parser


def _chosen(
    groups: list[Group], everything: dict[str, list[Mutant]], asked: argparse.Namespace
) -> dict[str, list[Mutant]]:
    """Return the mutants to run by group, in the order of their files."""
    only = tuple(asked.only.split(",")) if asked.only else ()
    chosen = {
        name: [mutant for mutant in mutants if not only or name in only or mutant.path.startswith(only)]
        for name, mutants in everything.items()
    }
    if asked.sample is None:
        return chosen
    quick = [(group.name, n) for group in groups if group.in_sample or only for n in range(len(chosen[group.name]))]
    drawn = set(random.Random(asked.seed).sample(quick, min(asked.sample, len(quick))))  # noqa: S311  # a sample
    return {name: [m for n, m in enumerate(mutants) if (name, n) in drawn] for name, mutants in chosen.items()}


def _run(
    group: Group,
    mutants: list[Mutant],
    accepted: dict[tuple[str, str, str], str],
    scratches: list[Scratch],
    *,
    loud: bool,
) -> dict[str, list[Mutant]]:
    """Return the group's mutants by result."""
    ended: dict[str, list[Mutant]] = {"killed": [], "survived": [], "": []}
    left = [mutant for mutant in mutants if mutant.key not in accepted]
    began = time.monotonic()
    workers = Workers(scratches, loud=loud)
    try:
        baseline = workers.baseline(group)
        for number, (mutant, outcome) in enumerate(workers.outcomes(group, baseline, left), 1):
            ended[outcome].append(mutant)
            if outcome == "survived":
                print(f"survived  {mutant.description}", flush=True)
            if number % SHOWN_EVERY == 0:
                print(f"{group.name}: {number} of {len(left)} after {time.monotonic() - began:.0f} s", flush=True)
    finally:
        workers.close()
    ended["accepted"] = [mutant for mutant in mutants if mutant.key in accepted]
    print(f"{group.name}: {_score(ended)} in {time.monotonic() - began:.0f} s", flush=True)
    return ended


def _score(ended: dict[str, list[Mutant]]) -> str:
    killed, survived, accepted = (len(ended[name]) for name in ("killed", "survived", "accepted"))
    percent = 100 * killed / max(killed + survived, 1)
    return f"{killed} of {killed + survived} killed ({percent:.1f} %), {accepted} accepted"


def _last_survivors() -> set[tuple[str, str, str]]:
    path = results_file(ROOT)
    return {tuple(key) for key in json.loads(path.read_text("utf-8"))["survived"]} if path.exists() else set()


def _write(results: dict[str, dict[str, list[Mutant]]], *, whole: bool) -> None:
    """Write the survivors for `--survivors`; a partial run replaces only its own."""
    ran = {mutant.key for ended in results.values() for of in ended.values() for mutant in of}
    kept = set() if whole else _last_survivors() - ran
    survived = {mutant.key for ended in results.values() for mutant in ended["survived"]}
    results_file(ROOT).parent.mkdir(parents=True, exist_ok=True)
    results_file(ROOT).write_text(json.dumps({"survived": sorted(kept | survived)}, indent=1), "utf-8")


def _conclude(results: dict[str, dict[str, list[Mutant]]], goal: int) -> int:
    together: dict[str, list[Mutant]] = {
        name: [mutant for ended in results.values() for mutant in ended[name]]
        for name in ("killed", "survived", "accepted")
    }
    print(f"together: {_score(together)}; the goal is {goal} %")
    killed, survived = len(together["killed"]), len(together["survived"])
    return 1 if 100 * killed < goal * (killed + survived) else 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except (BaselineError, StaleError) as error:
        sys.exit(f"error: {error}")
