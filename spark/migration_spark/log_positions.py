"""Log positions at which each cluster's changes after its clone begin, for change streams: docs/change-capture.md."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from migration_spark.errors import DatabaseError

if TYPE_CHECKING:
    from migration_spark.database import CloneDatabase

POSTGRES = "aurora-postgresql"
# https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora_volume_logical_start_lsn.html
_FUNCTION = "aurora_volume_logical_start_lsn()"
# to_regprocedure() returns null for an unknown function, and so does the privilege of null.
_KNOWN = f"SELECT coalesce(has_function_privilege(to_regprocedure('{_FUNCTION}'), 'EXECUTE'), false) AS known"
_ASKED = f"SELECT ({_FUNCTION})::text AS position"
_UNKNOWN = f"the clone has no function {_FUNCTION}, or its reader may not call it"
_NO_EVENT = "no event of the clone's instance says it: the source's binary logging is off, or RDS was not asked"


def position_of(database: CloneDatabase) -> dict[str, Any]:
    """Return a clone's `position` in its cluster's log, or null with the `reason`; never fail a run.

    PostgreSQL's position is an LSN. MySQL's is a file and an offset, which the clone service passes in --clones.
    """
    engine, known = database.cluster.engine, database.clone.position
    position, reason = (known, "") if known else _postgres(database) if engine == POSTGRES else (None, _NO_EVENT)
    return {"engine": engine, "position": position, "reason": reason}


def _postgres(database: CloneDatabase) -> tuple[str | None, str]:
    try:
        if not database.query(_KNOWN)[0]["known"]:
            return None, _UNKNOWN
        return str(database.query(_ASKED)[0]["position"]), ""
    except DatabaseError as error:
        return None, str(error)
