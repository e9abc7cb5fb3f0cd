"""The run registry's store and its view of executions, in memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count

from run_registry.executions import Execution, Items
from run_registry.proven import Proven
from run_registry.store import Stored

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
LIVING = Execution(living=True)


@dataclass
class MemoryStore:
    objects: dict[str, Stored] = field(default_factory=dict)
    etags: count[int] = field(default_factory=count)

    def get(self, key: str) -> Stored | None:
        return self.objects.get(key)

    def put_new(self, key: str, body: str) -> str | None:
        return None if key in self.objects else self._write(key, body)

    def put_if(self, key: str, body: str, etag: str) -> str | None:
        return self._write(key, body) if key in self.objects and self.objects[key].etag == etag else None

    def delete_if(self, key: str, etag: str) -> bool:
        if key in self.objects and self.objects[key].etag == etag:
            del self.objects[key]
            return True
        return False

    def list(self, prefix: str) -> list[str]:
        return sorted(key for key in self.objects if key.startswith(prefix))

    def _write(self, key: str, body: str) -> str:
        self.objects[key] = Stored(body, f"etag-{next(self.etags)}")
        return self.objects[key].etag


@dataclass
class KnownExecutions:
    known: dict[str, Execution] = field(default_factory=dict)
    open_jobs: dict[str, int] = field(default_factory=dict)
    items: dict[str, Items] = field(default_factory=dict)

    def find(self, arn: str) -> Execution:
        return self.known.get(arn, Execution(living=False))

    def stop_items(self, arn: str) -> Items:
        return self.items.get(arn, Items())

    def cancel_jobs(self, domain: str, arn: str) -> int:
        assert domain
        return self.open_jobs.get(arn, 0)


def proven_document(run: str, *, cloned: str = "2026-01-01T11:00:00Z", mode: str = "official") -> Proven:
    """Return what a run hands over with `finish`: one cluster, cloned at that instant, and one table."""
    table = {
        "tableName": "Rates",
        "tableId": "id-1",
        "tableArn": "arn:rates",
        "prefix": f"processed/rates/{run}/a/Rates/",
        "items": 7,
        "listing": "digest",
    }
    return Proven(
        {
            "domain": "rates",
            "mode": mode,
            "run": run,
            "kind": "catch-up",
            "attempt": "a",
            "specHash": "spec",
            "release": "1",
            "instants": {"lipsdb": cloned},
            "tables": {"Rates": table},
        }
    )
