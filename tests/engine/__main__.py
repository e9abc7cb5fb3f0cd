"""Deployment of the test stack with Pulumi's own command line: `make pulumi-proof`."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

from catalog.loader import load_catalog
from local.aws.server import EmbeddedAws
from local.deploy.config import allowed_account, region, stack_config
from local.engine_versions import source_key
from local.secrets import make_secrets
from local.stack import make_network
from runner.account.environments import read_environment

ROOT = Path(__file__).parents[2]
STACK = "test"
PROJECT = "rates-avail-migration-bootstrap"
_TOOLS = ("pulumi", "pulumi-language-python")
_WRITTEN = ("Pulumi.test.yaml",)  # files that the command line changes
_PROVIDER_VERSION = version("pulumi_aws")
_WITHIN_SECONDS = 1800


class Checkout:
    """A separate checkout for the command line."""

    def __init__(self, folder: Path, aws: EmbeddedAws) -> None:
        self.folder = folder / "checkout"
        self.folder.mkdir()
        for entry in ROOT.iterdir():
            if entry.name in _WRITTEN:
                (self.folder / entry.name).write_bytes(entry.read_bytes())
            elif entry.name != ".git":
                (self.folder / entry.name).symlink_to(entry)
        path = f"{ROOT / 'build' / 'pulumi' / 'bin'}{os.pathsep}{os.environ['PATH']}"
        self.environment = {
            **os.environ,
            **aws.environment(),
            "PATH": path,
            "PULUMI_HOME": str(folder / "home"),
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_CONFIG_PASSPHRASE": "",
            "PYTHONPATH": str(ROOT),
        }
        self._state_url = f"{read_environment(STACK).state_url}&use_path_style=true"
        self._plugin = folder / "plugin"

    def run(self, *arguments: str, fails: bool = False) -> str:
        """Run a Pulumi command and return its output.

        Raises:
            SystemExit: It did not end as expected.
        """
        sys.stderr.write(f"$ pulumi {' '.join(arguments)}\n")
        done = subprocess.run(
            ["pulumi", *arguments, "--non-interactive", "--color", "never"],  # noqa: S607 - checked to be on the PATH
            cwd=self.folder,
            env=self.environment,
            check=False,
            capture_output=True,
            text=True,
            timeout=_WITHIN_SECONDS,
        )
        if fails != bool(done.returncode):
            sys.exit(f"exit code {done.returncode}\n{done.stdout}\n{done.stderr}")
        return done.stdout + done.stderr

    def log_in(self) -> None:
        """Log in and select the stack in a clean checkout, as docs/deploying.md does."""
        self._plugin.mkdir()
        executable = self._plugin / "pulumi-resource-aws"
        executable.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m tests.engine.provider "$@"\n')
        executable.chmod(0o755)
        self.run("plugin", "install", "resource", "aws", _PROVIDER_VERSION, "--file", str(self._plugin))
        self.run("login", self._state_url)
        self.run("stack", "select", "--create", STACK)


def main() -> int:
    """Run every step and print its result."""
    path = f"{ROOT / 'build' / 'pulumi' / 'bin'}{os.pathsep}{os.environ['PATH']}"
    missing = [tool for tool in _TOOLS if not _is_on(path, tool)]
    if missing:
        sys.stderr.write(f"{' and '.join(missing)} not found; install Pulumi or run: make pulumi-cli\n")
        return 2
    config = stack_config(STACK)
    with (
        tempfile.TemporaryDirectory() as work,
        EmbeddedAws(
            account=allowed_account(config, STACK), region=region(config, STACK), work=Path(work) / "aws"
        ) as aws,
    ):
        _prepare(aws, config[f"{PROJECT}:stateBucket"])
        checkout = Checkout(Path(work), aws)
        checkout.log_in()
        _prove(checkout)
    return 0


def _is_on(path: str, tool: str) -> bool:
    return any((Path(folder) / tool).exists() for folder in path.split(os.pathsep))


def _prepare(aws: EmbeddedAws, state_bucket: str) -> None:
    """Create the customer's resources that exist before the first deployment."""
    clusters = load_catalog().clusters.values()
    location = {"LocationConstraint": aws.active.region}
    aws.client("s3").create_bucket(Bucket=state_bucket, CreateBucketConfiguration=location)
    make_network(aws)
    make_secrets(aws, {cluster.password_secret: "none" for cluster in clusters})
    for cluster in clusters:
        aws.client("rds").create_db_cluster(
            DBClusterIdentifier=cluster.identifier,
            Engine=cluster.engine,
            MasterUsername="u",
            MasterUserPassword="p" * 9,
            StorageEncrypted=True,
            KmsKeyId=source_key(aws.active.region),
        )


def _prove(checkout: Checkout) -> None:
    stack_file = checkout.folder / f"Pulumi.{STACK}.yaml"
    committed = stack_file.read_bytes()
    _check("a new stack leaves its file as it is committed", committed == (ROOT / stack_file.name).read_bytes())
    _check("a preview declares everything", " to create" in checkout.run("preview", "--stack", STACK))
    _refuse_mistakes(checkout, stack_file)
    stack_file.write_bytes(committed)
    checkout.run("up", "--yes", "--stack", STACK)
    text = checkout.run("preview", "--expect-no-changes", "--stack", STACK)
    _check("after `up` nothing is left to change", " unchanged" in text)
    checkout.run("config", "set", f"{PROJECT}:keepDays", "60", "--stack", STACK)
    text = checkout.run("up", "--yes", "--stack", STACK)
    _check("a changed setting updates, and replaces nothing", " updated" in text and " replaced" not in text)
    _check("the state machines are exports", "stateMachines" in checkout.run("stack", "output", "--stack", STACK))


def _refuse_mistakes(checkout: Checkout, stack_file: Path) -> None:
    """Make each possible mistake, and expect one line for it."""
    text = stack_file.read_text("utf-8")
    account = allowed_account(stack_config(STACK), STACK)
    for old, new, message in (
        ("plainStreamNames", "maxVcpus: 128", f"{PROJECT}:maxVcpus is not a setting; did you mean {PROJECT}:maxVcpu?"),
        ("plainStreamNames", "keepDays: 45", "keepDays is 45; it must be one of 1, 3, 5, 7"),
        ("subnetTag", "subnetTag: nowhere", "no subnet of the VPC data-test has the Name tag 'nowhere'"),
        ("vpcName", "vpcName: nowhere", "did not answer for the network that Pulumi.test.yaml names"),
        ("vpcName", "catalog: nowhere", "nowhere/domains: no domain file"),
    ):
        lines = [f"  {PROJECT}:{new}" if f":{old}:" in line else line for line in text.splitlines()]
        if new.startswith("catalog"):
            lines = [*text.splitlines()[:1], f"  {PROJECT}:{new}", *text.splitlines()[1:]]
        stack_file.write_text("\n".join(lines) + "\n")
        _ends_a_preview(checkout, new, message)
    stack_file.write_text(text.replace(account, "012345678901"))
    _ends_a_preview(checkout, "another account", f"AWS account ID not allowed: {account}")


def _ends_a_preview(checkout: Checkout, mistake: str, message: str) -> None:
    text = checkout.run("preview", "--stack", STACK, fails=True)
    made = [line for line in text.splitlines() if " + aws:" in line]
    _check(f"{mistake} ends a preview in one line", message in text and "Traceback" not in text and not made, text)


def _check(what: str, held: bool, output: str = "") -> None:  # noqa: FBT001 - a sentence and its result
    sys.stdout.write(f"{'holds' if held else 'FAILS'}: {what}\n")
    sys.stdout.flush()
    if not held:
        sys.exit(output or 1)


if __name__ == "__main__":
    sys.exit(main())
