"""The changes that `make mutants` makes."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from tests.mutants.groups import StaleError, read_accepted, read_groups
from tests.mutants.lines import IMPORT
from tests.mutants.python_code import python_mutants
from tests.mutants.runs import Baseline
from tests.mutants.template_code import template_mutants

if TYPE_CHECKING:
    from tests.mutants.mutant import Mutant

ROOT = Path(__file__).parents[3]


def changed_lines(mutants: list[Mutant], source: str) -> list[str]:
    """Return the changed line of each mutant that changes one line only."""
    before = source.splitlines()
    changed = []
    for mutant in mutants:
        after = mutant.source.splitlines()
        assert len(after) == len(before), mutant
        changed += [new.strip() for old, new in zip(before, after, strict=True) if old != new]
    return changed


def test_each_comparison_number_and_return_is_changed_by_itself() -> None:
    source = dedent('''
        def is_late(age: int) -> bool:
            """Say whether 24 hours are over."""
            return age > 24
    ''')

    assert changed_lines(python_mutants("a.py", source), source) == ["return age >= 24", "return age > 25"]


def test_elements_entries_and_arguments_are_left_out_one_at_a_time() -> None:
    source = dedent("""
        ACTIONS = ("s3:GetObject", "s3:PutObject")
        WHO = {"AWS": "*"}
        call(Bucket=name, Key=key)
    """)

    assert changed_lines(python_mutants("a.py", source), source) == [
        'ACTIONS = ("s3:PutObject",)',
        'ACTIONS = ("s3:GetObject", )',
        "WHO = {}",
        'WHO = {"AWS": ""}',
        "pass",
        "call(Key=key)",
        "call(Bucket=name, )",
    ]


def test_a_statement_that_raises_is_left_out_but_its_message_is_not_changed() -> None:
    source = dedent("""
        def check(held):
            if not held:
                raise LookupError("nobody holds " + name(1))
    """)

    assert changed_lines(python_mutants("a.py", source), source) == ["if held:", "pass"]


def test_annotations_docstrings_and_imports_for_types_are_left_alone() -> None:
    source = dedent('''
        """A module with 2 facts."""
        if TYPE_CHECKING:
            from a import b
        def of(value: Literal["a", "b"] | None) -> tuple[int, Literal[3]]:
            """Return 3."""
    ''')

    assert python_mutants("a.py", source) == []


def test_a_character_of_several_bytes_moves_no_change() -> None:
    source = 'NAME = "éß"; LONGEST = 3\n'

    assert changed_lines(python_mutants("a.py", source), source) == [
        'NAME = ""; LONGEST = 3',
        'NAME = "éß"; LONGEST = 4',
    ]


def test_a_line_of_a_body_is_none_that_runs_at_import() -> None:
    source = dedent("""
        LONGEST = 3
        def of(value, least=1):
            return value > LONGEST
    """)

    at_import = {(mutant.line, mutant.runs_at_import) for mutant in python_mutants("a.py", source)}

    assert at_import == {(2, True), (3, True), (4, False)}


def test_a_template_loses_transitions_conditions_retries_and_settings() -> None:
    source = dedent("""
        First:
          Type: Choice
          Choices:
            - {Condition: "{% $laps < 3 and $proof.isClone = true %}", Next: Second}
          Default: Third
        Second:
          Retry: << retry("lambda") >>
          Next: Third
    """)

    assert changed_lines(template_mutants("a.j2", source), source) == [
        "",
        '- {Condition: "{% $laps <= 3 and $proof.isClone = true %}", Next: Second}',
        '- {Condition: "{% $laps < 4 and $proof.isClone = true %}", Next: Second}',
        '- {Condition: "{% $laps < 3 or $proof.isClone = true %}", Next: Second}',
        '- {Condition: "{% $laps < 3 and $proof.isClone != true %}", Next: Second}',
        '- {Condition: "{% $laps < 3 and $proof.isClone = false %}", Next: Second}',
        '- {Condition: "{% $laps < 3 and $proof.isClone = true %}", Next: Third}',
        "Default: Second",
        "",
        "Next: Second",
    ]


def test_tests_are_chosen_by_line_and_by_module_for_what_runs_at_import() -> None:
    source = "LONGEST = 3\ndef of(value):\n    return value > LONGEST\n"
    lines = {"a.py": {"1": [IMPORT], "2": [IMPORT], "3": ["t.py::b"], "4": ["t.py::a"]}}
    baseline = Baseline(lines, {"t.py::a": 2.0, "t.py::b": 1.0})

    chosen = {mutant.line: baseline.tests_of(mutant) for mutant in python_mutants("a.py", source)}

    assert chosen == {1: ["t.py::b", "t.py::a"], 3: ["t.py::b"]}


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ("[{file: a.py, line: LONGEST = 2, change: '`2` becomes `3`', reason: none sees it}]", "LONGEST = 2"),
        ("[{file: a.py, line: LONGEST = 3, change: '`3` becomes `4`', reason: ' '}]", "LONGEST = 3"),
        ("[{file: a.py, line: LONGEST = 3, change: '`3` becomes `5`', reason: none sees it}]", "`5`"),
    ],
    ids=["another line", "no reason", "another change"],
)
def test_an_accepted_survivor_that_is_no_mutant_or_has_no_reason_is_stale(
    tmp_path: Path, entry: str, says: str
) -> None:
    (tmp_path / "accepted.yaml").write_text(entry)

    with pytest.raises(StaleError) as raised:
        read_accepted(python_mutants("a.py", "LONGEST = 3\n"), tmp_path / "accepted.yaml")

    assert says in str(raised.value)


def test_every_module_and_accepted_survivor_of_the_lists_is_there() -> None:
    groups = read_groups(ROOT)
    modules = [module for group in groups for module in group.modules]

    read_accepted(mutant for group in groups for mutant in group.mutants(ROOT))

    assert sorted(modules) == sorted(set(modules))
