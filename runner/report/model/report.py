"""The report of a run: one frozen document, whose sections are the modules beside this one."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, WithJsonSchema

from runner.report.model.base import Moment, Section, Verdict
from runner.report.model.changes import Changes, EarlierRun
from runner.report.model.cost import Cost
from runner.report.model.counts import ONLY_COUNTS
from runner.report.model.extracts import Extract, Witness
from runner.report.model.jobs import JobProgress, JobRun
from runner.report.model.remains import Remains
from runner.report.model.run import Attempt, Failure, Run
from runner.report.model.snapshots import Snapshots
from runner.report.model.state import State
from runner.report.model.tables import Table

_STATUSES = ["RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED", "PENDING_REDRIVE", "UNKNOWN"]
# Step Functions may add a state; the report then shows it.
Status = Annotated[str, WithJsonSchema({"enum": _STATUSES})]


class Locations(Section):
    """The addresses of the run's own documents; null for a document that does not exist."""

    verdict: str | None
    """The verdict on which the state machine decides."""
    comparison: str | None
    """The Compare job's own report: the evidence behind this document."""
    differences: str | None
    """The differences as Parquet."""
    manifest: str | None
    """The list of Bootstrap's files, each with its MD5."""
    rejects: str | None
    """The rows that cannot become items, with reasons."""
    logs: str | None
    """The logs of the Spark jobs."""
    changes: str | None
    """The changes that Delta wrote in parts, with counts."""
    conflicts: str | None
    """The items that another writer had changed."""


class Versions(Section):
    """The versions that the run used; null before a job has reported them."""

    release: str | None
    """The release: its version and hash."""
    commit: str | None
    """The commit that the release was built from, with -dirty if files differed from it."""
    jar: str | None
    """The release JAR."""
    catalog_hash: str | None
    """The hash of the domain's catalog, as the jobs received it."""
    emr_release: str | None
    """The EMR release of the jobs."""


class Step(Section):
    """A step that an operator can take."""

    what: str
    """The step in words."""
    command: str | None
    """The command for it."""
    link: str | None
    """The page with the details: at GitHub, or a path in the repository."""


class Outcome(Section):
    """The outcome; a failure takes precedence over an earlier attempt's verdict."""

    kind: Literal["running", "refused", "failed", "stopped", "match", "mismatch", "unknown"]
    """The outcome in a word."""
    title: str
    """
    The outcome in a few words: `Failed in Bootstrap: RowsRejected`, `Running: Export, 12 min 05 s so far`,
    `Not started: InvalidInput`, `MATCH`.
    """
    tone: Literal["good", "bad", "warn", "info", "none"]
    """The colour in which a page shows it."""


class Report(Section):
    """The report of a run that succeeded, failed or is running, as `migrate report` writes it.

    Times are ISO 8601 in UTC.
    An unknown value is null, never 0.
    A new field leaves `schemaVersion` as it is; a field that is removed or changes its meaning raises it.
    """

    schema_version: Literal[2]
    """The version of this schema."""
    generated_at: Moment
    """When the report was made; `remains` is as of then."""
    verdict: Verdict
    """The result of the comparison; NONE if nothing was compared."""
    status: Status
    """The state of the newest execution; UNKNOWN if Step Functions no longer keeps one."""
    outcome: Outcome
    """The outcome of the run; a failure takes precedence over an earlier attempt's verdict."""
    headline: str
    """The outcome in a sentence or two."""
    run: Run
    """The request, who made it, and the duration over all attempts."""
    failure: Failure | None
    """The failure of the newest attempt; null if it succeeded or is running."""
    next_steps: tuple[Step, ...] = Field(serialization_alias="next")
    """The steps that an operator can take next."""
    tables: tuple[Table, ...]
    """The domain's tables."""
    totals: dict[str, int | None] = Field(json_schema_extra=ONLY_COUNTS)
    """The sum of each count over the tables where it is known; null if no table knows it, empty without tables."""
    changes: Changes | None
    """The changes of a catch-up or repair; null for a bootstrap."""
    state: State
    """The state that the tables of the domain represent at `generatedAt`, and whether they are live."""
    earlier: tuple[EarlierRun, ...]
    """The domain's catch-ups and repairs of the same tables before this run, newest first, at most 10."""
    extracts: tuple[Extract, ...]
    """The rows that each extract read, and the columns that it left unread; empty if the manifest is gone."""
    witness: Witness | None
    """
    A random sample of rows, read another way and compared with the landed and the exported rows; null if the run took
    none.
    """
    snapshots: Snapshots
    """When each cluster was cloned: the run migrates what the cluster held at that instant."""
    attempts: tuple[Attempt, ...]
    """The executions, oldest first; a resumed run has several."""
    jobs: tuple[JobRun, ...]
    """The Spark job runs of all attempts."""
    progress: tuple[JobProgress, ...]
    """The progress of the Spark jobs of the newest attempt, as they reported it last."""
    remains: Remains
    """The clones, locks and tables that exist at `generatedAt`."""
    cost: Cost
    """The cost of all attempts, without tax and discounts."""
    versions: Versions
    """The versions that the run used; null before a job has reported them."""
    locations: Locations = Field(serialization_alias="places")
    """The addresses of the run's own documents; null for a document that does not exist."""
    location_links: Locations = Field(serialization_alias="placeLinks")
    """The same documents as pages of the console."""
    notes: tuple[str, ...]
    """Notes for the reader: what could not be read, and what is not counted."""

    def as_json(self) -> dict[str, object]:
        """Return the document as JSON values, with the names of docs/report.schema.json."""
        return self.model_dump(by_alias=True)
