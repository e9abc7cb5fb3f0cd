"""Rules that every workflow follows."""

from __future__ import annotations

import json
import os
import re
import shutil
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from catalog.loader import load_catalog
from infra.naming import Naming
from local.deploy.config import stack_config
from runner.account.requests import MODES
from tests.workflow import ROOT, WORKFLOWS, Done, Job, load

if TYPE_CHECKING:
    from pathlib import Path

FILES = sorted([*WORKFLOWS.glob("*.yml"), *(ROOT / ".github" / "actions").glob("*/action.yml")])
BY_NAME = pytest.mark.parametrize("path", FILES, ids=lambda path: path.parent.name + "-" + path.stem)


def steps(document: dict[str, Any]) -> list[dict[str, Any]]:
    jobs = document.get("jobs", {}).values()
    return [step for job in jobs for step in job["steps"]] + document.get("runs", {}).get("steps", [])


def migrate(**inputs: str) -> Job:
    all_inputs = {"environment": "test", "domain": "all", "mode": "rehearsal", "action": "migrate", **inputs}
    return Job(load(WORKFLOWS / "migrate.yml"), "migrate", all_inputs, ROOT, {})


@BY_NAME
def test_actions_are_pinned_by_commit_with_the_version_beside(path: Any) -> None:  # noqa: ANN401 - a path
    uses = re.findall(r"uses: (\S+)(.*)", path.read_text("utf-8"))
    others = [(action, comment) for action, comment in uses if not action.startswith("./")]

    assert others or path.parent.name in ("approval", "stack")
    for action, comment in others:
        assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", action), action
        assert re.fullmatch(r" # v\d+\.\d+\.\d+", comment), action


@BY_NAME
def test_nothing_that_a_person_types_becomes_a_part_of_a_script(path: Any) -> None:  # noqa: ANN401 - a path
    assert [step["run"] for step in steps(load(path)) if "${{" in step.get("run", "")] == []


@pytest.mark.parametrize("path", sorted(WORKFLOWS.glob("*.yml")), ids=lambda path: path.stem)
def test_rights_are_given_to_jobs_alone_and_a_pipe_fails_with_its_first_part(path: Any) -> None:  # noqa: ANN401 - a path
    workflow = load(path)

    assert workflow["permissions"] == {}
    assert workflow["defaults"]["run"]["shell"] == "bash"
    for job in workflow["jobs"].values():
        assert set(job["permissions"]) <= {"actions", "contents", "id-token"}
        assert job["permissions"].get("actions", "read") == "read"
        assert job["permissions"]["contents"] == "read"


def chosen(work: Path, domain: str) -> tuple[Job, Done]:
    """Run the first job of a migration, which chooses the domains; return the job and the step's result."""
    workflow = load(WORKFLOWS / "migrate.yml")
    first = Job(workflow, "domains", {"domain": domain}, work, {})
    (done,) = first.run("Choose the domains")
    return first, done


def test_every_domain_of_the_catalog_can_be_chosen_and_runs_in_a_job_of_its_own(tmp_path: Path) -> None:
    workflow = load(WORKFLOWS / "migrate.yml")
    job = workflow["jobs"]["migrate"]

    for domain, wanted in (("all", sorted(load_catalog().domains)), ("rates", ["rates"])):
        first, done = chosen(tmp_path, domain)
        assert done.code == 0, done.output
        output = first.value(workflow["jobs"]["domains"]["outputs"]["domains"], {})
        running = migrate()
        running.needs = {"domains.outputs.domains": output}
        assert running.value(job["strategy"]["matrix"]["domain"], {}) == wanted
    assert workflow["on"]["workflow_dispatch"]["inputs"]["mode"]["options"] == list(MODES)
    assert job["needs"] == "domains"
    assert job["concurrency"]["group"] == "migrate-${{ inputs.environment }}-${{ matrix.domain }}"


def test_any_environment_of_the_repository_can_be_chosen() -> None:
    inputs = load(WORKFLOWS / "migrate.yml")["on"]["workflow_dispatch"]["inputs"]

    assert inputs["environment"] == {"description": "The stack", "type": "environment", "required": True}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.parent.name + "-" + path.stem)
def test_credentials_are_of_the_stack_files_region_and_role(path: Any) -> None:  # noqa: ANN401 - a path
    taken = [step["with"] for step in steps(load(path)) if "configure-aws-credentials@" in step.get("uses", "")]

    for credentials in taken:
        assert credentials["aws-region"] == "${{ steps.stack.outputs.region }}"
        assert re.fullmatch(
            r"\$\{\{ steps\.stack\.outputs\.(operator|deploy|preview)-role \}\}", credentials["role-to-assume"]
        )
    assert bool(taken) == (path.stem != "check" and path.parent.name not in ("approval", "stack"))


@pytest.mark.parametrize("stack", ["test", "prod"])
def test_a_migration_takes_the_operators_role_of_the_stacks_account(tmp_path: Path, stack: str) -> None:
    config = stack_config(stack)
    (account,) = json.loads(config["aws:allowedAccountIds"])
    job = migrate(environment=stack, parallelism="9", run_id="", domain="rates")
    job.work, job.environment, job.matrix = tmp_path, {"ENVIRONMENT": stack}, {"domain": "rates"}

    (done,) = job.run("Read the stack file")

    assert done.code == 0, done.output
    assert job.steps["stack"]["outputs.region"] == config["aws:region"]
    prefix = Naming(stack, account, config["aws:region"]).prefix
    assert job.steps["stack"]["outputs.operator-role"] == f"arn:aws:iam::{account}:role/{prefix}-operator"


def test_pieces_of_following_are_shorter_than_credentials_and_end_before_the_job() -> None:
    follow = load(ROOT / ".github" / "actions" / "follow" / "action.yml")
    (minutes,) = [int(step["env"]["FOR_MINUTES"]) for step in steps(follow) if "env" in step]
    job = load(WORKFLOWS / "migrate.yml")["jobs"]["migrate"]
    pieces = [step for step in job["steps"] if step.get("uses") == "./.github/actions/follow"]

    assert minutes < 60
    assert minutes * len(pieces) < job["timeout-minutes"] < 360


def test_make_is_all_that_the_check_calls_besides_the_systems_packages() -> None:
    runs = [step["run"] for step in steps(load(WORKFLOWS / "check.yml")) if "run" in step]

    assert runs == ["sudo .ci/packages", "make check", "make test"]


@BY_NAME
def test_every_variable_has_a_name_in_every_version_of_yaml(path: Any) -> None:  # noqa: ANN401 - a path
    names = [name for step in steps(load(path)) for name in step.get("env", {})]

    assert [name for name in names if not isinstance(name, str)] == []


@pytest.mark.parametrize(("job", "stack"), [("preview", "test"), ("test", "test"), ("prod", "prod")])
def test_a_deployment_uses_its_own_stacks_state_and_environment(tmp_path: Path, job: str, stack: str) -> None:
    workflow = load(WORKFLOWS / "deploy.yml")
    config = yaml.safe_load((ROOT / f"Pulumi.{stack}.yaml").read_text("utf-8"))["config"]
    definition = workflow["jobs"][job]
    running = Job(workflow, job, {}, tmp_path, {})

    (read,) = running.run("Read the stack file")
    (used,) = [step["with"] for step in definition["steps"] if "pulumi/actions@" in step.get("uses", "")]

    assert read.code == 0, read.output
    state = f"s3://{config['rates-avail-migration-bootstrap:stateBucket']}?region={config['aws:region']}"
    assert running.value(used["cloud-url"], {}) == state
    role = running.value(
        next(s["with"]["role-to-assume"] for s in definition["steps"] if "credentials@" in s.get("uses", "")), {}
    )
    assert role.endswith(f":role/migration-{stack}-{'preview' if job == 'preview' else 'deploy'}")
    assert used["stack-name"] == stack
    assert used["command"] == ("preview" if job == "preview" else "up")
    # A pull request's identity has no environment, and the role that reads is given to that alone.
    assert definition.get("environment") == (None if job == "preview" else stack)


@pytest.mark.parametrize("stack", ["test", "prod"])
def test_a_deployment_waits_for_its_own_stacks_migrations_right_before_it_changes_anything(stack: str) -> None:
    steps = load(WORKFLOWS / "deploy.yml")["jobs"][stack]["steps"]
    names = [step["name"] for step in steps]
    (wait,) = [step["run"] for step in steps if "runner idle" in step.get("run", "")]
    minutes = int(wait.rsplit(" ", 1)[1])

    assert names[-2:] == ["Wait until no migration runs", "Deploy"]
    assert wait == f".venv/bin/python -m runner idle --environment {stack} --wait {minutes}"
    assert minutes <= 30  # credentials last an hour, and an update takes its time


REVIEWS = [
    {"state": "approved", "user": {"login": "grace"}},
    {"state": "rejected", "user": {"login": "eve"}},
    {"state": "approved", "user": {"login": "octocat"}},
    {"state": "approved", "user": {"login": "bob"}},
    {"state": "approved", "user": {"login": "grace"}},
]
NO_JQ = pytest.mark.skipif(shutil.which("jq") is None, reason="no jq on this machine; gh brings one of its own")


def with_github(folder: Path, reviews: list[dict[str, Any]]) -> dict[str, str]:
    """Return an environment whose `gh api PATH --jq FILTER` answers with these reviews."""
    (folder / "reviews.json").write_text(json.dumps(reviews))
    gh = folder / "gh"
    gh.write_text(
        '#!/usr/bin/env bash\n[[ "$1 $2 $3" == "api repos/owner/name/actions/runs/1/approvals --jq" ]] || exit 9\n'
        f'jq -r "$4" {folder}/reviews.json\n'
    )
    gh.chmod(0o755)
    return {
        "PATH": f"{folder}:{os.environ['PATH']}",
        "GITHUB_REPOSITORY": "owner/name",
        "GITHUB_RUN_ID": "1",
        "REQUESTED_BY": "octocat",
    }


@NO_JQ
@pytest.mark.parametrize(("reviews", "by"), [(REVIEWS, "bob, grace"), ([], ""), (REVIEWS[2:3], "")])
@pytest.mark.parametrize("name", ["migrate", "operate"])
def test_who_approved_is_read_from_the_reviews_but_for_who_started_it(
    tmp_path: Path, name: str, reviews: list[dict[str, Any]], by: str
) -> None:
    workflow = load(WORKFLOWS / f"{name}.yml")
    inputs = dict.fromkeys(workflow["on"]["workflow_dispatch"]["inputs"], "")
    running = Job(workflow, name, inputs, tmp_path, with_github(tmp_path, reviews), {"domain": "rates"})

    (done,) = running.run("Read who approved", REQUESTED_BY="octocat")

    assert done.code == 0, done.output
    assert running.steps["approval"]["outputs.by"] == by


@pytest.mark.parametrize("name", ["migrate", "operate"])
def test_what_is_official_waits_for_the_reviewers_of_its_environment_and_records_them(name: str) -> None:
    job = load(WORKFLOWS / f"{name}.yml")["jobs"][name]
    acting = [step for step in job["steps"] if {"APPROVED_BY", "MIGRATION_APPROVED_BY"} & set(step.get("env", {}))]
    names = [step["name"] for step in job["steps"]]

    assert job["environment"] == "${{ inputs.environment }}"
    assert [step["name"] for step in acting] == (
        ["Start the migration"] if name == "migrate" else ["Cut the domain over", "Release the clones"]
    )
    for step in acting:
        assert "${{ steps.approval.outputs.by }}" in step["env"].values()
        assert names.index("Read who approved") < names.index(step["name"])


@pytest.mark.parametrize(
    ("action", "domain", "confirm", "code"),
    [
        ("cut-over", "rates", "rates", 0),
        ("cut-over", "rates", "test", 2),
        ("cut-over", "none", "none", 2),
        ("cut-over", "", "", 2),
        ("cut-over", "../clusters", "../clusters", 2),
        ("release-clones", "", "test", 0),
        ("release-clones", "", "rates", 2),
    ],
)
def test_what_cannot_be_undone_is_typed_once_more(
    tmp_path: Path, action: str, domain: str, confirm: str, code: int
) -> None:
    inputs = {"environment": "test", "action": action, "domain": domain, "confirm": confirm}
    running = Job(load(WORKFLOWS / "operate.yml"), "operate", inputs, tmp_path, {})

    (asked,) = running.run("Ask once more")

    assert asked.code == code


@pytest.mark.parametrize("domain", ["both", "", "Rates", "../clusters", "rates\nall", '"'])
def test_what_is_no_domain_ends_the_workflow_before_any_job_of_a_domain(tmp_path: Path, domain: str) -> None:
    _, done = chosen(tmp_path, domain)

    assert (done.code, "There is no such domain. Type all, or one of: availability, " in done.output) == (2, True)


def test_operate_can_be_used_in_any_environment() -> None:
    inputs = load(WORKFLOWS / "operate.yml")["on"]["workflow_dispatch"]["inputs"]

    assert inputs["environment"]["type"] == "environment"
