"""Records of landed splits, by which a later attempt decides whether it can reuse a split."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from migration_spark.release import own_release
from migration_spark.splits import cuts_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from migration_spark.arguments import Arguments
    from migration_spark.spec import Cluster, Extract
    from migration_spark.splits import Cuts
    from migration_spark.storage import Storage, Stored

_PLAN = "splits"
_RECORDS_AT_ONCE = 8


@dataclass(frozen=True)
class Origin:
    """Origin of rows: the same origin and the same predicates give the same rows."""

    spec_hash: str
    clone_created_at: str
    # The clone's write counters.
    counters: list[int]

    def document(self) -> dict[str, Any]:
        """Return the fields that every record begins with."""
        return {
            "version": 1,
            "release": own_release(),
            "specHash": self.spec_hash,
            "cloneCreatedAt": self.clone_created_at,
            "counters": self.counters,
        }

    def is_of(self, record: dict[str, Any]) -> bool:
        """Return whether a record has this origin; False if the clone's creation time is unknown."""
        mine = self.document()
        return bool(self.clone_created_at) and all(record.get(name) == value for name, value in mine.items())


@dataclass(frozen=True)
class LandedSplit:
    """A landed split: its predicates, its files, and the counts taken on the way."""

    predicates: list[str]
    files: Sequence[Stored]
    names: list[str]
    figures: list[Any]


class Records:
    """Records of an extract: landed/<domain>/<run>/<table>-<extract>/<cluster>/<split>.json."""

    def __init__(self, storage: Storage, arguments: Arguments, extract: Extract, *folders: str) -> None:
        self._storage, self._arguments, self._extract = storage, arguments, extract
        self._prefix = arguments.uri("landed", *folders, f"{extract.table}-{extract.name}")
        self._records: dict[tuple[str, str], Any] = {}

    def read(self) -> None:
        """Read the records of earlier attempts."""
        uris = [stored.uri for stored in self._storage.list_below(self._prefix) if stored.uri.endswith(".json")]
        if not uris:
            return
        with ThreadPoolExecutor(_RECORDS_AT_ONCE) as pool:
            for uri, record in zip(uris, pool.map(self._storage.read_json, uris)):
                cluster, name = uri[: -len(".json")].split("/")[-2:]
                self._records[cluster, name] = record

    def cuts(self, cluster: Cluster, origin: Origin) -> Cuts | None:
        """Return an earlier attempt's cuts of the same clone, or None."""
        record = self._records.get((cluster.name, _PLAN))
        return cuts_of(record) if record and origin.is_of(record) else None

    def keep_cuts(self, cluster: Cluster, origin: Origin, cuts: Cuts) -> None:
        """Record the cuts, before any of their splits lands."""
        self._storage.write_json(self._uri(cluster.name, _PLAN), {**origin.document(), **cuts.document()})

    def landed(
        self,
        cluster: Cluster,
        split: tuple[int, int],
        origin: Origin,
        predicates: list[str] | None,
        files: Sequence[Stored],
    ) -> list[Any] | None:
        """Return the counts of a split that an earlier attempt landed, or None unless exactly its files exist.

        `split` is (number, total). Predicates of None match any: all predicates together hold for every row.
        """
        record = self._records.get((cluster.name, _name(split[0])))
        if not record or not origin.is_of(record) or record["of"] != split[1] or record["files"] != _files(files):
            return None
        return list(record["figures"]) if predicates in (None, record["predicates"]) else None

    def keep(
        self,
        cluster: Cluster,
        split: tuple[int, int],
        origin: Origin,
        landed: LandedSplit,
    ) -> None:
        """Record a split that has landed."""
        record = {
            **origin.document(),
            "attempt": self._arguments.attempt,
            "source": self._extract.source,
            "split": split[0],
            "of": split[1],
            "predicates": landed.predicates,
            "counted": landed.names,
            "figures": landed.figures,
            "files": _files(landed.files),
        }
        self._storage.write_json(self._uri(cluster.name, _name(split[0])), record)

    def forget(self, cluster: Cluster) -> None:
        """Delete the records of a cluster that the job reads again."""
        if any(of == cluster.name for of, _ in self._records):
            self._storage.delete(f"{self._prefix}/{cluster.name}")

    def _uri(self, cluster: str, name: str) -> str:
        return f"{self._prefix}/{cluster}/{name}.json"


def _name(split: int) -> str:
    return f"{split:05}"


def _files(files: Sequence[Stored]) -> list[dict[str, Any]]:
    return [{"name": stored.uri.rsplit("/", 1)[1], "bytes": stored.bytes} for stored in files]
