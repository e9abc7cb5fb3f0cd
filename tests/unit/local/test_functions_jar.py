"""The jobs' Java functions are compiled strictly, and only after a change."""

from __future__ import annotations

import shutil
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pyspark
import pytest

from release.errors import CompileError
from release.functions import class_path, compile_functions

if TYPE_CHECKING:
    from collections.abc import Callable

GOOD = """\
package migration;

import org.apache.spark.unsafe.types.UTF8String;

/** Functions of the tests. */
public final class Texts {
    private Texts() {}

    /** Return the text twice. */
    public static UTF8String twice(UTF8String text) {
        return UTF8String.concat(text, text);
    }
}
"""
JAVA_17 = b"\xca\xfe\xba\xbe\x00\x00\x00\x3d"


def write(folder: Path, text: str = GOOD, name: str = "Texts") -> Path:
    file = folder / "migration" / f"{name}.java"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")
    return file


def changed_from_good(changed: dict[str, str]) -> str:
    text = GOOD
    for good, bad in changed.items():
        text = text.replace(good, bad, 1)
    return text


def refusal(folder: Path, text: str) -> str:
    file = write(folder / "java", text)
    with pytest.raises(CompileError) as refused:
        compile_functions(folder / "java", folder / "functions.jar")
    assert not (folder / "functions.jar").exists()
    return str(refused.value).replace(str(file), "Texts.java")


def test_sources_become_classes_of_java_17(tmp_path: Path) -> None:
    write(tmp_path / "java")

    with zipfile.ZipFile(compile_functions(tmp_path / "java", tmp_path / "functions.jar")) as jar:
        assert jar.namelist() == ["META-INF/MANIFEST.MF", "migration/Texts.class"]
        assert jar.read("migration/Texts.class").startswith(JAVA_17)


def test_the_same_sources_give_the_same_bytes_wherever_they_lie(tmp_path: Path) -> None:
    made = []
    for folder in ("here", "there"):
        write(tmp_path / folder)
        made.append(compile_functions(tmp_path / folder, tmp_path / f"{folder}.jar").read_bytes())

    assert made[0] == made[1]


def test_an_error_is_told_with_file_and_line(tmp_path: Path) -> None:
    message = refusal(tmp_path, GOOD.replace("concat(text, text)", "concat(text, other)"))

    assert "Texts.java:11: error: other cannot be resolved to a variable" in message


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"import org": "import java.util.Map;\nimport org"}, "3: warning: The import java.util.Map is never used"),
        ({"return ": "// TODO: more\n        return "}, "11: error: TODO: more"),
    ],
    ids=["an unused import", "a task"],
)
def test_a_warning_alone_is_an_error(tmp_path: Path, changed: dict[str, str], message: str) -> None:
    assert f"Texts.java:{message}" in refusal(tmp_path, changed_from_good(changed))


def test_every_warning_is_told_at_once(tmp_path: Path) -> None:
    message = refusal(
        tmp_path,
        changed_from_good(
            {
                "private Texts": "private static java.util.List made;\n    private Texts",
                "    /** Return the text twice. */\n": "",
                "return ": "Thread.currentThread().stop();\n        return ",
            }
        ),
    )

    assert "Texts.java:7: warning: List is a raw type" in message
    assert "Texts.java:10: warning: Javadoc: Missing comment for public declaration" in message
    assert "Texts.java:11: warning: The method stop() from the type Thread is deprecated" in message


def test_a_folder_without_sources_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CompileError, match=r"holds no \.java file"):
        compile_functions(tmp_path, tmp_path / "functions.jar")


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("compiled")
    write(folder / "java")
    write(folder / "java", GOOD.replace("Texts", "More"), "More")
    compile_functions(folder / "java", folder / "functions.jar")
    return folder


def test_what_has_not_changed_is_not_compiled_again(compiled: Path) -> None:
    made = (compiled / "functions.jar").stat()

    again = compile_functions(compiled / "java", compiled / "functions.jar").stat()

    assert (again.st_ino, again.st_mtime_ns) == (made.st_ino, made.st_mtime_ns)


@pytest.mark.parametrize(
    "change",
    [
        lambda folder, _: write(folder / "java", GOOD.replace("twice", "doubled")),
        lambda folder, _: (folder / "java/migration/More.java").unlink(),
        lambda folder, _: (folder / "functions.jar").write_bytes(b"broken"),
        lambda _, patch: patch.setattr(pyspark, "__version__", "3.5.99"),
    ],
    ids=["a source", "a source that is gone", "the JAR", "pyspark"],
)
def test_what_has_changed_is_compiled_again(
    compiled: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    change: Callable[[Path, pytest.MonkeyPatch], None],
) -> None:
    folder = Path(shutil.copytree(compiled, tmp_path / "copy"))
    change(folder, monkeypatch)
    before = (folder / "functions.jar").stat().st_ino

    jar = compile_functions(folder / "java", folder / "functions.jar")

    assert jar.stat().st_ino != before
    with zipfile.ZipFile(jar) as archive:
        names = {Path(name).stem for name in archive.namelist() if name.endswith(".class")}
    assert names == {path.stem for path in folder.rglob("*.java")}


def test_two_builds_at_once_leave_one_whole_jar(tmp_path: Path) -> None:
    write(tmp_path / "java")
    target = tmp_path / "jars" / "functions.jar"

    with ThreadPoolExecutor(2) as pool:
        made = list(pool.map(lambda _: compile_functions(tmp_path / "java", target), range(2)))

    assert made == [target, target]
    assert zipfile.ZipFile(target).testzip() is None
    assert list(target.parent.iterdir()) == [target]


def test_a_session_has_the_functions_before_both_drivers() -> None:
    names = [entry.rpartition("/")[2] for entry in class_path().split(":")]

    assert names == ["migration-functions.jar", "postgresql-42.7.7.jar", "mysql-connector-j-9.3.0.jar"]
