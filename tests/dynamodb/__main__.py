"""Renewal of the table of verdicts: `make verdicts`."""

from __future__ import annotations

import json
import sys

from tests.dynamodb.cases import cases
from tests.dynamodb.conditions import MET, conditions
from tests.dynamodb.oracle import CRATE, running
from tests.dynamodb.verdicts import ACCEPTED, TABLE, table

with running() as oracle:
    if oracle is None:
        sys.exit("There is no oracle on this machine; build it with: make oracle")
    verdicts = {case.name: oracle.verdict(case) for case in cases()}
    met = {case.name: oracle.met(case) for case in conditions()}
kept = {**table(), "oracle": CRATE, "verdicts": verdicts, "conditions": met}
TABLE.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", "utf-8")
print(f"{len(verdicts)} verdicts of {CRATE}: {sum(verdict == ACCEPTED for verdict in verdicts.values())} accepted")
print(f"{len(met)} conditions: {sum(verdict == MET for verdict in met.values())} met")
