"""ExportTableToPointInTime, which writes the objects that AWS writes: data files, their manifest and a summary.

moto writes one data file without a manifest, returns a malformed ARN, and starts a new export for each repeated
request.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport.Output.html
"""

from __future__ import annotations

import base64
import datetime as dt
import gzip
import hashlib
import json
import secrets
import threading
import time
from typing import TYPE_CHECKING, Any

from moto.dynamodb.models.table_export import TableExport
from moto.dynamodb.responses import DynamoHandler

from local.aws.dynamodb import recovery
from local.aws.dynamodb.items import text
from local.aws.dynamodb.tables import page, table_id
from local.aws.dynamodb.tokens import idempotent
from local.aws.seams import replace

if TYPE_CHECKING:
    from collections.abc import Iterable

    from moto.core.responses import ActionResult

_ITEMS_PER_FILE = 25_000
_FEWEST_FILES = 4
_asked = threading.local()  # the current request of this thread: moto does not pass its encryption on


def install() -> None:
    """Replace how moto writes the objects and describes the export."""
    original_init = TableExport.__init__
    original_response = TableExport.response
    original_handler = DynamoHandler.export_table_to_point_in_time

    def init(self: Any, *arguments: Any, **named: Any) -> None:
        original_init(self, *arguments, **named)
        self.started, self.ended, self.manifest = time.time(), None, None
        self.encryption = {"S3SseAlgorithm": _asked.body.get("S3SseAlgorithm", "AES256")}
        if "S3SseKmsKeyId" in _asked.body:
            self.encryption["S3SseKmsKeyId"] = _asked.body["S3SseKmsKeyId"]
        self.instant = _instant(_asked.body)
        self.export_id = f"{int(self.started * 1000):014d}-{secrets.token_hex(4)}"
        self.arn = f"{self.table.table_arn}/export/{self.export_id}"

    def start(self: Any) -> ActionResult:
        self.body.setdefault("S3Prefix", "")
        self.body.setdefault("ExportFormat", "DYNAMODB_JSON")
        _asked.body = self.body
        tables = [table for table in self.dynamodb_backend.tables.values() if table.table_arn == self.body["TableArn"]]
        instant = _instant(self.body)
        if tables and instant is not None and recovery.is_recoverable(tables[0]):
            recovery.check(tables[0], instant)
        return original_handler(self)

    def response(self: Any) -> dict[str, Any]:
        return {**original_response(self), **_details(self)}

    replace(TableExport, "__init__", init)
    replace(TableExport, "response", response)
    replace(TableExport, "_backup_to_s3_file", _export)
    replace(
        DynamoHandler,
        "export_table_to_point_in_time",
        idempotent(start, "table_exports", "ExportDescription", "ExportArn"),
    )
    replace(DynamoHandler, "list_exports", _list_exports)


def _export(self: Any, s3: Any) -> None:
    base = f"{self.s3_prefix}/AWSDynamoDB/{self.export_id}".lstrip("/")
    encryption = "aws:kms" if self.encryption["S3SseAlgorithm"] == "KMS" else "AES256"
    key = self.encryption.get("S3SseKmsKeyId")

    def put(name: str, content: bytes) -> str:
        s3.put_object(
            bucket_name=self.s3_bucket,
            key_name=f"{base}/{name}",
            value=content,
            encryption=encryption,
            kms_key_id=key,
        )
        return f"{base}/{name}"

    put("_started", b"")
    files = []
    items = _lines(self)
    per_file = max(1, min(_ITEMS_PER_FILE, -(-len(items) // _FEWEST_FILES)))
    for part in _batched(items, per_file):
        lines = b"".join(line + b"\n" for line in part)
        data = gzip.compress(lines, compresslevel=1, mtime=0)
        object_key = put(f"data/{secrets.token_hex(13)}.json.gz", data)
        self.item_count += len(part)
        self.processed_bytes += len(lines)
        files.append(
            {"itemCount": len(part), "md5Checksum": _md5(data), "etag": _etag(data), "dataFileS3Key": object_key}
        )
    listed = "".join(json.dumps(entry) + "\n" for entry in files).encode()
    listing = put("manifest-files.json", listed)
    put("manifest-files.md5", _md5(listed).encode())
    summary = json.dumps(_summary(self, listing)).encode()
    self.manifest = put("manifest-summary.json", summary)
    put("manifest-summary.md5", _md5(summary).encode())
    self.ended = time.time()
    self.status = "COMPLETED"


def _instant(body: dict[str, Any]) -> float | None:
    """Return the requested instant in seconds of the epoch, or None for the current items."""
    asked = body.get("ExportTime")
    if asked is None:
        return None
    return asked.timestamp() if isinstance(asked, dt.datetime) else float(asked)


def _lines(export: Any) -> list[bytes]:
    """Return the items at the export's instant, or the current ones if it has none."""
    if export.instant is None:
        return [text(item) for item in export.table.all_items()]
    return recovery.lines_at(export.table, export.instant)


def _summary(export: Any, listing: str) -> dict[str, Any]:
    return {
        "version": "2020-06-30",
        "exportArn": export.arn,
        "startTime": _iso(export.started),
        "endTime": _iso(time.time()),
        "tableArn": export.table.table_arn,
        "tableId": table_id(export.table),
        "exportTime": _iso(export.instant or export.started),
        "s3Bucket": export.s3_bucket,
        "s3Prefix": export.s3_prefix or None,
        "s3SseAlgorithm": export.encryption["S3SseAlgorithm"],
        "s3SseKmsKeyId": export.encryption.get("S3SseKmsKeyId"),
        "manifestFilesS3Key": listing,
        "billedSizeBytes": export.processed_bytes,
        "itemCount": export.item_count,
        "outputFormat": export.export_format,
        "exportType": export.export_type,
    }


def _details(export: Any) -> dict[str, Any]:
    details = {"StartTime": export.started, "ExportTime": export.instant or export.started, **export.encryption}
    details["TableId"] = table_id(export.table)
    if export.status == "COMPLETED":
        details |= {"EndTime": export.ended, "ExportManifest": export.manifest}
    return details


def _list_exports(self: Any) -> ActionResult:
    arn = self.body.get("TableArn")
    jobs = [job for job in self.dynamodb_backend.table_exports.values() if arn in (None, job.table.table_arn)]
    summaries = [{"ExportArn": job.arn, "ExportStatus": job.status, "ExportType": job.export_type} for job in jobs]
    return page(summaries, self.body, size="MaxResults", answer="ExportSummaries")


def _batched(items: list[Any], size: int) -> Iterable[list[Any]]:
    return (items[start : start + size] for start in range(0, len(items), size))


def _md5(content: bytes) -> str:
    return base64.b64encode(hashlib.md5(content, usedforsecurity=False).digest()).decode()


def _etag(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest() + "-1"


def _iso(seconds: float) -> str:
    return dt.datetime.fromtimestamp(seconds, dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
