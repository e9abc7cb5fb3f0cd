"""The labels cover all states, counts and classes."""

from __future__ import annotations

import pytest
from migration_spark.comparison import BAD, CLASSES

from runner import labels


def test_every_class_of_the_comparison_has_its_words() -> None:
    assert set(labels.CLASSES) == set(CLASSES)
    assert labels.BAD_CLASSES == BAD


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "<1 s"),
        (0.4, "<1 s"),
        (1, "1 s"),
        (59.4, "59 s"),
        (59.6, "1 min 00 s"),
        (185, "3 min 05 s"),
        (3599.9, "1 h 00 min"),
        (7620, "2 h 07 min"),
        (172_800, "2 d 00 h"),
    ],
)
def test_a_duration_is_read_at_a_glance(seconds: float, text: str) -> None:
    assert labels.duration(seconds) == text
