"""The lines of sampled keys, kept while the functions of a comparison read all lines."""

from __future__ import annotations

import json
import struct
from typing import TYPE_CHECKING, Any

import pytest
from py4j.protocol import Py4JJavaError

from tests.unit.java.functions import Plan

if TYPE_CHECKING:
    from tests.unit.java.functions import Functions

NUMBER = 2**41  # Py4J makes a Java `long` of it
PLAN = Plan({"id": ("string", "S")}, key=("id",))
LINES = [json.dumps({"Item": {"id": {"S": f"key {number}"}}}) for number in range(40)]
WANTED = (31, 2, 17, 3)
BEYOND_THE_BIT_MAP = 1 << 40  # hashes that differ only here share their bit


@pytest.fixture
def sample(jvm: Any) -> Any:
    """Return the class of samples, with one that the catalog knows; Spark's context, which only a session has, does no more."""
    loader = jvm.migration.Functions().getClass().getClassLoader()
    known = loader.loadClass("migration.SampledLines").getDeclaredField("KNOWN")
    (constructor,) = loader.loadClass("migration.SampledLines").getDeclaredConstructors()
    for hidden in (known, constructor):
        hidden.setAccessible(True)
    arguments = jvm.java.lang.reflect.Array.newInstance(loader.loadClass("java.lang.Object"), 1)
    arguments[0] = jvm.org.apache.spark.util.CollectionAccumulator()
    known.get(None)[NUMBER] = constructor.newInstance(arguments)
    return jvm.migration.SampledLines


@pytest.fixture
def hashes(functions: Functions) -> list[int]:
    return [row[0] for row in functions.of_lines("export_marks", PLAN, *LINES)]


def filled(sample: Any, hashes: list[int]) -> None:
    sample.fill(NUMBER, b"".join(struct.pack(">q", value) for value in hashes))


@pytest.mark.parametrize("name", ["export_marks", "export_term"])
def test_the_lines_of_wanted_keys_are_kept_and_all_lines_are_read_as_ever(
    functions: Functions, sample: Any, hashes: list[int], name: str
) -> None:
    filled(sample, [hashes[number] for number in WANTED])

    rows = functions.of_lines(f"{name}_{NUMBER}", PLAN, *LINES, "no item")

    assert rows == functions.of_lines(name, PLAN, *LINES, "no item")
    assert sample.take(NUMBER).split("\n") == [LINES[number] for number in sorted(WANTED)]
    with pytest.raises(Py4JJavaError, match="NoSuchFunctionException"):
        functions.described(f"{name}_{NUMBER}", "l string, p string")


def test_a_sample_that_is_not_filled_keeps_nothing(functions: Functions, sample: Any) -> None:
    functions.of_lines(f"export_marks_{NUMBER}", PLAN, *LINES)

    assert sample.take(NUMBER) == ""


def test_a_line_whose_hash_is_only_like_a_wanted_one_is_not_kept(
    functions: Functions, sample: Any, hashes: list[int]
) -> None:
    filled(sample, [value ^ BEYOND_THE_BIT_MAP for value in hashes])

    functions.of_lines(f"export_marks_{NUMBER}", PLAN, *LINES)

    assert sample.take(NUMBER) == ""


def test_a_wanted_hash_of_any_bits_is_known(functions: Functions, sample: Any, hashes: list[int]) -> None:
    """Each bit of the map's words, and words at both ends, without a hash that another one hides."""
    filled(sample, hashes)

    functions.of_lines(f"export_term_{NUMBER}", PLAN, *LINES)

    assert sample.take(NUMBER).split("\n") == LINES
