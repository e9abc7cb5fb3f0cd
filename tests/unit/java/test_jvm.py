"""Which Java sources a mutant's run compiles."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.unit.java.jvm import changed_sources

if TYPE_CHECKING:
    from pathlib import Path

FILES = {
    "Sizes.java": "final class Sizes {\n    static final int MOST = 4;\n    static int least() {\n        return 1;\n    }\n}\n",
    "Uses.java": "final class Uses {\n    static int room() {\n        return Sizes.MOST;\n    }\n}\n",
    "Other.java": "final class Other {\n}\n",
}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("return 1;", "return 1;", []),
        ("return 1;", "return 2;", ["Sizes.java"]),
        ("MOST = 4;", "MOST = 5;", ["Sizes.java", "Uses.java"]),
    ],
)
def test_a_changed_class_is_compiled_and_a_changed_constant_with_the_classes_that_copy_it(
    tmp_path: Path, old: str, new: str, expected: list[str]
) -> None:
    compared, sources = tmp_path / "compared/migration", tmp_path / "sources/migration"
    for folder in (compared, sources):
        folder.mkdir(parents=True)
        for name, text in FILES.items():
            (folder / name).write_text(text if folder is compared else text.replace(old, new))

    changed = changed_sources(tmp_path / "compared", tmp_path / "sources")

    assert [path.relative_to(sources).as_posix() for path in changed] == expected
