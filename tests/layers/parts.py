"""The parts of the tests; each is a process, because a process has one embedded AWS and one Spark."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Part:
    """Paths of tests, without those of another part."""

    name: str
    layer: str
    paths: tuple[str, ...]
    without: tuple[str, ...] = ()

    @property
    def arguments(self) -> list[str]:
        """Return pytest's arguments."""
        return [*self.paths, *(f"--ignore={path}" for path in self.without)]


_PREPARED = "tests/machine/test_machine.py"
# Tests that run the Pulumi program.
_DECLARED = ("tests/unit/infra", "tests/unit/policy", "tests/unit/local/test_engine.py", "tests/unit/test_fidelity.py")
# Tests that compile, or start processes that hang on purpose.
_TOOLS = (
    "tests/unit/mutants",
    "tests/unit/local/test_functions_jar.py",
    "tests/unit/local/test_release.py",
    "tests/unit/local/test_guard.py",
    "tests/unit/test_layers.py",
)

_PAGES = ("tests/test_repository.py", "tests/test_guarantees.py", "tests/test_inputs.py")

# The longest first, so that two processes end at about the same time.
PARTS = (
    Part("functional", "functional", ("tests/functional",)),
    Part("spark", "spark", ("tests/spark",)),
    Part("machine", "machine", ("tests/machine",), without=(_PREPARED,)),
    Part("prepared", "machine", (_PREPARED,)),
    Part("repository", "repository", ("tests/protocol", *_PAGES)),
    Part("unit", "unit", ("tests/unit",), without=(*_DECLARED, *_TOOLS)),
    Part("declared", "unit", _DECLARED),
    Part("tools", "tools", _TOOLS),
)
LAYERS = tuple(dict.fromkeys(part.layer for part in PARTS))


def chosen(layers: list[str]) -> list[Part]:
    """Return the parts of the named layers, or all parts, in starting order."""
    return [part for part in PARTS if not layers or part.layer in layers]
