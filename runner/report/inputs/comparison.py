"""Compare's report and the verdict beside it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from runner.labels import DifferenceClass
from runner.report.inputs.base import Input, Text
from runner.report.inputs.manifest import Identity, WrittenTable


class Sample(Input):
    """A difference with both values in canonical form, which Compare cuts where they are long."""

    difference_class: DifferenceClass = Field(validation_alias="class")
    key: str
    column: str
    source: str
    target: str
    source_characters: int | None = None  # of the whole value, where it is cut
    target_characters: int | None = None


class ComparedTable(Input):
    """The keys of a table or of a part by class; the verdict has the counts alone."""

    matched: int | None = None
    changed: int | None = None
    missing: int | None = None
    extra: int | None = None
    duplicate: int | None = None
    undecodable: int | None = None
    expired: int | None = None
    exported: int | None = None
    changed_attributes: dict[str, int] = {}
    hidden_differences: dict[str, int] = {}
    excluded: tuple[str, ...] = ()
    tolerances: dict[str, Text] = {}
    samples: tuple[Sample, ...] = ()
    parts: dict[str, ComparedTable] | None = None

    def of(self, difference_class: str) -> int | None:
        """Return how many keys are of a class."""
        count: int | None = getattr(self, difference_class)
        return count


class WitnessCounts(Input):
    """The rows that the witness sampled and compared."""

    rows: int | None = None
    sampled: int | None = None
    landed: int | None = None
    exported: int | None = None
    differences: int | None = None


class WitnessSample(Input):
    """A value that the witness disputes; one of `landed` and `exported` is the other side's value."""

    table: str | None = None
    extract: str | None = None
    cluster: str | None = None
    column: str | None = None
    key: object = None
    clone: object = None
    landed: object = None
    exported: object = None


class Verdict(Identity):
    """reports/<domain>/<run>/verdict.json, or that of a verification."""

    verdict: Literal["MATCH", "MISMATCH"] | None = None
    against: str | None = None
    left_out: tuple[str, ...] = ()
    tables: dict[str, ComparedTable] = {}
    witness: WitnessCounts | None = None  # None in older reports and for a verification

    @property
    def is_verification(self) -> bool:
        """Return True if the export was compared with the rows that the run landed, and not with its clones."""
        return self.against == "raw"


class DifferenceFile(Input):
    """A file of differences as Parquet, by its key in the data bucket."""

    key: str
    bytes: int


class DifferenceListing(Input):
    """differences.json beside Compare's report; without tables, Compare could not write the differences."""

    attempt: str
    tables: dict[str, tuple[DifferenceFile, ...]] | None = None
    failure: str | None = None


class Comparison(Identity):
    """reports/<domain>/<run>/report.json, or that of a verification."""

    phases: dict[str, int | float] = {}
    tables: dict[str, ComparedTable] = {}
    bootstrap: dict[str, WrittenTable] = {}
    witness: dict[str, dict[str, WitnessCounts]] = {}  # by extract, and then by cluster
    witness_samples: tuple[WitnessSample, ...] = ()
