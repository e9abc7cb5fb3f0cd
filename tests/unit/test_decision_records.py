"""Every decision record has a status and a date, and the index lists each with both."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "docs" / "adr"
_RECORD = re.compile(
    r"# (?P<number>\d+)\. (?P<title>[^\n]+)\n\nStatus: (?P<status>accepted|replaced by ADR \d+), (?P<date>[0-9-]+)\n\n"
)


@dataclass(frozen=True)
class Record:
    """The head of a decision record."""

    file_name: str
    number: int
    title: str
    status: str
    date: str

    @property
    def row(self) -> str:
        return f"| {self.number} | [{self.title}]({self.file_name}) | {self.status} | {self.date} |"


def read(path: Path) -> Record:
    head = _RECORD.match(path.read_text("utf-8"))
    assert head is not None, f"{path.name} begins otherwise than '# N. Title', 'Status: accepted, YYYY-MM-DD'"
    return Record(path.name, int(head["number"]), head["title"], head["status"], head["date"])


def records() -> list[Record]:
    return [read(path) for path in sorted(FOLDER.glob("[0-9]*.md"))]


def test_every_record_has_a_number_a_status_and_a_date() -> None:
    for record in records():
        assert record.file_name.startswith(f"{record.number:04}-")
        assert dt.date.fromisoformat(record.date).isoformat() == record.date


def test_the_index_lists_every_record_with_its_status_and_date() -> None:
    rows = [line for line in (FOLDER / "README.md").read_text("utf-8").splitlines() if re.match(r"\| \d", line)]

    assert rows == [record.row for record in records()]


def test_a_record_is_replaced_by_one_that_exists() -> None:
    numbers = {record.number for record in records()}
    replacing = {int(record.status.split()[-1]) for record in records() if record.status != "accepted"}

    assert replacing <= numbers
