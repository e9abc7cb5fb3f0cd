"""The document of a Spark job's progress as its reader requires it: docs/progress.schema.json is made from it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AliasGenerator, AwareDatetime, BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

JobName = Literal["bootstrap", "delta", "compare"]
StageName = Literal["read", "written", "compared"]
_Count = Annotated[int, Field(ge=0)]


class _Read(BaseModel):
    # A job of a newer release may write more, which its reader passes over; the schema of what a job writes is closed.
    model_config = ConfigDict(
        frozen=True,
        use_attribute_docstrings=True,
        alias_generator=AliasGenerator(validation_alias=to_camel),
        json_schema_extra={"additionalProperties": False},
    )


class ClusterFigures(_Read):
    """The figures of a cluster."""

    rows: _Count
    """Rows that have passed; for the stage `compared`, keys."""
    bytes: _Count
    """Bytes of the rows' text that were read, or of the objects that were written."""
    expected_rows: int | None
    """Rows in all; null if they are not known."""
    expected_bytes: int | None
    """Bytes in all; null if they are not known."""
    exact: bool
    """Whether the expected figures are counted; otherwise they are estimates."""


class StageFigures(ClusterFigures):
    """The figures of a stage of a table."""

    rows_per_second: float | None
    """Rows per second over the last minute; null before the second look, and once the stage is over."""
    ended: bool
    """Whether the stage is over."""
    clusters: dict[str, ClusterFigures]
    """The same figures by cluster, as far as the job counts them apart."""


class TableStages(_Read):
    """The stages of a table that have begun or are expected."""

    read: StageFigures | None = None
    """Rows that are read from the clones; in Compare, exported items as well."""
    written: StageFigures | None = None
    """Items that are written below processed/."""
    compared: StageFigures | None = None
    """Keys that are compared."""

    def named(self) -> dict[StageName, StageFigures]:
        """Return the stages that the job counts, in their order."""
        stages: dict[StageName, StageFigures | None] = {
            "read": self.read,
            "written": self.written,
            "compared": self.compared,
        }
        return {name: stage for name, stage in stages.items() if stage is not None}


class ProgressDocument(_Read):
    """The content of `progress/<domain>/<run>/<job>.json`. Times are ISO 8601 in UTC."""

    version: Literal[1]
    """The version of this schema."""
    domain: str
    """The domain."""
    run: str
    """The run."""
    attempt: str
    """The execution that started the job."""
    job: JobName
    """Which job."""
    state: Literal["running", "ended", "failed"]
    """The state; a job that is ended from outside cannot write another one than `running`."""
    started_at: AwareDatetime
    """The start of the job."""
    written_at: AwareDatetime
    """When the job wrote this document."""
    interval_seconds: float
    """The seconds until the job writes it again."""
    phase: str
    """The current step; empty before the first one."""
    phase_started_at: AwareDatetime
    """The start of that step."""
    tables: dict[str, TableStages]
    """Every table of the domain."""
