"""Runner of a GitHub workflow's own steps: the `run:` scripts with their conditions and environment.

Of GitHub's expressions it knows comparisons, and, or, texts, always(), format and fromJSON; another one fails by name.
Actions of others are not run; those of this repository are.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import yaml

from tests.project import ROOT

if TYPE_CHECKING:
    from pathlib import Path

WORKFLOWS = ROOT / ".github" / "workflows"
_EXPRESSION = re.compile(r"\$\{\{(.*?)\}\}")
_TOKEN = re.compile(r"\s*('(?:[^']|'')*'|==|!=|&&|\|\||[(),]|[A-Za-z_][\w.-]*)")
_WITHIN_SECONDS = 300


def load(path: Path) -> dict[str, Any]:
    """Return a workflow or action; YAML 1.1 reads its key `on` as true."""
    document = yaml.safe_load(path.read_text("utf-8"))
    return {("on" if key is True else key): value for key, value in document.items()}


@dataclass(frozen=True)
class Done:
    """The result of a step."""

    name: str
    code: int
    output: str
    skipped: bool = False


@dataclass
class Job:
    """A running job of a workflow."""

    workflow: dict[str, Any]
    job: str
    inputs: dict[str, str]
    work: Path
    environment: dict[str, str]
    matrix: dict[str, str] = field(default_factory=dict)
    steps: dict[str, dict[str, str]] = field(default_factory=dict)
    failed: bool = False
    needs: dict[str, str] = field(default_factory=dict)  # outputs of other jobs: `domains.outputs.domains`
    checkout: Path = ROOT

    def run(self, *names: str, **variables: str) -> list[Done]:
        """Run the named steps in order, or all steps; return their results."""
        definition = self.workflow["jobs"][self.job]
        assert set(names) <= {step["name"] for step in definition["steps"]}
        env = {**self._env(definition.get("env", {}), {}), **variables}
        return [self._step(step, env, {}) for step in definition["steps"] if not names or step["name"] in names]

    def summary(self) -> str:
        """Return the job's summary."""
        path = self.work / "summary.md"
        return path.read_text("utf-8") if path.exists() else ""

    def value(self, text: str, context: dict[str, str]) -> Any:  # noqa: ANN401 - an expression's value
        """Return a text with its expressions evaluated, or the value of a single expression."""
        whole = _EXPRESSION.fullmatch(text.strip())
        if whole:
            return self._expression(whole.group(1), context)
        return _EXPRESSION.sub(lambda match: str(self._expression(match.group(1), context)), text)

    def _step(self, step: dict[str, Any], env: dict[str, str], context: dict[str, str]) -> Done:
        name = step.get("name", "")
        condition = str(step.get("if", "success()"))
        always = "always()" in condition
        if (self.failed and not always) or not self._expression(
            condition.removeprefix("${{").removesuffix("}}"), context
        ):
            return Done(name, 0, "", skipped=True)
        uses = step.get("uses", "")
        if uses.startswith("./"):
            done = self._action(step, env)
        elif uses:
            return Done(name, 0, "", skipped=True)
        else:
            done = self._shell(step, {**env, **self._env(step.get("env", {}), context, env)})
        self.failed = self.failed or done.code != 0
        if "id" in step:
            self.steps.setdefault(step["id"], {})["outcome"] = "failure" if done.code else "success"
        return done

    def _shell(self, step: dict[str, Any], env: dict[str, str]) -> Done:
        outputs = self.work / "outputs"
        outputs.write_text("")
        files = {
            "GITHUB_OUTPUT": str(outputs),
            "GITHUB_STEP_SUMMARY": str(self.work / "summary.md"),
            "RUNNER_TEMP": str(self.work),
        }
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],  # noqa: S607 - as a runner does
            cwd=self.checkout,
            env={**os.environ, **self.environment, **files, **env},
            check=False,
            capture_output=True,
            text=True,
            timeout=_WITHIN_SECONDS,
        )
        if "id" in step:
            lines = (line.split("=", 1) for line in outputs.read_text("utf-8").splitlines())
            self.steps[step["id"]] = {f"outputs.{key}": value for key, value in lines}
        return Done(step.get("name", ""), done.returncode, done.stdout + done.stderr)

    def _action(self, step: dict[str, Any], env: dict[str, str]) -> Done:
        action = load(ROOT / step["uses"] / "action.yml")
        context = {f"inputs.{key}": str(self.value(text, {})) for key, text in step.get("with", {}).items()}
        inner = replace(self, steps={}, failed=False, needs={})
        steps = [inner._step(inner_step, env, context) for inner_step in action["runs"]["steps"]]
        if "id" in step:
            outputs = {f"outputs.{key}": inner.value(said["value"], {}) for key, said in action["outputs"].items()}
            self.steps[step["id"]] = outputs
        output = "".join(done.output for done in steps)
        return Done(step["name"], max(done.code for done in steps), output)

    def _env(
        self, declared: dict[str, str], context: dict[str, str], outer: dict[str, str] | None = None
    ) -> dict[str, str]:
        overridden = outer or {}
        # The test's variable overrides the step's.
        return {key: overridden.get(key, str(self.value(str(text), context))) for key, text in declared.items()}

    def _expression(self, text: str, context: dict[str, str]) -> Any:  # noqa: ANN401 - an expression's value
        tokens = _TOKEN.findall(text)
        assert "".join(tokens) == re.sub(r"\s+(?=(?:[^']*'[^']*')*[^']*$)", "", text), f"not known: {text}"
        python = " ".join(_python(token) for token in tokens)
        names = {
            "look": lambda name: self._look(name, context),
            "always": lambda: True,
            "success": lambda: not self.failed,
            "format": lambda pattern, *values: pattern.format(*values),
            "fromJSON": json.loads,
        }
        return eval(python, {"__builtins__": {}}, names)  # noqa: S307 - of tokens that are all known

    def _look(self, name: str, context: dict[str, str]) -> str:
        kind, _, rest = name.partition(".")
        contexts = {
            "inputs": self.inputs,
            "matrix": self.matrix,
            "needs": self.needs,
            "github": {"actor": "octocat", "run_id": "1", "token": "github's own"},
        }
        if name in context:
            return context[name]
        if kind in contexts:
            return contexts[kind][rest]
        if kind == "steps":
            step, _, what = rest.partition(".")
            return self.steps.get(step, {}).get(what, "")
        if kind == "env":
            return self.environment.get(rest, "")
        raise AssertionError(f"{name} is not known here")


def _python(token: str) -> str:
    known = {"&&": "and", "||": "or"}
    if token in known:
        return known[token]
    if token.startswith("'") or token in ("==", "!=", "(", ")", ","):
        return repr(token[1:-1].replace("''", "'")) if token.startswith("'") else token
    return token if token in ("always", "success", "format", "fromJSON") else f"look({token!r})"
