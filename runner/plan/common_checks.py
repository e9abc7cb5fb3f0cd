"""The lookups and checks that the plans of a run and of a catch-up share."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from catalog.loader import load_catalog
from runner.account.environments import find_machine
from runner.account.lookups import Account, reason
from runner.plan import addresses
from runner.plan.checks import clones, domain, release, secrets, spark
from runner.plan.model import Finding

if TYPE_CHECKING:
    from catalog.models import Cluster
    from runner.account.environments import Environment
    from runner.account.requests import Request
    from runner.live.eta import Expectation

AT_ONCE = 16
# Errors of a lookup that leave a check unanswered: AWS refused it, or did not answer in time.
UNANSWERED = (BotoCoreError, ClientError, ResponseParserError)
_TODO = "let the caller's policy allow it, or look yourself"
CheckResult = Finding | str
Check = tuple[str, Callable[[], Iterable[CheckResult]]]
OfCluster = tuple[str, "Callable[[Account, Cluster], Iterable[CheckResult]]"]
_OF_CLONES: tuple[OfCluster, ...] = (
    ("cluster {0.identifier}", clones.check_source),
    ("clone of {0.identifier}", clones.check_clone),
)
_OF_SECRETS: tuple[OfCluster, ...] = (
    ("secret {0.password_secret}", secrets.check_secret),
    ("policy of {0.password_secret}", secrets.check_secret_policy),
)


def open_account(environment: Environment, request: Request) -> Account:
    """Return the account in which a request would run.

    Raises:
        UsageError: The request is wrong, or the stack is not deployed.
    """
    request.check(environment.catalog)
    machine = find_machine(environment, request.domain, catch_up=request.is_catch_up)
    return Account(environment, request, load_catalog(environment.catalog), machine)


def domain_checks(account: Account) -> list[Check]:
    """Return the checks of the domain's lock and of the teardown seal, with their subjects."""
    return [
        ("the domain's lock", partial(domain.check_lock, account)),
        ("the right to destroy the clones", partial(domain.check_seal, account)),
    ]


def cluster_checks(account: Account, *of_clones: OfCluster) -> list[Check]:
    """Return the checks of each cluster, its clone and its secret, with their subjects; `of_clones` adds some."""
    return [
        (about.format(cluster), partial(check, account, cluster))
        for about, check in (*_OF_CLONES, *of_clones, *_OF_SECRETS)
        for cluster in account.clusters
    ]


def job_checks(account: Account) -> list[Check]:
    """Return the checks of the Spark jobs' and the functions' needs, with their subjects."""
    return [
        ("the EMR Serverless application", partial(spark.check_application, account)),
        ("the jobs' subnets", partial(addresses.check_zones, account)),
        ("the role of the Spark jobs", partial(spark.check_role, account)),
        ("the release", partial(release.check_release, account)),
        ("the spec", partial(spark.check_spec, account)),
        ("the functions", partial(spark.check_functions, account)),
    ]


def run_check(check: Check) -> list[CheckResult]:
    """Return the results of a check, or one that says why it is unanswered."""
    subject, look = check
    try:
        return list(look())
    except UNANSWERED as error:
        return [unchecked(subject, f"not checked: {reason(error)}")]


def unchecked(subject: str, problem: str) -> Finding:
    """Return the finding that a check is unanswered."""
    return Finding("unchecked", subject, problem, _TODO)


def unread_times(*expected: Expectation) -> list[Finding]:
    """Return a finding per reason why the times of earlier runs could not be read."""
    return [unchecked("the times of earlier runs", problem) for problem in sorted({e.problem for e in expected} - {""})]
