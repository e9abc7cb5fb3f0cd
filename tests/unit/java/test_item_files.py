"""A file of items holds every line whole and once, in an order that depends only on the lines."""

from __future__ import annotations

import gzip
import hashlib
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterable

ORDER = b"a\ng\ne\nf\nb\nd\nc\n"
MOST_BYTES = 16 * 1024 * 1024


def compressed(jvm: Any, writes: Iterable[bytes], *, flushed: bool = False) -> bytes:
    """Return the file of these writes; `flushed` flushes after each."""
    made = jvm.java.io.ByteArrayOutputStream()
    out = jvm.migration.ItemCodec().createOutputStream(made)
    for number, each in enumerate(writes):
        if len(each) == 1 and number % 2:
            out.write(each[0])
        else:
            # What lies before and after is not of the line.
            out.write(b"<" + each + b">", 1, len(each))
        if flushed:
            out.flush()
    out.finish()
    out.close()  # as Hadoop does after it, which finishes once more
    return bytes(made.toByteArray())


def lines(count: int, width: int = 12) -> list[bytes]:
    return [f"{number:0{width}}\n".encode() for number in range(count)]


def test_few_lines_have_this_very_order(jvm: Any) -> None:
    """With another order, two attempts would write different files."""
    assert gzip.decompress(compressed(jvm, [b"a\n", b"b\n", b"c\n", b"d\n", b"e\n", b"f\n", b"g\n"])) == ORDER


@pytest.mark.parametrize("count", [1, 2, 255, 256, 257, 513, 5000])
def test_every_line_is_there_once_and_neighbours_are_parted(jvm: Any, count: int) -> None:
    unpacked = gzip.decompress(compressed(jvm, lines(count))).splitlines(keepends=True)

    assert sorted(unpacked) == lines(count)
    assert count < 255 or sum(int(line) + 1 == int(after) for line, after in pairwise(unpacked)) < count // 50


def test_a_line_of_several_writes_stays_whole_and_one_without_an_end_is_the_last(jvm: Any) -> None:
    writes = [b"o", b"n", b"e\n", b"", b"two", b"\n", b"\n", b"rest", b" of it"]

    unpacked = gzip.decompress(compressed(jvm, writes))

    assert unpacked.endswith(b"rest of it")
    assert sorted(unpacked.removesuffix(b"rest of it").splitlines()) == [b"", b"one", b"two"]
    assert compressed(jvm, writes, flushed=True) == compressed(jvm, writes)


def test_what_is_beyond_the_memory_is_written_before_the_rest_comes(jvm: Any) -> None:
    """Sixteen lines of a MiB fill the memory; the seventeenth empties it, except for the unfinished line."""
    mega = [bytes([97 + number]) * (MOST_BYTES // 16 - 1) + b"\n" for number in range(18)]

    unpacked = gzip.decompress(compressed(jvm, [*mega[:15], mega[15], b"#", *mega[16:]])).splitlines(keepends=True)

    assert sorted(map(digest, unpacked)) == sorted(map(digest, [*mega[:16], b"#" + mega[16], mega[17]]))
    assert b"".join(line[:1] for line in unpacked) == b"pajnhedbmliogcfkr#"


def test_a_line_wider_than_the_memory_is_written_whole(jvm: Any) -> None:
    wide = b"w" * (MOST_BYTES + 5) + b"\n"

    unpacked = gzip.decompress(compressed(jvm, [b"a\n", wide, b"b\n"])).splitlines(keepends=True)

    assert [digest(line) for line in unpacked] == [digest(line) for line in (b"a\n", wide, b"b\n")]


def test_the_level_is_the_quickest_and_no_time_is_in_the_file(jvm: Any) -> None:
    written = compressed(jvm, lines(5000))

    assert written[4:8] == bytes(4)
    plain = gzip.decompress(written)
    assert abs(len(written) - len(gzip.compress(plain, 1))) < len(written) // 10
    assert len(written) > len(gzip.compress(plain, 2)) * 1.02


def test_a_compressor_of_hadoops_own_makes_no_other_file(jvm: Any) -> None:
    made = jvm.java.io.ByteArrayOutputStream()
    out = jvm.migration.ItemCodec().createOutputStream(made, None)
    for line in lines(7):
        out.write(line, 0, len(line))
    out.finish()

    assert bytes(made.toByteArray()) == compressed(jvm, lines(7))


def digest(line: bytes) -> str:
    return hashlib.sha256(line).hexdigest()
