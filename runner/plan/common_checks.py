"""The checks that the plans of a run and of a catch-up share."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING

from runner.plan import addresses
from runner.plan.checks import clones, release, secrets, spark
from runner.plan.model import Finding

if TYPE_CHECKING:
    from catalog.models import Cluster
    from runner.account.lookups import Account

AT_ONCE = 16
TODO = "let the caller's policy allow it, or look yourself"
CheckResult = Finding | str
Check = tuple[str, Callable[[], Iterable[CheckResult]]]
OfCluster = tuple[str, "Callable[[Account, Cluster], Iterable[CheckResult]]"]
OF_CLONES: tuple[OfCluster, ...] = (
    ("cluster {0.identifier}", clones.check_source),
    ("clone of {0.identifier}", clones.check_clone),
)
OF_SECRETS: tuple[OfCluster, ...] = (
    ("secret {0.password_secret}", secrets.check_secret),
    ("policy of {0.password_secret}", secrets.check_secret_policy),
)


def cluster_checks(account: Account, *of_clusters: OfCluster) -> list[Check]:
    """Return each of these checks for each of the domain's clusters, with what it is about."""
    return [
        (about.format(cluster), partial(check, account, cluster))
        for about, check in of_clusters
        for cluster in account.clusters
    ]


def job_checks(account: Account) -> list[Check]:
    """Return the checks of what the Spark jobs and the functions need, with what each is about."""
    return [
        ("the EMR Serverless application", partial(spark.check_application, account)),
        ("the jobs' subnets", partial(addresses.check_zones, account)),
        ("the role of the Spark jobs", partial(spark.check_role, account)),
        ("the release", partial(release.check_release, account)),
        ("the spec", partial(spark.check_spec, account)),
        ("the functions", partial(spark.check_functions, account)),
    ]
