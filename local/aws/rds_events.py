"""The RDS event with the binary log position at which a clone of Aurora MySQL begins; moto lacks it.

RDS creates it at the first start of the clone's instance if the source writes a binary log.
https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/AuroraMySQL.Updates.MajorVersionUpgrade.html
"""

from __future__ import annotations

from typing import Any

from moto.core.utils import utcnow
from moto.rds.models import Event, RDSBackend

from local.aws.seams import replace

_FORMAT = "binlog_format"
_RECOVERED = "Binlog position from crash recovery is {file} {offset}"
_FILE, _FIRST_OFFSET = "mysql-bin-changelog.{number:06}", 154


def install() -> None:
    """Support StartTime when events are described."""
    describe = RDSBackend.describe_events

    def since(self: Any, start_time: Any = None, **asked: Any) -> list[Any]:
        events: list[Any] = describe(self, **asked)
        return [event for event in events if start_time is None or event.date >= _naive(start_time)]

    replace(RDSBackend, "describe_events", since)


def record_recovery(rds: Any, source: Any, instance: Any) -> None:
    """Create the event of a clone's instance if its source writes a binary log."""
    if not source.engine.startswith("aurora-mysql") or not _writes_log(rds, source):
        return
    event = Event.__new__(Event)
    event.source_identifier, event.source_type = instance.db_instance_identifier, "db-instance"
    event.source_arn, event.event_categories, event.date = instance.arn, ["recovery"], utcnow()
    said = sum(other.message.startswith(_RECOVERED.split(" {", maxsplit=1)[0]) for other in rds.events)
    event.message = _RECOVERED.format(file=_FILE.format(number=said + 1), offset=_FIRST_OFFSET)
    rds.events.append(event)


def _writes_log(rds: Any, source: Any) -> bool:
    """Return whether the source's own parameter group enables the log; default groups do not."""
    values = rds.describe_db_cluster_parameters(source.parameter_group)
    return any(
        parameter["ParameterName"] == _FORMAT and parameter.get("ParameterValue", "OFF") != "OFF"
        for parameter in values
    )


def _naive(moment: Any) -> Any:
    """Return a time in moto's form."""
    return moment.replace(tzinfo=None) if getattr(moment, "tzinfo", None) else moment
