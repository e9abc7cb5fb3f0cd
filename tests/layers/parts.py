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


# Tests whose commands start a stack each, in processes of their own.
_OWN_STACKS = tuple(
    f"tests/functional/test_{name}.py"
    for name in (
        "demo",
        "demo_mysql",
        "live_schema",
        "new_domain",
        "plan_mysql",
        "rehearse",
        "rehearse_dumps",
        "rehearse_init",
        "rehearse_mysql",
        "rehearse_values",
        "rehearse_whole",
        "report_page",
        "shared_classes",
    )
)
_PREPARED = "tests/machine/test_machine.py"
# Tests that run the Pulumi program, or render one state machine after the other; and some more, so that both
# parts of the unit tests take the same time.
_DECLARED = (
    "tests/unit/infra",
    "tests/unit/java",
    "tests/unit/catalog",
    "tests/unit/policy",
    "tests/unit/statemachine/test_budget.py",
    "tests/unit/statemachine/test_render.py",
    "tests/unit/test_fidelity.py",
    "tests/unit/test_plain_names.py",
)
# Tests that compile, run scripts, draw every diagram, start processes that hang on purpose, or run the Pulumi program
# for stacks of their own.
_TOOLS = (
    "tests/unit/github/test_workflows.py",
    "tests/unit/mutants",
    "tests/unit/infra/test_new_stack.py",
    "tests/unit/infra/test_two_stacks.py",
    "tests/unit/infra/test_wide_catalog.py",
    "tests/unit/local/test_engine.py",
    "tests/unit/local/test_functions_jar.py",
    "tests/unit/local/test_release.py",
    "tests/unit/local/test_reused_drivers.py",
    "tests/unit/local/test_guard.py",
    "tests/unit/runner/commands/test_script.py",
    "tests/unit/statemachine/test_diagrams.py",
    "tests/unit/test_layers.py",
)

_PAGES = ("tests/test_repository.py", "tests/test_guarantees.py", "tests/test_inputs.py")

# The longest first, so that two processes end at about the same time.
PARTS = (
    Part("functional", "functional", ("tests/functional",), without=_OWN_STACKS),
    Part("spark", "spark", ("tests/spark",)),
    Part("commands", "functional", _OWN_STACKS),
    Part("machine", "machine", ("tests/machine",), without=(_PREPARED,)),
    Part("prepared", "machine", (_PREPARED,)),
    Part("repository", "repository", ("tests/protocol", *_PAGES)),
    Part("unit", "unit", ("tests/unit",), without=(*_DECLARED, *_TOOLS)),
    Part("declared", "unit", _DECLARED, without=_TOOLS),
    Part("tools", "tools", _TOOLS),
)
LAYERS = tuple(dict.fromkeys(part.layer for part in PARTS))


def chosen(layers: list[str]) -> list[Part]:
    """Return the parts of the named layers, or all parts, in starting order."""
    return [part for part in PARTS if not layers or part.layer in layers]
