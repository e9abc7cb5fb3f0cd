"""Environments: a stack file names the account and the Region, and the caller must be in that account."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import botocore.loaders
import botocore.session
import yaml
from botocore.exceptions import BotoCoreError, ClientError

from catalog.loader import CATALOG_DIRECTORY
from runner.errors import UsageError

if TYPE_CHECKING:
    from botocore.config import Config

SYSTEM = "rates-avail-migration-bootstrap"
CATCH_UP = "-catch-up"  # suffix of a domain's second state machine
_ACCOUNT = re.compile(r"[0-9]{12}")
_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-[0-9]+")


@dataclass(frozen=True)
class Environment:
    """The stack, account and Region that a migration runs in."""

    name: str
    account: str
    region: str
    catalog: Path = field(default=CATALOG_DIRECTORY, kw_only=True)
    state_bucket: str = field(default="", kw_only=True)
    repository: str = field(default="", kw_only=True)  # owner/name at GitHub
    # Whether official runs, cut-overs and releases of clones need the approval of a second person.
    second_person: bool = field(default=False, kw_only=True)

    @property
    def prefix(self) -> str:
        """Return the prefix of the stack's resource names."""
        return f"migration-{self.name}"

    @property
    def data_bucket(self) -> str:
        """Return the bucket that runs write to."""
        return f"{self.prefix}-data-{self.account}"

    @property
    def artifacts_bucket(self) -> str:
        """Return the bucket of releases and specs."""
        return f"{self.prefix}-artifacts-{self.account}"

    @property
    def state_url(self) -> str:
        """Return the deployment state's URL for `pulumi login`."""
        return f"s3://{self.state_bucket}?region={self.region}"

    def role(self, name: str) -> str:
        """Return the ARN of a role that people or workflows assume: operator, deploy or preview."""
        return f"arn:aws:iam::{self.account}:role/{self.prefix}-{name}"

    def machine(self, domain: str) -> str:
        """Return the ARN of a domain's state machine."""
        return f"arn:aws:states:{self.region}:{self.account}:stateMachine:{self.prefix}-{domain}"

    def catch_up_machine(self, domain: str) -> str:
        """Return the ARN of the state machine of a domain's catch-ups and repairs."""
        return self.machine(domain) + CATCH_UP

    def execution(self, domain: str, name: str) -> str:
        """Return the ARN of a domain's execution."""
        return f"arn:aws:states:{self.region}:{self.account}:execution:{self.prefix}-{domain}:{name}"

    def function(self, name: str) -> str:
        """Return a Lambda function's name: aurora-clone or run-registry."""
        return f"{self.prefix}-{name}"

    def client(self, service: str, config: Config | None = None) -> Any:  # noqa: ANN401 - boto3 clients are made at run time
        """Return a client with boto3's default credentials and endpoint."""
        session = botocore.session.get_session()
        session.register_component("data_loader", _loader())
        return session.create_client(service, region_name=self.region, config=config)


@cache
def _loader() -> botocore.loaders.Loader:
    """Return a loader that caches service models; reading one takes a tenth of a second."""
    return botocore.loaders.create_loader()


def domain_of(arn: str) -> str:
    """Return the domain of an execution from the end of its state machine's name."""
    return arn.split(":")[6].split("-", 2)[2].removesuffix(CATCH_UP)


def is_catch_up(arn: str) -> bool:
    """Return whether an execution is a catch-up or a repair."""
    return arn.split(":")[6].endswith(CATCH_UP)


def stack_folder() -> Path:
    """Return the folder of the stack files: the current folder if it has any, otherwise this program's."""
    here = Path()
    return here if any(here.glob("Pulumi.*.yaml")) else Path(__file__).parents[2]


def read_environment(name: str, folder: Path | None = None) -> Environment:
    """Read Pulumi.<name>.yaml, which alone names an environment's account and Region.

    Raises:
        UsageError: The stack does not exist, or its file is wrong.
    """
    folder = folder or stack_folder()
    path = folder / f"Pulumi.{name}.yaml"
    known = ", ".join(sorted(path.name.split(".")[1] for path in folder.glob("Pulumi.*.yaml")))
    try:
        config = yaml.safe_load(path.read_text())["config"]
        region = str(config["aws:region"])
        (account,) = map(str, config["aws:allowedAccountIds"])
        catalog = folder / config.get(f"{SYSTEM}:catalog", CATALOG_DIRECTORY)
    except OSError as error:
        raise UsageError(f"{path} does not exist; the known environments are {known}") from error
    except (yaml.YAMLError, KeyError, TypeError, ValueError) as error:
        raise UsageError(f"{path}: config must hold aws:region and one account in aws:allowedAccountIds") from error
    if not _ACCOUNT.fullmatch(account):
        raise UsageError(f'{path}: aws:allowedAccountIds must name one account in quotes, like ["123456789012"]')
    if not _REGION.fullmatch(region):
        raise UsageError(f"{path}: aws:region is {region!r}; it must be a Region, like eu-central-1")
    state_bucket = str(config.get(f"{SYSTEM}:stateBucket", ""))
    return Environment(
        name,
        account,
        region,
        catalog=catalog,
        state_bucket=state_bucket,
        repository=str(config.get(f"{SYSTEM}:githubRepository", "")),
        second_person=config.get(f"{SYSTEM}:secondPerson") in (True, "true"),
    )


def load_environment(name: str, folder: Path | None = None) -> Environment:
    """Read Pulumi.<name>.yaml and check that the caller is in its account.

    Raises:
        UsageError: The stack does not exist, its file is wrong, or the caller is in another account.
    """
    folder = folder or stack_folder()
    environment = read_environment(name, folder)
    account, path = environment.account, folder / f"Pulumi.{name}.yaml"
    try:
        caller = environment.client("sts").get_caller_identity()["Account"]
    except (BotoCoreError, ClientError) as error:
        raise UsageError(f"AWS does not know the caller: {error}; set credentials of account {account}") from error
    if caller != environment.account:
        raise UsageError(f"the caller is in account {caller}, but {path} allows {account}; take that account's role")
    return environment


def find_machine(environment: Environment, domain: str, *, catch_up: bool = False) -> str:
    """Return the ARN of a domain's state machine by name and tag; `catch_up` selects the second machine.

    Raises:
        UsageError: The machine is not deployed, or lacks this system's tag.
    """
    states = environment.client("stepfunctions")
    name = f"{environment.prefix}-{domain}{CATCH_UP if catch_up else ''}"
    names = []
    for page in states.get_paginator("list_state_machines").paginate():
        for machine in page["stateMachines"]:
            names.append(machine["name"])
            if machine["name"] == name:
                arn = str(machine["stateMachineArn"])
                tags = {tag["key"]: tag["value"] for tag in states.list_tags_for_resource(resourceArn=arn)["tags"]}
                if tags.get("migration:system") != SYSTEM:
                    raise UsageError(f"{arn} lacks the tag migration:system={SYSTEM}: it is not ours")
                return arn
    ours = ", ".join(sorted(name for name in names if name.startswith("migration-"))) or "none"
    raise UsageError(f"no state machine {name} in account {environment.account}; deployed are: {ours}")
