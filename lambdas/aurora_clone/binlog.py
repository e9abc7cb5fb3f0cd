"""Position of an Aurora MySQL clone in its source's binary log, from an event of the clone's instance.

https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/AuroraMySQL.Updates.MajorVersionUpgrade.html
"""

from __future__ import annotations

import logging
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from aurora_clone.clusters import Cluster, Rds

logger = logging.getLogger(__name__)

_ENGINE = "aurora-mysql"
_POSITION = re.compile(r"Binlog position from crash recovery is (\S+) (\d+)")
# RDS keeps events for 14 days and refuses a request for older ones.
# https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribeEvents.html
_KEPT = timedelta(days=14)


def binlog_position(rds: Rds, clone: Cluster, instance: str) -> str:
    """Return `<file>:<offset>` of an available clone; empty for another engine or if no event names it.

    There is no such event if the source's binary logging is off. The position helps whoever streams changes. A missing
    one fails no run, so an error of RDS is only logged.
    """
    if clone.engine != _ENGINE or not clone.created_at:
        return ""
    # Events of an earlier instance with the same name are older than the clone.
    since = datetime.fromisoformat(clone.created_at)
    if datetime.now(UTC) - since >= _KEPT:
        return ""
    try:
        messages = rds.messages(instance, since)
    except ClientError as error:
        logger.warning("%s: DescribeEvents: %s", instance, error)
        return ""
    position = next((match for message in messages if (match := _POSITION.search(message))), None)
    return f"{position[1]}:{position[2]}" if position else ""
