"""The differences of a table: the columns with changes, and the keys with both values."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

from runner.labels import BAD_CLASSES
from runner.report.model.base import Value
from runner.report.model.differences import ClassCount, Column, Differences, Sample

if TYPE_CHECKING:
    from typing import Literal

    from runner.labels import DifferenceClass
    from runner.report.collect.evidence import Evidence
    from runner.report.inputs import comparison
    from runner.report.inputs.comparison import ComparedTable

VALUE_CHARACTERS = 1024
_CANONICAL = re.compile(r"(S|N|BOOL|B|M|L|SS|NS|NULL):(.*)", re.DOTALL)
_WHOLE_ITEM = "(whole item)"
_MOST_ZEROS = 40


def columns(compared: ComparedTable) -> tuple[Column, ...]:
    """Return the columns with changes, and those whose differences a rule of the catalog hides."""
    rules: dict[str, Literal["excluded", "tolerance"]] = dict.fromkeys(compared.excluded, "excluded")
    rules |= dict.fromkeys(compared.tolerances, "tolerance")
    return tuple(
        Column(
            column=column,
            changed=compared.changed_attributes.get(column, 0),
            rule=rules.get(column),
            tolerance=compared.tolerances.get(column),
            passed_over=compared.hidden_differences.get(column, 0) if column in rules else None,
        )
        for column in dict.fromkeys([*compared.changed_attributes, *rules])
    )


def differences(evidence: Evidence, name: str, compared: ComparedTable | None) -> Differences:
    """Return how many keys of a table differ, by class, and the samples with both values."""
    if compared is None:
        return Differences(total=None, partial=False, classes=(), samples=(), prefix=None)
    folder = "" if compared.parts is not None else f"{name}/"  # each part has a folder of its own
    classes = tuple(_class(compared, kind) for kind in BAD_CLASSES if compared.of(kind))
    return Differences(
        total=sum(entry.count for entry in classes),
        partial=any(entry.keys_shown < entry.count for entry in classes),
        classes=classes,
        samples=tuple(_sample(sample) for sample in compared.samples),
        prefix=f"s3://{evidence.bucket}/{evidence.reports}/mismatches/{folder}" if classes else None,
    )


def _class(compared: ComparedTable, kind: DifferenceClass) -> ClassCount:
    keys = {sample.key for sample in compared.samples if sample.difference_class == kind}
    return ClassCount(difference_class=kind, count=compared.of(kind) or 0, keys_shown=len(keys))


def _sample(sample: comparison.Sample) -> Sample:
    whole = sample.column == _WHOLE_ITEM
    return Sample(
        difference_class=sample.difference_class,
        key=sample.key,
        column=None if whole else sample.column,
        clones=_value(sample.source, sample.source_characters, whole=whole),
        dynamodb=_value(sample.target, sample.target_characters, whole=whole),
    )


def _value(text: str, characters: int | None, *, whole: bool) -> Value:
    """Return a value for people: its DynamoDB type apart, numbers written out, cut where it is long."""
    match = None if whole else _CANONICAL.fullmatch(text)
    kind, content = (match[1], match[2]) if match else (None, text)
    tag = len(text) - len(content)
    content = content if characters is None else content.removesuffix("…")
    shown = _plain_number(content) if kind == "N" else content
    full = len(shown) if characters is None else characters - tag
    return Value(type=kind, text=shown[:VALUE_CHARACTERS], characters=full, cut=full > VALUE_CHARACTERS)


def _plain_number(canonical: str) -> str:
    """Return 1234e-2 as 12.34; what is longer that way, or no number, stays."""
    match = re.fullmatch(r"-?\d+e(-?\d+)", canonical)
    if match is None or abs(int(match[1])) > _MOST_ZEROS:
        return canonical
    return f"{Decimal(canonical):f}"
