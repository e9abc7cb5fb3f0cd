"""ImportTable as AWS documents it.

moto's parser silently loses escapes, empty lists and whole items. moto ignores client tokens, and takes a minute for an
import of seconds.
A bad item is counted and skipped, and the import ends FAILED. A line that is not JSON abandons the rest of its object:
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataImport.Validation.html
"""

from __future__ import annotations

import gzip
import json
import time
from typing import TYPE_CHECKING, Any

from moto.dynamodb.exceptions import ResourceInUseException
from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.models.table_import import TableImport
from moto.dynamodb.responses import DynamoHandler
from moto.s3.models import FakeDeleteMarker

from local.aws.dynamodb.items import add
from local.aws.dynamodb.limits import key_limits, refusal
from local.aws.dynamodb.options import keep_options
from local.aws.dynamodb.tables import page, table_id
from local.aws.dynamodb.tokens import idempotent
from local.aws.seams import replace

if TYPE_CHECKING:
    from collections.abc import Callable

    from moto.core.responses import ActionResult

_READABLE: dict[str, Callable[[bytes], bytes]] = {"NONE": bytes, "GZIP": gzip.decompress}
_UNREADABLE = "Some of the items failed validation checks and were not imported; see the import's log."


def install() -> None:
    """Replace how moto reads the objects and describes the import."""
    original_handler = DynamoHandler.import_table
    original_response = TableImport.response

    def start(self: Any) -> ActionResult:
        name = self.body["TableCreationParameters"]["TableName"]
        if name in self.dynamodb_backend.tables:
            raise ResourceInUseException(f"Table already exists: {name}")
        return original_handler(self)

    def response(self: Any) -> dict[str, Any]:
        return {**original_response(self), **_details(self)}

    replace(TableImport, "_process_s3_files", _process)
    replace(TableImport, "response", response)
    replace(DynamoHandler, "import_table", idempotent(start, "table_imports", "ImportTableDescription", "ImportArn"))
    DynamoHandler.list_imports = _list_imports


def _process(self: Any, _s3: object, bucket: Any) -> None:
    self.started = time.time()
    self.table = dynamodb_backends[self.account_id][self.region_name].create_table(
        name=self.table_name,
        billing_mode=self.billing_mode,
        throughput=self.throughput,
        schema=self.key_schema,
        global_indexes=self.global_indexes,
        indexes=None,
        attr=self.attrs,
        sse_specification=self.creation.get("SSESpecification"),
        streams=None,
        tags=[],
        deletion_protection_enabled=False,
        warm_throughput=None,
    )
    keep_options(self.table, self.creation)
    read = _READABLE.get(self.compression_type or "NONE")
    if read is None:
        raise ValueError(f"InputCompressionType {self.compression_type} cannot be read here; use GZIP or NONE")
    prefix = self.s3_source.get("S3KeyPrefix") or ""
    current = {name: key for name, key in bucket.keys.items() if not isinstance(key, FakeDeleteMarker)}
    for name in sorted(name for name in current if name.startswith(prefix)):
        _read_object(self, read(current[name].value))
    self.ended = time.time()
    if self.error_count:
        self.failure_code, self.failure_message = "ItemValidationError", _UNREADABLE
    self.status = "FAILED" if self.error_count else "COMPLETED"


def _read_object(job: Any, content: bytes) -> None:
    types = {attribute["AttributeName"]: attribute["AttributeType"] for attribute in job.attrs}
    keys = key_limits(job.key_schema, job.global_indexes or [], types)
    required = {entry["AttributeName"] for entry in job.key_schema}
    for line in content.splitlines():
        if not line.strip():
            continue
        job.processed_count += 1
        job.processed_bytes += len(line) + 1
        try:
            item = json.loads(line)["Item"]
        except (ValueError, KeyError, TypeError):
            job.error_count += 1
            return
        if refusal(item, keys, required) is None:
            add(job.table, item, line)
            job.imported_count += 1
        else:
            job.error_count += 1


def _details(job: Any) -> dict[str, Any]:
    times = {name: getattr(job, at, None) for name, at in (("StartTime", "started"), ("EndTime", "ended"))}
    return {
        **{name: moment for name, moment in times.items() if moment is not None},
        "InputFormat": "DYNAMODB_JSON",
        "InputCompressionType": job.compression_type or "NONE",
        "S3BucketSource": job.s3_source,
        "TableId": table_id(job.table),
    }


def _list_imports(self: Any) -> ActionResult:
    arn = self.body.get("TableArn")
    jobs = [job for job in self.dynamodb_backend.table_imports.values() if arn in (None, job.table_arn)]
    names = ("ImportArn", "ImportStatus", "TableArn", "S3BucketSource", "InputFormat", "StartTime", "EndTime")
    summaries = [{name: value for name, value in job.response().items() if name in names} for job in jobs]
    return page(summaries, self.body, size="PageSize", answer="ImportSummaryList")
