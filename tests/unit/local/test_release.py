"""The release JAR is whole and reproducible."""

from __future__ import annotations

import re
import zipfile
from typing import TYPE_CHECKING

from local.java.functions import compile_functions
from local.java.release import build, commit, jar_name

if TYPE_CHECKING:
    from pathlib import Path


def test_the_same_inputs_give_the_same_release(tmp_path: Path) -> None:
    first, second = build(tmp_path / "one"), build(tmp_path / "two")

    assert (first / jar_name()).read_bytes() == (second / jar_name()).read_bytes()
    assert sorted(path.name for path in first.iterdir()) == ["bootstrap.py", "compare.py", jar_name()]


def test_the_jar_holds_the_package_and_both_drivers_at_its_root(tmp_path: Path) -> None:
    with zipfile.ZipFile(build(tmp_path) / jar_name()) as jar:
        names = set(jar.namelist())
        drivers = jar.read("META-INF/services/java.sql.Driver").decode().split()
        built_from = jar.read("migration_spark/COMMIT").decode().strip()

    assert {"migration_spark/bootstrap.py", "migration_spark/compare.py", "org/postgresql/Driver.class"} <= names
    assert built_from == commit()
    assert re.fullmatch(r"([0-9a-f]{40}(-dirty)?)?", built_from)
    assert drivers == ["org.postgresql.Driver", "com.mysql.cj.jdbc.Driver"]
    assert not [name for name in names if name.endswith((".SF", ".RSA")) or "__pycache__" in name]


def test_the_jar_holds_every_compiled_function(tmp_path: Path) -> None:
    with zipfile.ZipFile(compile_functions()) as functions, zipfile.ZipFile(build(tmp_path) / jar_name()) as jar:
        compiled = {name: functions.read(name) for name in functions.namelist() if name.endswith(".class")}
        released = {name: jar.read(name) for name in compiled if name in jar.namelist()}

    assert "migration/Functions.class" in compiled
    assert released == compiled
