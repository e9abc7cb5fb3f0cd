"""Changes and conflicts in the data bucket."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from table_writer.changes import ANEW, Change, Part, read
from table_writer.errors import PartDamagedError
from table_writer.items import Item, to_json

if TYPE_CHECKING:
    from table_writer.orders import Order


@dataclass(frozen=True)
class Conflict:
    """A change that was not written: its key, the expected item and the stored one."""

    key: Item
    expected: Item | None
    stored: Item | None

    def line(self) -> str:
        """Return the conflict as a line of JSON."""
        items = {"key": self.key, "expected": self.expected, "found": self.stored}
        return json.dumps({name: None if item is None else to_json(item) for name, item in items.items()})


class Store(Protocol):
    """The storage that the table writer needs."""

    def parts(self, order: Order) -> list[Part]:
        """Return the parts of the order's kind, of every lane."""

    def changes(self, order: Order, part: Part) -> list[Change]:
        """Return the changes of a part."""

    def keep(self, order: Order, part: int, offset: int, conflicts: list[Conflict]) -> None:
        """Store a call's conflicts in a part, from an offset on."""


class S3Store:
    """The data bucket."""

    def __init__(self, s3: Any, bucket: str) -> None:  # noqa: ANN401 - boto3 generates its clients at run time
        self._s3 = s3
        self._bucket = bucket

    def parts(self, order: Order) -> list[Part]:
        """Return the parts of the order's kind, of every lane."""
        return Part.listed(self._get(f"changes/{order.folder}parts.json").decode(), order.kind)

    def changes(self, order: Order, part: Part) -> list[Change]:
        """Return the changes of a part."""
        return read(part, order.kind, self._get(f"changes/{order.folder}{part.name}"))

    def keep(self, order: Order, part: int, offset: int, conflicts: list[Conflict]) -> None:
        """Store a call's conflicts in a part, from an offset on."""
        key = f"conflicts/{order.folder}{order.kind}-{part}-{offset}.json"
        text = "".join(f"{conflict.line()}\n" for conflict in conflicts)
        self._s3.put_object(Bucket=self._bucket, Key=key, Body=text.encode())

    def _get(self, key: str) -> bytes:
        try:
            content: bytes = self._s3.get_object(Bucket=self._bucket, Key=key)["Body"].read()
        except self._s3.exceptions.NoSuchKey as error:
            raise PartDamagedError(f"s3://{self._bucket}/{key} is gone. {ANEW}") from error
        return content
