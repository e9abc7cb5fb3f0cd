"""Assembly of a run's plan from concurrent lookups."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from runner.account.lookups import Account, reason
from runner.account.prices import load_prices
from runner.account.spark_workers import Workers, deployed_workers
from runner.live.eta import Expectation, expect
from runner.plan import addresses, costs, quotas, sizes, times
from runner.plan.checks import domain, freshness, keys, permissions, spark, streams, tables
from runner.plan.checks.clone_plans import clone_plans
from runner.plan.common_checks import (
    AT_ONCE,
    UNANSWERED,
    Check,
    cluster_checks,
    domain_checks,
    job_checks,
    open_account,
    run_check,
    unchecked,
    unread_times,
)
from runner.plan.constants import load_constants
from runner.plan.earlier import last_manifest, last_usage
from runner.plan.facts import ClonePlan
from runner.plan.model import NOT_KNOWN, Finding, Plan, Quota, Volume
from runner.plan.sizing import check_broadcasts, check_sizes, table_loads
from runner.plan.statistics import statistics
from runner.plan.table_settings import not_counted, table_settings
from runner.plan.unread import check_unread, unread_columns
from runner.plan.workload import jobs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from concurrent.futures import Future

    from catalog.models import Cluster
    from runner.account.environments import Environment
    from runner.account.requests import Request

_Answer = TypeVar("_Answer")


def plan(environment: Environment, request: Request) -> Plan:
    """Return the plan of a run.

    Raises:
        UsageError: The request is wrong, or the stack is not deployed.
    """
    account = open_account(environment, request)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return _Planning(account, pool).plan()


def checks(account: Account) -> list[Check]:
    """Return every check with its subject."""
    return [
        *domain_checks(account),
        ("what earlier attempts left", partial(domain.check_resume, account)),
        *((f"table {t.name}", partial(tables.check_table, account, t.name)) for t in account.domain.tables),
        *cluster_checks(account),
        ("the clones' ages", partial(freshness.check_freshness, account)),
        ("the streams", partial(streams.check_streams, account)),
        ("the tables' KMS keys", partial(keys.check_keys, account)),
        *job_checks(account),
        ("what the caller may do", partial(permissions.check_caller, account)),
        ("what the state machine may do", partial(permissions.check_machine, account)),
        ("what the clone service may do", partial(permissions.check_clone_service, account)),
        ("what the Spark jobs may do", partial(permissions.check_jobs, account)),
    ]


class _Planning:
    """A plan under construction: the lookups run concurrently, and the figures follow from their answers."""

    def __init__(self, account: Account, pool: ThreadPoolExecutor) -> None:
        self._account = account
        self._pool = pool
        self._unanswered: list[Finding] = []
        self._sizing: list[Finding] = []
        clusters = account.clusters
        self._checks = [pool.submit(run_check, check) for check in checks(account)]
        self._limits = [
            self._ask(f"the quotas of {what}", partial(_quotas, look, account), list[Quota]())
            for what, look in (
                ("Aurora", quotas.aurora_quotas),
                ("EMR Serverless", quotas.spark_quota),
                ("the jobs' subnets", addresses.address_quota),
                ("DynamoDB", quotas.dynamodb_quotas),
                ("provisioned capacity", quotas.capacity_quotas),
                ("Step Functions", quotas.definition_quotas),
            )
        ]
        self._volumes = [self._ask(f"the volume of {c.identifier}", *_volume(account, c)) for c in clusters]
        self._statistics = [
            self._ask(f"the statistics of {c.identifier}", partial(statistics, account, c), None) for c in clusters
        ]
        self._clones = self._ask("the clones", partial(clone_plans, account), list[ClonePlan]())
        self._manifest = self._ask("the last Bootstrap", partial(last_manifest, account), None)
        self._usage = self._ask("what the last run used", partial(last_usage, account), None)
        expected = partial(expect, account.environment, account.request.domain)
        self._expected = self._ask("the times of earlier runs", expected, Expectation())
        self._vcpu = self._ask("the application's capacity", partial(spark.vcpu, account), None)
        self._workers = self._ask("the jobs' workers", partial(deployed_workers, account), Workers())
        self._clone_class = self._ask("the class of a clone", lambda: account.clone_class, None)

    def plan(self) -> Plan:
        """Return the plan."""
        figures = self._figures()
        entries = [entry for check in self._checks for entry in check.result()]
        findings = [entry for entry in entries if isinstance(entry, Finding)]
        findings += self._sizing
        findings += check_unread(self._account, figures["unread"])
        findings += [quotas.passed(quota) for quota in figures["quotas"] if quota.passed]
        findings += [quotas.near(quota) for quota in figures["quotas"] if quotas.is_near(quota)]
        environment, request = self._account.environment, self._account.request
        return Plan(
            environment=environment.name,
            account=environment.account,
            region=environment.region,
            domain=request.domain,
            mode=request.mode,
            parallelism=request.parallelism,
            run=request.run_id,
            moment=dt.datetime.now(dt.UTC),
            all_findings=tuple(findings + self._unanswered),
            notes=tuple(entry for entry in entries if isinstance(entry, str)),
            **figures,
        )

    def _figures(self) -> dict[str, Any]:
        """Return the plan's figures by field name."""
        account = self._account
        prices = load_prices().for_region(account.environment.region)
        vcpu, manifest, usage = self._vcpu.result(), self._manifest.result(), self._usage.result()
        statistics = [answer for answer_of in self._statistics if (answer := answer_of.result()) is not None]
        volumes = [volume.result() for volume in self._volumes]
        reads = sizes.reads(account, statistics, manifest)
        planned = sizes.tables(account, reads, manifest, vcpu)
        totals = sizes.totals(reads, planned, volumes)
        limits = [quota for limit in self._limits for quota in limit.result()]
        limits += quotas.data_quotas(account, planned, totals)
        events = next((quota.needed for quota in limits if quota.name == quotas.HISTORY), None)
        loads, workers = table_loads(account, reads, planned, volumes), self._workers.result()
        planned_jobs = jobs(loads, workers, load_constants()) if loads else []
        expected = self._times()
        phases = times.phases(totals, expected, manifest, planned_jobs)
        timed = {phase.name: phase.seconds for phase in phases if phase.seconds and phase.name in expected.seconds}
        self._sizing = [*check_sizes(account, planned_jobs, timed, at_most=totals.at_most), *check_broadcasts(loads)]
        vcpu_hours, vcpu_source = times.vcpu_hours(totals, usage, manifest, planned_jobs)
        worst = account.tags.get("migration:all-events")
        most_events = usage.events if usage else int(worst) if worst else None
        work = costs.Work(
            totals=totals,
            phases=phases,
            clones=len(account.clusters),
            clone_class=self._clone_class.result(),
            vcpu_hours=vcpu_hours,
            executor=workers.executor,
            transitions=None if most_events is None else most_events // 2,  # a state is two events or more
        )
        return {
            "volumes": tuple(volumes),
            "clones": tuple(self._clones.result()),
            "reads": tuple(reads),
            "tables": tuple(planned),
            "settings": tuple(table_settings(account)),
            "unread": tuple(unread_columns(account, manifest)),
            "totals": totals,
            "jobs": tuple(planned_jobs),
            "quotas": tuple(limits),
            "phases": tuple(phases),
            "vcpu_hours": vcpu_hours,
            "history_events": events,
            "costs": tuple(costs.costs(work, prices)),
            "monthly": tuple(costs.monthly(totals, prices)),
            "not_counted": tuple(not_counted(account)),
            "prices_date": prices.date,
            "sources": {
                "vcpuHours": vcpu_source,
                "transitions": f"at most half the events of {f'the run {usage.run}' if usage else 'the worst case'}",
                **{answer.cluster: answer.reason for answer in statistics if answer.reason},
            },
        }

    def _times(self) -> Expectation:
        expected = self._expected.result()
        self._unanswered += unread_times(expected)
        return expected

    def _ask(self, about: str, look: Callable[[], _Answer], otherwise: _Answer) -> Future[_Answer]:
        """Look something up in a thread; a lookup that AWS does not answer is reported, and returns `otherwise`."""

        def look_up() -> _Answer:
            try:
                return look()
            except UNANSWERED as error:
                self._unanswered.append(unchecked(about, f"not checked: {reason(error)}"))
            return otherwise

        return self._pool.submit(look_up)


def _quotas(look: Callable[[Account], Iterable[Quota]], account: Account) -> list[Quota]:
    return list(look(account))


def _volume(account: Account, cluster: Cluster) -> tuple[Callable[[], Volume], Volume]:
    """Return the lookup of a volume, and its value without an answer."""
    return partial(sizes.volume, account, cluster), Volume(cluster.identifier, NOT_KNOWN, None, NOT_KNOWN)
