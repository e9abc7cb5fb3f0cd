"""Rules about the repository itself."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
MAX_MODULE_LINES = 250
MAX_LINE = 120
MAX_PROSE_LINE = 100
FIRST_SCREEN_LINES = 40
FENCED = re.MULTILINE | re.DOTALL
# A page that is generated.
OTHER_PROSE = {"catalog.md"}
# Words that the pages say more plainly.
PLAINER = {"anew": "again", "go on": "continue", "goes on": "continues", "told": "reported"}


def tracked(*patterns: str) -> list[Path]:
    # -c core.quotepath keeps names as they are; --others finds what is new and not ignored.
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *patterns],  # noqa: S607 - git is on the PATH
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return [ROOT / line for line in listing.splitlines() if (ROOT / line).is_file()]


def test_every_file_with_tests_is_collected() -> None:
    strays = [
        path.relative_to(ROOT)
        for path in tracked("tests/*.py")
        if not path.name.startswith("test_")
        and re.search(r"^(async )?def test_", path.read_text("utf-8"), re.MULTILINE)
    ]

    assert strays == []


def test_every_module_says_its_one_job() -> None:
    silent = [path.relative_to(ROOT) for path in tracked("*.py") if not ast.get_docstring(ast.parse(path.read_bytes()))]

    assert silent == []


def test_no_module_is_more_than_one_thing() -> None:
    long = [
        path.relative_to(ROOT)
        for path in tracked("[!t]*.py", "[!t]*.java")
        if len(path.read_bytes().splitlines()) > MAX_MODULE_LINES
    ]

    assert long == []


def test_no_line_of_java_is_longer_than_one_of_python_may_be() -> None:
    long = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in tracked("*.java")
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if len(line) > MAX_LINE
    ]

    assert long == []


def test_only_the_infrastructure_and_its_local_deployment_know_pulumi() -> None:
    strays = [
        path.relative_to(ROOT)
        for path in tracked("*.py")
        if re.search(r"^\s*(import|from) pulumi", path.read_text("utf-8"), re.MULTILINE)
        and not str(path.relative_to(ROOT)).startswith(
            ("__main__.py", "infra/", "local/deploy/", "policy/__main__.py", "tests/")
        )
    ]

    assert strays == []


@pytest.mark.parametrize("package", ["catalog", "statemachine", "infra", "lambdas", "release", "spark"])
def test_what_is_deployed_does_not_ask_whether_it_is_local(package: str) -> None:
    asked = [
        path.relative_to(ROOT)
        for path in tracked(f"{package}/*.py", f"{package}/*.java")
        if re.search(r"\bif .*\b(is_)?local\b|AWS_ENDPOINT_URL|\bmoto\b", path.read_text("utf-8"))
    ]

    assert asked == []


def test_lock_file_pins_by_hash_and_names_no_index() -> None:
    text = (ROOT / "requirements/lock.txt").read_text("utf-8")
    pins = re.findall(r"^[a-z0-9._-]+(?:\[[a-z,0-9-]+\])?==", text, re.MULTILINE | re.IGNORECASE)

    assert len(pins) > 50
    assert "://" not in text
    assert "--index" not in text
    assert text.count("--hash=sha256:") >= len(pins)


def test_every_target_that_the_readme_and_ci_name_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    text = (ROOT / "README.md").read_text("utf-8") + (ROOT / ".ci/run").read_text("utf-8")
    named = set(re.findall(r"(?:^|`)make ([a-z-]+)", text, re.MULTILINE))

    assert named
    assert named <= targets


def test_the_readme_s_first_screen_has_its_two_commands_and_a_picture_in_short_lines() -> None:
    first_screen = (ROOT / "README.md").read_text("utf-8").split("\n## ")[0].splitlines()

    assert len(first_screen) <= FIRST_SCREEN_LINES
    assert max(len(line) for line in first_screen) <= MAX_PROSE_LINE
    assert {"make demo", "make test"} <= {line.split("#")[0].strip() for line in first_screen}
    assert "```mermaid" in first_screen


def prose(page: Path) -> list[tuple[int, str]]:
    """Return the numbered lines of a page, without headings, tables, code and link targets."""
    text = re.sub(r"^ *```.*?^ *```$", lambda block: "\n" * block[0].count("\n"), page.read_text("utf-8"), flags=FENCED)
    lines = enumerate(re.sub(r"\]\([^)\s]*\)", "]", text).splitlines(), 1)
    return [(number, line) for number, line in lines if not line.startswith(("|", "#", "<!--"))]


def pages_of_prose() -> list[Path]:
    """Return the pages that people write, without the history of releases."""
    pages = tracked("README.md", "CONTRIBUTING.md", "SECURITY.md", "docs/*.md")
    return [page for page in pages if page.name not in OTHER_PROSE]


def test_prose_has_short_lines() -> None:
    long = [
        f"{page.relative_to(ROOT)}:{number}: {len(line)} columns"
        for page in pages_of_prose()
        for number, line in prose(page)
        if len(line) > MAX_PROSE_LINE
    ]

    assert long == []


def test_prose_has_one_sentence_a_line() -> None:
    several = [
        f"{page.relative_to(ROOT)}:{number}: {line}"
        for page in pages_of_prose()
        for number, line in prose(page)
        if re.search(r"[a-z0-9)`][.!?] +[A-Z`\[]", re.sub(r"^ *\d+\. ", "", line))
    ]

    assert several == []


def test_prose_uses_the_plainer_word() -> None:
    roundabout = re.compile(rf"\b({'|'.join(PLAINER)})\b", re.IGNORECASE)
    uses = [
        f"{page.relative_to(ROOT)}:{number}: {use[0]}; write {PLAINER[use[0].lower()]!r}"
        for page in pages_of_prose()
        for number, line in prose(page)
        for use in roundabout.finditer(re.sub(r"`[^`]*`", "", line))
    ]

    assert uses == []


def test_every_link_of_the_documentation_leads_somewhere() -> None:
    broken = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in tracked("*.md")
        for target in re.findall(r"\]\((?!https?://|#|mailto:)([^)#\s]+)", page.read_text("utf-8"))
        if not (page.parent / target).exists()
    ]

    assert broken == []


def anchors(page: Path) -> set[str]:
    """Return the anchors that GitHub makes of a page's headings."""
    headings = re.findall(r"^#+ (.*)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_anchor_of_a_link_in_the_documentation_is_a_heading() -> None:
    broken = [
        f"{page.relative_to(ROOT)}: {target}#{anchor}"
        for page in tracked("*.md")
        for target, anchor in re.findall(r"\]\((?!https?://)([^)#\s]*)#([^)\s]+)\)", page.read_text("utf-8"))
        if anchor not in anchors(page.parent / target if target else page)
    ]

    assert broken == []


def test_every_file_that_the_documentation_names_is_there() -> None:
    folders = "tests|docs|spark|local|runner|infra|lambdas|catalog|statemachine|bench|policy|release|scripts"
    pattern = rf"`((?:{folders})/[\w./-]+)`"
    missing = {
        f"{page.relative_to(ROOT)}: {name}"
        for page in tracked("*.md")
        for name in re.findall(pattern, page.read_text("utf-8"))
        if not (ROOT / name).exists()
    }

    # The tutorial's own file, which its reader writes.
    assert missing <= {"docs/adding-a-domain.md: catalog/domains/film-rental.yaml"}


def test_no_file_names_a_machine_s_path_or_a_package_registry() -> None:
    own = re.compile(r"(?<![\w.])/(work|root|home/\w+)/\w")
    registry = re.compile(
        r"\b(pypi\.org|pythonhosted\.org|npmjs\.(org|com)|maven\.org|golang\.org/x|crates\.io|debian\.org)"
    )
    named = [
        str(path.relative_to(ROOT))
        for path in tracked("*")
        if path.suffix not in {".csv", ".png"} and path != Path(__file__)
        for text in [path.read_text("utf-8")]
        if own.search(text) or registry.search(text)
    ]

    assert named == []


def test_no_two_decisions_have_one_number() -> None:
    numbers = [path.name[:4] for path in tracked("docs/adr/*.md")]

    assert sorted(numbers) == sorted(set(numbers))


def test_regions_and_accounts_are_written_in_stack_files_alone() -> None:
    stacks = [
        yaml.safe_load(path.read_text("utf-8"))["config"]
        for path in (ROOT / "Pulumi.test.yaml", ROOT / "Pulumi.prod.yaml")
    ]
    written = {text for stack in stacks for text in (stack["aws:region"], *stack["aws:allowedAccountIds"])}
    facts = {"runner/account/prices.yaml", "runner/plan/quotas.py"}  # prices and limits of a Region
    product = [
        path
        for path in tracked(":!tests", ":!Pulumi.*.yaml", ":!CHANGELOG.md")
        if str(path.relative_to(ROOT)) not in facts
    ]
    elsewhere = {
        str(path.relative_to(ROOT)) for path in product for text in written if text.encode() in path.read_bytes()
    }

    assert len(written) > 2
    assert len(product) > 300
    assert elsewhere == set()
