"""Two domains that begin and end at about the same time, on the real machine: neither destroys the other's clones."""

from __future__ import annotations

import json
import random
import time
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from local.aws.stepfunctions import trace

if TYPE_CHECKING:
    from local.aws.stepfunctions.trace import Step
    from tests.machine.rig import Rig

_PAST_ITS_CLONES = "ListJars"
_LONGEST_HEAD_START_SECONDS = 6.0


class Witness:
    """Checks before each destruction of a clone whether a domain uses it."""

    def __init__(self, rig: Rig) -> None:
        self._rig = rig
        self.seen: list[str] = []
        self.destroys = 0

    def __call__(self, step: Step) -> None:
        if step != ("DestroyClone", "enter"):
            return
        self.destroys += 1
        for key in self._rig.keys("status/in-progress/"):
            try:
                body = self._rig.client("s3").get_object(Bucket=self._rig.bucket, Key=key)["Body"].read()
            except ClientError:
                continue  # given back in the meantime
            holder = json.loads(body)["execution"]
            if _PAST_ITS_CLONES in self._rig.own_entered(holder):
                self.seen.append(f"a clone is destroyed while {holder} works on it")


def race(rig: Rig, seed: int) -> list[str]:
    """Run both domains, the second some seconds later; return the problems."""
    rig.reset()
    witness = Witness(rig)
    draw = random.Random(seed)  # noqa: S311 - a reproducible choice
    first, second = draw.sample(["rates", "availability"], 2)
    with trace.watched(witness):
        arns = [rig.start(first)]
        time.sleep(draw.uniform(0, _LONGEST_HEAD_START_SECONDS))
        arns.append(rig.start(second))
        ended = [rig.end(arn) for arn in arns]
    problems = list(witness.seen)
    problems += [
        f"{each.arn} ended {each.status}: {each.error} {each.cause[:300]}"
        for each in ended
        if each.status != "SUCCEEDED"
    ]
    problems += [f"{key} is left" for key in rig.keys("status/")]
    problems += [f"the clone {name} is left" for name in rig.clones()]
    return [*problems, *["nobody destroyed the clones"] * (witness.destroys == 0)]
