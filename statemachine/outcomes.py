"""Sizes in bytes of the outcomes of a Map's items, which share one payload.

Each field has a maximum width: a service's limit on names, ARNs or times, or a value that the renderer knows.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from statemachine.errors import DefinitionError
from statemachine.expressions import is_expression

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from statemachine.graph import Machine, State

# The prefix of a table's name, with the longest name of a Region; exports and imports have ARNs below the table's:
# https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ExportDescription.html
_REGION = "longest-region"  # as long as the longest name of a Region
_ARN = len(f"arn:aws-us-gov:dynamodb:{_REGION}:000000000000:table/")
_CHILD = len("/import/01693685827463-2d8752fd")
# export/<domain>/<run>/<table>/AWSDynamoDB/<export>/manifest-summary.json, with the longest domain and run.
_MANIFEST = len("export///") + 31 + 64 + len("/AWSDynamoDB/01693685827463-2d8752fd/manifest-summary.json")
_SUFFIX = len("-rehearsal")
_NUMBER, _TIME, _ID = 20, 35, 36
_HOST = 253  # a name of DNS: https://www.rfc-editor.org/rfc/rfc1035#section-2.3.4, without its two ends
_PORT = 5
_POSITION = 300  # of a database's log: a file's name and a number
_PROPERTY = re.compile(r"""["']spark\.[^"']+["']:\s""")
_PER_ENTRY = len('"":"",')


@dataclass(frozen=True)
class Outcomes:
    """Widths of outcomes that only the renderer knows: the cause, and the tables of the Maps over lanes."""

    cause_bytes: int = 0
    lanes: tuple[str, ...] = ()  # the table of each possible lane

    def bytes_of(self, state: State) -> int:
        """Return the maximum size of all outcomes of a Map together.

        Raises:
            DefinitionError: An outcome has a field without a maximum width.
        """
        ends = [end for end in state["ItemProcessor"]["States"].values() if end.get("End") and "Output" in end]
        names = names_of(state) if isinstance(state["Items"], list) else self.lanes
        return 2 + sum(max((self._bytes(end["Output"], name) + 1 for end in ends), default=0) for name in names)

    def _bytes(self, output: Mapping[str, Any], name: str) -> int:
        return 2 + sum(len(field) + _PER_ENTRY + self._width(field, value, name) for field, value in output.items())

    def _width(self, field: str, value: object, name: str) -> int:
        if not is_expression(value):
            return len(json.dumps(value))
        table = len(name) + _SUFFIX
        widths = {
            "name": table,
            "tableName": table,
            "arn": _ARN + table,
            "tableArn": _ARN + table,
            "importArn": _ARN + table + _CHILD,
            "exportArn": _ARN + table + _CHILD,
            "manifest": _MANIFEST + len(name),
            "id": _ID,
            "tableId": _ID,
            "endpoint": _HOST,
            "port": _PORT,
            "createdAt": _TIME,
            "position": _POSITION,
            "cause": self.cause_bytes,
            **dict.fromkeys(("imported", "exported", "applied", "already", "expired"), _NUMBER),
        }
        if field not in widths:
            raise DefinitionError(f"an outcome's field {field} has no maximum width: add one in {__name__}")
        return widths[field]


NO_OUTCOMES = Outcomes()


def names_of(state: State) -> list[str]:
    """Return the tables or clusters of a Map over a list."""
    return [item["name"] if isinstance(item, dict) else item for item in state["Items"]]


def job_bytes(machine: Machine) -> int:
    """Return the maximum size of a job's arguments: its properties, every clone and every export."""
    jobs = [s for s in machine["States"].values() if str(s.get("Resource")).endswith("startJobRun.sync")]
    if not jobs:
        return 0
    return max(len(json.dumps(job["Arguments"])) for job in jobs) + sum(_passed(machine))


def job_properties(machine: Machine) -> int:
    """Return how many Spark properties the largest job has; each cluster's password is one."""
    counts = [0]
    for state in machine["States"].values():
        if str(state.get("Resource")).endswith("startJobRun.sync"):
            (spark,) = state["Arguments"]["ConfigurationOverrides"]["ApplicationConfiguration"]
            counts.append(len(_PROPERTY.findall(spark["Properties"])))
    return max(counts)


def _passed(machine: Machine) -> Iterator[int]:
    """Yield the size of each clone or export in the arguments, where quotes are escaped."""
    for name, state in machine["States"].items():
        if state["Type"] == "Map" and isinstance(state["Items"], list):
            if name == "CloneClusters":
                clone = {"": {"host": "", "port": 0, "createdAt": "", "position": ""}}
                yield from (_escaped(clone) + len(n) + _HOST + _PORT + _TIME + _POSITION for n in names_of(state))
            elif name in ("MigrateTables", "ExportTables"):
                export = {"table": "", "manifest": ""}
                yield from (_escaped(export) + 2 * len(n) + _MANIFEST for n in names_of(state))


def _escaped(document: object) -> int:
    return len(json.dumps(json.dumps(document)))
